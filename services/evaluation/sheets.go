package evaluation

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

// sideFromPath reads the side in an address: organization or ward.
func sideFromPath(s string) project.Side { return project.Side(strings.ToUpper(s)) }

// GetSheet shows a sheet: the own side's always, the other's once both are open.
func (s *evaluations) GetSheet(ctx context.Context, req *evaluationv1.GetSheetRequest) (*evaluationv1.GetSheetResponse, error) {
	by, side := evaluationReader(ctx, s.Now()), sideFromPath(req.GetSide())
	e, p, err := s.read(ctx, req.GetEvaluationId(), by)
	if err != nil {
		return nil, err
	}
	if e.Readable(side) && by.Inside(e, p) {
		r, err := store.GetSheetRevision(ctx, s.DB, e.ID, side, int(req.GetRevision()))
		if err != nil {
			return nil, err
		}
		return &evaluationv1.GetSheetResponse{Sheet: revisionToProto(e, r)}, nil
	}
	// Until then nothing of the answer depends on the other side's sheet.
	if evaluation.SideOf(member(ctx, s.Now()), p) != side {
		return nil, evaluation.ErrSealed
	}
	sealed, err := store.GetSealedSheet(ctx, s.DB, e.ID, side)
	if err != nil {
		return nil, err
	}
	sheet, err := s.vault.open(e.ID, sealed)
	if err != nil {
		return nil, err
	}
	return &evaluationv1.GetSheetResponse{Sheet: draftToProto(e, sealed, sheet.Sheet)}, nil
}

// UpdateSheet saves a draft. The evaluation does not change by it, not even in its
// version.
func (s *evaluations) UpdateSheet(ctx context.Context, req *evaluationv1.UpdateSheetRequest) (*evaluationv1.UpdateSheetResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), "answers", "strengths", "issues", "next")
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.UpdateSheetResponse, error) {
		h, old, sealed, err := s.ownSheet(ctx, tx, req, evaluation.Writes)
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), old.Version); err != nil {
			return nil, err
		}
		if err := h.Writable(old.Side); err != nil {
			return nil, err
		}
		sealed.Sheet = sheetMerged(sealed.Sheet, sheetFromProto(req.GetSheet()), paths)
		if err := sealed.Sheet.Check(h.Criteria); err != nil {
			return nil, err
		}
		if sealed.Salt == nil {
			sealed.Salt = make([]byte, evaluation.SaltSize)
			rand.Read(sealed.Salt)
		}
		sealed.SavedBy = h.member.ID
		saved, err := s.vault.lock(h.ID, old.Side, sealed)
		if err != nil {
			return nil, err
		}
		saved.Version = old.Version + 1
		store.SaveSealedSheet(tx, h.ID, saved)
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.sheet.update", ObjectType: "evaluation", ObjectID: h.ID, Detail: map[string]string{"side": string(old.Side)}})
		return &evaluationv1.UpdateSheetResponse{Sheet: draftToProto(h.Evaluation, saved, sealed.Sheet)}, nil
	})
}

// sheetRequest is what the requests about a sheet have.
type sheetRequest interface {
	GetEvaluationId() string
	GetSide() string
}

// ownSheet holds the evaluation and opens the caller's own sheet. may says whether
// the caller does this for the side. Errors: RESOURCE_NOT_FOUND,
// SHEET_OF_OTHER_SIDE.
func (s *evaluations) ownSheet(ctx context.Context, tx *pg.Tx, req sheetRequest, may func(project.Reader, *project.Project, project.Side) bool) (h held, stored store.SealedSheet, open evaluation.Sealed, err error) {
	if h, err = hold(ctx, tx, req.GetEvaluationId()); err != nil {
		return h, stored, open, err
	}
	side := sideFromPath(req.GetSide())
	if !may(h.member, h.project, side) {
		return h, stored, open, evaluation.ErrOtherSide
	}
	if stored, err = store.GetSealedSheet(ctx, tx, h.ID, side); err != nil {
		return h, stored, open, err
	}
	open, err = s.vault.open(h.ID, stored)
	return h, stored, open, err
}

// SubmitSheet takes a side's sheet in; the second one opens both.
func (s *evaluations) SubmitSheet(ctx context.Context, req *evaluationv1.SubmitSheetRequest) (*evaluationv1.SubmitSheetResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.SubmitSheetResponse, error) {
		h, stored, sealed, err := s.ownSheet(ctx, tx, req, evaluation.Submits)
		if err != nil {
			return nil, err
		}
		if err := rpc.CheckETag(req.GetEtag(), stored.Version); err != nil {
			return nil, err
		}
		by := evaluation.Submission{Side: stored.Side, At: tx.Now, By: h.member.ID, Commitment: sealed.Commitment()}
		if err := h.Submit(by); err != nil {
			return nil, err
		}
		if err := sealed.Sheet.Complete(h.Criteria); err != nil {
			return nil, err
		}
		reason := req.GetReason()
		if reason == "" {
			reason = rpc.Reason(ctx)
		}
		if stored.Side == project.Ward && sealed.SavedBy == h.member.ID && reason == "" {
			return nil, fault.ErrSelfApprovalForbidden
		}
		if err := s.told(ctx, h, stored, sealed); err != nil {
			return nil, err
		}
		store.UpdateEvaluation(tx, h.Evaluation)
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.sheet.submit", ObjectType: "evaluation", ObjectID: h.ID, Reason: reason, Detail: map[string]string{"side": string(stored.Side)}})
		return &evaluationv1.SubmitSheetResponse{Sheet: draftToProto(h.Evaluation, stored, sealed.Sheet)}, nil
	})
}

// told tells that a sheet was submitted and, where it is the second, opens both.
func (s *evaluations) told(ctx context.Context, h held, stored store.SealedSheet, sealed evaluation.Sealed) error {
	add := func(m event.Event) error {
		m.Aggregate, m.ID, m.Visibility = "evaluation", h.ID, event.Ward
		return event.Add(ctx, h.tx, m)
	}
	err := add(event.Event{Message: &evaluationv1.EvaluationSheetSubmitted{
		EvaluationId: h.ID, ProjectId: h.ProjectID, PublicNumber: h.project.PublicNumber, Side: sideToProto(stored.Side),
	}})
	if err != nil || !h.Unsealed() {
		return err
	}
	if err := s.unseal(ctx, h, map[project.Side]evaluation.Sealed{stored.Side: sealed}); err != nil {
		return err
	}
	return add(event.Event{Message: &evaluationv1.EvaluationSheetsUnsealed{
		EvaluationId: h.ID, ProjectId: h.ProjectID, PublicNumber: h.project.PublicNumber,
	}})
}

// unseal writes the open version of every submitted sheet; open are those that the
// caller has at hand.
func (s *evaluations) unseal(ctx context.Context, h held, open map[project.Side]evaluation.Sealed) error {
	for _, by := range h.Submissions {
		sheet, ok := open[by.Side]
		if !ok {
			stored, err := store.GetSealedSheet(ctx, h.tx, h.ID, by.Side)
			if err != nil {
				return err
			}
			if sheet, err = s.vault.open(h.ID, stored); err != nil {
				return err
			}
		}
		store.OpenSheet(h.tx, h.ID, store.SheetRevision{
			Side: by.Side, Number: 1, Content: sheet.Sheet, Salt: sheet.Salt, MadeBy: by.By, MadeAt: by.At,
		})
	}
	return nil
}
