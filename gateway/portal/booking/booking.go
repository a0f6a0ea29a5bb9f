// Package booking has the pages by which rooms are booked: form, confirmation,
// the booking with its documents, own bookings, cancelling.
package booking

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/bookings", list),
		web.SignedIn(http.MethodGet, "/bookings/new", write),
		web.SignedIn(http.MethodPost, "/bookings", create),
		web.SignedIn(http.MethodGet, "/bookings/{id}", show),
		web.SignedIn(http.MethodPost, "/bookings/{id}/cancel", cancel),
	}
}

func bookings(q *web.Request) facilitiesv1.BookingServiceClient {
	return facilitiesv1.NewBookingServiceClient(q.Site.Service("facilities"))
}

// wish is a booking that is being written, with what its form offers.
type wish struct {
	form          *ui.Form
	room          *facilitiesv1.Room
	facility      *facilitiesv1.Facility
	slots         []slot // Of the room on the day.
	organizations []*directoryv1.Organization
	near          []offer // What is free instead, after SLOT_TAKEN.
}

// slot is a slot of the room on the day, with its letter.
type slot struct {
	*facilitiesv1.Slot
	letter string
}

// The fields of the form; those of CreateBookingRequest.
const (
	fieldRoom         = "roomId"
	fieldDate         = "date"
	fieldSlots        = "slotCodes"
	fieldOrganization = "organizationId"
	fieldPurpose      = "purpose"
	fieldTitle        = "title"
	fieldHeadcount    = "headcount"
	fieldNote         = "note"
	fieldEvent        = "publishAsEvent"
)

var passed = []string{fieldRoom, fieldDate, fieldSlots, fieldOrganization, fieldPurpose, fieldTitle, fieldHeadcount, fieldNote, fieldEvent}

func write(q *web.Request) error {
	form := ui.NewForm(q.URL.Query())
	w, err := read(q, form)
	if err != nil {
		return err
	}
	if form.Get(fieldOrganization) == "" && len(w.organizations) > 0 {
		form.Values.Set(fieldOrganization, w.organizations[0].GetId())
	}
	return q.Render(formPage(w))
}

// read collects what the form shows. Errors: those of the RPCs.
func read(q *web.Request, form *ui.Form) (*wish, error) {
	w := &wish{form: form}
	service := q.Site.Service("facilities")
	halls := facilitiesv1.NewFacilityServiceClient(service)
	got, err := halls.GetRoom(q.Context(), &facilitiesv1.GetRoomRequest{Id: form.Get(fieldRoom), On: form.Get(fieldDate)})
	if err != nil {
		return nil, err
	}
	w.room = got.GetRoom()
	hall, err := halls.GetFacility(q.Context(), &facilitiesv1.GetFacilityRequest{Id: w.room.GetFacilityId(), On: form.Get(fieldDate)})
	if err != nil {
		return nil, err
	}
	w.facility = hall.GetFacility()
	vacancy, err := facilitiesv1.NewAvailabilityServiceClient(service).GetAvailability(q.Context(), &facilitiesv1.GetAvailabilityRequest{
		RoomId: w.room.GetId(), From: form.Get(fieldDate),
	})
	if err != nil {
		return nil, err
	}
	w.slots = slotsOf(vacancy)
	own, err := directoryv1.NewOrganizationServiceClient(q.Site.Service("directory")).ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{Mine: true, PageSize: 50})
	if err != nil {
		return nil, err
	}
	w.organizations = own.GetOrganizations()
	return w, nil
}

func slotsOf(found *facilitiesv1.GetAvailabilityResponse) []slot {
	var out []slot
	for _, d := range found.GetDays() {
		for i, r := range found.GetRooms() {
			if i >= len(d.GetRooms()) {
				break
			}
			letters := d.GetRooms()[i].GetSlots()
			for n, s := range r.GetSlots() {
				if n < len(letters) {
					out = append(out, slot{s, letters[n : n+1]})
				}
			}
		}
	}
	return out
}

// create answers the form: with the confirmation first, with the form again when
// the person wants to change something, and with the booking in the end.
func create(q *web.Request) error {
	form := q.Posted()
	switch q.PostFormValue("step") {
	case "book":
	case "edit":
		return answer(q, form, http.StatusOK, formPage)
	default:
		return answer(q, form, http.StatusOK, confirmPage)
	}
	resp, err := bookings(q).CreateBooking(q.Once(), request(form))
	if refused, ok := q.Refused(err); ok {
		w, err := read(q, refused)
		if err != nil {
			return err
		}
		if refused.Refusal.Reason == "SLOT_TAKEN" {
			w.near = near(q, w)
		}
		return q.RenderAs(refused.Status, formPage(w))
	}
	if err != nil {
		return err
	}
	return q.Redirect("/bookings/"+resp.GetBooking().GetId(), "booked")
}

// answer shows a page of the wish.
func answer(q *web.Request, form *ui.Form, status int, page func(*wish) templComponent) error {
	w, err := read(q, form)
	if err != nil {
		return err
	}
	return q.RenderAs(status, page(w))
}

func request(f *ui.Form) *facilitiesv1.CreateBookingRequest {
	headcount, err := strconv.ParseInt(strings.TrimSpace(f.Get(fieldHeadcount)), 10, 32)
	if err != nil {
		headcount = 0 // the service says what is wrong with it
	}
	return &facilitiesv1.CreateBookingRequest{
		OrganizationId: f.Get(fieldOrganization), RoomId: f.Get(fieldRoom), Date: f.Get(fieldDate), SlotCodes: f.Values[fieldSlots],
		Purpose: facilitiesv1.UserClass_Purpose(facilitiesv1.UserClass_Purpose_value[f.Get(fieldPurpose)]),
		Title:   f.Get(fieldTitle), Headcount: int32(headcount), Note: f.Get(fieldNote), PublishAsEvent: f.Has(fieldEvent, "true"),
	}
}

// file is a booking with what the caller can do.
type file struct {
	*facilitiesv1.Booking
	form *ui.Form
}

func show(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	return answerFile(q, id, ui.NewForm(url.Values{}), http.StatusOK)
}

func answerFile(q *web.Request, id string, form *ui.Form, status int) error {
	resp, err := bookings(q).GetBooking(q.Context(), &facilitiesv1.GetBookingRequest{Id: id})
	if err != nil {
		return err
	}
	return q.RenderAs(status, showPage(&file{resp.GetBooking(), form}))
}

func cancel(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	_, err = bookings(q).CancelBooking(q.Once(), &facilitiesv1.CancelBookingRequest{Id: id, Reason: q.PostFormValue("reason")})
	if form, ok := q.Refused(err); ok {
		return answerFile(q, id, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/bookings/"+id, "cancelled")
}

// own is the list of the caller's bookings.
type own struct {
	bookings    []*facilitiesv1.BookingSummary
	past        bool
	first, next string
}

func list(q *web.Request) error {
	o := own{past: q.Query("past") == "1"}
	req := &facilitiesv1.ListBookingsRequest{PageToken: q.Query("page"), PageSize: 30}
	if o.past {
		req.To, req.OrderBy = q.Today().AddDays(-1).String(), "date desc"
	} else {
		req.From = q.Today().String()
	}
	resp, err := bookings(q).ListBookings(q.Context(), req)
	if err != nil {
		return err
	}
	o.bookings = resp.GetBookings()
	o.first, o.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&o))
}
