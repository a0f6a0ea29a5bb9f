package booking

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// step is a step of a booking that its page offers: to whom the RPC's roles admit
// it, where the booking stands so that it can be taken. Whether it is allowed,
// the service says.
type step struct {
	name   string // Of the address and of the texts; the form's fields begin with it and a dot.
	method string // RPC.
	danger bool   // Whether it ends the booking.
	when   func(*file) bool
	take   func(context.Context, *web.Request, string) error
}

// offered reports whether the page offers a step.
func (s step) offered(ctx context.Context, f *file) bool { return ui.Can(ctx, s.method) && s.when(f) }

func tentative(f *file) bool { return f.GetState() == facilitiesv1.Booking_TENTATIVE }

func due(f *file) bool {
	return f.GetPayment().GetState() == facilitiesv1.BookingPayment_DUE && !slices.Contains(ended, f.GetState())
}

// ended are the states in which nothing is paid any more.
var ended = []facilitiesv1.Booking_State{facilitiesv1.Booking_EXPIRED, facilitiesv1.Booking_REJECTED, facilitiesv1.Booking_CANCELLED}

// steps are in the order of the page.
var steps = []step{
	{
		name: "answer", method: facilitiesv1.BookingService_AnswerInformation_FullMethodName, when: (*file).asked,
		take: by(facilitiesv1.BookingServiceClient.AnswerInformation),
	},
	{
		name: "approve", method: facilitiesv1.BookingService_ApproveBooking_FullMethodName, when: tentative,
		take: by(facilitiesv1.BookingServiceClient.ApproveBooking),
	},
	{
		name: "ask", method: facilitiesv1.BookingService_RequestInformation_FullMethodName, when: tentative,
		take: by(facilitiesv1.BookingServiceClient.RequestInformation),
	},
	{
		name: "reject", method: facilitiesv1.BookingService_RejectBooking_FullMethodName, danger: true, when: tentative,
		take: by(facilitiesv1.BookingServiceClient.RejectBooking),
	},
	{
		name: "checkin", method: facilitiesv1.BookingService_CheckInBooking_FullMethodName,
		when: func(f *file) bool {
			return f.GetState() == facilitiesv1.Booking_APPROVED && f.GetDate() == f.today.String()
		},
		take: by(facilitiesv1.BookingServiceClient.CheckInBooking),
	},
	{
		name: "noshow", method: facilitiesv1.BookingService_RecordNoShow_FullMethodName,
		when: func(f *file) bool {
			return f.GetState() == facilitiesv1.Booking_APPROVED && f.GetDate() <= f.today.String()
		},
		take: by(facilitiesv1.BookingServiceClient.RecordNoShow),
	},
	{
		name: "pay", method: facilitiesv1.BookingService_RecordPayment_FullMethodName, when: due,
		take: by(facilitiesv1.BookingServiceClient.RecordPayment),
	},
	{
		name: "refund", method: facilitiesv1.BookingService_RecordRefund_FullMethodName,
		when: func(f *file) bool { return f.GetPayment().GetState() == facilitiesv1.BookingPayment_REFUND_DUE },
		take: by(facilitiesv1.BookingServiceClient.RecordRefund),
	},
	{
		name: "reduce", method: facilitiesv1.BookingService_ReduceFee_FullMethodName,
		when: func(f *file) bool {
			return f.ahead() && f.GetFee().GetAmount() > 0 && f.GetReduction().GetState() != facilitiesv1.FeeReduction_DRAFTED
		},
		take: by(facilitiesv1.BookingServiceClient.ReduceFee),
	},
	{
		name: "decide", method: facilitiesv1.BookingService_DecideReduction_FullMethodName,
		when: func(f *file) bool {
			return f.ahead() && f.GetReduction().GetState() == facilitiesv1.FeeReduction_DRAFTED
		},
		take: by(facilitiesv1.BookingServiceClient.DecideReduction),
	},
	{
		name: "cancel", method: facilitiesv1.BookingService_CancelBooking_FullMethodName, danger: true, when: (*file).ahead,
		take: by(facilitiesv1.BookingServiceClient.CancelBooking),
	},
}

// take answers the form of a step on the page of its booking.
func take(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	at := slices.IndexFunc(steps, func(s step) bool { return s.name == q.PathValue("step") })
	if at < 0 {
		return problem.ErrRouteNotFound
	}
	name := steps[at].name
	err = steps[at].take(q.Once(), q, id)
	if form, refused := q.Refused(err); refused {
		form.Values.Set("_step", name)
		form.Labels = stepLabels
		return answerFile(q, id, below(form, name), form.Status)
	}
	if err != nil {
		return err
	}
	if back := q.Back(); back != "/" {
		return q.Redirect(back, "booking"+name)
	}
	return q.Redirect("/bookings/"+id, "booking"+name)
}

// below names the refused fields as the page does, where each step has its own.
func below(form *ui.Form, name string) *ui.Form {
	refusal := *form.Refusal
	refusal.Fields = make([]fault.Field, len(form.Refusal.Fields))
	for i, v := range form.Refusal.Fields {
		v.Path = name + "." + v.Path
		refusal.Fields[i] = v
	}
	form.Refusal = &refusal
	return form
}

var stepLabels = ui.Labels{
	"answer.answer": "booking.answer", "approve.conditions": "booking.conditions", "ask.message": "booking.ask", "ask.dueOn": "booking.dueon",
	"reject.reason": "booking.reason", "cancel.reason": "booking.reason", "reduce.reason": "booking.ground", "reduce.percent": "booking.percent",
	"decide.reason": "booking.reason", "pay.amount": "booking.amount", "pay.method": "booking.method", "pay.paidOn": "booking.paidon",
	"pay.receiptNumber": "booking.receipt", "checkin.attendance": "booking.attendance", "noshow.note": "booking.seen",
}

// by takes a step by its RPC: the request is what the step's fields say, and the
// id.
func by[Q any, P interface {
	*Q
	proto.Message
}, R any](rpc func(facilitiesv1.BookingServiceClient, context.Context, P, ...grpc.CallOption) (R, error)) func(context.Context, *web.Request, string) error {
	return func(ctx context.Context, q *web.Request, id string) error {
		values := map[string][]string{"id": {id}}
		for name, v := range q.PostForm {
			switch field, ok := strings.CutPrefix(name, q.PathValue("step")+"."); {
			case !ok:
			case field == "conditions":
				values[field] = lines(v[0])
			default:
				values[field] = v
			}
		}
		req := P(new(Q))
		if err := web.Bind(values, req); err != nil {
			return err
		}
		_, err := rpc(bookings(q), ctx, req)
		return err
	}
}

// lines are those of a text that are not empty.
func lines(s string) []string {
	var out []string
	for l := range strings.Lines(s) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}
