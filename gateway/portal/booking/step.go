package booking

import (
	"context"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// ended are the states in which nothing is paid any more.
var ended = step.In(facilitiesv1.Booking_EXPIRED, facilitiesv1.Booking_REJECTED, facilitiesv1.Booking_CANCELLED)

// steps are those of a booking, in the order of the page.
var steps = &step.Table[facilitiesv1.Booking_State]{
	Texts: "booking", Labels: stepLabels,
	Steps: []step.Step[facilitiesv1.Booking_State]{
		{
			Name: "answer", Method: facilitiesv1.BookingService_AnswerInformation_FullMethodName, Sure: true, Done: "bookinganswer",
			Take: step.By(bookings, facilitiesv1.BookingServiceClient.AnswerInformation),
		},
		{
			Name: "approve", Method: facilitiesv1.BookingService_ApproveBooking_FullMethodName, Sure: true, Lists: []string{"conditions"}, Done: "bookingapprove",
			From: step.In(facilitiesv1.Booking_TENTATIVE), Take: step.By(bookings, facilitiesv1.BookingServiceClient.ApproveBooking),
		},
		{
			Name: "ask", Method: facilitiesv1.BookingService_RequestInformation_FullMethodName, Sure: true, Done: "bookingask",
			From: step.In(facilitiesv1.Booking_TENTATIVE), Take: step.By(bookings, facilitiesv1.BookingServiceClient.RequestInformation),
		},
		{
			Name: "reject", Method: facilitiesv1.BookingService_RejectBooking_FullMethodName, Sure: true, Grave: true, Done: "bookingreject",
			From: step.In(facilitiesv1.Booking_TENTATIVE), Take: step.By(bookings, facilitiesv1.BookingServiceClient.RejectBooking),
		},
		{
			Name: "checkin", Method: facilitiesv1.BookingService_CheckInBooking_FullMethodName, Sure: true, Done: "bookingcheckin",
			From: step.In(facilitiesv1.Booking_APPROVED), Take: step.By(bookings, facilitiesv1.BookingServiceClient.CheckInBooking),
		},
		{
			Name: "noshow", Method: facilitiesv1.BookingService_RecordNoShow_FullMethodName, Sure: true, Done: "bookingnoshow",
			From: step.In(facilitiesv1.Booking_APPROVED), Take: step.By(bookings, facilitiesv1.BookingServiceClient.RecordNoShow),
		},
		{
			Name: "pay", Method: facilitiesv1.BookingService_RecordPayment_FullMethodName, Sure: true, Done: "bookingpay",
			Take: step.By(bookings, facilitiesv1.BookingServiceClient.RecordPayment),
		},
		{
			Name: "refund", Method: facilitiesv1.BookingService_RecordRefund_FullMethodName, Sure: true, Done: "bookingrefund",
			Take: step.By(bookings, facilitiesv1.BookingServiceClient.RecordRefund),
		},
		{
			Name: "reduce", Method: facilitiesv1.BookingService_ReduceFee_FullMethodName, Sure: true, Done: "bookingreduce",
			Take: step.By(bookings, facilitiesv1.BookingServiceClient.ReduceFee),
		},
		{
			Name: "decide", Method: facilitiesv1.BookingService_DecideReduction_FullMethodName, Sure: true, Done: "bookingdecide",
			Take: step.By(bookings, facilitiesv1.BookingServiceClient.DecideReduction),
		},
		{
			Name: "cancel", Method: facilitiesv1.BookingService_CancelBooking_FullMethodName, Sure: true, Grave: true, Done: "bookingcancel",
			Take: step.By(bookings, facilitiesv1.BookingServiceClient.CancelBooking),
		},
	},
}

// not reports whether a step makes no sense as the booking stands.
func (f *file) not(name string) bool {
	paid, drafted := f.GetPayment().GetState(), f.drafted()
	switch name {
	case "approve":
		return drafted
	case "answer":
		return !f.asked()
	case "checkin":
		return f.GetDate() != f.today.String()
	case "noshow":
		return f.GetDate() > f.today.String()
	case "pay":
		return drafted || paid != facilitiesv1.BookingPayment_DUE || slices.Contains(ended, f.GetState())
	case "refund":
		return paid != facilitiesv1.BookingPayment_REFUND_DUE
	case "reduce":
		return !f.ahead() || f.GetFee().GetAmount() == 0 || drafted
	case "decide":
		return !drafted
	case "cancel":
		return !f.ahead()
	}
	return false
}

// offers are the steps that the page offers; what the ward asked stands open.
func (f *file) offers(ctx context.Context) []step.Offer {
	out := steps.Offers(ctx, &step.Thing[facilitiesv1.Booking_State]{State: f.GetState(), Path: "/bookings/" + f.GetId(), Form: f.form, Not: f.not})
	for i := range out {
		out[i].Open = out[i].Open || out[i].Name == "answer"
	}
	return out
}

// take answers the form of a step on the page of its booking, or on that from
// which it was taken.
func take(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	page := "/bookings/" + id
	if back := q.Back(); back != "/" {
		page = back
	}
	return steps.Take(q, page, func(q *web.Request, form *ui.Form, status int) error { return answerFile(q, id, form, status) })
}

var stepLabels = ui.Labels{
	"answer.answer": "booking.answer", "approve.conditions": "booking.conditions", "ask.message": "booking.ask", "ask.dueOn": "booking.dueon",
	"reject.reason": "booking.reason", "cancel.reason": "booking.reason", "reduce.reason": "booking.ground", "reduce.percent": "booking.percent",
	"decide.reason": "booking.reason", "pay.amount": "booking.amount", "pay.method": "booking.method", "pay.paidOn": "booking.paidon",
	"pay.receiptNumber": "booking.receipt", "checkin.attendance": "booking.attendance", "noshow.note": "booking.seen",
}
