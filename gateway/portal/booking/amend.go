package booking

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/hall"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// amendment is a change of a booking that is being written.
type amendment struct {
	*hall.Choice
	booking *facilitiesv1.Booking
	form    *ui.Form
	rooms   []ui.Option // Of the same hall.
}

// writeAmendment shows the booking as it is; the query moves it to another day or
// room, whose slots the form then shows.
func writeAmendment(q *web.Request) error {
	b, err := ownBooking(q)
	if err != nil {
		return err
	}
	form := ui.NewForm(web.Values("", b))
	form.Values.Set("_step", "")
	for _, name := range []string{fieldRoom, fieldDate} {
		if v := q.Query(name); v != "" && v != form.Get(name) {
			form.Values.Set(name, v)
			form.Values.Del(fieldSlots)
		}
	}
	for _, e := range b.GetEquipment() {
		form.Values.Set(fieldEquipment+e.GetCode(), strconv.Itoa(int(e.GetCount())))
	}
	return answerAmendment(q, b, form, http.StatusOK)
}

func ownBooking(q *web.Request) (*facilitiesv1.Booking, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	resp, err := bookings(q).GetBooking(q.Context(), &facilitiesv1.GetBookingRequest{Id: id})
	return resp.GetBooking(), err
}

func answerAmendment(q *web.Request, b *facilitiesv1.Booking, form *ui.Form, status int) error {
	a := &amendment{booking: b, form: form}
	err := hall.Together(
		func() (err error) {
			a.Choice, err = hall.Choose(q, form.Get(fieldRoom), form.Get(fieldDate), "")
			return err
		},
		func() error {
			all, err := hall.AllRooms(q)
			for _, r := range all.Sorted() {
				if r.GetFacilityId() == b.GetFacilityId() {
					a.rooms = append(a.rooms, ui.Option{Value: r.GetRoomId(), Text: r.GetName()})
				}
			}
			return err
		},
	)
	if err != nil {
		return err
	}
	return q.RenderAs(status, amendPage(a))
}

func amend(q *web.Request) error {
	b, err := ownBooking(q)
	if err != nil {
		return err
	}
	req, err := changes(b, q.Posted())
	if err == nil {
		_, err = bookings(q).AmendBooking(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		form.Labels = labels
		return answerAmendment(q, b, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/bookings/"+b.GetId(), "bookingamended")
}

// changes are the fields that differ from the booking: only they are sent, so
// that what can be corrected for longest is not held up by the rest. Errors:
// INVALID_FIELD.
func changes(b *facilitiesv1.Booking, f *ui.Form) (*facilitiesv1.AmendBookingRequest, error) {
	values, was := url.Values{}, web.Values("", b)
	for _, name := range []string{fieldRoom, fieldDate, fieldPurpose, fieldHeadcount, fieldSlots} {
		if f.Values.Has(name) && !slices.Equal(f.Values[name], was[name]) {
			values[name] = f.Values[name]
		}
	}
	req := &facilitiesv1.AmendBookingRequest{}
	if err := web.Bind(values, req); err != nil {
		return nil, err
	}
	req.Id, req.Etag = b.GetId(), f.Get("etag")
	if v := f.Get(fieldTitle); v != b.GetTitle() {
		req.Title = proto.String(v)
	}
	if v := strings.ReplaceAll(f.Get(fieldNote), "\r\n", "\n"); v != b.GetNote() {
		req.Note = proto.String(v)
	}
	if v := f.Has(fieldEvent, "true"); v != b.GetPublishAsEvent() {
		req.PublishAsEvent = proto.Bool(v)
	}
	if v := equipment(f); !slices.EqualFunc(v, b.GetEquipment(), func(x, y *facilitiesv1.BookedEquipment) bool { return proto.Equal(x, y) }) {
		req.Equipment = &facilitiesv1.EquipmentList{Items: v}
	}
	call := f.Has(fieldCall, "true")
	if call != b.GetCallForVolunteers() {
		req.CallForVolunteers = proto.Bool(call)
	}
	wanted, err := strconv.ParseInt(strings.TrimSpace(f.Get(fieldVolunteers)), 10, 32)
	if err != nil || !call {
		wanted = 0 // the service says when it must be more
	}
	if int32(wanted) != b.GetVolunteersWanted() {
		req.VolunteersWanted = proto.Int32(int32(wanted))
	}
	return req, nil
}
