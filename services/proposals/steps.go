package proposals

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// stepRequest is what the requests of all verbs have.
type stepRequest interface {
	GetId() string
	GetEtag() string
}

// locked is a proposal in the hands of a verb.
type locked struct {
	*proposal.Proposal
	tx *pg.Tx
	by proposal.Reader
}

// step runs one verb of the state graph on a locked proposal and records what
// happened: lock, decide, write, tell. Two callers at once: one waits, and finds
// another version or state.
func step[R any](ctx context.Context, s *proposals, req stepRequest, verb func(context.Context, locked) (proposal.Move, error), answer func(*proposalsv1.Proposal) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProposal(ctx, tx, req.GetId(), by)
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), p.Version); err != nil {
			return none, err
		}
		m, err := verb(ctx, locked{Proposal: p, tx: tx, by: by})
		if err != nil {
			return none, err
		}
		if err := record(ctx, tx, p, m, s.NewID); err != nil {
			return none, err
		}
		return answer(toProto(p, by)), nil
	})
}

// record writes a step with its history, its public entry, its events and its
// audit entry.
func record(ctx context.Context, tx *pg.Tx, p *proposal.Proposal, m proposal.Move, newID func() string) error {
	by := auth.From(ctx)
	store.UpdateProposal(tx, p)
	store.AddTransition(tx, p, m, by)
	if m.Public() {
		store.AddProgress(tx, p.Enter(newID(), m, by.Actor(), tx.Now))
	}
	for _, e := range eventsOf(p, m) {
		e.Aggregate, e.ID = "proposal", p.ID
		if err := event.Add(ctx, tx, e); err != nil {
			return err
		}
	}
	audit.Add(ctx, tx, audit.Entry{
		Action: "proposals.proposal." + string(m.Action), ObjectType: "proposal", ObjectID: p.ID,
		Detail: map[string]string{"from": string(m.From), "to": string(m.To)},
	})
	return nil
}

// eventsOf are the facts of a step: every step on ward, a change of the public
// state on public too.
func eventsOf(p *proposal.Proposal, m proposal.Move) []event.Event {
	var out []event.Event
	if m.Action == proposal.Submit {
		out = append(out, event.Event{Visibility: event.Public, Message: submitted(p)})
	}
	changed := statusChanged(p, m)
	changed.From, changed.To = stateToProto(m.From), stateToProto(m.To)
	out = append(out, event.Event{Visibility: event.Ward, Message: changed})
	if m.Public() {
		out = append(out, event.Event{Visibility: event.Public, Message: statusChanged(p, m)})
	}
	if m.To == proposal.Adopted {
		out = append(out, event.Event{Visibility: event.Public, Message: adopted(p)})
	}
	return out
}

func submitted(p *proposal.Proposal) *proposalsv1.ProposalSubmitted {
	return &proposalsv1.ProposalSubmitted{
		ProposalId: p.ID, Number: p.Number, CallId: p.CallID, FiscalYear: int32(p.FiscalYear),
		OrganizationId: p.OrganizationID, JointOrganizationIds: p.JointIDs(), ChallengeId: p.Content.ChallengeID,
	}
}

func statusChanged(p *proposal.Proposal, m proposal.Move) *proposalsv1.ProposalStatusChanged {
	return &proposalsv1.ProposalStatusChanged{
		ProposalId: p.ID, Number: p.Number, CallId: p.CallID,
		OrganizationId: p.OrganizationID, JointOrganizationIds: p.JointIDs(), DepartmentIds: p.Responsible(),
		PublicFrom: publicStateToProto(m.PublicFrom), PublicTo: publicStateToProto(m.PublicTo), Version: p.Version,
	}
}

func adopted(p *proposal.Proposal) *proposalsv1.ProposalAdopted {
	content := contentToProto(&p.Content)
	e := &proposalsv1.ProposalAdopted{
		ProposalId: p.ID, Number: p.Number, CallId: p.CallID, FiscalYear: int32(p.FiscalYear),
		Title: content.GetTitle(), Purpose: content.GetPurpose(), OrganizationId: p.OrganizationID,
		JointOrganizationIds: p.JointIDs(), LeadDepartmentId: p.LeadID(), Form: content.GetForm(),
		Goals: content.GetGoals(), Roles: content.GetRoles(), Cost: p.Decision.Cost, DecidedOn: convert.Date(p.Decision.DecidedOn),
		ChallengeId: p.Content.ChallengeID,
	}
	for _, id := range p.Responsible() {
		if id != e.LeadDepartmentId {
			e.JointDepartmentIds = append(e.JointDepartmentIds, id)
		}
	}
	return e
}
