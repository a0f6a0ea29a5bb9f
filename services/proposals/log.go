package proposals

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// CreateLogEntry records a talk.
func (s *progress) CreateLogEntry(ctx context.Context, req *proposalsv1.CreateLogEntryRequest) (*proposalsv1.CreateLogEntryResponse, error) {
	held, err := convert.Day("heldOn", req.GetHeldOn())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.CreateLogEntryResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProposal(ctx, tx, req.GetProposalId(), by)
		if err != nil {
			return nil, err
		}
		e, err := p.Log(by, proposal.LogEntry{
			ID: s.NewID(), HeldOn: held, Subject: req.GetSubject(), Body: req.GetBody(), Attendees: req.GetAttendees(),
			Visibility: convert.EnumName(req.GetVisibility()),
		}, tx.Now)
		if err != nil {
			return nil, err
		}
		store.AddLog(tx, e)
		if err := s.draftPublic(tx, p, by, e); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "proposals.log.create", ObjectType: "proposal", ObjectID: p.ID, Detail: map[string]string{"entry": e.ID}})
		return &proposalsv1.CreateLogEntryResponse{LogEntry: logToProto(e)}, nil
	})
}

// draftPublic drafts the entry of the public course for a talk that everybody
// may read of; another person approves it.
func (s *progress) draftPublic(tx *pg.Tx, p *proposal.Proposal, by proposal.Reader, e *proposal.LogEntry) error {
	if e.Visibility != "PUBLIC" {
		return nil
	}
	entry, err := p.Announce(s.NewID(), by, proposal.Announcement{Title: e.Subject, Body: e.Body, Date: e.HeldOn}, tx.Now)
	if err != nil {
		return err
	}
	store.AddProgress(tx, entry)
	return nil
}

// ListLogEntries lists the talks that the caller may read.
func (s *progress) ListLogEntries(ctx context.Context, req *proposalsv1.ListLogEntriesRequest) (*proposalsv1.ListLogEntriesResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	by := readerOf(ctx, s.Now())
	p, err := store.GetProposal(ctx, s.DB, req.GetProposalId(), by)
	if err != nil {
		return nil, err
	}
	view := by.View(p)
	if view == proposal.ForPublic {
		return nil, fault.ErrPermissionDenied
	}
	rows, err := store.ListLog(ctx, s.DB, p.ID, view == proposal.ForWard, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(e *proposal.LogEntry) []string { return []string{e.ID} })
	resp := &proposalsv1.ListLogEntriesResponse{LogEntries: convert.List(rows, logToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

func logToProto(e *proposal.LogEntry) *proposalsv1.LogEntry {
	return &proposalsv1.LogEntry{
		Id: e.ID, ProposalId: e.ProposalID, HeldOn: convert.Date(e.HeldOn), Subject: e.Subject, Body: e.Body, Attendees: e.Attendees,
		Visibility:   proposalsv1.LogEntry_Visibility(proposalsv1.LogEntry_Visibility_value[e.Visibility]),
		Side:         proposalsv1.LogEntry_Side(proposalsv1.LogEntry_Side_value[e.Side]),
		DepartmentId: e.DepartmentID, CreateTime: convert.Instant(e.CreatedAt),
	}
}
