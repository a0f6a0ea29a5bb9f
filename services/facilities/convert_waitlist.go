package facilities

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/waitlist"
)

// placeFromProto reads a place and for whom it is. Errors: PERMISSION_DENIED,
// INVALID_FIELD.
func placeFromProto(in *facilitiesv1.WaitlistPlaceInput, by booking.Reader) (*waitlist.Place, error) {
	if err := by.Books(in.GetOrganizationId()); err != nil {
		return nil, err
	}
	d, err := convert.Day("place.date", in.GetDate())
	if err != nil {
		return nil, err
	}
	p := &waitlist.Place{
		HolderID: in.GetOrganizationId(), OrganizationID: in.GetOrganizationId(), UserClass: in.GetUserClass(),
		Purpose: convert.EnumName(in.GetPurpose()), Title: in.GetTitle(), Headcount: int(in.GetHeadcount()), RoomID: in.GetRoomId(),
		Date: d, SlotCodes: in.GetSlotCodes(), CreatedBy: by.ID,
	}
	if p.HolderID == "" {
		p.HolderID = by.ID
	}
	return p, nil
}

// placeToProto shows a place to its holder.
func placeToProto(p *waitlist.Place, now time.Time) *facilitiesv1.WaitlistPlace {
	out := &facilitiesv1.WaitlistPlace{
		Id: p.ID, OrganizationId: p.OrganizationID, UserClass: p.UserClass, Purpose: purposeToProto(p.Purpose), Title: p.Title,
		Headcount: int32(p.Headcount), RoomId: p.RoomID, Date: convert.Date(p.Date), SlotCodes: p.SlotCodes,
		State:     facilitiesv1.WaitlistPlace_State(facilitiesv1.WaitlistPlace_State_value[string(p.StateAt(now))]),
		BookingId: p.BookingID, CreateTime: convert.Instant(p.CreatedAt), UpdateTime: convert.Instant(p.UpdatedAt), Etag: rpc.ETag(p.Version),
	}
	if p.StateAt(now) == waitlist.Offered {
		out.OfferEndTime = convert.Instant(p.OfferEndsAt)
	}
	return out
}

func freedSlotToProto(f store.FreedSlot) *facilitiesv1.FreedSlot {
	return &facilitiesv1.FreedSlot{
		Id: f.ID, FacilityId: f.FacilityID, RoomId: f.RoomID, Date: convert.Date(f.Date), SlotCodes: f.SlotCodes,
		OpenTime: convert.Instant(f.OpensAt), CreateTime: convert.Instant(f.CreatedAt),
	}
}
