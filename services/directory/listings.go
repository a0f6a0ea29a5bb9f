package directory

import (
	"context"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/listing"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

type listings struct {
	directoryv1.UnimplementedListingServiceServer
	service.Deps
}

// CreateListing creates a draft for an organization (its editors and
// representatives, an intermediary with its delegation, the desk) or for a
// department of the ward (its staff and facility clerks, the desk).
func (s *listings) CreateListing(ctx context.Context, req *directoryv1.CreateListingRequest) (*directoryv1.CreateListingResponse, error) {
	v := partner(ctx)
	text, err := listingText(req.GetListing())
	if err != nil {
		return nil, under("listing", err)
	}
	owner, err := partyOf(v, req.GetListing())
	if err != nil {
		return nil, under("listing", err)
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.CreateListingResponse, error) {
		acts, err := represented(ctx, tx, owner, v)
		if err != nil {
			return nil, err
		}
		if !acts && !v.Desk {
			return nil, fault.ErrPermissionDenied
		}
		l, err := s.draft(ctx, tx, listing.Listing{Text: text, OrganizationID: owner.OrganizationID, DepartmentID: owner.DepartmentID}, v)
		if err != nil {
			return nil, err
		}
		auditListing(ctx, tx, "create", l)
		seen, err := store.GetListing(ctx, tx, l.ID, v)
		if err != nil {
			return nil, err
		}
		return &directoryv1.CreateListingResponse{Listing: listingProto(seen, v)}, nil
	})
}

// draft adds a new listing that has its owner and text. Errors:
// TOO_MANY_LISTINGS, INVALID_FIELD, LISTING_PERIOD_INVALID, SOURCE_NOT_YOURS.
func (s *listings) draft(ctx context.Context, tx *pg.Tx, l listing.Listing, v store.Partner) (*listing.Listing, error) {
	held, err := store.HeldListings(ctx, tx, l.OrganizationID, l.DepartmentID)
	if err != nil {
		return nil, err
	}
	l.ID, l.WrittenBy = s.NewID(), v.Actor
	made, err := listing.New(l, held, tx.Now)
	if err != nil {
		return nil, under("listing", err)
	}
	if err := fromList(ctx, tx, made, listing.Text{}, v); err != nil {
		return nil, err
	}
	return made, store.InsertListing(ctx, tx, made)
}

// fromList notes the intermediary from whose list the listing is. Errors:
// SOURCE_NOT_YOURS.
func fromList(ctx context.Context, tx *pg.Tx, l *listing.Listing, before listing.Text, v store.Partner) error {
	id, name, err := store.ActingIntermediary(ctx, tx, v.PersonID, l.OrganizationID)
	if err != nil {
		return err
	}
	return under("listing", l.From(id, name, before))
}

// UpdateListing changes fields of a draft.
func (s *listings) UpdateListing(ctx context.Context, req *directoryv1.UpdateListingRequest) (*directoryv1.UpdateListingResponse, error) {
	v := partner(ctx)
	paths, err := rpc.Mask(req.GetUpdateMask(), listing.Paths()...)
	if err != nil {
		return nil, err
	}
	text, err := listingText(req.GetListing())
	if err != nil {
		return nil, under("listing", err)
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.UpdateListingResponse, error) {
		l, err := store.LockListing(ctx, tx, req.GetId(), v)
		if err != nil {
			return nil, err
		}
		if !callerOf(v, l).Writes(&l.Listing) {
			return nil, fault.ErrPermissionDenied
		}
		if err := rpc.RequireETag(req.GetEtag(), l.Version); err != nil {
			return nil, err
		}
		before := l.Text
		if err := l.Change(callerOf(v, l), text, paths, tx.Now); err != nil {
			return nil, under("listing", err)
		}
		if err := fromList(ctx, tx, &l.Listing, before, v); err != nil {
			return nil, err
		}
		err = saveListing(ctx, tx, l, "update")
		return &directoryv1.UpdateListingResponse{Listing: listingProto(l, v)}, err
	})
}

// saveListing writes the listing after a change and tells of it.
func saveListing(ctx context.Context, tx *pg.Tx, l *store.SeenListing, verb string) error {
	if err := store.UpdateListing(ctx, tx, &l.Listing); err != nil {
		return err
	}
	auditListing(ctx, tx, verb, &l.Listing)
	var told proto.Message
	switch {
	case l.State == listing.Published:
		told = &directoryv1.ListingPublished{Listing: announcedListing(l), Version: l.Version}
	case l.PublishedAt != nil && l.ClosedAt != nil:
		told = &directoryv1.ListingClosed{Listing: announcedListing(l), Version: l.Version}
	default:
		return nil
	}
	return event.Add(ctx, tx, event.Event{Aggregate: "listing", ID: l.ID, Visibility: event.Public, Message: told})
}

func auditListing(ctx context.Context, tx *pg.Tx, verb string, l *listing.Listing) {
	audit.Add(ctx, tx, audit.Entry{
		Action: "directory.listing." + verb, ObjectType: "listing", ObjectID: l.ID, Detail: map[string]string{"state": string(l.State)},
	})
}

// SubmitListing hands a draft over to be checked.
func (s *listings) SubmitListing(ctx context.Context, req *directoryv1.SubmitListingRequest) (*directoryv1.SubmitListingResponse, error) {
	return changeListing(ctx, s, req, listingVerb{"submit", func(tx *pg.Tx, l *store.SeenListing, by listing.Caller) error {
		switch {
		case !by.Writes(&l.Listing):
			return fault.ErrPermissionDenied
		case !l.OwnerPublished:
			return listing.ErrOrganizationNotPublished
		}
		return l.Submit(tx.Now)
	}}, func(l *directoryv1.Listing) *directoryv1.SubmitListingResponse {
		return &directoryv1.SubmitListingResponse{Listing: l}
	})
}

// ReturnListing gives a listing back to its author with the reason.
func (s *listings) ReturnListing(ctx context.Context, req *directoryv1.ReturnListingRequest) (*directoryv1.ReturnListingResponse, error) {
	return changeListing(ctx, s, req, listingVerb{"return", func(_ *pg.Tx, l *store.SeenListing, by listing.Caller) error {
		return l.Return(by, req.GetReason())
	}}, func(l *directoryv1.Listing) *directoryv1.ReturnListingResponse {
		return &directoryv1.ReturnListingResponse{Listing: l}
	})
}

// PublishListing makes a checked listing public.
func (s *listings) PublishListing(ctx context.Context, req *directoryv1.PublishListingRequest) (*directoryv1.PublishListingResponse, error) {
	return changeListing(ctx, s, req, listingVerb{"publish", func(tx *pg.Tx, l *store.SeenListing, by listing.Caller) error {
		if err := l.Publish(by, tx.Now); err != nil {
			return err
		}
		if !l.OwnerPublished {
			return listing.ErrOrganizationNotPublished
		}
		return nil
	}}, func(l *directoryv1.Listing) *directoryv1.PublishListingResponse {
		return &directoryv1.PublishListingResponse{Listing: l}
	})
}

// closedReason is what partners read whose introduction nobody has answered.
const closedReason = "掲載が終了しました。"

// CloseListing ends a listing with what came of it.
func (s *listings) CloseListing(ctx context.Context, req *directoryv1.CloseListingRequest) (*directoryv1.CloseListingResponse, error) {
	return changeListing(ctx, s, req, listingVerb{"close", func(tx *pg.Tx, l *store.SeenListing, by listing.Caller) error {
		if !by.Writes(&l.Listing) {
			return fault.ErrPermissionDenied
		}
		store.DeclineUnanswered(tx, l.ID, closedReason)
		return l.Close(name(req.GetOutcome()), req.GetOutcomeNote(), tx.Now)
	}}, func(l *directoryv1.Listing) *directoryv1.CloseListingResponse {
		return &directoryv1.CloseListingResponse{Listing: l}
	})
}

// listingVerb is one step of a locked listing.
type listingVerb struct {
	name string // As in the audit log.
	take func(*pg.Tx, *store.SeenListing, listing.Caller) error
}

// changeListing takes one step of a listing, writes it and tells of it.
func changeListing[R any](ctx context.Context, s *listings, req step, verb listingVerb, answer func(*directoryv1.Listing) R) (R, error) {
	v := partner(ctx)
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		l, err := store.LockListing(ctx, tx, req.GetId(), v)
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), l.Version); err != nil {
			return none, err
		}
		if err := verb.take(tx, l, callerOf(v, l)); err != nil {
			return none, err
		}
		if err := saveListing(ctx, tx, l, verb.name); err != nil {
			return none, err
		}
		return answer(listingProto(l, v)), nil
	})
}
