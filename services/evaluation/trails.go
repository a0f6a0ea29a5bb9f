package evaluation

import (
	"context"
	"fmt"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/trail"
)

// trails answers TrailService.
type trails struct {
	evaluationv1.UnimplementedTrailServiceServer
	service.Deps
}

// GetTrail shows the chain of a public number.
func (s *trails) GetTrail(ctx context.Context, req *evaluationv1.GetTrailRequest) (*evaluationv1.GetTrailResponse, error) {
	entries, title, err := store.GetTrail(ctx, s.DB, req.GetPublicNumber())
	if err != nil {
		return nil, err
	}
	return &evaluationv1.GetTrailResponse{Trail: &evaluationv1.Trail{
		PublicNumber: req.GetPublicNumber(), Title: title,
		Entries: convert.List(entries, func(e trail.Entry) *evaluationv1.TrailEntry {
			return &evaluationv1.TrailEntry{
				Kind: value[evaluationv1.TrailEntry_Kind](evaluationv1.TrailEntry_Kind_value, e.Kind),
				Date: convert.Date(jp.DateOf(e.At)), Title: e.Title, ObjectId: e.ObjectID,
			}
		}),
	}}, nil
}

// followProposal keeps what public events of proposals say of the chain. Told
// again, in whatever order between aggregates, it changes nothing.
func followProposal(ctx context.Context, tx *pg.Tx, m event.Message) error {
	switch m.Type {
	case "kyodo.proposals.v1.ChallengePublished":
		return followChallenge(tx, m)
	case "kyodo.proposals.v1.ProposalSubmitted":
		return followSubmission(tx, m)
	case "kyodo.proposals.v1.ConsultationConverted":
		return followConsultation(tx, m)
	case "kyodo.proposals.v1.ProposalStatusChanged":
		return followStatus(tx, m)
	case "kyodo.proposals.v1.ProgressPublished":
		return followProgress(ctx, tx, m)
	}
	return nil
}

func followChallenge(tx *pg.Tx, m event.Message) error {
	e := &proposalsv1.ChallengePublished{}
	if err := m.Decode(e); err != nil {
		return err
	}
	store.KeepTrailChallenge(tx, trail.Entry{ObjectID: e.GetChallenge().GetId(), Title: "区の課題：" + e.GetChallenge().GetTitle(), At: m.Time})
	return nil
}

func followSubmission(tx *pg.Tx, m event.Message) error {
	e := &proposalsv1.ProposalSubmitted{}
	if err := m.Decode(e); err != nil {
		return err
	}
	store.KeepTrailProposal(tx, e.GetProposalId(), e.GetNumber(), e.GetChallengeId())
	store.AddTrail(tx, trail.Entry{
		PublicNumber: e.GetNumber(), Kind: trail.Proposal, ObjectID: e.GetProposalId(), Step: "SUBMITTED", Title: "提案を提出", At: m.Time,
	})
	return nil
}

// followConsultation keeps number and days of the consultation that a proposal came
// from. Its id stays inside: the number is what is public.
func followConsultation(tx *pg.Tx, m event.Message) error {
	e := &proposalsv1.ConsultationConverted{}
	if err := m.Decode(e); err != nil {
		return err
	}
	for _, step := range []struct{ name, title, on string }{
		{"RECEIVED", "総合窓口に相談（" + e.GetConsultationNumber() + "）", e.GetReceivedOn()},
		{"CONVERTED", "相談から提案を作成", e.GetConvertedOn()},
	} {
		on, err := jp.ParseDate(step.on)
		if err != nil {
			return event.Permanent(err)
		}
		store.AddTrail(tx, trail.Entry{
			PublicNumber: e.GetProposalNumber(), Kind: trail.Consultation, ObjectID: e.GetConsultationNumber(), Step: step.name,
			Title: step.title, At: on.StartOfDay(),
		})
	}
	return nil
}

// stages are how the chain tells a change of a proposal's public state.
var stages = map[proposalsv1.ProgressEntry_PublicState]struct {
	kind  trail.Kind
	title string
}{
	proposalsv1.ProgressEntry_IN_EXAMINATION:        {trail.Proposal, "審査を開始"},
	proposalsv1.ProgressEntry_IN_NEGOTIATION:        {trail.Negotiation, "区との協議を開始"},
	proposalsv1.ProgressEntry_ADOPTED:               {trail.Decision, "採択"},
	proposalsv1.ProgressEntry_CONDITIONALLY_ADOPTED: {trail.Decision, "条件付採択"},
	proposalsv1.ProgressEntry_REJECTED:              {trail.Decision, "不採択"},
	proposalsv1.ProgressEntry_CARRIED_OVER:          {trail.Decision, "継続検討"},
	proposalsv1.ProgressEntry_WITHDRAWN:             {trail.Proposal, "提案を取下げ"},
}

// followStatus keeps public changes; those told to the ward alone have no public
// state.
func followStatus(tx *pg.Tx, m event.Message) error {
	e := &proposalsv1.ProposalStatusChanged{}
	if err := m.Decode(e); err != nil {
		return err
	}
	stage, ok := stages[e.GetPublicTo()]
	if !ok || e.GetPublicFrom() == e.GetPublicTo() || e.GetNumber() == "" || e.GetTo() != 0 {
		return nil
	}
	store.AddTrail(tx, trail.Entry{
		PublicNumber: e.GetNumber(), Kind: stage.kind, ObjectID: e.GetProposalId(), Step: fmt.Sprintf("v%d", e.GetVersion()),
		Title: stage.title, At: m.Time,
	})
	return nil
}

// followProgress keeps announcements; one about a proposal comes after its
// submission, as both are of one aggregate.
func followProgress(ctx context.Context, tx *pg.Tx, m event.Message) error {
	e := &proposalsv1.ProgressPublished{}
	if err := m.Decode(e); err != nil {
		return err
	}
	entry := e.GetProgressEntry()
	if entry.GetProposalId() == "" {
		return nil
	}
	number, err := store.TrailNumber(ctx, tx, entry.GetProposalId())
	if err != nil || number == "" {
		return err
	}
	store.AddTrail(tx, trail.Entry{
		PublicNumber: number, Kind: trail.Proposal, ObjectID: entry.GetProposalId(), Step: entry.GetId(), Title: entry.GetTitle(), At: m.Time,
	})
	return nil
}

// factOfReport is the publication of a report in the chain.
func factOfReport(r *evaluation.Report, at time.Time) trail.Entry {
	title := r.Kind.Label() + "を公表"
	if r.Version > 1 {
		title = r.Kind.Label() + "の訂正を公表"
	}
	return trail.Entry{
		PublicNumber: r.PublicNumber, Kind: trail.Evaluation, ObjectID: r.EvaluationID, Step: fmt.Sprintf("v%d", r.Version), Title: title, At: at,
	}
}
