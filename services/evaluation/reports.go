package evaluation

import (
	"context"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

// FileReport files a report; its values become those of the goals.
func (s *projects) FileReport(ctx context.Context, req *evaluationv1.FileReportRequest) (*evaluationv1.FileReportResponse, error) {
	r, err := reportFromProto(req.GetReport())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*evaluationv1.FileReportResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.LockProject(ctx, tx, req.GetProjectId(), by)
		if err != nil {
			return nil, err
		}
		if err := p.File(by, r); err != nil {
			return nil, err
		}
		r.FiledAt = tx.Now
		if err := store.AddReport(ctx, tx, r); err != nil {
			return nil, err
		}
		if err := store.UpdateProject(ctx, tx, p); err != nil {
			return nil, err
		}
		enter(tx, p, p.EnterReport(s.NewID(), r, tx.Now), "report "+strconv.Itoa(r.Number))
		if err := event.Add(ctx, tx, event.Event{Aggregate: "project", ID: p.ID, Visibility: event.Public, Message: reportFiled(p, r)}); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "evaluation.report.file", ObjectType: "project", ObjectID: p.ID, Detail: map[string]string{"report": strconv.Itoa(r.Number)}})
		return &evaluationv1.FileReportResponse{Report: reportToProto(r, true)}, nil
	})
}

func reportFiled(p *project.Project, r *project.Report) *evaluationv1.ProjectReportFiled {
	return &evaluationv1.ProjectReportFiled{
		Project: summaryToProto(p), Number: int32(r.Number), Kind: value[evaluationv1.Report_Kind](evaluationv1.Report_Kind_value, r.Kind),
		FiledOn: convert.Date(jp.DateOf(r.FiledAt)),
	}
}

// GetReport shows a report.
func (s *projects) GetReport(ctx context.Context, req *evaluationv1.GetReportRequest) (*evaluationv1.GetReportResponse, error) {
	by := readerOf(ctx, s.Now())
	p, err := store.GetProject(ctx, s.DB, req.GetProjectId(), by)
	if err != nil {
		return nil, err
	}
	r, err := store.GetReport(ctx, s.DB, p.ID, int(req.GetNumber()))
	if err != nil {
		return nil, err
	}
	return &evaluationv1.GetReportResponse{Report: reportToProto(r, by.Inside(p))}, nil
}

// ListReports lists the reports of a project without their rows.
func (s *projects) ListReports(ctx context.Context, req *evaluationv1.ListReportsRequest) (*evaluationv1.ListReportsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	by := readerOf(ctx, s.Now())
	p, err := store.GetProject(ctx, s.DB, req.GetProjectId(), by)
	if err != nil {
		return nil, err
	}
	rows, err := store.ListReports(ctx, s.DB, p.ID, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(r *project.Report) []string { return []string{strconv.Itoa(r.Number)} })
	resp := &evaluationv1.ListReportsResponse{}
	for _, r := range rows {
		r.Content.Rows = nil
		resp.Reports = append(resp.Reports, reportToProto(r, by.Inside(p)))
	}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}
