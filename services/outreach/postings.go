package outreach

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/number"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/board"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/credit"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// CreatePosting asks for places on boards.
func (s *boards) CreatePosting(ctx context.Context, req *outreachv1.CreatePostingRequest) (*outreachv1.CreatePostingResponse, error) {
	by := boardReaderOf(ctx)
	p, err := postingFromProto(req.GetPosting())
	if err != nil {
		return nil, err
	}
	if p.OrganizationID, err = by.Owner(p.OrganizationID); err != nil {
		return nil, err
	}
	if p.OrganizationID == "" {
		p.DepartmentID = cmp.Or(p.DepartmentID, by.Department)
	}
	asks, err := s.directory.applicantOf(ctx, jp.DateOf(s.Now()), p.OrganizationID, p.DepartmentID)
	if err != nil {
		return nil, err
	}
	p.ID, p.State, p.CreatedBy, p.Version = s.NewID(), board.Requested, by.ID, 1
	p.OrganizationName, p.DepartmentName = asks.organization.Name, asks.department.FullName
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.CreatePostingResponse, error) {
		p.CreatedAt, p.UpdatedAt = tx.Now, tx.Now
		if err := fit(ctx, tx, p, by); err != nil {
			return nil, err
		}
		if err := store.InsertPosting(ctx, tx, p); err != nil {
			return nil, err
		}
		asks.keep(tx)
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.posting.create", ObjectType: "posting", ObjectID: p.ID})
		return &outreachv1.CreatePostingResponse{Posting: s.postingToProto(p, by)}, nil
	})
}

// fit holds a request against its boards and sets its credits. Errors:
// BOARD_CLOSED, BOARD_RULE_BROKEN, BOARD_UNKNOWN, INVALID_FIELD,
// PERMISSION_DENIED, POSTING_EVENT_UNKNOWN.
func fit(ctx context.Context, tx *pg.Tx, p *board.Posting, by board.Reader) error {
	today := jp.DateOf(tx.Now)
	p.Complete()
	if err := p.Check(today); err != nil {
		return err
	}
	on, err := store.HoldBoards(ctx, tx, p.BoardIDs)
	if err != nil {
		return err
	}
	if err := p.Fit(on, today); err != nil {
		return err
	}
	if !by.Writes(p) { // A clerk with a board of another department.
		return fault.ErrPermissionDenied
	}
	return creditPosting(ctx, tx, p)
}

// creditPosting sets who stands behind the posting as of now. Errors:
// POSTING_EVENT_UNKNOWN.
func creditPosting(ctx context.Context, tx *pg.Tx, p *board.Posting) error {
	var lines credit.Lines
	if p.EventID != "" {
		var err error
		lines, err = store.CreditsFor(ctx, tx, p.EventID)
		if errors.Is(err, fault.ErrNotFound) {
			return board.ErrEventUnknown.OnPath("posting.eventId")
		}
		if err != nil {
			return err
		}
	}
	p.Credit(lines)
	return nil
}

var postingPaths = rpc.PathsOf(&outreachv1.PostingInput{}, "organization_id")

// UpdatePosting changes fields of a request.
func (s *boards) UpdatePosting(ctx context.Context, req *outreachv1.UpdatePostingRequest) (*outreachv1.UpdatePostingResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), postingPaths...)
	if err != nil {
		return nil, err
	}
	asks, err := s.directory.applicantOf(ctx, jp.DateOf(s.Now()), "", changed(paths, "department_id", req.GetPosting().GetDepartmentId()))
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.UpdatePostingResponse, error) {
		by := boardReaderOf(ctx)
		old, err := lockPosting(ctx, tx, req, by)
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), old.Version); err != nil {
			return nil, err
		}
		p, err := postingFromProto(rpc.Merge(postingToInput(old), req.GetPosting(), paths))
		if err != nil {
			return nil, err
		}
		if err := p.Replace(old); err != nil {
			return nil, err
		}
		p.DepartmentName = cmp.Or(asks.department.FullName, p.DepartmentName)
		if err := fit(ctx, tx, p, by); err != nil {
			return nil, err
		}
		if err := store.ReplacePosting(ctx, tx, old, p); err != nil {
			return nil, err
		}
		asks.keep(tx)
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach.posting.update", ObjectType: "posting", ObjectID: p.ID,
			Detail: map[string]string{"fields": strings.Join(paths, ",")},
		})
		return &outreachv1.UpdatePostingResponse{Posting: s.postingToProto(p, by)}, nil
	})
}

// changed is the new value of a field, and nothing where the mask leaves it.
func changed(paths rpc.Paths, path, value string) string {
	if !paths.Has(path) {
		return ""
	}
	return value
}

// postingStep is what the requests of all verbs have.
type postingStep interface {
	GetId() string
	GetEtag() string
}

// lockPosting takes a posting for a change. One that the caller sees and may not
// change is refused. Errors: RESOURCE_NOT_FOUND, PERMISSION_DENIED.
func lockPosting(ctx context.Context, tx *pg.Tx, req postingStep, by board.Reader) (*board.Posting, error) {
	p, err := store.LockPosting(ctx, tx, req.GetId(), by)
	if err != nil {
		return nil, err
	}
	if !by.Writes(p) {
		return nil, fault.ErrPermissionDenied
	}
	return p, nil
}

// postingVerb is one step of a locked posting with its name in the audit log.
type postingVerb struct {
	action string
	take   func(ctx context.Context, tx *pg.Tx, p *board.Posting, by board.Reader) error
}

// stepPosting runs one verb on a locked posting: lock, decide, write, record.
func stepPosting[R any](ctx context.Context, s *boards, req postingStep, verb postingVerb, answer func(*outreachv1.Posting) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		by := boardReaderOf(ctx)
		p, err := lockPosting(ctx, tx, req, by)
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), p.Version); err != nil {
			return none, err
		}
		from := p.State
		if err := verb.take(ctx, tx, p, by); err != nil {
			return none, err
		}
		if err := store.UpdatePosting(ctx, tx, p); err != nil {
			return none, err
		}
		if err := s.notifyPosting(tx, p, from); err != nil {
			return none, err
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach.posting." + verb.action, ObjectType: "posting", ObjectID: p.ID,
			Detail: map[string]string{"from": string(from), "to": string(p.State)},
		})
		return answer(s.postingToProto(p, by)), nil
	})
}

// ApprovePosting approves the request of another person.
func (s *boards) ApprovePosting(ctx context.Context, req *outreachv1.ApprovePostingRequest) (*outreachv1.ApprovePostingResponse, error) {
	charge, err := s.directory.applicantOf(ctx, jp.DateOf(s.Now()), "", cmp.Or(req.GetDepartmentId(), auth.From(ctx).DepartmentID))
	if err != nil {
		return nil, err
	}
	return stepPosting(ctx, s, req, postingVerb{"approve", func(ctx context.Context, tx *pg.Tx, p *board.Posting, by board.Reader) error {
		if err := p.Approve(by, tx.Now); err != nil {
			return err
		}
		if req.GetDepartmentId() != "" || p.DepartmentID == "" {
			p.DepartmentID, p.DepartmentName = charge.department.ID, charge.department.FullName
		}
		if err := creditPosting(ctx, tx, p); err != nil {
			return err
		}
		serial, err := number.Next(ctx, tx, board.NumberKind, p.FiscalYear())
		if err != nil {
			return err
		}
		p.Numbered(serial)
		charge.keep(tx)
		return nil
	}}, func(p *outreachv1.Posting) *outreachv1.ApprovePostingResponse {
		return &outreachv1.ApprovePostingResponse{Posting: p}
	})
}

// RejectPosting rejects a request.
func (s *boards) RejectPosting(ctx context.Context, req *outreachv1.RejectPostingRequest) (*outreachv1.RejectPostingResponse, error) {
	return stepPosting(ctx, s, req, postingVerb{"reject", func(ctx context.Context, tx *pg.Tx, p *board.Posting, by board.Reader) error {
		if err := p.Reject(by, req.GetReason()); err != nil {
			return err
		}
		return store.FreePlaces(ctx, tx, p)
	}}, func(p *outreachv1.Posting) *outreachv1.RejectPostingResponse {
		return &outreachv1.RejectPostingResponse{Posting: p}
	})
}

// WithdrawPosting takes a posting back.
func (s *boards) WithdrawPosting(ctx context.Context, req *outreachv1.WithdrawPostingRequest) (*outreachv1.WithdrawPostingResponse, error) {
	return stepPosting(ctx, s, req, postingVerb{"withdraw", func(ctx context.Context, tx *pg.Tx, p *board.Posting, by board.Reader) error {
		if err := p.Withdraw(by, req.GetReason()); err != nil {
			return err
		}
		return store.FreePlaces(ctx, tx, p)
	}}, func(p *outreachv1.Posting) *outreachv1.WithdrawPostingResponse {
		return &outreachv1.WithdrawPostingResponse{Posting: p}
	})
}
