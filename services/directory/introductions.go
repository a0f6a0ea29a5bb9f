package directory

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/introduction"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/listing"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

type introductions struct {
	directoryv1.UnimplementedIntroductionServiceServer
	service.Deps
	contacts vault
}

// CreateIntroduction introduces a partner to the owner of an open listing.
func (s *introductions) CreateIntroduction(ctx context.Context, req *directoryv1.CreateIntroductionRequest) (*directoryv1.CreateIntroductionResponse, error) {
	v := partner(ctx)
	party, err := partyOf(v, req)
	if err != nil {
		return nil, err
	}
	id := s.NewID()
	sealed, err := s.contacts.seal(id, req.GetContact(), req.GetContactConsent())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.CreateIntroductionResponse, error) {
		acts, err := represented(ctx, tx, party, v)
		if err != nil {
			return nil, err
		}
		if sealed != nil && !acts {
			return nil, introduction.ErrContactConsentRequired.OnPath("contact")
		}
		i, err := propose(ctx, tx, introduction.Introduction{
			ID: id, ListingID: req.GetListingId(), MatchingID: req.GetMatchingListingId(), Message: req.GetMessage(),
			Partner: introduction.Side{Party: party, Contact: sealed},
		}, acts, v)
		if err != nil {
			return nil, err
		}
		auditIntroduction(ctx, tx, "create", i, "")
		seen, err := store.GetIntroduction(ctx, tx, i.ListingID, id, v)
		if err != nil {
			return nil, err
		}
		return &directoryv1.CreateIntroductionResponse{Introduction: introductionProto(seen)}, nil
	})
}

// propose adds an introduction that has its ids, partner and message; acts is
// whether v acts for the partner. Errors: RESOURCE_NOT_FOUND, LISTING_NOT_OPEN,
// INTRODUCTION_TO_SELF, PERMISSION_DENIED, MATCH_INVALID, INTRODUCTION_EXISTS.
func propose(ctx context.Context, tx *pg.Tx, i introduction.Introduction, acts bool, v store.Partner) (*introduction.Introduction, error) {
	l, err := store.HoldListing(ctx, tx, i.ListingID, v)
	if err != nil {
		return nil, err
	}
	if l.State != listing.Published || !l.OwnerPublished {
		return nil, listing.ErrNotOpen
	}
	i.CreatedBy = v.Actor
	i.Owner.Party = introduction.Party{OrganizationID: l.OrganizationID, DepartmentID: l.DepartmentID}
	made, err := introduction.New(i, introduction.Caller{Partner: acts, Desk: v.Desk}, tx.Now)
	if err != nil {
		return nil, err
	}
	if err := matches(ctx, tx, made, l.Kind); err != nil {
		return nil, err
	}
	return made, store.InsertIntroduction(ctx, tx, made)
}

// matches refuses a matching listing that is not the partner's, not open or of the
// same side. Errors: MATCH_INVALID.
func matches(ctx context.Context, tx *pg.Tx, i *introduction.Introduction, kind string) error {
	if i.MatchingID == "" {
		return nil
	}
	found, err := store.ListingsByID(ctx, tx, []string{i.MatchingID})
	switch {
	case err != nil:
		return err
	case len(found) == 0, found[0].Kind == kind,
		!i.Partner.Same(introduction.Party{OrganizationID: found[0].OrganizationID, DepartmentID: found[0].DepartmentID}):
		return introduction.ErrMatchInvalid.OnPath("matchingListingId")
	}
	return nil
}

// GetIntroduction gets an introduction, for both sides and the desk, without the
// contacts.
func (s *introductions) GetIntroduction(ctx context.Context, req *directoryv1.GetIntroductionRequest) (*directoryv1.GetIntroductionResponse, error) {
	i, err := store.GetIntroduction(ctx, s.DB, req.GetListingId(), req.GetId(), partner(ctx))
	if err != nil {
		return nil, err
	}
	return &directoryv1.GetIntroductionResponse{Introduction: introductionProto(i)}, nil
}

// GetIntroductionContacts gets the contacts of an accepted introduction, for who
// acts for a side, with a stated reason.
func (s *introductions) GetIntroductionContacts(ctx context.Context, req *directoryv1.GetIntroductionContactsRequest) (*directoryv1.GetIntroductionContactsResponse, error) {
	reason, err := rpc.RequireReason(ctx)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.GetIntroductionContactsResponse, error) {
		i, err := store.GetIntroduction(ctx, tx, req.GetListingId(), req.GetId(), partner(ctx))
		switch {
		case err != nil:
			return nil, err
		case !i.By.Acts():
			return nil, fault.ErrPermissionDenied
		case i.State != introduction.Accepted:
			return nil, fault.Transition(string(i.State), string(introduction.Accepted))
		}
		resp := &directoryv1.GetIntroductionContactsResponse{}
		if resp.Owner, err = s.contacts.open(i.ID, i.Owner.Contact); err != nil {
			return nil, err
		}
		if resp.Partner, err = s.contacts.open(i.ID, i.Partner.Contact); err != nil {
			return nil, err
		}
		auditIntroduction(ctx, tx, "contacts", &i.Introduction, reason)
		return resp, nil
	})
}

// ListIntroductions lists the introductions of a listing, the newest first.
func (s *introductions) ListIntroductions(ctx context.Context, req *directoryv1.ListIntroductionsRequest) (*directoryv1.ListIntroductionsResponse, error) {
	shown, next, err := s.list(ctx, req, store.IntroductionFilter{ListingID: req.GetListingId()})
	return &directoryv1.ListIntroductionsResponse{Introductions: shown, NextPageToken: next}, err
}

// ListOwnIntroductions lists the introductions of the caller's sides over all
// listings, for the desk all, the newest first.
func (s *introductions) ListOwnIntroductions(ctx context.Context, req *directoryv1.ListOwnIntroductionsRequest) (*directoryv1.ListOwnIntroductionsResponse, error) {
	shown, next, err := s.list(ctx, req, store.IntroductionFilter{State: name(req.GetState())})
	return &directoryv1.ListOwnIntroductionsResponse{Introductions: shown, NextPageToken: next}, err
}

func (s *introductions) list(ctx context.Context, req pageRequest, f store.IntroductionFilter) (shown []*directoryv1.Introduction, nextToken string, err error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, "", err
	}
	found, err := store.ListIntroductions(ctx, s.DB, partner(ctx), f, page)
	if err != nil {
		return nil, "", err
	}
	found, next := cut(found, page.Size)
	for _, i := range found {
		shown = append(shown, introductionProto(i))
	}
	if next != nil {
		nextToken = s.Pages.Token(filter, next.ID)
	}
	return shown, nextToken, nil
}

// AcceptIntroduction agrees for a side that has not agreed yet.
func (s *introductions) AcceptIntroduction(ctx context.Context, req *directoryv1.AcceptIntroductionRequest) (*directoryv1.AcceptIntroductionResponse, error) {
	sealed, err := s.contacts.seal(req.GetId(), req.GetContact(), req.GetContactConsent())
	if err != nil {
		return nil, err
	}
	return changeIntroduction(ctx, s, req, introductionVerb{"accept", func(_ context.Context, tx *pg.Tx, i *store.SeenIntroduction) error {
		side, err := i.Accept(i.By, tx.Now)
		if err != nil {
			return err
		}
		if sealed != nil {
			side.Contact = sealed
		}
		return nil
	}}, func(i *directoryv1.Introduction) *directoryv1.AcceptIntroductionResponse {
		return &directoryv1.AcceptIntroductionResponse{Introduction: i}
	})
}

// DeclineIntroduction ends an introduction that is not accepted yet, by either
// side or the desk, with a reason that both sides read.
func (s *introductions) DeclineIntroduction(ctx context.Context, req *directoryv1.DeclineIntroductionRequest) (*directoryv1.DeclineIntroductionResponse, error) {
	return changeIntroduction(ctx, s, req, introductionVerb{"decline", func(_ context.Context, tx *pg.Tx, i *store.SeenIntroduction) error {
		return i.Decline(i.By, req.GetReason(), tx.Now)
	}}, func(i *directoryv1.Introduction) *directoryv1.DeclineIntroductionResponse {
		return &directoryv1.DeclineIntroductionResponse{Introduction: i}
	})
}

// RecordIntroductionOutcome records what came of an accepted introduction, each
// side for itself.
func (s *introductions) RecordIntroductionOutcome(ctx context.Context, req *directoryv1.RecordIntroductionOutcomeRequest) (*directoryv1.RecordIntroductionOutcomeResponse, error) {
	return changeIntroduction(ctx, s, req, introductionVerb{"recordOutcome", func(ctx context.Context, tx *pg.Tx, i *store.SeenIntroduction) error {
		r := introduction.Record{Result: name(req.GetResult()), Note: req.GetNote(), PublishConsent: req.GetPublishConsent()}
		if err := i.Introduction.Record(i.By, r, tx.Now); err != nil || i.State != introduction.Concluded {
			return err
		}
		return event.Add(ctx, tx, event.Event{Aggregate: "introduction", ID: i.ID, Visibility: event.Public, Message: concluded(i, jp.DateOf(tx.Now))})
	}}, func(i *directoryv1.Introduction) *directoryv1.RecordIntroductionOutcomeResponse {
		return &directoryv1.RecordIntroductionOutcomeResponse{Introduction: i}
	})
}

// introductionStep is a request for a step of one introduction.
type introductionStep interface {
	step
	GetListingId() string
}

// introductionVerb is one step of a locked introduction.
type introductionVerb struct {
	name string // As in the audit log.
	take func(context.Context, *pg.Tx, *store.SeenIntroduction) error
}

// changeIntroduction takes one step of an introduction and writes it.
func changeIntroduction[R any](ctx context.Context, s *introductions, req introductionStep, verb introductionVerb, answer func(*directoryv1.Introduction) R) (R, error) {
	v := partner(ctx)
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		i, err := store.LockIntroduction(ctx, tx, req.GetListingId(), req.GetId(), v)
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), i.Version); err != nil {
			return none, err
		}
		if err := verb.take(ctx, tx, i); err != nil {
			return none, err
		}
		if err := store.UpdateIntroduction(ctx, tx, &i.Introduction); err != nil {
			return none, err
		}
		auditIntroduction(ctx, tx, verb.name, &i.Introduction, "")
		return answer(introductionProto(i)), nil
	})
}

func auditIntroduction(ctx context.Context, tx *pg.Tx, verb string, i *introduction.Introduction, reason string) {
	audit.Add(ctx, tx, audit.Entry{
		Action: "directory.introduction." + verb, ObjectType: "introduction", ObjectID: i.ID, Reason: reason,
		Detail: map[string]string{"listing": i.ListingID, "state": string(i.State)},
	})
}
