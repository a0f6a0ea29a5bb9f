package facilities

import (
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
)

// validity is an input with the days on which it is in force.
type validity interface {
	proto.Message
	GetValidFrom() string
	GetValidTo() string
}

// newItem reads what is the same in every input. Errors: INVALID_FIELD.
func newItem(kind facility.Kind, in validity, content facility.Content) (*facility.Item, error) {
	i := &facility.Item{Kind: kind, Content: content}
	var err error
	if i.From, err = convert.Day("validFrom", in.GetValidFrom()); err != nil {
		return nil, err
	}
	i.To, err = convert.Day("validTo", in.GetValidTo())
	return i, err
}

func stateProto(s facility.State) facilitiesv1.Rule_State {
	return facilitiesv1.Rule_State(facilitiesv1.Rule_State_value[string(s)])
}

func facilityItem(in *facilitiesv1.FacilityInput) (*facility.Item, error) {
	a := in.GetAddress()
	i, err := newItem(facility.KindFacility, in, &facility.Facility{
		NameKana: in.GetNameKana(), NameEn: in.GetNameEn(), AlternateName: in.GetAlternateName(), Kind: in.GetKind(),
		POICode: in.GetPoiCode(), Latitude: in.GetLatitude(), Longitude: in.GetLongitude(), BranchOffice: in.GetBranchOffice(),
		Description: in.GetDescription(), URL: in.GetUrl(), PhoneNumber: in.GetPhoneNumber(),
		Address: facility.Address{
			PostalCode: a.GetPostalCode(), MunicipalityCode: a.GetMunicipalityCode(), Prefecture: a.GetPrefecture(),
			City: a.GetCity(), Town: a.GetTown(), StreetNumber: a.GetStreetNumber(), Building: a.GetBuilding(),
		},
		Features: convert.List(in.GetFeatures(), func(f *facilitiesv1.Feature) facility.Feature {
			return facility.Feature{Name: f.GetName(), Available: f.GetAvailable()}
		}),

		Classes: in.GetUserClasses(), Approval: in.GetApprovalRequired(), PaymentDays: int(in.GetPaymentDays()),
		GraceMinutes: int(in.GetGraceMinutes()), CancelDaysBefore: int(in.GetCancelDaysBefore()),
		Conditions: in.GetConditions(), Notice: in.GetAppealNotice(),
	})
	if err != nil {
		return nil, err
	}
	i.Code, i.Name, i.Source = in.GetCode(), in.GetName(), in.GetSource()
	return i, nil
}

func facilityProto(i *facility.Item) *facilitiesv1.Facility {
	f, _ := i.Content.(*facility.Facility)
	a := f.Address
	return &facilitiesv1.Facility{
		Id: i.ID, Code: i.Code, Name: i.Name, NameKana: f.NameKana, NameEn: f.NameEn, AlternateName: f.AlternateName,
		Kind: f.Kind, PoiCode: f.POICode, Latitude: f.Latitude, Longitude: f.Longitude, BranchOffice: f.BranchOffice,
		Description: f.Description, Url: f.URL, PhoneNumber: f.PhoneNumber,
		Address: &typev1.Address{
			PostalCode: a.PostalCode, MunicipalityCode: a.MunicipalityCode, Prefecture: a.Prefecture, City: a.City,
			Town: a.Town, StreetNumber: a.StreetNumber, Building: a.Building,
		},
		Features: convert.List(f.Features, func(x facility.Feature) *facilitiesv1.Feature {
			return &facilitiesv1.Feature{Name: x.Name, Available: x.Available}
		}),

		UserClasses: f.Classes, ApprovalRequired: f.Approval, PaymentDays: int32(f.PaymentDays),
		GraceMinutes: int32(f.GraceMinutes), CancelDaysBefore: int32(f.CancelDaysBefore), Conditions: f.Conditions,
		AppealNotice: f.Notice, Source: i.Source, ValidFrom: convert.Date(i.From), ValidTo: convert.Date(i.To), State: stateProto(i.State),
		UpdateTime: convert.Instant(i.UpdatedAt), ApproveTime: convert.Instant(i.ApprovedAt), DraftOpen: i.DraftOpen, Etag: rpc.ETag(i.Version),
	}
}

func purposeNames(in []facilitiesv1.UserClass_Purpose) []rule.Purpose {
	return convert.List(in, func(p facilitiesv1.UserClass_Purpose) rule.Purpose { return rule.Purpose(convert.EnumName(p)) })
}

func purposesProto(in []rule.Purpose) []facilitiesv1.UserClass_Purpose {
	return convert.List(in, func(p rule.Purpose) facilitiesv1.UserClass_Purpose {
		return facilitiesv1.UserClass_Purpose(facilitiesv1.UserClass_Purpose_value[string(p)])
	})
}

func roomItem(in *facilitiesv1.RoomInput) (*facility.Item, error) {
	i, err := newItem(facility.KindRoom, in, &facility.Room{
		NameKana: in.GetNameKana(), Capacity: int(in.GetCapacity()), AreaM2: in.GetAreaM2(),
		Purposes: purposeNames(in.GetPurposes()), Conditions: in.GetConditions(),
		Equipment: convert.List(in.GetEquipment(), func(e *facilitiesv1.Equipment) facility.Equipment {
			return facility.Equipment{Code: e.GetCode(), Name: e.GetName(), Count: int(e.GetCount()), PricePerSlot: e.GetPricePerSlot()}
		}),
	})
	if err != nil {
		return nil, err
	}
	i.Name, i.Source = in.GetName(), in.GetSource()
	return i, nil
}

// roomProto shows a room; combined are the rooms that are made of it.
func roomProto(i *facility.Item, combined []string) *facilitiesv1.Room {
	r, _ := i.Content.(*facility.Room)
	return &facilitiesv1.Room{
		Id: i.ID, FacilityId: i.FacilityID, Name: i.Name, NameKana: r.NameKana, Capacity: int32(r.Capacity), AreaM2: r.AreaM2,
		SlotPattern: i.Place.Pattern, PartIds: i.Place.PartIDs, CombinedIds: combined, Purposes: purposesProto(r.Purposes),
		Equipment: convert.List(r.Equipment, func(e facility.Equipment) *facilitiesv1.Equipment {
			return &facilitiesv1.Equipment{Code: e.Code, Name: e.Name, Count: int32(e.Count), PricePerSlot: e.PricePerSlot}
		}),

		Conditions: r.Conditions, Source: i.Source, ValidFrom: convert.Date(i.From), ValidTo: convert.Date(i.To), State: stateProto(i.State),
		UpdateTime: convert.Instant(i.UpdatedAt), ApproveTime: convert.Instant(i.ApprovedAt), DraftOpen: i.DraftOpen, Etag: rpc.ETag(i.Version),
	}
}

func numbers[A, B ~int | ~int32](in []A) []B { return convert.List(in, func(n A) B { return B(n) }) }

func closureItem(in *facilitiesv1.ClosureInput) (*facility.Item, error) {
	return newItem(facility.KindClosure, in, &facility.Closure{
		RoomID: in.GetRoomId(), Kind: facility.Closing(convert.EnumName(in.GetKind())), Weekdays: numbers[int32, int](in.GetWeekdays()),
		Weeks: numbers[int32, int](in.GetWeeks()), AnnualFrom: in.GetAnnualFrom(), AnnualTo: in.GetAnnualTo(), Reason: in.GetReason(),
	})
}

func closureProto(i *facility.Item, affected int) *facilitiesv1.Closure {
	c, _ := i.Content.(*facility.Closure)
	return &facilitiesv1.Closure{
		Id: i.ID, FacilityId: i.FacilityID, RoomId: c.RoomID, Kind: facilitiesv1.Closure_Kind(facilitiesv1.Closure_Kind_value[string(c.Kind)]),
		Weekdays: numbers[int, int32](c.Weekdays), Weeks: numbers[int, int32](c.Weeks), AnnualFrom: c.AnnualFrom,
		AnnualTo: c.AnnualTo, Reason: c.Reason, ValidFrom: convert.Date(i.From), ValidTo: convert.Date(i.To), State: stateProto(i.State),
		AffectedBookings: int32(affected), UpdateTime: convert.Instant(i.UpdatedAt), ApproveTime: convert.Instant(i.ApprovedAt),
		DraftOpen: i.DraftOpen, Etag: rpc.ETag(i.Version),
	}
}
