package proposals

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/consultation"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// CreateReplyTemplate adds a template.
func (s *consultations) CreateReplyTemplate(ctx context.Context, req *proposalsv1.CreateReplyTemplateRequest) (*proposalsv1.CreateReplyTemplateResponse, error) {
	t := &consultation.Template{ID: s.NewID(), Title: req.GetReplyTemplate().GetTitle(), Body: req.GetReplyTemplate().GetBody(), Version: 1}
	if err := t.Check(); err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.CreateReplyTemplateResponse, error) {
		t.UpdatedAt = tx.Now
		if err := store.InsertTemplate(ctx, tx, t); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "proposals.replyTemplate.create", ObjectType: "replyTemplate", ObjectID: t.ID})
		return &proposalsv1.CreateReplyTemplateResponse{ReplyTemplate: templateToProto(t)}, nil
	})
}

// GetReplyTemplate shows a template.
func (s *consultations) GetReplyTemplate(ctx context.Context, req *proposalsv1.GetReplyTemplateRequest) (*proposalsv1.GetReplyTemplateResponse, error) {
	t, err := store.GetTemplate(ctx, s.DB, req.GetId())
	if err != nil {
		return nil, err
	}
	return &proposalsv1.GetReplyTemplateResponse{ReplyTemplate: templateToProto(t)}, nil
}

// ListReplyTemplates lists templates by title.
func (s *consultations) ListReplyTemplates(ctx context.Context, req *proposalsv1.ListReplyTemplatesRequest) (*proposalsv1.ListReplyTemplatesResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListTemplates(ctx, s.DB, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(t *consultation.Template) []string { return []string{t.Title} })
	resp := &proposalsv1.ListReplyTemplatesResponse{ReplyTemplates: convert.List(rows, templateToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// UpdateReplyTemplate changes fields of a template.
func (s *consultations) UpdateReplyTemplate(ctx context.Context, req *proposalsv1.UpdateReplyTemplateRequest) (*proposalsv1.UpdateReplyTemplateResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), "title", "body")
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.UpdateReplyTemplateResponse, error) {
		t, err := store.LockTemplate(ctx, tx, req.GetId())
		if err != nil {
			return nil, err
		}
		if err := rpc.RequireETag(req.GetEtag(), t.Version); err != nil {
			return nil, err
		}
		if paths.Has("title") {
			t.Title = req.GetReplyTemplate().GetTitle()
		}
		if paths.Has("body") {
			t.Body = req.GetReplyTemplate().GetBody()
		}
		if err := t.Check(); err != nil {
			return nil, err
		}
		if err := store.UpdateTemplate(ctx, tx, t); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "proposals.replyTemplate.update", ObjectType: "replyTemplate", ObjectID: t.ID})
		return &proposalsv1.UpdateReplyTemplateResponse{ReplyTemplate: templateToProto(t)}, nil
	})
}

// DeleteReplyTemplate removes a template.
func (s *consultations) DeleteReplyTemplate(ctx context.Context, req *proposalsv1.DeleteReplyTemplateRequest) (*proposalsv1.DeleteReplyTemplateResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.DeleteReplyTemplateResponse, error) {
		if err := store.DeleteTemplate(ctx, tx, req.GetId()); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "proposals.replyTemplate.delete", ObjectType: "replyTemplate", ObjectID: req.GetId()})
		return &proposalsv1.DeleteReplyTemplateResponse{}, nil
	})
}
