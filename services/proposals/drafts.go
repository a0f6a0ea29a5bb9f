package proposals

import (
	"context"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// CreateProposal begins a draft.
func (s *proposals) CreateProposal(ctx context.Context, req *proposalsv1.CreateProposalRequest) (*proposalsv1.CreateProposalResponse, error) {
	by := readerOf(ctx, s.Now())
	if err := by.Drafts(req.GetOrganizationId()); err != nil {
		return nil, err
	}
	if err := checkChannel(req, by); err != nil {
		return nil, err
	}
	organizations, err := s.directory.organizationsOf(ctx, req.GetOrganizationId())
	if err != nil {
		return nil, err
	}
	organization := partner.OrganizationOf(organizations[req.GetOrganizationId()])
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.CreateProposalResponse, error) {
		c, err := store.GetCall(ctx, tx, req.GetCallId(), by.Desk)
		if err != nil {
			return nil, err
		}
		if err := c.Drafts(tx.Now, req.GetChannel() == proposalsv1.Proposal_MAIL); err != nil {
			return nil, err
		}
		d := draft{call: c, by: by, of: organization, content: contentFromProto(req.GetContent()), channel: "WEB"}
		if by.Desk {
			d.channel, d.note = convert.EnumName(req.GetChannel()), req.GetPaperNote()
		}
		p, err := d.insert(ctx, tx, s.NewID())
		if err != nil {
			return nil, err
		}
		return &proposalsv1.CreateProposalResponse{Proposal: toProto(p, by)}, nil
	})
}

// draft is a proposal that begins.
type draft struct {
	call           *call.Call // That takes drafts.
	by             proposal.Reader
	of             partner.Organization
	content        proposal.Content
	channel, note  string
	consultationID string // That it is made of; empty for others.
}

// insert writes the draft with its audit entry. Errors: CHALLENGE_UNKNOWN.
func (d draft) insert(ctx context.Context, tx *pg.Tx, id string) (*proposal.Proposal, error) {
	p := &proposal.Proposal{
		ID: id, CallID: d.call.ID, FiscalYear: d.call.FiscalYear, OrganizationID: d.of.ID, State: proposal.Draft,
		Content: d.content, Channel: d.channel, PaperNote: d.note, OnBehalf: d.by.Desk, ConsultationID: d.consultationID,
		CreatedBy: d.by.ID, CreatedAt: tx.Now, UpdatedAt: tx.Now, Version: 1,
		Names: proposal.Names{Organizations: map[string]string{d.of.ID: d.of.Name}},
	}
	if err := answersPublic(ctx, tx, &p.Content); err != nil {
		return nil, err
	}
	if err := store.InsertProposal(ctx, tx, p); err != nil {
		return nil, err
	}
	partner.KeepOrganization(tx, d.of)
	audit.Add(ctx, tx, audit.Entry{Action: "proposals.proposal.create", ObjectType: "proposal", ObjectID: p.ID})
	return p, nil
}

// answersPublic refuses content that names a challenge which is not public.
// Errors: CHALLENGE_UNKNOWN.
func answersPublic(ctx context.Context, tx *pg.Tx, c *proposal.Content) error {
	if c.ChallengeID == "" {
		return nil
	}
	return store.RequireChallenges(ctx, tx, c.ChallengeID)
}

// checkChannel refuses a channel from the organization itself, and its absence
// from the desk, which writes down what came in another way.
func checkChannel(req *proposalsv1.CreateProposalRequest, by proposal.Reader) error {
	switch {
	case by.Desk && req.GetChannel() <= proposalsv1.Proposal_WEB:
		return fault.ErrInvalidField.On(fault.Missing("channel"))
	case by.Desk && req.GetPaperNote() == "":
		return fault.ErrInvalidField.On(fault.Missing("paperNote"))
	case !by.Desk && req.GetChannel() > proposalsv1.Proposal_WEB:
		return fault.ErrInvalidField.OnPath("channel")
	case !by.Desk && req.GetPaperNote() != "":
		return fault.ErrInvalidField.OnPath("paperNote")
	}
	return nil
}

// contentPaths are the paths that an update mask may have.
var contentPaths = func() []string {
	fields := (&proposalsv1.ProposalContent{}).ProtoReflect().Descriptor().Fields()
	paths := make([]string, fields.Len())
	for i := range paths {
		paths[i] = "content." + string(fields.Get(i).Name())
	}
	return paths
}()

// UpdateProposal changes content of a draft or of a returned proposal.
func (s *proposals) UpdateProposal(ctx context.Context, req *proposalsv1.UpdateProposalRequest) (*proposalsv1.UpdateProposalResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), contentPaths...)
	if err != nil {
		return nil, err
	}
	content, names := contentFromProto(req.GetProposal().GetContent()), jsonNames(paths)
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.UpdateProposalResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProposal(ctx, tx, req.GetId(), by)
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), p.Version); err != nil {
			return nil, err
		}
		if err := p.Update(by, &content, names); err != nil {
			return nil, err
		}
		if err := answersPublic(ctx, tx, &p.Content); err != nil {
			return nil, err
		}
		store.UpdateProposal(tx, p)
		audit.Add(ctx, tx, audit.Entry{
			Action: "proposals.proposal.update", ObjectType: "proposal", ObjectID: p.ID,
			Detail: map[string]string{"fields": strings.Join(names, ",")},
		})
		return &proposalsv1.UpdateProposalResponse{Proposal: toProto(p, by)}, nil
	})
}

// jsonNames turns mask paths into the JSON names of content fields.
func jsonNames(paths rpc.Paths) []string {
	fields := (&proposalsv1.ProposalContent{}).ProtoReflect().Descriptor().Fields()
	var names []string
	for i := range fields.Len() {
		if f := fields.Get(i); paths.Has("content." + string(f.Name())) {
			names = append(names, f.JSONName())
		}
	}
	return names
}

// GetProposal shows a proposal to whom it is visible.
func (s *proposals) GetProposal(ctx context.Context, req *proposalsv1.GetProposalRequest) (*proposalsv1.GetProposalResponse, error) {
	by := readerOf(ctx, s.Now())
	p, err := store.GetProposal(ctx, s.DB, req.GetId(), by)
	if err != nil {
		return nil, err
	}
	return &proposalsv1.GetProposalResponse{Proposal: toProto(p, by)}, nil
}

var listOrders = map[string]store.Order{
	"": store.Newest, "updateTime desc": store.Newest, "number": store.ByNumber, "number desc": store.ByNumberDown,
}

// ListProposals lists what GetProposal shows.
func (s *proposals) ListProposals(ctx context.Context, req *proposalsv1.ListProposalsRequest) (*proposalsv1.ListProposalsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	f := store.ProposalFilter{
		State: proposal.State(convert.EnumName(req.GetState())), PublicState: proposal.PublicState(convert.EnumName(req.GetPublicState())),
		CallID: req.GetCallId(), OrganizationID: req.GetOrganizationId(), DepartmentID: req.GetDepartmentId(),
		FiscalYear: int(req.GetFiscalYear()), ChallengeID: req.GetChallengeId(), Order: listOrders[req.GetOrderBy()],
	}
	if f.Words, err = searchWords(req.GetQ()); err != nil {
		return nil, err
	}
	rows, err := store.ListProposals(ctx, s.DB, readerOf(ctx, s.Now()), f, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(r store.Summary) []string { return r.After(f.Order) })
	resp := &proposalsv1.ListProposalsResponse{Proposals: make([]*proposalsv1.ProposalSummary, len(rows))}
	for i := range rows {
		resp.Proposals[i] = summaryToProto(&rows[i])
	}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}
