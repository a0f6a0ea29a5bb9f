package outreach

import (
	"reflect"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/event"
)

func placeFromProto(p *outreachv1.EventPlace) event.Place {
	a := p.GetAddress()
	return event.Place{
		Name: p.GetName(), Reception: p.GetReception(), Latitude: p.GetLatitude(), Longitude: p.GetLongitude(),
		Access: p.GetAccess(), Parking: p.GetParking(), BicycleParking: p.GetBicycleParking(),
		Address: event.Address{
			PostalCode: a.GetPostalCode(), MunicipalityCode: a.GetMunicipalityCode(), Prefecture: a.GetPrefecture(),
			City: a.GetCity(), Town: a.GetTown(), StreetNumber: a.GetStreetNumber(), Building: a.GetBuilding(),
		},
	}
}

func placeToProto(p event.Place) *outreachv1.EventPlace {
	if p == (event.Place{}) {
		return nil
	}
	out := &outreachv1.EventPlace{
		Name: p.Name, Reception: p.Reception, Latitude: p.Latitude, Longitude: p.Longitude,
		Access: p.Access, Parking: p.Parking, BicycleParking: p.BicycleParking,
	}
	if a := p.Address; a != (event.Address{}) {
		out.Address = &typev1.Address{
			PostalCode: a.PostalCode, MunicipalityCode: a.MunicipalityCode, Prefecture: a.Prefecture, City: a.City,
			Town: a.Town, StreetNumber: a.StreetNumber, Building: a.Building,
		}
	}
	return out
}

func contactFromProto(c *typev1.ContactPoint) event.Contact {
	return event.Contact{Name: c.GetName(), PhoneNumber: c.GetPhoneNumber(), Email: c.GetEmail(), URL: c.GetUrl()}
}

func contactToProto(c event.Contact) *typev1.ContactPoint {
	if c == (event.Contact{}) {
		return nil
	}
	return &typev1.ContactPoint{Name: c.Name, PhoneNumber: c.PhoneNumber, Email: c.Email, Url: c.URL}
}

func admissionToProto(a event.Admission) *outreachv1.EventAdmission {
	if a == (event.Admission{}) {
		return nil
	}
	return &outreachv1.EventAdmission{
		Mode:     outreachv1.EventAdmission_Mode(outreachv1.EventAdmission_Mode_value[string(a.Mode)]),
		Capacity: int32(a.Capacity), CapacityNote: a.CapacityNote, OpensOn: convert.Date(a.OpensOn), OpensTime: a.OpensTime,
		ClosesOn: convert.Date(a.ClosesOn), ClosesTime: a.ClosesTime, Method: a.Method, Url: a.URL,
		MaxParty: int32(a.MaxParty), DrawsOn: convert.Date(a.DrawsOn),
	}
}

func availability(v outreachv1.EventAccessibility_Availability) event.Availability {
	return event.Availability(convert.EnumName(v))
}

func accessibilityFromProto(a *outreachv1.EventAccessibility) event.Accessibility {
	return event.Accessibility{
		Wheelchair: availability(a.GetWheelchair()), SignLanguage: availability(a.GetSignLanguage()),
		Captioning: availability(a.GetCaptioning()), HearingLoop: availability(a.GetHearingLoop()),
		NursingRoom: availability(a.GetNursingRoom()), DiaperCorner: availability(a.GetDiaperCorner()),
		FoodAndDrink: availability(a.GetFoodAndDrink()), StrollerRental: availability(a.GetStrollerRental()),
		StrollerUse: availability(a.GetStrollerUse()), Languages: a.GetLanguages(), Note: a.GetNote(),
	}
}

func accessibilityToProto(a event.Accessibility) *outreachv1.EventAccessibility {
	if reflect.ValueOf(a).IsZero() {
		return nil
	}
	to := func(v event.Availability) outreachv1.EventAccessibility_Availability {
		return outreachv1.EventAccessibility_Availability(outreachv1.EventAccessibility_Availability_value[string(v)])
	}
	return &outreachv1.EventAccessibility{
		Wheelchair: to(a.Wheelchair), SignLanguage: to(a.SignLanguage), Captioning: to(a.Captioning),
		HearingLoop: to(a.HearingLoop), NursingRoom: to(a.NursingRoom), DiaperCorner: to(a.DiaperCorner),
		FoodAndDrink: to(a.FoodAndDrink), StrollerRental: to(a.StrollerRental), StrollerUse: to(a.StrollerUse),
		Languages: a.Languages, Note: a.Note,
	}
}
