package proposals

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// ListProgress shows the public course of a submitted proposal.
func (s *progress) ListProgress(ctx context.Context, req *proposalsv1.ListProgressRequest) (*proposalsv1.ListProgressResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	p, err := store.GetSubmitted(ctx, s.DB, req.GetProposalId())
	if err != nil {
		return nil, err
	}
	view := readerOf(ctx, s.Now()).View(p)
	rows, err := store.ListProgress(ctx, s.DB, p.ID, view == proposal.ForWard, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, entryAfter)
	hidden := p.Hidden() && view <= proposal.ForPublic
	resp := &proposalsv1.ListProgressResponse{
		Number: p.Number, Title: p.Content.Title, OrganizationName: p.OrganizationName(),
		PublicState: publicStateToProto(p.PublicState()),
	}
	if hidden {
		resp.Title, resp.OrganizationName = proposal.Concealed, proposal.Concealed
	}
	for _, id := range p.Responsible() {
		resp.DepartmentNames = append(resp.DepartmentNames, p.Names.Departments[id])
	}
	for _, e := range rows {
		resp.Entries = append(resp.Entries, entryToProto(e, hidden))
	}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// CreateProgressEntry drafts an announcement or a correction.
func (s *progress) CreateProgressEntry(ctx context.Context, req *proposalsv1.CreateProgressEntryRequest) (*proposalsv1.CreateProgressEntryResponse, error) {
	date, err := convert.Day("date", req.GetDate())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.CreateProgressEntryResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProposal(ctx, tx, req.GetProposalId(), by)
		if err != nil {
			return nil, err
		}
		a := proposal.Announcement{Title: req.GetTitle(), Body: req.GetBody(), Date: date}
		if id := req.GetCorrectsId(); id != "" && by.InWard(p) {
			if a.Corrects, err = store.LockProgress(ctx, tx, p.ID, id); err != nil {
				return nil, proposal.ErrNotCorrectable.Because(err)
			}
		}
		e, err := p.Announce(s.NewID(), by, a, tx.Now)
		if err != nil {
			return nil, err
		}
		store.AddProgress(tx, e)
		audit.Add(ctx, tx, audit.Entry{Action: "proposals.progress.create", ObjectType: "proposal", ObjectID: p.ID, Detail: map[string]string{"entry": e.ID}})
		return &proposalsv1.CreateProgressEntryResponse{ProgressEntry: entryToProto(e, false)}, nil
	})
}

// ApproveProgressEntry publishes the draft of another person.
func (s *progress) ApproveProgressEntry(ctx context.Context, req *proposalsv1.ApproveProgressEntryRequest) (*proposalsv1.ApproveProgressEntryResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.ApproveProgressEntryResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProposal(ctx, tx, req.GetProposalId(), by)
		if err != nil {
			return nil, err
		}
		e, err := store.LockProgress(ctx, tx, p.ID, req.GetProgressId())
		if err != nil {
			return nil, err
		}
		if err := e.Approve(p, by); err != nil {
			return nil, err
		}
		store.PublishProgress(tx, e)
		public := &proposalsv1.ProgressPublished{ProgressEntry: entryToProto(e, p.Hidden())}
		if err := event.Add(ctx, tx, event.Event{Aggregate: "proposal", ID: p.ID, Visibility: event.Public, Message: public}); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "proposals.progress.approve", ObjectType: "proposal", ObjectID: p.ID, Detail: map[string]string{"entry": e.ID}})
		return &proposalsv1.ApproveProgressEntryResponse{ProgressEntry: entryToProto(e, false)}, nil
	})
}

func entryAfter(e *proposal.Entry) []string { return []string{e.Date.String(), e.ID} }

// entryToProto shows an entry; hidden leaves the organization out.
func entryToProto(e *proposal.Entry, hidden bool) *proposalsv1.ProgressEntry {
	out := &proposalsv1.ProgressEntry{
		Id: e.ID, ProposalId: e.ProposalID, CallId: e.CallID, Date: convert.Date(e.Date), Stage: publicStateToProto(e.Stage),
		Title: e.Title, Body: e.Body, DepartmentNames: e.DepartmentNames, OrganizationName: e.OrganizationName,
		Correction: e.CorrectsID != "", CorrectsId: e.CorrectsID, Published: e.Published, CreateTime: convert.Instant(e.CreatedAt),
	}
	if hidden {
		out.OrganizationName = proposal.Concealed
	}
	return out
}
