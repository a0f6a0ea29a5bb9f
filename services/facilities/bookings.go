package facilities

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/lottery"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
)

func registerBookings(d service.Deps, r grpc.ServiceRegistrar, rules *store.Rules) {
	facilitiesv1.RegisterBookingServiceServer(r, &bookings{Deps: d, rules: rules, directory: newDirectory(d)})
	facilitiesv1.RegisterApprovalDocumentServiceServer(r, &approvalDocuments{Deps: d})
}

// bookings answers BookingService.
type bookings struct {
	facilitiesv1.UnimplementedBookingServiceServer
	service.Deps
	rules     *store.Rules
	directory directory
}

// readerOf says what the caller is as far as bookings are concerned.
func readerOf(ctx context.Context) booking.Reader {
	p := auth.From(ctx)
	clerk := p.Has(optionsv1.Role_ROLE_FACILITY_CLERK)
	return booking.Reader{
		ID:       p.Actor(),
		Members:  p.Organizations(),
		Writers:  p.Organizations(optionsv1.Role_ROLE_EDITOR, optionsv1.Role_ROLE_REPRESENTATIVE),
		Desk:     clerk || p.Has(optionsv1.Role_ROLE_DESK),
		Clerk:    clerk,
		Approver: p.Has(optionsv1.Role_ROLE_APPROVER),
		System:   p.Kind == auth.KindService,
	}
}

// CreateBooking takes the slots and writes the booking. Whether the organization
// is verified is asked of directory, as of now and outside the transaction.
func (s *bookings) CreateBooking(ctx context.Context, req *facilitiesv1.CreateBookingRequest) (*facilitiesv1.CreateBookingResponse, error) {
	by := readerOf(ctx)
	w, organization, err := s.wish(ctx, req, by)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.CreateBookingResponse, error) {
		catalogue, setting, err := s.hold(ctx, tx, by, w)
		if err != nil {
			return nil, err
		}
		if setting.Terms, err = termsFor(catalogue, w, tx.Now); err != nil {
			return nil, err
		}
		b, err := w.Book(setting)
		if err != nil {
			return nil, err
		}
		if err := place(ctx, tx, b, store.Holder{}); err != nil {
			return nil, err
		}
		keepHolder(tx, b, organization)
		return &facilitiesv1.CreateBookingResponse{Booking: bookingToProto(b, by, tx.Now)}, nil
	})
}

// wish reads what is to be booked, and for whom. Errors: PERMISSION_DENIED,
// INVALID_FIELD, ORGANIZATION_UNKNOWN, ORGANIZATION_NOT_VERIFIED,
// DEPENDENCY_UNAVAILABLE.
func (s *bookings) wish(ctx context.Context, req *facilitiesv1.CreateBookingRequest, by booking.Reader) (*booking.Wish, *directoryv1.OrganizationSummary, error) {
	w, err := wishFromProto(req)
	if err != nil {
		return nil, nil, err
	}
	if err := by.Books(w.OrganizationID); err != nil {
		return nil, nil, err
	}
	if err := w.CheckForm(by); err != nil {
		return nil, nil, err
	}
	organization, err := s.directory.verified(ctx, w.OrganizationID)
	if err != nil {
		return nil, nil, err
	}
	w.OrganizationKind = convert.EnumName(organization.GetKind())
	return w, organization, nil
}

// hold keeps the rules as they are and locks and counts the holder's quota, in
// one round trip. The terms are still to be set.
func (s *bookings) hold(ctx context.Context, tx *pg.Tx, by booking.Reader, w *booking.Wish) (*facility.Catalogue, booking.Setting, error) {
	var read func() (*facility.Catalogue, error)
	standing, use, err := store.HoldQuota(ctx, tx, w.HolderID(by), w.Date, func(b *pgx.Batch) { read = s.rules.Queue(ctx, b, tx) })
	if err != nil {
		return nil, booking.Setting{}, err
	}
	catalogue, err := read()
	return catalogue, booking.Setting{
		Now: tx.Now, By: by, ID: s.NewID(), Use: use, SuspendedUntil: standing.SuspendedUntil,
	}, err
}

// termsFor returns the terms of a wish, for which it finds the user class that it
// does not name. Errors: PAST_DATE, RESOURCE_NOT_FOUND.
func termsFor(c *facility.Catalogue, w *booking.Wish, now time.Time) (*facility.Terms, error) {
	if w.Date.Before(jp.DateOf(now)) {
		return nil, booking.ErrPastDate
	}
	if w.UserClass == "" {
		w.UserClass = booking.ClassFor(c, w.RoomID, w.OrganizationKind, w.Date)
	}
	t, ok := c.Terms(w.RoomID, w.UserClass, w.Date)
	if !ok {
		return nil, fault.ErrNotFound
	}
	return t, nil
}

// place writes a new booking with its number, history, events and audit entry,
// and gives it its atoms: those that from holds for it, or, without an id there,
// whatever it can take. The caller holds the rules and the holder's quota.
// Errors: SLOT_TAKEN, LOTTERY_ONLY.
func place(ctx context.Context, tx *pg.Tx, b *booking.Booking, from store.Holder) error {
	serial, err := occupy(ctx, tx, b, from)
	if err != nil {
		return err
	}
	b.Numbered(serial)
	store.InsertBooking(tx, b)
	return recordBooking(ctx, tx, b, booking.Move{Action: booking.Create, To: b.State})
}

// occupy gives a new booking its atoms and returns its serial number.
func occupy(ctx context.Context, tx *pg.Tx, b *booking.Booking, from store.Holder) (serial int, err error) {
	span := store.SpanOf(b)
	if from.ID == "" {
		serial, err := store.TakeNumbered(ctx, tx, holderOf(b), span, b.FiscalYear)
		return serial, whyTaken(ctx, tx, err, span)
	}
	n, err := store.HandSpan(ctx, tx, from, holderOf(b), span)
	if err != nil {
		return 0, err
	}
	if n != len(span.AtomIDs)*len(span.SlotNos) { // The hold had run out, and somebody took it.
		return 0, booking.ErrSlotTaken
	}
	serials, err := store.NextSerials(ctx, tx, b.FiscalYear, 1)
	if err != nil {
		return 0, err
	}
	return serials[0], nil
}

// whyTaken tells slots of an open lottery from those of another holder.
func whyTaken(ctx context.Context, tx *pg.Tx, err error, spans ...store.Span) error {
	if !errors.Is(err, booking.ErrSlotTaken) {
		return err
	}
	undrawn, lookErr := store.UndrawnLottery(ctx, tx, spans)
	switch {
	case lookErr != nil:
		return lookErr
	case undrawn:
		return lottery.ErrOnlyByLottery
	}
	return err
}

// holderOf is how a booking holds its atoms.
func holderOf(b *booking.Booking) store.Holder {
	return store.Holder{Kind: store.HeldByBooking, ID: b.ID, Expires: b.ExpiresAt}
}

// keepHolder keeps the name that directory told.
func keepHolder(tx *pg.Tx, b *booking.Booking, o *directoryv1.OrganizationSummary) {
	if o != nil {
		b.OrganizationName = o.GetName()
		partner.KeepOrganization(tx, partner.OrganizationOf(o))
	}
}

// GetBooking shows a booking to whom it is visible.
func (s *bookings) GetBooking(ctx context.Context, req *facilitiesv1.GetBookingRequest) (*facilitiesv1.GetBookingResponse, error) {
	by := readerOf(ctx)
	b, err := store.GetBooking(ctx, s.DB, req.GetId(), by)
	if err != nil {
		return nil, err
	}
	return &facilitiesv1.GetBookingResponse{Booking: bookingToProto(b, by, s.Now())}, nil
}

var bookingOrders = map[string]store.BookingOrder{
	"": store.ByDate, "date": store.ByDate, "date desc": store.ByDateDown, "createTime desc": store.Newest,
}

// ListBookings lists what GetBooking shows.
func (s *bookings) ListBookings(ctx context.Context, req *facilitiesv1.ListBookingsRequest) (*facilitiesv1.ListBookingsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	from, err := convert.Day("from", req.GetFrom())
	if err != nil {
		return nil, err
	}
	to, err := convert.Day("to", req.GetTo())
	if err != nil {
		return nil, err
	}
	now := s.Now()
	rows, err := store.ListBookings(ctx, s.DB, readerOf(ctx), store.BookingFilter{
		OrganizationID: req.GetOrganizationId(), FacilityID: req.GetFacilityId(), RoomID: req.GetRoomId(), SeriesID: req.GetSeriesId(),
		State: booking.State(convert.EnumName(req.GetState())), From: from, To: to, Now: now, Order: bookingOrders[req.GetOrderBy()],
	}, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, store.After)
	resp := &facilitiesv1.ListBookingsResponse{Bookings: convert.List(rows, func(b *booking.Booking) *facilitiesv1.BookingSummary {
		return bookingSummaryToProto(b, now)
	})}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}
