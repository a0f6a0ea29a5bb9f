package facilities

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
)

// RecordPayment records the payment of the fee.
func (s *bookings) RecordPayment(ctx context.Context, req *facilitiesv1.RecordPaymentRequest) (*facilitiesv1.RecordPaymentResponse, error) {
	on, err := convert.Day("paidOn", req.GetPaidOn())
	if err != nil {
		return nil, err
	}
	receipt := booking.Receipt{Amount: req.GetAmount(), Method: convert.EnumName(req.GetMethod()), On: on, Number: req.GetReceiptNumber()}
	return bookingStep(ctx, s, req, func(_ context.Context, b lockedBooking) (booking.Move, error) {
		return b.Pay(b.by, receipt, b.tx.Now)
	}, func(b *facilitiesv1.Booking) *facilitiesv1.RecordPaymentResponse {
		return &facilitiesv1.RecordPaymentResponse{Booking: b}
	})
}

// RecordRefund records that the refund was paid out.
func (s *bookings) RecordRefund(ctx context.Context, req *facilitiesv1.RecordRefundRequest) (*facilitiesv1.RecordRefundResponse, error) {
	return bookingStep(ctx, s, req, func(_ context.Context, b lockedBooking) (booking.Move, error) {
		return b.RepayRefund(b.by, b.tx.Now)
	}, func(b *facilitiesv1.Booking) *facilitiesv1.RecordRefundResponse {
		return &facilitiesv1.RecordRefundResponse{Booking: b}
	})
}

// ReduceFee drafts a reduction.
func (s *bookings) ReduceFee(ctx context.Context, req *facilitiesv1.ReduceFeeRequest) (*facilitiesv1.ReduceFeeResponse, error) {
	return bookingStep(ctx, s, req, func(_ context.Context, b lockedBooking) (booking.Move, error) {
		return b.Reduce(b.by, int(req.GetPercent()), req.GetReason(), b.tx.Now)
	}, func(b *facilitiesv1.Booking) *facilitiesv1.ReduceFeeResponse {
		return &facilitiesv1.ReduceFeeResponse{Booking: b}
	})
}

// DecideReduction decides about the reduction that another person drafted.
func (s *bookings) DecideReduction(ctx context.Context, req *facilitiesv1.DecideReductionRequest) (*facilitiesv1.DecideReductionResponse, error) {
	return bookingStep(ctx, s, req, func(_ context.Context, b lockedBooking) (booking.Move, error) {
		return b.Decide(b.by, req.GetGranted(), req.GetReason(), b.tx.Now)
	}, func(b *facilitiesv1.Booking) *facilitiesv1.DecideReductionResponse {
		return &facilitiesv1.DecideReductionResponse{Booking: b}
	})
}
