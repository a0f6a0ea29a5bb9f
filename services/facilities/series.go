package facilities

import (
	"context"
	"fmt"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// CreateBookingSeries books the same slots on several days, and skips those that
// cannot be had.
func (s *bookings) CreateBookingSeries(ctx context.Context, req *facilitiesv1.CreateBookingSeriesRequest) (*facilitiesv1.CreateBookingSeriesResponse, error) {
	by := readerOf(ctx)
	w, organization, err := s.wish(ctx, req.GetBooking(), by)
	if err != nil {
		return nil, err
	}
	dates, err := seriesDates(req, w.Date)
	if err != nil {
		return nil, err
	}
	w.SeriesID = s.NewID()
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.CreateBookingSeriesResponse, error) {
		catalogue, setting, err := s.hold(ctx, tx, by, w)
		if err != nil {
			return nil, err
		}
		run := seriesRun{bookings: s, tx: tx, wish: *w, setting: setting, catalogue: catalogue}
		if err := run.take(ctx, dates); err != nil {
			return nil, err
		}
		if err := run.write(ctx); err != nil {
			return nil, err
		}
		resp := &facilitiesv1.CreateBookingSeriesResponse{SeriesId: w.SeriesID, SkippedDates: run.skipped}
		for _, b := range run.booked {
			keepHolder(tx, b, organization)
			resp.Bookings = append(resp.Bookings, bookingToProto(b, by, tx.Now))
		}
		return resp, nil
	})
}

// seriesDates are the days of a series. Errors: INVALID_FIELD, SERIES_TOO_LONG.
func seriesDates(req *facilitiesv1.CreateBookingSeriesRequest, first jp.Date) ([]jp.Date, error) {
	r := req.GetRepetition()
	until, err := convert.Day("repetition.until", r.GetUntil())
	if err != nil {
		return nil, err
	}
	if until.Before(first) {
		return nil, fault.ErrInvalidField.On(fault.Wrong("repetition.until", "最後の日は、最初の日以後にしてください。", "The last day must not be before the first."))
	}
	rule := booking.Repetition{Frequency: booking.Frequency(convert.EnumName(r.GetFrequency())), Interval: int(r.GetInterval()), Until: until}
	for i, d := range r.GetExceptDates() {
		except, err := convert.Day(fmt.Sprintf("repetition.exceptDates[%d]", i), d)
		if err != nil {
			return nil, err
		}
		rule.Except = append(rule.Except, except)
	}
	return rule.Dates(first)
}

// seriesRun books the days of a series one after the other.
type seriesRun struct {
	*bookings
	tx        *pg.Tx
	wish      booking.Wish
	setting   booking.Setting
	catalogue *facility.Catalogue

	booked  []*booking.Booking
	skipped []*facilitiesv1.SkippedDate
	wrong   []fault.Field // The skipped days as fields.
}

// take takes the atoms day by day, in the order of the days as everybody does.
func (r *seriesRun) take(ctx context.Context, dates []jp.Date) error {
	for _, d := range dates {
		b, err := r.takeDay(ctx, d)
		if refusal, ok := fault.As(err); ok {
			r.skip(d, refusal)
			continue
		}
		if err != nil {
			return err
		}
		r.booked = append(r.booked, b)
	}
	if len(r.booked) == 0 {
		return booking.ErrSeriesNotBookable.On(r.wrong...)
	}
	return nil
}

func (r *seriesRun) takeDay(ctx context.Context, d jp.Date) (*booking.Booking, error) {
	w, setting := r.wish, r.setting
	w.Date, setting.ID = d, r.NewID()
	var err error
	if setting.Terms, err = termsFor(r.catalogue, &w, r.tx.Now); err != nil {
		return nil, err
	}
	if setting.Use, err = r.use(ctx, d); err != nil {
		return nil, err
	}
	b, err := w.Book(setting)
	if err != nil {
		return nil, err
	}
	span := store.SpanOf(b)
	taken, err := store.TakeOrLeave(ctx, r.tx, holderOf(b), span)
	if err == nil && !taken {
		err = whyTaken(ctx, r.tx, booking.ErrSlotTaken, span)
	}
	return b, err
}

// use is what the holder has, with the days that are booked so far.
func (r *seriesRun) use(ctx context.Context, d jp.Date) (booking.Use, error) {
	use := r.setting.Use
	if month := d.FirstOfMonth(); month != r.wish.Date.FirstOfMonth() {
		var err error
		if use, err = store.QuotaUse(ctx, r.tx, r.wish.HolderID(r.setting.By), d, ""); err != nil {
			return use, err
		}
	}
	for _, b := range r.booked {
		use.Active++
		if b.Date.FirstOfMonth() == d.FirstOfMonth() {
			use.MonthSlots += len(b.SlotNos)
		}
	}
	return use, nil
}

func (r *seriesRun) skip(d jp.Date, refusal *fault.Error) {
	r.skipped = append(r.skipped, &facilitiesv1.SkippedDate{Date: d.String(), Reason: refusal.Reason, Message: refusal.Ja})
	r.wrong = append(r.wrong, fault.Field{Path: "dates." + d.String(), Reason: refusal.Reason, Ja: refusal.Ja, En: refusal.En})
}

// write numbers and writes what was booked.
func (r *seriesRun) write(ctx context.Context) error {
	serials, err := store.NextSerials(ctx, r.tx, r.booked[0].FiscalYear, len(r.booked))
	if err != nil {
		return err
	}
	for i, b := range r.booked {
		b.Numbered(serials[i])
		store.InsertBooking(r.tx, b)
		if err := recordBooking(ctx, r.tx, b, booking.Move{Action: booking.Create, To: b.State}); err != nil {
			return err
		}
	}
	return nil
}
