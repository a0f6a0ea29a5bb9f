// Package booking has the pages by which rooms are booked: form, confirmation,
// the booking with its documents and steps, own bookings, and those of the ward.
package booking

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/hall"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/bookings", list).For(facilitiesv1.BookingService_GetOwnCalendar_FullMethodName),
		web.SignedIn(http.MethodGet, "/bookings/new", write).For(facilitiesv1.BookingService_CreateBooking_FullMethodName),
		web.SignedIn(http.MethodPost, "/bookings", create).For(facilitiesv1.BookingService_CreateBooking_FullMethodName),
		web.SignedIn(http.MethodGet, "/bookings/{id}", show),
		web.SignedIn(http.MethodPost, "/bookings/{id}/steps/{step}", take),
		web.SignedIn(http.MethodGet, "/bookings/{id}/amend", writeAmendment).For(facilitiesv1.BookingService_AmendBooking_FullMethodName),
		web.SignedIn(http.MethodPost, "/bookings/{id}/amend", amend).For(facilitiesv1.BookingService_AmendBooking_FullMethodName),
		web.SignedIn(http.MethodGet, "/desk/bookings", listForWard).For(facilitiesv1.PenaltyService_DecideAppeal_FullMethodName),
		web.SignedIn(http.MethodGet, "/desk/bookings/today", listToday).For(facilitiesv1.PenaltyService_DecideAppeal_FullMethodName),
	}
}

func bookings(q *web.Request) facilitiesv1.BookingServiceClient {
	return facilitiesv1.NewBookingServiceClient(q.Site.Service("facilities"))
}

// wish is a booking that is being written, with what its form offers.
type wish struct {
	*hall.Choice
	form *ui.Form
	near []offer // What is free instead, after SLOT_TAKEN.
}

// The fields of the form; those of CreateBookingRequest and, with repetition, of
// CreateBookingSeriesRequest.
const (
	fieldRoom         = "roomId"
	fieldDate         = "date"
	fieldSlots        = "slotCodes"
	fieldOrganization = "organizationId"
	fieldClass        = "userClass"
	fieldPurpose      = "purpose"
	fieldTitle        = "title"
	fieldHeadcount    = "headcount"
	fieldNote         = "note"
	fieldEvent        = "publishAsEvent"
	fieldCall         = "callForVolunteers"
	fieldVolunteers   = "volunteersWanted"
	fieldChannel      = "channel"
	fieldPaper        = "paperNote"
	fieldEquipment    = "equipment." // And the code.
	fieldFrequency    = "repetition.frequency"
	fieldInterval     = "repetition.interval"
	fieldUntil        = "repetition.until"
	fieldExcept       = "repetition.exceptDates"
	fieldFind         = "find" // Words by which the ward finds an organization.
)

// labels name the fields in what is refused.
var labels = ui.Labels{
	fieldSlots: "booking.slots", fieldOrganization: "booking.organization", fieldClass: "hall.class", fieldPurpose: "hall.purposename",
	fieldTitle: "booking.title", fieldHeadcount: "booking.headcount", fieldNote: "booking.note", fieldVolunteers: "booking.volunteers",
	fieldChannel: "booking.channelname", fieldPaper: "booking.paper", "equipment": "booking.equipment", "repetition": "booking.series",
	fieldFrequency: "booking.frequency", fieldInterval: "booking.interval", fieldUntil: "booking.until", fieldExcept: "booking.except", fieldDate: "booking.date",
}

// passed are the fields that the confirmation passes on.
func (w *wish) passed() []string {
	var names []string
	for name := range w.form.Values {
		if !strings.HasPrefix(name, "_") && name != "step" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (w *wish) repeated() bool { return w.form.Get(fieldFrequency) != "" }

func write(q *web.Request) error {
	form := ui.NewForm(q.URL.Query())
	w, err := read(q, form)
	if err != nil {
		return err
	}
	if form.Get(fieldOrganization) == "" && len(w.Organizations) > 0 && !w.OnBehalf {
		form.Values.Set(fieldOrganization, w.Organizations[0].GetId())
	}
	return q.Render(formPage(w))
}

// read collects what the form shows. Errors: those of the RPCs.
func read(q *web.Request, form *ui.Form) (*wish, error) {
	choice, err := hall.Choose(q, form.Get(fieldRoom), form.Get(fieldDate), form.Get(fieldFind))
	return &wish{Choice: choice, form: form}, err
}

// create answers the form: with the confirmation first, with the form again when
// the person wants to change something or looks for an organization, and with the
// booking in the end.
func create(q *web.Request) error {
	form := q.Posted()
	switch q.PostFormValue("step") {
	case "book":
	case "edit", "find":
		return answer(q, form, http.StatusOK, formPage)
	default:
		return answer(q, form, http.StatusOK, confirmPage)
	}
	if form.Get(fieldFrequency) != "" {
		return createSeries(q)
	}
	req, err := request(form)
	var resp *facilitiesv1.CreateBookingResponse
	if err == nil {
		resp, err = bookings(q).CreateBooking(q.Once(), req)
	}
	if refused, ok := q.Refused(err); ok {
		return again(q, refused)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/bookings/"+resp.GetBooking().GetId(), "booked")
}

// again shows the form with what was refused, and with what is free instead.
func again(q *web.Request, refused *ui.Form) error {
	refused.Labels = labels
	w, err := read(q, refused)
	if err != nil {
		return err
	}
	if refused.Refusal.Reason == "SLOT_TAKEN" {
		w.near = near(q, w)
	}
	return q.RenderAs(refused.Status, formPage(w))
}

// answer shows a page of the wish.
func answer(q *web.Request, form *ui.Form, status int, page func(*wish) templ.Component) error {
	w, err := read(q, form)
	if err != nil {
		return err
	}
	return q.RenderAs(status, page(w))
}

// request reads the form. Errors: INVALID_FIELD.
func request(f *ui.Form) (*facilitiesv1.CreateBookingRequest, error) {
	req := &facilitiesv1.CreateBookingRequest{}
	values := url.Values{}
	for name, v := range f.Values {
		if name != fieldVolunteers || f.Has(fieldCall, "true") {
			values[name] = v
		}
	}
	err := web.Bind(values, req)
	req.Equipment = equipment(f)
	return req, err
}

// equipment reads how many pieces of each are wanted.
func equipment(f *ui.Form) []*facilitiesv1.BookedEquipment {
	var out []*facilitiesv1.BookedEquipment
	for name := range f.Values {
		code, ok := strings.CutPrefix(name, fieldEquipment)
		if !ok {
			continue
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(f.Get(name)), 10, 32); err == nil && n != 0 {
			out = append(out, &facilitiesv1.BookedEquipment{Code: code, Count: int32(n)})
		}
	}
	slices.SortFunc(out, func(a, b *facilitiesv1.BookedEquipment) int { return strings.Compare(a.GetCode(), b.GetCode()) })
	return out
}

// series is what was booked of a series, and what was not.
type series struct {
	*facilitiesv1.CreateBookingSeriesResponse
	roomID string
}

// createSeries books on several days. The answer is the report itself: what was
// skipped stands nowhere else.
func createSeries(q *web.Request) error {
	form := q.Posted()
	except := form.Get(fieldExcept)
	form.Values[fieldExcept] = strings.Fields(except)
	req := &facilitiesv1.CreateBookingSeriesRequest{}
	err := web.Bind(form.Values, req)
	form.Values.Set(fieldExcept, except)
	if req.Booking, err = joined(form, err); err != nil {
		return refuse(q, err)
	}
	resp, err := bookings(q).CreateBookingSeries(q.Once(), req)
	if err != nil {
		return refuse(q, err)
	}
	return q.Render(seriesPage(&series{resp, form.Get(fieldRoom)}))
}

// joined reads the booking of a series, when what came before is well.
func joined(form *ui.Form, err error) (*facilitiesv1.CreateBookingRequest, error) {
	if err != nil {
		return nil, err
	}
	return request(form)
}

func refuse(q *web.Request, err error) error {
	if refused, ok := q.Refused(err); ok {
		return again(q, refused.Trim("booking."))
	}
	return err
}
