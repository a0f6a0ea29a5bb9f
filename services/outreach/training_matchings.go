package outreach

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/draw"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/training"
)

// trainingMatchings answers TrainingMatchingService.
type trainingMatchings struct {
	outreachv1.UnimplementedTrainingMatchingServiceServer
	publications
}

// matchingSeedBytes is the length of a matching's seed.
const matchingSeedBytes = 32

// matchingSeedBound binds a sealed seed to its matching.
func matchingSeedBound(m *training.Matching) []byte { return []byte(m.ID + " " + m.Commitment) }

// CreateTrainingMatching commits to the seed of a matching.
func (s *trainingMatchings) CreateTrainingMatching(ctx context.Context, req *outreachv1.CreateTrainingMatchingRequest) (*outreachv1.CreateTrainingMatchingResponse, error) {
	in := req.GetTrainingMatching()
	seed := make([]byte, matchingSeedBytes)
	_, _ = rand.Read(seed) // It never fails.
	m := &training.Matching{
		ID: s.NewID(), FiscalYear: int(in.GetFiscalYear()), Level: opportunity.Kind(convert.EnumName(in.GetLevel())),
		Commitment: draw.Commitment(seed), CreatedBy: auth.From(ctx).Actor(),
	}
	m.SealedSeed = s.Key("training seed").Seal(seed, matchingSeedBound(m))
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.CreateTrainingMatchingResponse, error) {
		if err := store.InsertMatching(ctx, tx, m); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.trainingMatching.create", ObjectType: "trainingMatching", ObjectID: m.ID})
		return &outreachv1.CreateTrainingMatchingResponse{TrainingMatching: matchingToProto(m, true)}, nil
	})
}

// RunTrainingMatching gives the places: lock the matching, its offers, its
// applications, in this order; match; write all.
func (s *trainingMatchings) RunTrainingMatching(ctx context.Context, req *outreachv1.RunTrainingMatchingRequest) (*outreachv1.RunTrainingMatchingResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.RunTrainingMatchingResponse, error) {
		m, err := store.LockMatching(ctx, tx, req.GetId())
		if err != nil {
			return nil, err
		}
		if err := rpc.CheckETag(req.GetEtag(), m.Version); err != nil {
			return nil, err
		}
		offers, err := store.LockOffers(ctx, tx, m)
		if err != nil {
			return nil, err
		}
		applications, err := store.TrainingToMatch(ctx, tx, m)
		if err != nil {
			return nil, err
		}
		proposals, err := pendingOf(ctx, tx, offers...)
		if err != nil {
			return nil, err
		}
		enter(m, offers, applications, proposals)
		if err := m.Take(); err != nil {
			return nil, err
		}
		if err := s.match(m); err != nil {
			return nil, err
		}
		m.RunAt = tx.Now
		if err := givePlaces(ctx, tx, m, offers, applications); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.trainingMatching.run", ObjectType: "trainingMatching", ObjectID: m.ID})
		return &outreachv1.RunTrainingMatchingResponse{TrainingMatching: matchingToProto(m, true)}, nil
	})
}

// pendingOf reads the proposals of the hosts that are not decided yet.
func pendingOf(ctx context.Context, r pg.Reader, offers ...store.Offer) ([]training.Pending, error) {
	var hosts []string
	for _, o := range offers {
		if o.OrganizationID != "" && !slices.Contains(hosts, o.OrganizationID) {
			hosts = append(hosts, o.OrganizationID)
		}
	}
	return store.PendingProposals(ctx, r, hosts)
}

// enter puts the inputs into an open matching.
func enter(m *training.Matching, offers []store.Offer, applications []*training.Application, proposals []training.Pending) {
	if m.State != training.Open {
		return
	}
	open := convert.List(offers, func(o store.Offer) training.Offer { return o.Offer })
	m.Offers = convert.List(offers, func(o store.Offer) training.Capacity { return training.Capacity{OpportunityID: o.ID, Places: o.Free} })
	m.Entries = convert.List(applications, func(a *training.Application) training.Entry { return a.Entry(open, proposals) })
}

// match opens the seed of a matching whose inputs are fixed, and computes its
// places.
func (s *trainingMatchings) match(m *training.Matching) error {
	seed, err := s.Key("training seed").Open(m.SealedSeed, matchingSeedBound(m))
	if err != nil {
		return err
	}
	m.State, m.Seed = training.Done, hex.EncodeToString(seed)
	m.Root, m.Places = computed(seed, m)
	return nil
}

// computed is what follows from a seed and the inputs of a matching.
func computed(seed []byte, m *training.Matching) (root string, places []training.Place) {
	tickets := convert.List(m.Entries, func(e training.Entry) draw.Ticket { return draw.Ticket{ID: e.ApplicationID} })
	root = draw.Root(tickets)
	order := convert.List(draw.Order(draw.Key(seed, root, ""), tickets), func(t draw.Ticket) string { return t.ID })
	return root, training.Match(order, m.Entries, m.Offers)
}

// givePlaces writes a matching that was run, and what became of its applications.
// Errors: TRAINING_FULL, which the locks on the offers rule out.
func givePlaces(ctx context.Context, tx *pg.Tx, m *training.Matching, offers []store.Offer, applications []*training.Application) error {
	taken := map[string]int{}
	for _, p := range m.Places {
		a := applications[slices.IndexFunc(applications, func(a *training.Application) bool { return a.ID == p.ApplicationID })]
		if p.OpportunityID == "" {
			a.State, a.MatchingID = training.Unmatched, m.ID
		} else {
			a.Give(offers[slices.IndexFunc(offers, func(o store.Offer) bool { return o.ID == p.OpportunityID })].Offer, m.ID)
			taken[p.OpportunityID]++
		}
		store.UpdateTraining(tx, a)
	}
	store.UpdateMatching(tx, m)
	return store.TakeTrainingPlaces(ctx, tx, taken)
}

// GetTrainingMatching shows a matching with its inputs.
func (s *trainingMatchings) GetTrainingMatching(ctx context.Context, req *outreachv1.GetTrainingMatchingRequest) (*outreachv1.GetTrainingMatchingResponse, error) {
	m, err := store.GetMatching(ctx, s.DB, req.GetId())
	if err != nil {
		return nil, err
	}
	return &outreachv1.GetTrainingMatchingResponse{TrainingMatching: matchingToProto(m, true)}, nil
}

// ListTrainingMatchings lists matchings.
func (s *trainingMatchings) ListTrainingMatchings(ctx context.Context, req *outreachv1.ListTrainingMatchingsRequest) (*outreachv1.ListTrainingMatchingsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListMatchings(ctx, s.DB, int(req.GetFiscalYear()), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(m *training.Matching) []string { return []string{m.ID} })
	resp := &outreachv1.ListTrainingMatchingsResponse{TrainingMatchings: convert.List(rows, func(m *training.Matching) *outreachv1.TrainingMatching {
		return matchingToProto(m, false)
	})}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// VerifyTrainingMatching computes a matching again.
func (s *trainingMatchings) VerifyTrainingMatching(ctx context.Context, req *outreachv1.VerifyTrainingMatchingRequest) (*outreachv1.VerifyTrainingMatchingResponse, error) {
	m, err := store.GetMatching(ctx, s.DB, req.GetId())
	if err != nil {
		return nil, err
	}
	if m.State != training.Done {
		return nil, training.ErrNotRun
	}
	seed, err := hex.DecodeString(m.Seed)
	if err != nil { // Nobody wrote it here: nothing follows from it.
		return &outreachv1.VerifyTrainingMatchingResponse{}, nil
	}
	root, places := computed(seed, m)
	return &outreachv1.VerifyTrainingMatchingResponse{
		Verified: draw.Commitment(seed) == m.Commitment && root == m.Root && slices.Equal(places, m.Places),
		Places:   convert.List(places, matchedToProto),
	}, nil
}

// PlaceTrainingApplication gives a place by hand, under the lock of the offer.
func (s *trainingMatchings) PlaceTrainingApplication(ctx context.Context, req *outreachv1.PlaceTrainingApplicationRequest) (*outreachv1.PlaceTrainingApplicationResponse, error) {
	var o store.Offer
	return settleTraining(ctx, &s.publications, req, trainingVerb{
		name: "place", may: func(t trainee) bool { return t.desk },
		offer: func(ctx context.Context, tx *pg.Tx) (err error) {
			if o, err = store.LockOffer(ctx, tx, req.GetOpportunityId()); err != nil || !o.Open {
				return closedOffer(err)
			}
			return nil
		},
		take: func(ctx context.Context, t trainee) error {
			proposals, err := pendingOf(ctx, t.tx, o)
			if err != nil {
				return err
			}
			if err := t.Place(o.Offer, o.Free, proposals); err != nil {
				return err
			}
			return store.TakeTrainingPlaces(ctx, t.tx, map[string]int{o.ID: 1})
		},
	}, func(a *outreachv1.TrainingApplication) *outreachv1.PlaceTrainingApplicationResponse {
		return &outreachv1.PlaceTrainingApplicationResponse{TrainingApplication: a}
	})
}

// closedOffer says of an offer that is not there or not open that it takes nobody.
func closedOffer(err error) error {
	if ignoreMissing(err) == nil {
		return training.ErrWishClosed
	}
	return err
}
