package facilities

import (
	"context"
	"slices"
	"strconv"
	"time"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/lottery"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/waitlist"
)

// waitlists answers WaitlistService.
type waitlists struct {
	facilitiesv1.UnimplementedWaitlistServiceServer
	service.Deps
	rules     *store.Rules
	directory directory
}

func registerWaitlist(d service.Deps, r grpc.ServiceRegistrar, rules *store.Rules) {
	facilitiesv1.RegisterWaitlistServiceServer(r, &waitlists{Deps: d, rules: rules, directory: newDirectory(d)})
}

// JoinWaitlist puts a holder at the end of the line for a slot that is taken.
func (s *waitlists) JoinWaitlist(ctx context.Context, req *facilitiesv1.JoinWaitlistRequest) (*facilitiesv1.JoinWaitlistResponse, error) {
	by := readerOf(ctx)
	p, err := placeFromProto(req.GetPlace(), by)
	if err != nil {
		return nil, err
	}
	organization, err := s.directory.verified(ctx, p.OrganizationID)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.JoinWaitlistResponse, error) {
		catalogue, err := s.rules.Hold(ctx, tx)
		if err != nil {
			return nil, err
		}
		standing, err := store.LockQuota(ctx, tx, p.HolderID)
		if err != nil {
			return nil, err
		}
		if tx.Now.Before(standing.SuspendedUntil) {
			return nil, booking.Suspended(standing.SuspendedUntil)
		}
		p := *p // The transaction may run again.
		p.ID, p.State, p.CreatedAt, p.UpdatedAt, p.Version = s.NewID(), waitlist.Waiting, tx.Now, tx.Now, 1
		if err := admitPlace(&p, catalogue, convert.EnumName(organization.GetKind()), tx.Now); err != nil {
			return nil, err
		}
		if err := standInLine(ctx, tx, &p); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "facilities.waitlist.join", ObjectType: "waitlistPlace", ObjectID: p.ID})
		return &facilitiesv1.JoinWaitlistResponse{Place: placeToProto(&p, tx.Now)}, nil
	})
}

// admitPlace decides by the rules of the room, and writes into the place what
// they say of its slots.
func admitPlace(p *waitlist.Place, c *facility.Catalogue, kind string, now time.Time) error {
	t, ok := c.Terms(p.RoomID, p.UserClass, p.Date)
	if !ok {
		return lottery.ErrRoomUnknown.With("roomId", p.RoomID).With("date", p.Date.String())
	}
	slots, err := placeWish(p, kind).Admit(t, now)
	if err != nil {
		return err
	}
	p.FacilityID, p.Atoms, p.StartsAt = t.Facility.ID, t.Room.Atoms, slots[0].StartsAt(p.Date)
	p.SlotNos, p.SlotCodes = nil, nil
	for _, slot := range slots {
		p.SlotNos, p.SlotCodes = append(p.SlotNos, slot.No), append(p.SlotCodes, slot.Code)
	}
	return nil
}

// placeWish is a place as a wish to book.
func placeWish(p *waitlist.Place, kind string) *booking.Wish {
	return &booking.Wish{
		OrganizationID: p.OrganizationID, OrganizationKind: kind, RoomID: p.RoomID, Date: p.Date, SlotCodes: p.SlotCodes,
		UserClass: p.UserClass, Purpose: p.Purpose, Title: p.Title, Headcount: p.Headcount, Channel: booking.Waitlist,
	}
}

// standInLine adds the place of a locked holder to the list. Errors:
// LOTTERY_ONLY, SLOT_NOT_TAKEN, WAITLIST_LIMIT_EXCEEDED, DUPLICATE_PLACE.
func standInLine(ctx context.Context, tx *pg.Tx, p *waitlist.Place) error {
	span := store.SpanOfPlace(p)
	taken, err := store.KeepTaken(ctx, tx, span)
	if err != nil {
		return err
	}
	undrawn, err := store.UndrawnLottery(ctx, tx, []store.Span{span})
	switch {
	case err != nil:
		return err
	case undrawn:
		return lottery.ErrOnlyByLottery
	case !taken:
		return waitlist.ErrNotTaken
	}
	n, err := store.CountPlaces(ctx, tx, p.HolderID)
	if err != nil {
		return err
	}
	if n >= waitlist.MaxPlaces {
		return waitlist.ErrLimit.With("limit", strconv.Itoa(waitlist.MaxPlaces))
	}
	return store.JoinLine(ctx, tx, p)
}

// actsFor refuses who sees what a holder has, and may not act in its name.
// Errors: PERMISSION_DENIED.
func actsFor(by booking.Reader, holderID string) error {
	if holderID == by.ID || slices.Contains(by.Writers, holderID) {
		return nil
	}
	return fault.ErrPermissionDenied
}

// LeaveWaitlist gives a place up.
func (s *waitlists) LeaveWaitlist(ctx context.Context, req *facilitiesv1.LeaveWaitlistRequest) (*facilitiesv1.LeaveWaitlistResponse, error) {
	by := readerOf(ctx)
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.LeaveWaitlistResponse, error) {
		catalogue, err := s.rules.Hold(ctx, tx)
		if err != nil {
			return nil, err
		}
		p, err := store.LockPlace(ctx, tx, req.GetId(), by.Holders())
		if err != nil {
			return nil, err
		}
		if err := actsFor(by, p.HolderID); err != nil {
			return nil, err
		}
		offered, err := p.Leave()
		if err != nil {
			return nil, err
		}
		store.UpdatePlace(tx, p)
		if offered {
			if err := release(ctx, tx, s.Deps, catalogue, givenPlace(p)); err != nil {
				return nil, err
			}
		}
		audit.Add(ctx, tx, audit.Entry{Action: "facilities.waitlist.leave", ObjectType: "waitlistPlace", ObjectID: p.ID})
		return &facilitiesv1.LeaveWaitlistResponse{}, nil
	})
}

// AcceptWaitlistOffer makes a booking of an offer.
func (s *waitlists) AcceptWaitlistOffer(ctx context.Context, req *facilitiesv1.AcceptWaitlistOfferRequest) (*facilitiesv1.AcceptWaitlistOfferResponse, error) {
	by := readerOf(ctx)
	before, err := store.GetPlace(ctx, s.DB, req.GetId(), by.Holders())
	if err != nil {
		return nil, err
	}
	if err := actsFor(by, before.HolderID); err != nil {
		return nil, err
	}
	organization, err := s.directory.verified(ctx, before.OrganizationID)
	if err != nil {
		return nil, err
	}
	kind := convert.EnumName(organization.GetKind())
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.AcceptWaitlistOfferResponse, error) {
		catalogue, err := s.rules.Hold(ctx, tx)
		if err != nil {
			return nil, err
		}
		standing, use, err := store.HoldQuota(ctx, tx, before.HolderID, before.Date)
		if err != nil {
			return nil, err
		}
		p, err := store.LockPlace(ctx, tx, before.ID, by.Holders())
		if err != nil {
			return nil, err
		}
		terms, ok := catalogue.Terms(p.RoomID, p.UserClass, p.Date)
		if !ok {
			return nil, lottery.ErrRoomUnknown.With("roomId", p.RoomID).With("date", p.Date.String())
		}
		setting := booking.Setting{Now: tx.Now, By: by, ID: s.NewID(), Terms: terms, SuspendedUntil: standing.SuspendedUntil, Use: use}
		if err := takeOffer(ctx, tx, p, kind, setting); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "facilities.waitlist.accept", ObjectType: "waitlistPlace", ObjectID: p.ID})
		return &facilitiesv1.AcceptWaitlistOfferResponse{Place: placeToProto(p, tx.Now)}, nil
	})
}

// takeOffer books what is held for a locked place, whose holder is locked. Errors:
// INVALID_STATE_TRANSITION, OFFER_EXPIRED, those of a booking.
func takeOffer(ctx context.Context, tx *pg.Tx, p *waitlist.Place, kind string, s booking.Setting) error {
	if err := p.Accept(tx.Now, s.ID); err != nil {
		return err
	}
	b, err := placeWish(p, kind).Book(s)
	if err != nil {
		return err
	}
	if err := place(ctx, tx, b, store.Holder{Kind: store.Held, ID: p.ID}); err != nil {
		return err
	}
	store.UpdatePlace(tx, p)
	return nil
}

// GetWaitlistPlace shows a place to its holder.
func (s *waitlists) GetWaitlistPlace(ctx context.Context, req *facilitiesv1.GetWaitlistPlaceRequest) (*facilitiesv1.GetWaitlistPlaceResponse, error) {
	p, err := store.GetPlace(ctx, s.DB, req.GetId(), readerOf(ctx).Holders())
	if err != nil {
		return nil, err
	}
	return &facilitiesv1.GetWaitlistPlaceResponse{Place: placeToProto(p, s.Now())}, nil
}

// ListWaitlistPlaces lists what GetWaitlistPlace shows.
func (s *waitlists) ListWaitlistPlaces(ctx context.Context, req *facilitiesv1.ListWaitlistPlacesRequest) (*facilitiesv1.ListWaitlistPlacesResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListPlaces(ctx, s.DB, waitlist.State(convert.EnumName(req.GetState())), readerOf(ctx).Holders(), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(p *waitlist.Place) []string { return []string{strconv.FormatInt(p.Position, 10)} })
	resp := &facilitiesv1.ListWaitlistPlacesResponse{Places: convert.List(rows, func(p *waitlist.Place) *facilitiesv1.WaitlistPlace {
		return placeToProto(p, s.Now())
	})}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// freedSlotsSince is how long a freed slot is listed after it has opened.
const freedSlotsSince = 24 * time.Hour

// ListFreedSlots lists freed slots for everybody.
func (s *waitlists) ListFreedSlots(ctx context.Context, req *facilitiesv1.ListFreedSlotsRequest) (*facilitiesv1.ListFreedSlotsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListFreedSlots(ctx, s.DB, req.GetFacilityId(), s.Now().Add(-freedSlotsSince), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(f store.FreedSlot) []string { return []string{f.OpensAt.UTC().Format(time.RFC3339Nano), f.ID} })
	resp := &facilitiesv1.ListFreedSlotsResponse{FreedSlots: convert.List(rows, freedSlotToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}
