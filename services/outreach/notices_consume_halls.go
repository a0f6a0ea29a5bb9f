package outreach

import (
	"context"
	"fmt"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/notice"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// ofBooking tells the organization of a booking; of a resident's own the ward's events
// name nobody, and ResidentTold does.
func ofBooking(kind string, b *facilitiesv1.BookingFact, parts ...any) notice.Occasion {
	o := news(kind, b.GetBookingId(), "/v1/bookings/", parts...)
	o.Organizations = some(b.GetOrganizationId())
	o.Facts = notice.Facts{
		Number: b.GetNumber(), Title: b.GetTitle(), Day: long(b.GetDate()), Time: b.GetStartTime() + "〜" + b.GetEndTime(),
		Place: b.GetFacilityName() + " " + b.GetRoomName(),
	}
	return o
}

// expiryReminder is how long before its end a tentative booking is reminded of.
const expiryReminder = 24 * time.Hour

// bookingReceived tells of a tentative booking, and in time of its end.
func bookingReceived(_ context.Context, tx *pg.Tx, _ event.Message, e *facilitiesv1.BookingRequested) ([]notice.Occasion, error) {
	b := e.GetBooking()
	received := ofBooking("booking_received", b, b.GetVersion())
	if b.GetExpireTime() == nil {
		return []notice.Occasion{received}, nil
	}
	ends := b.GetExpireTime().AsTime()
	expiring := ofBooking("booking_expiring", b, ends.Unix())
	expiring.Facts.Due, expiring.DueAt = moments(ends), ends.Add(-expiryReminder)
	store.DropOccasions(tx, expiring.Kind, b.GetBookingId(), expiring.Key)
	if !expiring.DueAt.After(tx.Now) { // It is told with the booking.
		received.Facts.Due = expiring.Facts.Due
		return []notice.Occasion{received}, nil
	}
	return []notice.Occasion{received, expiring}, nil
}

func bookingApproved(_ context.Context, tx *pg.Tx, _ event.Message, e *facilitiesv1.BookingConfirmed) ([]notice.Occasion, error) {
	store.DropOccasions(tx, "booking_expiring", e.GetBooking().GetBookingId(), "")
	return []notice.Occasion{ofBooking("booking_approved", e.GetBooking(), e.GetBooking().GetVersion())}, nil
}

var bookingEnds = map[facilitiesv1.Booking_State]string{
	facilitiesv1.Booking_CANCELLED: "取り消されました", facilitiesv1.Booking_REJECTED: "承認されませんでした",
	facilitiesv1.Booking_EXPIRED: "期限までに手続がなかったため無効になりました",
}

func bookingEnded(_ context.Context, tx *pg.Tx, _ event.Message, e *facilitiesv1.BookingCancelled) ([]notice.Occasion, error) {
	store.DropOccasions(tx, "booking_expiring", e.GetBookingId(), "")
	o := news("booking_ended", e.GetBookingId(), "/v1/bookings/")
	o.Organizations = some(e.GetOrganizationId())
	o.Facts = notice.Facts{Number: e.GetNumber(), Day: long(e.GetDate()), State: bookingEnds[e.GetState()]}
	if e.GetCause() == facilitiesv1.Booking_WARD {
		o.Facts.Reason = "区の都合"
	}
	return []notice.Occasion{o}, nil
}

// bookingAsked tells of each question; a booking may be asked about again.
func bookingAsked(m event.Message, e *facilitiesv1.BookingInformationRequested) []notice.Occasion {
	o := news("booking_information", e.GetBookingId(), "/v1/bookings/", m.ID)
	o.Organizations = some(e.GetOrganizationId())
	o.Facts = notice.Facts{Number: e.GetNumber(), Due: long(e.GetDueOn())}
	return []notice.Occasion{o}
}

func waitlistOffered(_ event.Message, e *facilitiesv1.WaitlistOffered) []notice.Occasion {
	o := news("waitlist_offered", e.GetPlaceId(), "/v1/waitlist/")
	o.Organizations = some(e.GetOrganizationId())
	o.Facts = notice.Facts{Day: long(e.GetDate()), Due: moments(e.GetOfferEndTime().AsTime())}
	return []notice.Occasion{o}
}

func lotteryDecided(_ event.Message, e *facilitiesv1.LotteryEntryDecided) []notice.Occasion {
	o := news("lottery_decided", e.GetEntryId(), "/v1/lotteries/"+e.GetLotteryId()+"/entries/")
	o.Organizations = some(e.GetOrganizationId())
	o.Facts.State = "落選"
	if e.GetWon() {
		o.Facts = notice.Facts{State: "当選", Due: jp.LongDate(jp.DateOf(e.GetConfirmBefore().AsTime().Add(-time.Second)))}
	}
	return []notice.Occasion{o}
}

var offences = map[facilitiesv1.Penalty_Kind]string{
	facilitiesv1.Penalty_NO_SHOW: "無断不使用", facilitiesv1.Penalty_LATE_CANCEL: "直前の取消し",
}

// penaltyRecorded tells of points, and until when one can say something against
// them.
func penaltyRecorded(_ event.Message, e *facilitiesv1.PenaltyRecorded) []notice.Occasion {
	o := news("penalty_recorded", e.GetPenaltyId(), "/v1/penalties/")
	o.Organizations, o.Persons = some(e.GetOrganizationId()), some(e.GetPersonId())
	o.Facts = notice.Facts{
		Title: fmt.Sprintf("%s（%g点）", offences[e.GetKind()], float64(e.GetHalfPoints())/2),
		Due:   long(e.GetAppealBy()), Day: lastDay(e.GetSuspendedUntil()),
	}
	return []notice.Occasion{o}
}

func penaltyDecided(_ event.Message, e *facilitiesv1.PenaltyAppealDecided) []notice.Occasion {
	o := news("penalty_decided", e.GetPenaltyId(), "/v1/penalties/")
	o.Organizations, o.Persons = some(e.GetOrganizationId()), some(e.GetPersonId())
	o.Facts = notice.Facts{State: "点数はそのままです", Day: lastDay(e.GetSuspendedUntil())}
	if e.GetLifted() {
		o.Facts.State = "点数を取り消します"
	}
	return []notice.Occasion{o}
}

// lastDay is the day before one from which it goes on, for readers; nothing for none.
func lastDay(from string) string {
	d, err := jp.ParseDate(from)
	if err != nil {
		return ""
	}
	return jp.LongDate(d.AddDays(-1))
}

// residentTold tells a resident of the own booking, place or entry what an
// organization would be told of it.
func residentTold(ctx context.Context, tx *pg.Tx, m event.Message, e *facilitiesv1.ResidentTold) (told []notice.Occasion, err error) {
	switch f := e.GetFact().(type) {
	case *facilitiesv1.ResidentTold_BookingRequested:
		told, err = bookingReceived(ctx, tx, m, f.BookingRequested)
	case *facilitiesv1.ResidentTold_BookingConfirmed:
		told, err = bookingApproved(ctx, tx, m, f.BookingConfirmed)
	case *facilitiesv1.ResidentTold_BookingCancelled:
		told, err = bookingEnded(ctx, tx, m, f.BookingCancelled)
	case *facilitiesv1.ResidentTold_BookingInformationRequested:
		told = bookingAsked(m, f.BookingInformationRequested)
	case *facilitiesv1.ResidentTold_WaitlistOffered:
		told = waitlistOffered(m, f.WaitlistOffered)
	case *facilitiesv1.ResidentTold_LotteryEntryDecided:
		told = lotteryDecided(m, f.LotteryEntryDecided)
	}
	for i := range told {
		told[i].Persons = some(e.GetPersonId())
	}
	return told, err
}
