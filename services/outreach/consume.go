package outreach

import (
	"context"
	"errors"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// consumers keep names, follow merges and draft what is worth telling. A draft is
// bound to its source by a unique column: it is made once, whatever is delivered
// how often, also after a restore of the source.
func consumers(d service.Deps) []event.Consumer {
	c := &consumer{publications: publicationsOf(d)}
	return []event.Consumer{
		{
			Stream: "directory",
			Subjects: []string{
				"kyodo.directory.public.organization.*",
				"kyodo.directory.public.department.*",
				"kyodo.directory.ward.organization.*",
			},
			Handle: c.noticing(c.directoryEvent),
			Reset:  partner.Forget,
		},
		{
			Stream: "evaluation",
			Subjects: []string{
				"kyodo.evaluation.public.project.*", "kyodo.evaluation.public.evaluation.*", "kyodo.evaluation.ward.evaluation.*",
			},
			Handle: c.noticing(c.evaluationEvent),
		},
		{
			Stream: "facilities",
			Subjects: []string{
				"kyodo.facilities.ward.booking.*", "kyodo.facilities.ward.waitlistPlace.*", "kyodo.facilities.ward.lotteryEntry.*",
				"kyodo.facilities.private.penalty.*", "kyodo.facilities.private.booking.*", "kyodo.facilities.private.waitlistPlace.*", "kyodo.facilities.private.lotteryEntry.*",
			},
			Handle: c.noticing(c.facilitiesEvent),
		},
		{
			Stream: "proposals",
			Subjects: []string{
				"kyodo.proposals.public.proposal.*", "kyodo.proposals.public.call.*", "kyodo.proposals.ward.proposal.*",
				"kyodo.proposals.ward.consultation.*", "kyodo.proposals.ward.challenge.*", "kyodo.proposals.ward.meeting.*",
			},
			Handle: c.noticing(c.proposalsEvent),
			Reset:  store.ForgetProposalVersions,
		},
	}
}

// consumer takes the events of the other services.
type consumer struct{ publications }

// directoryEvent takes names out of an event of directory and follows merges.
func (c *consumer) directoryEvent(ctx context.Context, tx *pg.Tx, m event.Message) error {
	if m.Type == "kyodo.directory.v1.OrganizationMerged" {
		return handled(ctx, tx, m, &directoryv1.OrganizationMerged{}, c.merged)
	}
	return partner.Follow(tx, m)
}

// handled decodes an event and hands it on, in the service's own name.
func handled[E proto.Message](ctx context.Context, tx *pg.Tx, m event.Message, e E, do func(context.Context, *pg.Tx, event.Message, E) error) error {
	if err := m.Decode(e); err != nil {
		return err
	}
	return do(auth.With(ctx, auth.Service("outreach")), tx, m, e)
}

// merged moves what belongs to an organization that lives on in another.
func (c *consumer) merged(ctx context.Context, tx *pg.Tx, _ event.Message, e *directoryv1.OrganizationMerged) error {
	from, to := e.GetOrganizationId(), e.GetSurvivorId()
	partner.KeepOrganization(tx, partner.Organization{ID: to, Name: e.GetSurvivorName()})
	store.OccasionsFollowMerge(tx, from, to)
	for {
		moved, err := store.LockNaming(ctx, tx, from)
		if err != nil {
			return err
		}
		for _, p := range moved {
			p.FollowMerge(from, to, e.GetSurvivorName())
			if err := store.WritePublication(ctx, tx, p); err != nil {
				return err
			}
			if err := c.show(tx, p); err != nil {
				return err
			}
		}
		if len(moved) == 0 {
			return store.FollowMerge(ctx, tx, from, to)
		}
	}
}

func (c *consumer) evaluationEvent(ctx context.Context, tx *pg.Tx, m event.Message) error {
	switch m.Type {
	case "kyodo.evaluation.v1.ProjectCreated":
		return handled(ctx, tx, m, &evaluationv1.ProjectCreated{}, c.projectCreated)
	case "kyodo.evaluation.v1.AgreementSigned":
		return handled(ctx, tx, m, &evaluationv1.AgreementSigned{}, func(_ context.Context, tx *pg.Tx, _ event.Message, e *evaluationv1.AgreementSigned) error {
			keepProject(tx, e.GetProject())
			return nil
		})
	case "kyodo.evaluation.v1.EvaluationPublished":
		return handled(ctx, tx, m, &evaluationv1.EvaluationPublished{}, c.evaluationPublished)
	}
	return nil
}

func (c *consumer) facilitiesEvent(ctx context.Context, tx *pg.Tx, m event.Message) error {
	switch m.Type {
	case "kyodo.facilities.v1.BookingConfirmed":
		return handled(ctx, tx, m, &facilitiesv1.BookingConfirmed{}, c.bookingConfirmed)
	case "kyodo.facilities.v1.BookingCancelled":
		return handled(ctx, tx, m, &facilitiesv1.BookingCancelled{}, c.bookingCancelled)
	}
	return nil
}

// proposalsEvent drafts of what everybody is told; the ward is told more, for the
// notices and for who must not be placed with whom.
func (c *consumer) proposalsEvent(ctx context.Context, tx *pg.Tx, m event.Message) error {
	if !told(m) {
		if m.Type == "kyodo.proposals.v1.ProposalStatusChanged" {
			return handled(ctx, tx, m, &proposalsv1.ProposalStatusChanged{}, c.proposalMoved)
		}
		return nil
	}
	switch m.Type {
	case "kyodo.proposals.v1.CallPublished":
		return handled(ctx, tx, m, &proposalsv1.CallPublished{}, c.callPublished)
	case "kyodo.proposals.v1.ProposalAdopted":
		return handled(ctx, tx, m, &proposalsv1.ProposalAdopted{}, c.proposalAdopted)
	case "kyodo.proposals.v1.ProposalStatusChanged":
		return handled(ctx, tx, m, &proposalsv1.ProposalStatusChanged{}, c.statusChanged)
	case "kyodo.proposals.v1.ProgressPublished":
		return handled(ctx, tx, m, &proposalsv1.ProgressPublished{}, c.progressPublished)
	}
	return nil
}

// ignoreMissing passes over the absence of what an event is about.
func ignoreMissing(err error) error {
	if errors.Is(err, fault.ErrNotFound) {
		return nil
	}
	return err
}
