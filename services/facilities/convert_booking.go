package facilities

import (
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
)

// wishFromProto reads what is to be booked. Errors: INVALID_FIELD.
func wishFromProto(req *facilitiesv1.CreateBookingRequest) (*booking.Wish, error) {
	d, err := jp.ParseDate(req.GetDate())
	if err != nil {
		return nil, fault.ErrInvalidField.On(fault.Wrong("date", jp.ErrDate.Ja, jp.ErrDate.En))
	}
	w := &booking.Wish{
		OrganizationID: req.GetOrganizationId(), RoomID: req.GetRoomId(), Date: d, SlotCodes: req.GetSlotCodes(),
		UserClass: req.GetUserClass(), Purpose: convert.EnumName(req.GetPurpose()), Title: req.GetTitle(), Note: req.GetNote(),
		Headcount: int(req.GetHeadcount()), Equipment: convert.List(req.GetEquipment(), equipmentFromProto),
		PublishAsEvent: req.GetPublishAsEvent(), CallForVolunteers: req.GetCallForVolunteers(),
		VolunteersWanted: int(req.GetVolunteersWanted()), Channel: booking.Online, PaperNote: req.GetPaperNote(),
	}
	if c := req.GetChannel(); c != facilitiesv1.Booking_CHANNEL_UNSPECIFIED {
		w.Channel = booking.Channel(c.String())
	}
	return w, nil
}

func equipmentFromProto(e *facilitiesv1.BookedEquipment) booking.Equipment {
	return booking.Equipment{Code: e.GetCode(), Count: int(e.GetCount())}
}

// amendmentFromProto reads what is to change. Errors: INVALID_FIELD.
func amendmentFromProto(req *facilitiesv1.AmendBookingRequest) (*booking.Amendment, error) {
	a := &booking.Amendment{ //nolint:protogetter // absence is an answer
		RoomID: req.RoomId, SlotCodes: req.GetSlotCodes(), Title: req.Title, Note: req.Note,
		PublishAsEvent: req.PublishAsEvent, CallForVolunteers: req.CallForVolunteers,
	}
	if req.Date != nil {
		d, err := convert.Day("date", req.GetDate())
		if err != nil {
			return nil, err
		}
		a.Date = &d
	}
	if req.Purpose != nil {
		p := convert.EnumName(req.GetPurpose())
		a.Purpose = &p
	}
	if req.Headcount != nil {
		n := int(req.GetHeadcount())
		a.Headcount = &n
	}
	if req.VolunteersWanted != nil {
		n := int(req.GetVolunteersWanted())
		a.VolunteersWanted = &n
	}
	if req.Equipment != nil {
		list := convert.List(req.GetEquipment().GetItems(), equipmentFromProto)
		a.Equipment = &list
	}
	return a, nil
}

func bookingStateToProto(s booking.State) facilitiesv1.Booking_State {
	return facilitiesv1.Booking_State(facilitiesv1.Booking_State_value[string(s)])
}

func paymentStateToProto(s booking.PaymentState) facilitiesv1.BookingPayment_State {
	return facilitiesv1.BookingPayment_State(facilitiesv1.BookingPayment_State_value[string(s)])
}

// bookingToProto shows a booking as the reader sees it at now.
func bookingToProto(b *booking.Booking, by booking.Reader, now time.Time) *facilitiesv1.Booking {
	out := &facilitiesv1.Booking{
		Id: b.ID, Number: b.Number, State: bookingStateToProto(b.StateAt(now)), OrganizationId: b.OrganizationID,
		OrganizationName: b.OrganizationName, FacilityId: b.FacilityID, FacilityName: b.Place.Facility, RoomId: b.RoomID,
		RoomName: b.Place.Room, Date: b.Date.String(), SlotCodes: b.Place.SlotCodes, StartTime: b.Place.Start, EndTime: b.Place.End,
		UserClass: b.UserClass, Purpose: purposeToProto(b.Purpose), Title: b.Title, Headcount: int32(b.Headcount),
		Equipment: convert.List(b.Equipment, func(e booking.Equipment) *facilitiesv1.BookedEquipment {
			return &facilitiesv1.BookedEquipment{Code: e.Code, Count: int32(e.Count)}
		}),

		PublishAsEvent: b.PublishAsEvent, CallForVolunteers: b.CallForVolunteers, VolunteersWanted: int32(b.VolunteersWanted),
		Fee:     feeToProto(b.Fee),
		Payment: paymentToProto(b.Payment), Reduction: reductionToProto(b.Reduction), InformationRequest: inquiryToProto(b.Inquiry),
		ExpireTime: convert.Instant(b.ExpiresAt), GraceTime: convert.Instant(b.GraceUntil), CancelDeadline: convert.Instant(b.CancelUntil),
		Conditions: b.Conditions, ApprovedOn: convert.Date(b.ApprovedOn), EndReason: b.EndReason,
		Cause: facilitiesv1.Booking_Cause(facilitiesv1.Booking_Cause_value[string(b.Cause)]), CancelledLate: b.CancelledLate,
		Attendance: int32(b.Attendance), Channel: facilitiesv1.Booking_Channel(facilitiesv1.Booking_Channel_value[string(b.Channel)]),
		Note: b.Note, SeriesId: b.SeriesID, CreateTime: convert.Instant(b.CreatedAt), UpdateTime: convert.Instant(b.UpdatedAt), Etag: rpc.ETag(b.Version),
	}
	if by.Ward() {
		out.PaperNote = b.PaperNote
	}
	return out
}

func paymentToProto(p booking.Payment) *facilitiesv1.BookingPayment {
	return &facilitiesv1.BookingPayment{
		State: paymentStateToProto(p.State), PaidAmount: p.PaidAmount, PaidOn: convert.Date(p.PaidOn),
		Method:        facilitiesv1.BookingPayment_Method(facilitiesv1.BookingPayment_Method_value[p.Method]),
		ReceiptNumber: p.Receipt, RefundAmount: p.Refund, RefundedOn: convert.Date(p.RefundedOn),
	}
}

func reductionToProto(r *booking.Reduction) *facilitiesv1.FeeReduction {
	if r == nil {
		return nil
	}
	return &facilitiesv1.FeeReduction{
		State:   facilitiesv1.FeeReduction_State(facilitiesv1.FeeReduction_State_value[string(r.State)]),
		Percent: int32(r.Percent), Reason: r.Reason, DecidedOn: convert.Date(r.DecidedOn), ReturnReason: r.ReturnReason,
	}
}

func inquiryToProto(q *booking.Inquiry) *facilitiesv1.InformationRequest {
	if q == nil {
		return nil
	}
	return &facilitiesv1.InformationRequest{
		Message: q.Message, DueOn: convert.Date(q.DueOn), AskTime: convert.Instant(q.AskedAt), Answer: q.Answer, AnswerTime: convert.Instant(q.AnsweredAt),
	}
}

func bookingSummaryToProto(b *booking.Booking, now time.Time) *facilitiesv1.BookingSummary {
	return &facilitiesv1.BookingSummary{
		Id: b.ID, Number: b.Number, State: bookingStateToProto(b.StateAt(now)), OrganizationId: b.OrganizationID,
		OrganizationName: b.OrganizationName, FacilityId: b.FacilityID, FacilityName: b.Place.Facility, RoomId: b.RoomID,
		RoomName: b.Place.Room, Date: b.Date.String(), SlotCodes: b.Place.SlotCodes, StartTime: b.Place.Start, EndTime: b.Place.End,
		Title: b.Title, Amount: b.Fee.Amount, PaymentState: paymentStateToProto(b.Payment.State), SeriesId: b.SeriesID,
	}
}

// bookingEvents are the facts of a step, without persons and notes.
func bookingEvents(b *booking.Booking, m booking.Move) []proto.Message {
	var events []proto.Message
	if m.Action == booking.Create || m.Action == booking.Amend && m.To == booking.Tentative {
		events = append(events, &facilitiesv1.BookingRequested{Booking: bookingFact(b)})
	}
	switch {
	case m.To == booking.Approved && (m.From != booking.Approved || m.Action == booking.Amend):
		events = append(events, &facilitiesv1.BookingConfirmed{Booking: bookingFact(b)})
	case m.Action == booking.RequestInformation:
		events = append(events, &facilitiesv1.BookingInformationRequested{
			BookingId: b.ID, Number: b.Number, OrganizationId: b.OrganizationID, DueOn: convert.Date(b.Inquiry.DueOn),
		})
	case m.Action == booking.CheckIn || m.Action == booking.RecordNoShow:
		events = append(events, &facilitiesv1.BookingUsed{
			BookingId: b.ID, Number: b.Number, State: bookingStateToProto(b.State), FacilityId: b.FacilityID, RoomId: b.RoomID,
			Date: b.Date.String(), Attendance: int32(b.Attendance),
		})
	case m.Freed:
		events = append(events, &facilitiesv1.BookingCancelled{
			BookingId: b.ID, Number: b.Number, State: bookingStateToProto(b.State),
			Cause:          facilitiesv1.Booking_Cause(facilitiesv1.Booking_Cause_value[string(b.Cause)]),
			OrganizationId: b.OrganizationID, FacilityId: b.FacilityID, RoomId: b.RoomID, Date: b.Date.String(),
			PublishAsEvent: b.PublishAsEvent, CallForVolunteers: b.CallForVolunteers, Version: b.Version,
		})
	}
	return events
}

func bookingFact(b *booking.Booking) *facilitiesv1.BookingFact {
	return &facilitiesv1.BookingFact{
		BookingId: b.ID, Number: b.Number, OrganizationId: b.OrganizationID, FacilityId: b.FacilityID, FacilityName: b.Place.Facility,
		FacilityAddress: b.Place.Address, RoomId: b.RoomID, RoomName: b.Place.Room, Date: b.Date.String(), StartTime: b.Place.Start,
		EndTime: b.Place.End, Title: b.Title, Purpose: purposeToProto(b.Purpose), Headcount: int32(b.Headcount),
		PublishAsEvent: b.PublishAsEvent, CallForVolunteers: b.CallForVolunteers, VolunteersWanted: int32(b.VolunteersWanted),
		Version: b.Version, ExpireTime: convert.Instant(b.ExpiresAt),
	}
}

func feeToProto(f booking.Fee) *facilitiesv1.BookingFee {
	return &facilitiesv1.BookingFee{
		Base: f.Base, Equipment: f.Equipment, MultiplierNumerator: int32(f.Num), MultiplierDenominator: int32(f.Den),
		ReductionPercent: int32(f.Reduction), Amount: f.Amount,
	}
}
