package proposals

import (
	"context"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/number"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// SubmitProposal hands a draft in. Whether the organization is verified is asked
// of directory, as of now and outside the transaction.
func (s *proposals) SubmitProposal(ctx context.Context, req *proposalsv1.SubmitProposalRequest) (*proposalsv1.SubmitProposalResponse, error) {
	postmark, err := convert.Day("postmarkOn", req.GetPostmarkOn())
	if err != nil {
		return nil, err
	}
	parties, err := s.parties(ctx, req.GetId())
	if err != nil {
		return nil, err
	}
	return step(ctx, s, req, func(ctx context.Context, p locked) (proposal.Move, error) {
		if err := parties.check(p.Proposal); err != nil {
			return proposal.Move{}, err
		}
		c, err := store.HoldCall(ctx, p.tx, p.CallID)
		if err != nil {
			return proposal.Move{}, err
		}
		files, err := filesFor(ctx, p, c)
		if err != nil {
			return proposal.Move{}, err
		}
		m, err := p.Submit(p.by, proposal.Submission{Call: c, Now: p.tx.Now, PostmarkOn: postmark, Files: files})
		if err != nil {
			return m, err
		}
		if err := store.TakeQuota(ctx, p.tx, p.Proposal, c.MaxProposals); err != nil {
			return m, err
		}
		serial, err := number.Next(ctx, p.tx, store.ProposalNumber, p.FiscalYear)
		if err != nil {
			return m, err
		}
		p.Numbered(serial)
		parties.keep(p.tx)
		store.AddRevision(p.tx, p.Proposal, false, p.by.ID)
		return m, tellOrigin(ctx, p)
	}, func(p *proposalsv1.Proposal) *proposalsv1.SubmitProposalResponse {
		return &proposalsv1.SubmitProposalResponse{Proposal: p}
	})
}

// tellOrigin tells from which consultation a proposal came, now that its course is
// public; nothing for one that came from none.
func tellOrigin(ctx context.Context, p locked) error {
	if p.ConsultationID == "" {
		return nil
	}
	from, err := store.GetConversion(ctx, p.tx, p.ConsultationID)
	if err != nil {
		return err
	}
	return event.Add(ctx, p.tx, event.Event{
		Aggregate: "proposal", ID: p.ID, Visibility: event.Public, Message: &proposalsv1.ConsultationConverted{
			ProposalId: p.ID, ProposalNumber: p.Number, ConsultationNumber: from.Number,
			ReceivedOn: convert.Date(from.ReceivedOn), ConvertedOn: convert.Date(jp.DateOf(from.ConvertedAt)),
		},
	})
}

// filesFor reads the ids of the proposal's attachments where a field of the call
// wants one.
func filesFor(ctx context.Context, p locked, c *call.Call) ([]string, error) {
	if !slices.ContainsFunc(c.Fields, func(f call.Field) bool { return f.Type == "FILE" }) {
		return nil, nil
	}
	attached, err := store.ListAttachments(ctx, p.tx, p.ID)
	return convert.List(attached, func(a *store.Attachment) string { return a.ID }), err
}

// parties are the organizations of a proposal as directory knows them now.
type parties map[string]*directoryv1.OrganizationSummary

// parties asks directory about the organizations of a draft. The draft may
// change until it is locked; check tells.
func (s *proposals) parties(ctx context.Context, id string) (parties, error) {
	by := readerOf(ctx, s.Now())
	p, err := store.GetProposal(ctx, s.DB, id, by)
	if err != nil {
		return nil, err
	}
	if p.State != proposal.Draft || !by.Submits(p) { // The graph refuses it.
		return nil, nil
	}
	return s.directory.organizationsOf(ctx, append([]string{p.OrganizationID}, p.JointIDs()...)...)
}

// check refuses an organization that is not verified, and a draft that got
// another joint organization in between. Errors: ORGANIZATION_NOT_VERIFIED,
// ORGANIZATION_UNKNOWN.
func (of parties) check(p *proposal.Proposal) error {
	if of == nil {
		return nil
	}
	if of[p.OrganizationID].GetState() != directoryv1.Organization_VERIFIED {
		return proposal.ErrNotVerified.With("state", of[p.OrganizationID].GetState().String())
	}
	for _, id := range p.JointIDs() {
		if of[id] == nil {
			return proposal.ErrOrganizationUnknown.With("organizationId", id)
		}
	}
	if p.Names.Organizations == nil {
		p.Names.Organizations = map[string]string{}
	}
	for id, o := range of {
		p.Names.Organizations[id] = o.GetName()
	}
	return nil
}

// keep queues the names that directory told.
func (of parties) keep(tx *pg.Tx) {
	for _, o := range of {
		partner.KeepOrganization(tx, partner.OrganizationOf(o))
	}
}

// ResubmitProposal hands the corrected proposal in again.
func (s *proposals) ResubmitProposal(ctx context.Context, req *proposalsv1.ResubmitProposalRequest) (*proposalsv1.ResubmitProposalResponse, error) {
	return step(ctx, s, req, func(ctx context.Context, p locked) (proposal.Move, error) {
		c, err := store.GetCall(ctx, p.tx, p.CallID, true)
		if err != nil {
			return proposal.Move{}, err
		}
		files, err := filesFor(ctx, p, c)
		if err != nil {
			return proposal.Move{}, err
		}
		m, err := p.Resubmit(p.by, proposal.Submission{Call: c, Now: p.tx.Now, Files: files})
		if err != nil {
			return m, err
		}
		store.AddRevision(p.tx, p.Proposal, p.Late(p.tx.Now), p.by.ID)
		return m, nil
	}, func(p *proposalsv1.Proposal) *proposalsv1.ResubmitProposalResponse {
		return &proposalsv1.ResubmitProposalResponse{Proposal: p}
	})
}

// WithdrawProposal takes a proposal back and frees its place in the quota.
func (s *proposals) WithdrawProposal(ctx context.Context, req *proposalsv1.WithdrawProposalRequest) (*proposalsv1.WithdrawProposalResponse, error) {
	return step(ctx, s, req, func(_ context.Context, p locked) (proposal.Move, error) {
		m, err := p.Withdraw(p.by, req.GetReason(), p.tx.Now)
		if err == nil && m.Public() {
			store.ReturnQuota(p.tx, p.Proposal)
		}
		return m, err
	}, func(p *proposalsv1.Proposal) *proposalsv1.WithdrawProposalResponse {
		return &proposalsv1.WithdrawProposalResponse{Proposal: p}
	})
}

// AcceptProposal ends the formal check.
func (s *proposals) AcceptProposal(ctx context.Context, req *proposalsv1.AcceptProposalRequest) (*proposalsv1.AcceptProposalResponse, error) {
	return step(ctx, s, req, func(_ context.Context, p locked) (proposal.Move, error) {
		return p.Accept(p.by, p.tx.Now)
	}, func(p *proposalsv1.Proposal) *proposalsv1.AcceptProposalResponse {
		return &proposalsv1.AcceptProposalResponse{Proposal: p}
	})
}

// ReturnProposal asks for a correction.
func (s *proposals) ReturnProposal(ctx context.Context, req *proposalsv1.ReturnProposalRequest) (*proposalsv1.ReturnProposalResponse, error) {
	due, err := convert.Day("dueOn", req.GetDueOn())
	if err != nil {
		return nil, err
	}
	return step(ctx, s, req, func(_ context.Context, p locked) (proposal.Move, error) {
		return p.Return(p.by, proposal.Correction{Fields: req.GetFields(), Message: req.GetMessage(), DueOn: due}, p.tx.Now)
	}, func(p *proposalsv1.Proposal) *proposalsv1.ReturnProposalResponse {
		return &proposalsv1.ReturnProposalResponse{Proposal: p}
	})
}

// LeaveProposal takes a joint organization out.
func (s *proposals) LeaveProposal(ctx context.Context, req *proposalsv1.LeaveProposalRequest) (*proposalsv1.LeaveProposalResponse, error) {
	return step(ctx, s, req, func(_ context.Context, p locked) (proposal.Move, error) {
		organization := req.GetOrganizationId()
		if organization == "" && len(p.by.Represents) == 1 {
			organization = p.by.Represents[0]
		}
		return p.Leave(p.by, organization)
	}, func(*proposalsv1.Proposal) *proposalsv1.LeaveProposalResponse {
		return &proposalsv1.LeaveProposalResponse{}
	})
}

// ReproposeProposal makes a new draft of a proposal that came to nothing.
func (s *proposals) ReproposeProposal(ctx context.Context, req *proposalsv1.ReproposeProposalRequest) (*proposalsv1.ReproposeProposalResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.ReproposeProposalResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProposal(ctx, tx, req.GetId(), by)
		if err != nil {
			return nil, err
		}
		if err := rpc.CheckETag(req.GetEtag(), p.Version); err != nil {
			return nil, err
		}
		c, err := store.GetCall(ctx, tx, req.GetCallId(), by.Desk)
		if err != nil {
			return nil, err
		}
		draft, err := p.Repropose(by, s.NewID(), proposal.Submission{Call: c, Now: tx.Now})
		if err != nil {
			return nil, err
		}
		if err := store.InsertProposal(ctx, tx, draft); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "proposals.proposal.repropose", ObjectType: "proposal", ObjectID: p.ID,
			Detail: map[string]string{"successor": draft.ID},
		})
		return &proposalsv1.ReproposeProposalResponse{Proposal: toProto(draft, by)}, nil
	})
}
