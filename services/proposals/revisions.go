package proposals

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// ListRevisions lists the submitted versions.
func (s *proposals) ListRevisions(ctx context.Context, req *proposalsv1.ListRevisionsRequest) (*proposalsv1.ListRevisionsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	p, _, err := s.insider(ctx, req.GetProposalId())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListRevisions(ctx, s.DB, p.ID, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(v store.Revision) []string { return []string{strconv.Itoa(v.Number)} })
	resp := &proposalsv1.ListRevisionsResponse{}
	for i := range rows {
		resp.Revisions = append(resp.Revisions, revisionToProto(p, &rows[i]))
	}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// GetRevision shows one submitted version.
func (s *proposals) GetRevision(ctx context.Context, req *proposalsv1.GetRevisionRequest) (*proposalsv1.GetRevisionResponse, error) {
	p, by, err := s.insider(ctx, req.GetProposalId())
	if err != nil {
		return nil, err
	}
	v, err := s.revision(ctx, p, by, req.GetNumber())
	if err != nil {
		return nil, err
	}
	return &proposalsv1.GetRevisionResponse{Revision: revisionToProto(p, v)}, nil
}

// CompareRevisions shows what differs between two submitted versions.
func (s *proposals) CompareRevisions(ctx context.Context, req *proposalsv1.CompareRevisionsRequest) (*proposalsv1.CompareRevisionsResponse, error) {
	p, by, err := s.insider(ctx, req.GetProposalId())
	if err != nil {
		return nil, err
	}
	from, err := s.revision(ctx, p, by, req.GetFrom())
	if err != nil {
		return nil, err
	}
	to, err := s.revision(ctx, p, by, req.GetTo())
	if err != nil {
		return nil, err
	}
	resp := &proposalsv1.CompareRevisionsResponse{From: req.GetFrom(), To: req.GetTo()}
	for _, d := range proposal.Compare(from.Content, to.Content) {
		v := &proposalsv1.Difference{Field: d.Field}
		if v.From, err = jsonValue(d.From); err != nil {
			return nil, err
		}
		if v.To, err = jsonValue(d.To); err != nil {
			return nil, err
		}
		resp.Differences = append(resp.Differences, v)
	}
	return resp, nil
}

// insider reads a proposal for a party or the ward; who sees it as the public
// only is refused. Errors: RESOURCE_NOT_FOUND, PERMISSION_DENIED.
func (s *proposals) insider(ctx context.Context, id string) (*proposal.Proposal, proposal.Reader, error) {
	by := readerOf(ctx, s.Now())
	p, err := store.GetProposal(ctx, s.DB, id, by)
	if err != nil {
		return nil, by, err
	}
	if by.View(p) == proposal.ForPublic {
		return nil, by, fault.ErrPermissionDenied
	}
	return p, by, nil
}

// revision reads one version as far as the reader sees the proposal.
func (s *proposals) revision(ctx context.Context, p *proposal.Proposal, by proposal.Reader, number int32) (*store.Revision, error) {
	v, err := store.GetRevision(ctx, s.DB, p.ID, int(number))
	if err != nil {
		return nil, err
	}
	if !by.Owns(p) && !by.InWard(p) {
		c := v.Content.WithoutContact()
		v.Content = &c
	}
	return v, nil
}

func revisionToProto(p *proposal.Proposal, v *store.Revision) *proposalsv1.Revision {
	out := &proposalsv1.Revision{ProposalId: p.ID, Number: int32(v.Number), SubmitTime: convert.Instant(v.SubmittedAt), Late: v.Late}
	if v.Content != nil {
		out.Content = contentToProto(v.Content)
	}
	return out
}

// jsonValue writes a field's value as JSON has it; nothing for none.
func jsonValue(v any) (*structpb.Value, error) {
	if v == nil {
		return nil, nil
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	out := &structpb.Value{}
	if err := out.UnmarshalJSON(raw); err != nil {
		return nil, fmt.Errorf("compare: %w", err)
	}
	return out, nil
}
