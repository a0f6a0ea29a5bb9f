package evaluation

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/rulebook"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
)

// CreateRulebookComment takes a comment of an organization, which directory says
// is verified, as of now and outside the transaction.
func (s *rules) CreateRulebookComment(ctx context.Context, req *evaluationv1.CreateRulebookCommentRequest) (*evaluationv1.CreateRulebookCommentResponse, error) {
	by := readerOf(ctx, s.Now())
	organizationID, err := writerFor(by, req.GetOrganizationId())
	if err != nil {
		return nil, err
	}
	if _, err := store.GetRulebook(ctx, s.DB, req.GetVersionId(), false); err != nil {
		return nil, err
	}
	verified, err := s.directory.verified(ctx, organizationID)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.CreateRulebookCommentResponse, error) {
		v, err := store.HoldRulebook(ctx, tx, req.GetVersionId(), false)
		if err != nil {
			return nil, err
		}
		c := &rulebook.Comment{
			ID: s.NewID(), ClauseNo: int(req.GetClauseNo()), OrganizationID: organizationID, OrganizationName: verified[0].Name,
			Body: req.GetBody(), CreatedBy: by.ID,
		}
		if err := v.Comment(c, tx.Now); err != nil {
			return nil, err
		}
		if err := onProject(ctx, tx, c, req.GetProjectId(), by); err != nil {
			return nil, err
		}
		store.AddComment(tx, c)
		partner.KeepOrganization(tx, verified[0])
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.rulebookComment.create", ObjectType: "rulebook", ObjectID: v.ID, Detail: map[string]string{"comment": c.ID}})
		return &evaluationv1.CreateRulebookCommentResponse{Comment: commentToProto(c)}, nil
	})
}

// writerFor is the organization for which the caller writes: the one asked for, or
// the caller's only one. Errors: PERMISSION_DENIED, INVALID_FIELD.
func writerFor(by project.Reader, asked string) (string, error) {
	if asked == "" && len(by.Writers) == 1 {
		return by.Writers[0], nil
	}
	if asked == "" {
		return "", fault.ErrInvalidField.On(fault.Missing("organizationId"))
	}
	for _, id := range by.Writers {
		if id == asked {
			return id, nil
		}
	}
	return "", fault.ErrPermissionDenied
}

// onProject names the project whose experience led to a comment: a public one of
// the organization. Errors: RESOURCE_NOT_FOUND.
func onProject(ctx context.Context, tx *pg.Tx, c *rulebook.Comment, projectID string, by project.Reader) error {
	if projectID == "" {
		return nil
	}
	p, err := store.GetProject(ctx, tx, projectID, by)
	if err != nil {
		return err
	}
	if !p.Published || !by.Inside(p) {
		return fault.ErrNotFound
	}
	c.ProjectID, c.PublicNumber = p.ID, p.PublicNumber
	return nil
}

// ListRulebookComments lists the comments on a clause.
func (s *rules) ListRulebookComments(ctx context.Context, req *evaluationv1.ListRulebookCommentsRequest) (*evaluationv1.ListRulebookCommentsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	v, err := store.GetRulebook(ctx, s.DB, req.GetVersionId(), isWard(ctx))
	if err != nil {
		return nil, err
	}
	rows, err := store.ListComments(ctx, s.DB, v.ID, int(req.GetClauseNo()), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(c *rulebook.Comment) []string { return []string{c.ID} })
	resp := &evaluationv1.ListRulebookCommentsResponse{Comments: convert.List(rows, commentToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// AnswerRulebookComment answers a comment for the ward.
func (s *rules) AnswerRulebookComment(ctx context.Context, req *evaluationv1.AnswerRulebookCommentRequest) (*evaluationv1.AnswerRulebookCommentResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.AnswerRulebookCommentResponse, error) {
		v, err := store.HoldRulebook(ctx, tx, req.GetVersionId(), true)
		if err != nil {
			return nil, err
		}
		c, err := store.LockComment(ctx, tx, v.ID, int(req.GetClauseNo()), req.GetCommentId())
		if err != nil {
			return nil, err
		}
		if err := v.Answer(c, req.GetAnswer(), req.GetChange(), auth.From(ctx).Actor(), tx.Now); err != nil {
			return nil, err
		}
		store.AnswerComment(tx, c)
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.rulebookComment.answer", ObjectType: "rulebook", ObjectID: v.ID, Detail: map[string]string{"comment": c.ID}})
		return &evaluationv1.AnswerRulebookCommentResponse{Comment: commentToProto(c)}, nil
	})
}
