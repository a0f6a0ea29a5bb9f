package booking

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/hall"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// file is a booking with what belongs to it and what the caller can do.
type file struct {
	*facilitiesv1.Booking
	form    *ui.Form
	today   jp.Date
	room    *facilitiesv1.Room
	refunds []*facilitiesv1.FeeTable_Refund // What is given back after a cancellation, most days first.
	// Pages of the event and of the call for volunteers that were drafted of the
	// booking; "" for none that the caller sees.
	event, call string
}

func show(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	return answerFile(q, id, ui.NewForm(url.Values{}), http.StatusOK)
}

func answerFile(q *web.Request, id string, form *ui.Form, status int) error {
	f := &file{form: form, today: q.Today()}
	resp, err := bookings(q).GetBooking(q.Context(), &facilitiesv1.GetBookingRequest{Id: id})
	if err != nil {
		return err
	}
	f.Booking = resp.GetBooking()
	err = hall.Together(
		func() error { return f.readRoom(q) },
		func() error { return f.readRefunds(q) },
		func() error { return f.readEvent(q) },
		func() error { return f.readCall(q) },
	)
	if err != nil {
		return err
	}
	return q.RenderAs(status, filePage(f))
}

// readRoom reads the names of the equipment and slots. A room that is no more is
// left out.
func (f *file) readRoom(q *web.Request) error {
	if len(f.GetEquipment()) == 0 {
		return nil
	}
	got, err := facilitiesv1.NewFacilityServiceClient(q.Site.Service("facilities")).GetRoom(q.Context(), &facilitiesv1.GetRoomRequest{Id: f.GetRoomId(), On: f.GetDate()})
	f.room = got.GetRoom()
	if web.NotFound(err) {
		return nil
	}
	return err
}

// readRefunds reads the table of the day of use, where something could be given
// back.
func (f *file) readRefunds(q *web.Request) error {
	if !f.ahead() || f.GetFee().GetAmount() == 0 {
		return nil
	}
	service := q.Site.Service("facilities")
	got, err := facilitiesv1.NewFacilityServiceClient(service).GetFacility(q.Context(), &facilitiesv1.GetFacilityRequest{Id: f.GetFacilityId(), On: f.GetDate()})
	if err != nil {
		return err
	}
	fees, err := facilitiesv1.NewRuleServiceClient(service).ListFees(q.Context(), &facilitiesv1.ListFeesRequest{On: f.GetDate(), PageSize: 200})
	for _, r := range fees.GetFees() {
		if r.GetCode() == got.GetFacility().GetCode() {
			f.refunds = r.GetFeeTable().GetRefunds()
		}
	}
	return err
}

// readEvent finds the event that was drafted of the booking.
func (f *file) readEvent(q *web.Request) error {
	if !f.GetPublishAsEvent() || f.GetOrganizationId() == "" || !f.confirmed() {
		return nil
	}
	found, err := outreachv1.NewEventServiceClient(q.Site.Service("outreach")).ListEvents(q.Context(), &outreachv1.ListEventsRequest{
		OrganizationId: f.GetOrganizationId(), From: f.GetDate(), To: f.GetDate(), PageSize: 50,
	})
	if err != nil {
		return nil // the booking stands without it
	}
	for _, e := range found.GetEvents() {
		if e.GetSource() == "booking:"+f.GetId() {
			f.event = draftPath(q, "/events/"+e.GetId(), e.GetState() == outreachv1.Event_DRAFT)
		}
	}
	return nil
}

// readCall finds the call for volunteers that was drafted of the booking.
func (f *file) readCall(q *web.Request) error {
	if !f.GetCallForVolunteers() || f.GetOrganizationId() == "" || !f.confirmed() {
		return nil
	}
	found, err := outreachv1.NewOpportunityServiceClient(q.Site.Service("outreach")).ListOpportunities(q.Context(), &outreachv1.ListOpportunitiesRequest{
		OrganizationId: f.GetOrganizationId(), OrderBy: "updateTime desc", PageSize: 50,
	})
	if err != nil {
		return nil // the booking stands without it
	}
	for _, o := range found.GetOpportunities() {
		if o.GetSource() == "volunteers:"+f.GetId() {
			f.call = draftPath(q, "/opportunities/"+o.GetId(), o.GetState() == outreachv1.Opportunity_DRAFT)
		}
	}
	return nil
}

// draftPath is the page of what was drafted: where it is written, as long as it is
// a draft that can be.
func draftPath(q *web.Request, path string, draft bool) string {
	if draft && q.Site.Reads(path+"/edit") {
		return path + "/edit"
	}
	return path
}

// refundRow is one line of what is given back.
type refundRow struct {
	until   string // Last day for it, YYYY-MM-DD.
	percent int32
}

func (f *file) refundRows() []refundRow {
	use, err := jp.ParseDate(f.GetDate())
	if err != nil {
		return nil
	}
	var out []refundRow
	for _, r := range f.refunds {
		out = append(out, refundRow{use.AddDays(-int(r.GetDaysBefore())).String(), r.GetPercent()})
	}
	return out
}

// tone is how a state looks.
func tone(s facilitiesv1.Booking_State) ui.Tone {
	switch s {
	case facilitiesv1.Booking_APPROVED, facilitiesv1.Booking_USED:
		return ui.Good
	case facilitiesv1.Booking_TENTATIVE:
		return ui.Calm
	default:
		return ui.Ended
	}
}

// ahead reports whether a booking can still be cancelled as far as its state
// goes; whether it is in time, the service says.
func (f *file) ahead() bool {
	return f.GetState() == facilitiesv1.Booking_TENTATIVE || f.GetState() == facilitiesv1.Booking_APPROVED
}

// confirmed reports whether the use was approved, so that there is an approval
// document, and drafts of event and call.
func (f *file) confirmed() bool {
	return f.GetState() == facilitiesv1.Booking_APPROVED || f.GetState() == facilitiesv1.Booking_USED
}

// asked reports whether an answer to the ward is due.
func (f *file) asked() bool {
	return f.GetState() == facilitiesv1.Booking_TENTATIVE && f.GetInformationRequest().GetMessage() != "" && f.GetInformationRequest().GetAnswer() == ""
}

// drafted reports whether a reduction waits for its approval, before which nothing
// is paid or approved.
func (f *file) drafted() bool {
	return f.ahead() && f.GetReduction().GetState() == facilitiesv1.FeeReduction_DRAFTED
}

// words are the key of a text for the applicant, or for the ward that of its own.
func (f *file) words(ctx context.Context, applicant, ward string) string {
	if hall.OnBehalf(ctx) || ui.Can(ctx, facilitiesv1.BookingService_ApproveBooking_FullMethodName) {
		return ward
	}
	return applicant
}

// next is the key of what comes next: of a tentative booking the ward does not wait
// for itself.
func (f *file) next(ctx context.Context) string {
	if f.GetState() == facilitiesv1.Booking_TENTATIVE {
		return f.words(ctx, "booking.next.TENTATIVE", "booking.next.TENTATIVE.ward")
	}
	return "booking.next." + f.GetState().String()
}

// equipped names the equipment of the booking.
func (f *file) equipped() string {
	var out []string
	for _, e := range f.GetEquipment() {
		out = append(out, equipmentName(f.room, e.GetCode())+" × "+fmt.Sprint(e.GetCount()))
	}
	return strings.Join(out, "、")
}

// course is what is dated about the booking.
func (f *file) course(ctx context.Context) []ui.Step {
	out := []ui.Step{{Date: ui.Day(f.GetCreateTime()), Title: text.S(ctx, "booking.course.created")}}
	if r := f.GetInformationRequest(); r.GetMessage() != "" {
		out = append(out, ui.Step{Date: ui.Day(r.GetAskTime()), Title: text.S(ctx, "booking.course.asked"), Body: r.GetMessage()})
		if r.GetAnswer() != "" {
			out = append(out, ui.Step{Date: ui.Day(r.GetAnswerTime()), Title: text.S(ctx, "booking.course.answered"), Body: r.GetAnswer()})
		}
	}
	if r := f.GetReduction(); r.GetDecidedOn() != "" {
		out = append(out, ui.Step{Date: r.GetDecidedOn(), Title: text.Enum(ctx, "booking.reductionstate", r.GetState()), Body: r.GetReturnReason()})
	}
	if f.GetPayment().GetPaidOn() != "" {
		out = append(out, ui.Step{Date: f.GetPayment().GetPaidOn(), Title: text.S(ctx, "booking.course.paid"), Body: ui.Yen(ctx, f.GetPayment().GetPaidAmount())})
	}
	if f.GetApprovedOn() != "" {
		out = append(out, ui.Step{Date: f.GetApprovedOn(), Title: text.S(ctx, "booking.course.approved")})
	}
	switch f.GetState() {
	case facilitiesv1.Booking_CANCELLED, facilitiesv1.Booking_REJECTED, facilitiesv1.Booking_EXPIRED:
		out = append(out, ui.Step{Date: ui.Day(f.GetUpdateTime()), Title: text.Enum(ctx, "booking.state", f.GetState()), Body: f.GetEndReason()})
	default:
		out = append(out, ui.Step{Date: f.GetDate(), Title: text.S(ctx, "booking.course.use")})
	}
	if f.GetPayment().GetRefundedOn() != "" {
		out = append(out, ui.Step{Date: f.GetPayment().GetRefundedOn(), Title: text.S(ctx, "booking.course.refunded"), Body: ui.Yen(ctx, f.GetPayment().GetRefundAmount())})
	}
	slices.SortStableFunc(out, func(a, b ui.Step) int { return cmp.Compare(a.Date, b.Date) })
	return out
}
