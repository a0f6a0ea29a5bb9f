package proposals

import (
	"context"
	"slices"
	"strconv"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/review"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// maxReviewed bounds the proposals of one phase.
const maxReviewed = 1000

// reviews answers ReviewService.
type reviews struct {
	proposalsv1.UnimplementedReviewServiceServer
	service.Deps
	directory directory
}

func registerReviews(d service.Deps, r grpc.ServiceRegistrar, peer directory) {
	proposalsv1.RegisterReviewServiceServer(r, &reviews{Deps: d, directory: peer})
}

// CreateReviewPhase opens the next phase of a call.
func (s *reviews) CreateReviewPhase(ctx context.Context, req *proposalsv1.CreateReviewPhaseRequest) (*proposalsv1.CreateReviewPhaseResponse, error) {
	due, err := convert.Day("dueOn", req.GetDueOn())
	if err != nil {
		return nil, err
	}
	p := &review.Phase{ID: s.NewID(), CallID: req.GetCallId(), Name: req.GetName(), FloorX100: int(req.GetFloorX100()), DueOn: due, Version: 1}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.CreateReviewPhaseResponse, error) {
		if _, err := store.HoldCall(ctx, tx, p.CallID); err != nil {
			return nil, err
		}
		p.CreatedAt = tx.Now
		if err := store.InsertPhase(ctx, tx, p); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "proposals.reviewPhase.create", ObjectType: "call", ObjectID: p.CallID, Detail: map[string]string{"phase": p.ID}})
		return &proposalsv1.CreateReviewPhaseResponse{ReviewPhase: phaseToProto(p)}, nil
	})
}

// GetReviewPhase shows a phase.
func (s *reviews) GetReviewPhase(ctx context.Context, req *proposalsv1.GetReviewPhaseRequest) (*proposalsv1.GetReviewPhaseResponse, error) {
	p, err := store.GetPhase(ctx, s.DB, req.GetId())
	if err != nil {
		return nil, err
	}
	return &proposalsv1.GetReviewPhaseResponse{ReviewPhase: phaseToProto(p)}, nil
}

// ListReviewPhases lists the phases of a call.
func (s *reviews) ListReviewPhases(ctx context.Context, req *proposalsv1.ListReviewPhasesRequest) (*proposalsv1.ListReviewPhasesResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListPhases(ctx, s.DB, req.GetCallId(), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(p *review.Phase) []string { return []string{strconv.Itoa(p.No)} })
	resp := &proposalsv1.ListReviewPhasesResponse{ReviewPhases: convert.List(rows, phaseToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// CloseReviewPhase opens the scores of a phase whose sheets are all there.
func (s *reviews) CloseReviewPhase(ctx context.Context, req *proposalsv1.CloseReviewPhaseRequest) (*proposalsv1.CloseReviewPhaseResponse, error) {
	return changePhase(ctx, s, req, phaseVerb{"close", func(_ context.Context, tx *pg.Tx, p *review.Phase) error {
		return p.Close(tx.Now)
	}}, func(p *proposalsv1.ReviewPhase) *proposalsv1.CloseReviewPhaseResponse {
		return &proposalsv1.CloseReviewPhaseResponse{ReviewPhase: p}
	})
}

// SchedulePresentations sets the schedule of the presentations.
func (s *reviews) SchedulePresentations(ctx context.Context, req *proposalsv1.SchedulePresentationsRequest) (*proposalsv1.SchedulePresentationsResponse, error) {
	return changePhase(ctx, s, req, phaseVerb{"schedule", func(ctx context.Context, tx *pg.Tx, p *review.Phase) error {
		if err := underReview(ctx, tx, p.CallID, req.GetProposalIds()); err != nil {
			return err
		}
		return p.Schedule(review.Program{
			Venue: req.GetVenue(), StartAt: req.GetStartTime().AsTime(), Minutes: int(req.GetMinutes()),
			Pause: int(req.GetPauseMinutes()), ProposalIDs: req.GetProposalIds(),
		})
	}}, func(p *proposalsv1.ReviewPhase) *proposalsv1.SchedulePresentationsResponse {
		return &proposalsv1.SchedulePresentationsResponse{ReviewPhase: p}
	})
}

// underReview refuses proposals that are not under review in the call. Errors:
// NOT_UNDER_REVIEW.
func underReview(ctx context.Context, tx *pg.Tx, callID string, ids []string) error {
	all, err := store.UnderReview(ctx, tx, callID, maxReviewed)
	if err != nil {
		return err
	}
	return amongReviewed(all, ids)
}

// amongReviewed refuses proposals that are not among those under review. Errors:
// NOT_UNDER_REVIEW.
func amongReviewed(all []store.Reviewable, ids []string) error {
	for _, id := range ids {
		if !slices.ContainsFunc(all, func(p store.Reviewable) bool { return p.ID == id }) {
			return review.ErrNotUnderReview.With("proposalId", id)
		}
	}
	return nil
}

// phaseVerb is one verb on a locked phase.
type phaseVerb struct {
	action string // As in the audit log.
	take   func(context.Context, *pg.Tx, *review.Phase) error
}

// changePhase runs one verb on a locked phase.
func changePhase[R any](ctx context.Context, s *reviews, req stepRequest, verb phaseVerb, answer func(*proposalsv1.ReviewPhase) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		p, err := store.LockPhase(ctx, tx, req.GetId())
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), p.Version); err != nil {
			return none, err
		}
		if err := verb.take(ctx, tx, p); err != nil {
			return none, err
		}
		store.UpdatePhase(tx, p)
		audit.Add(ctx, tx, audit.Entry{
			Action: "proposals.reviewPhase." + verb.action, ObjectType: "call", ObjectID: p.CallID, Detail: map[string]string{"phase": p.ID},
		})
		return answer(phaseToProto(p)), nil
	})
}

// ListPresentations shows the schedule of a public call to everybody.
func (s *reviews) ListPresentations(ctx context.Context, req *proposalsv1.ListPresentationsRequest) (*proposalsv1.ListPresentationsResponse, error) {
	c, err := store.GetCall(ctx, s.DB, req.GetCallId(), isDesk(ctx))
	if err != nil {
		return nil, err
	}
	p, err := store.ScheduledPhase(ctx, s.DB, c.ID)
	if err != nil {
		return nil, err
	}
	ids := convert.List(p.Presentations, func(v review.Presentation) string { return v.ProposalID })
	labels, err := store.PublicLabels(ctx, s.DB, ids)
	if err != nil {
		return nil, err
	}
	resp := &proposalsv1.ListPresentationsResponse{Venue: p.Venue}
	for i, out := range phaseToProto(p).GetPresentations() {
		l := labels[ids[i]]
		out.Number, out.Title, out.OrganizationName = l.Number, l.Title, l.OrganizationName
		resp.Presentations = append(resp.Presentations, out)
	}
	return resp, nil
}
