package facilities

import (
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/lottery"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/waitlist"
)

// given is what a holder gives up: a room, a day and slots.
type given struct {
	HolderID   string
	FacilityID string
	RoomID     string
	Atoms      []int32 // Of the whole room; Span may have fewer.
	Span       store.Span
	SlotCodes  []string // Of Span.SlotNos, in their order.
	StartsAt   time.Time
}

// freed hands on what a booking, as it was before the step, gives up: all of it, or
// a part. It queues all that follows; the caller does not touch the part's atoms
// any more.
func (b lockedBooking) freed(ctx context.Context, d service.Deps, before, part *booking.Booking) error {
	return release(ctx, b.tx, d, b.rules, given{
		HolderID: before.ID, FacilityID: before.FacilityID, RoomID: before.RoomID, Atoms: before.Place.Atoms, Span: store.SpanOf(part),
		SlotCodes: part.Place.SlotCodes, StartsAt: before.StartsAt,
	})
}

func givenUse(holderID string, u lottery.Use) given {
	return given{
		HolderID: holderID, FacilityID: u.FacilityID, RoomID: u.RoomID, Atoms: u.Atoms, Span: store.SpanOfUse(u), SlotCodes: u.SlotCodes,
		StartsAt: u.StartsAt,
	}
}

func givenPlace(p *waitlist.Place) given {
	return given{
		HolderID: p.ID, FacilityID: p.FacilityID, RoomID: p.RoomID, Atoms: p.Atoms, Span: store.SpanOfPlace(p), SlotCodes: p.SlotCodes,
		StartsAt: p.StartsAt,
	}
}

// release hands on what is given up, as far as the holder still has it: to the
// lottery that it belongs to, to those who wait for it in their order, and what
// nobody wants to all: at once, or later where it was drawn by lot. Rooms that are
// closed on the day are for nobody.
func release(ctx context.Context, tx *pg.Tx, d service.Deps, c *facility.Catalogue, g given) error {
	r, err := store.LockRelease(ctx, tx, g.HolderID, g.Span)
	if err != nil {
		return err
	}
	held := slices.DeleteFunc(r.Held, func(a store.Atom) bool { return !within(g.Span, a) })
	switch {
	case len(held) == 0:
		return nil
	case !tx.Now.Before(g.StartsAt):
		store.FreeSpan(tx, g.HolderID, g.Span)
		return nil
	case r.Lottery != "":
		store.HandSpans(tx, holderIDOf(g), []store.Hand{{To: store.Holder{Kind: store.Held, ID: r.Lottery}, Spans: []store.Span{g.Span}}})
		return nil
	case r.Waited:
		if held, err = offer(ctx, tx, c, g, held); err != nil || len(held) == 0 {
			return err
		}
	}
	left, err := g.left(ctx, tx, held)
	if err != nil {
		return err
	}
	for _, piece := range left {
		if !c.Usable(piece.RoomID, piece.Span.Date) {
			store.FreeSpan(tx, piece.HolderID, piece.Span)
			continue
		}
		if err := openToAll(ctx, tx, d, piece, r.Drawn); err != nil {
			return err
		}
	}
	return nil
}

// openToAll gives up what nobody waited for: at once, or later where it was
// drawn by lot.
func openToAll(ctx context.Context, tx *pg.Tx, d service.Deps, g given, drawn bool) error {
	if drawn {
		return reopen(ctx, tx, d, g)
	}
	store.FreeSpan(tx, g.HolderID, g.Span)
	return tellFreed(ctx, tx, g, d.NewID(), tx.Now)
}

func holderIDOf(g given) store.Holder { return store.Holder{ID: g.HolderID} }

func within(s store.Span, a store.Atom) bool {
	return s.Date == a.Date && slices.Contains(s.AtomIDs, a.Room) && slices.Contains(s.SlotNos, a.SlotNo)
}

// offer gives the atoms to those who wait, first come first served, and returns
// what nobody took. A place is passed over when something else that it needs is
// gone, or its room is closed on the day.
func offer(ctx context.Context, tx *pg.Tx, c *facility.Catalogue, g given, held []store.Atom) ([]store.Atom, error) {
	var passed []string
	for {
		p, err := store.NextInLine(ctx, tx, g.Span, g.HolderID, passed)
		if err != nil || p == nil {
			return held, err
		}
		passed = append(passed, p.ID)
		if !c.Usable(p.RoomID, p.Date) {
			continue
		}
		wants := store.SpanOfPlace(p)
		rest := slices.DeleteFunc(slices.Clone(held), func(a store.Atom) bool { return within(wants, a) })
		p.Offer(tx.Now)
		to := store.Holder{Kind: store.Held, ID: p.ID, Expires: p.HeldUntil()}
		ok, err := complete(ctx, tx, to, wants, held)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		store.HandSpans(tx, holderIDOf(g), []store.Hand{{To: to, Spans: []store.Span{wants}}})
		store.UpdatePlace(tx, p)
		audit.Add(ctx, tx, audit.Entry{Action: "facilities.waitlist.offer", ObjectType: "waitlistPlace", ObjectID: p.ID})
		if err := tellOffer(ctx, tx, p); err != nil {
			return nil, err
		}
		if held = rest; len(held) == 0 {
			return nil, nil
		}
	}
}

// tellOffer tells that slots are held for who waits for them.
func tellOffer(ctx context.Context, tx *pg.Tx, p *waitlist.Place) error {
	of := holding{aggregate: "waitlistPlace", id: p.ID, holder: p.HolderID, organizationID: p.OrganizationID}
	return of.tell(ctx, tx, &facilitiesv1.WaitlistOffered{
		PlaceId: p.ID, OrganizationId: p.OrganizationID, FacilityId: p.FacilityID, RoomId: p.RoomID, Date: convert.Date(p.Date),
		OfferEndTime: convert.Instant(p.OfferEndsAt),
	})
}

// complete takes what a place needs beyond the atoms at hand, and reports whether
// it then has everything.
func complete(ctx context.Context, tx *pg.Tx, to store.Holder, wants store.Span, held []store.Atom) (bool, error) {
	var missing []store.Span
	for _, room := range wants.AtomIDs {
		for _, no := range wants.SlotNos {
			if !slices.Contains(held, store.Atom{Room: room, Date: wants.Date, SlotNo: no}) {
				missing = append(missing, store.Span{AtomIDs: []int32{room}, Date: wants.Date, SlotNos: []int{no}})
			}
		}
	}
	if missing == nil {
		return true, nil
	}
	err := store.TakeAtoms(ctx, tx, to, missing)
	if errors.Is(err, booking.ErrSlotTaken) {
		store.FreeAtoms(tx, to.ID) // What it took of them.
		return false, nil
	}
	return err == nil, err
}

// left is what of the given slots nobody took, as rooms that can be booked: the
// given room in the slots of which every part of it is left, and in the others
// the parts that are, each as the room of its own that it is.
func (g given) left(ctx context.Context, tx *pg.Tx, held []store.Atom) ([]given, error) {
	whole, parts := g.piece(g.RoomID, g.Atoms), map[int32]*given{}
	var numbers []int32
	for i, no := range g.Span.SlotNos {
		var rooms []int32
		for _, room := range g.Span.AtomIDs {
			if slices.Contains(held, store.Atom{Room: room, Date: g.Span.Date, SlotNo: no}) {
				rooms = append(rooms, room)
			}
		}
		if len(rooms) == len(g.Atoms) {
			whole.add(no, g.SlotCodes[i])
			continue
		}
		for _, room := range rooms {
			if parts[room] == nil {
				part := g.piece("", []int32{room})
				parts[room], numbers = &part, append(numbers, room)
			}
			parts[room].add(no, g.SlotCodes[i])
		}
	}
	var left []given
	if len(whole.SlotCodes) > 0 {
		left = append(left, whole)
	}
	if numbers == nil {
		return left, nil
	}
	ids, err := store.RoomsNumbered(ctx, tx, numbers)
	for _, no := range slices.Sorted(slices.Values(numbers)) {
		parts[no].RoomID = ids[no]
		left = append(left, *parts[no])
	}
	return left, err
}

// piece is a room of what is given, with no slots yet.
func (g given) piece(roomID string, atoms []int32) given {
	g.RoomID, g.SlotCodes = roomID, nil
	g.Span = store.Span{AtomIDs: atoms, Date: g.Span.Date}
	return g
}

func (g *given) add(no int, code string) {
	g.Span.SlotNos, g.SlotCodes = append(g.Span.SlotNos, no), append(g.SlotCodes, code)
}

// reopen keeps slots of a drawn lottery closed until a random minute that is
// public at once: nobody can book a friend's cancellation first.
func reopen(ctx context.Context, tx *pg.Tx, d service.Deps, g given) error {
	minutes, err := rand.Int(rand.Reader, big.NewInt(waitlist.ReopenMax-waitlist.ReopenMin+1))
	if err != nil {
		return err
	}
	id, opens := d.NewID(), waitlist.Reopens(tx.Now, waitlist.ReopenMin+int(minutes.Int64()))
	store.HandSpans(tx, holderIDOf(g), []store.Hand{{To: store.Holder{Kind: store.Held, ID: id, Expires: opens}, Spans: []store.Span{g.Span}}})
	return tellFreed(ctx, tx, g, id, opens)
}

// tellFreed publishes slots that open to all.
func tellFreed(ctx context.Context, tx *pg.Tx, g given, id string, opens time.Time) error {
	store.AddFreedSlot(tx, store.FreedSlot{
		ID: id, FacilityID: g.FacilityID, RoomID: g.RoomID, Date: g.Span.Date, SlotCodes: g.SlotCodes, OpensAt: opens, CreatedAt: tx.Now,
	})
	return event.Add(ctx, tx, event.Event{Aggregate: "room", ID: g.RoomID, Visibility: event.Public, Message: &facilitiesv1.SlotFreed{
		FacilityId: g.FacilityID, RoomId: g.RoomID, Date: convert.Date(g.Span.Date), SlotCodes: g.SlotCodes, OpenTime: convert.Instant(opens),
	}})
}
