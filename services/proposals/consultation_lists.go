package proposals

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/consultation"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// ListConsultations lists what the caller sees for the ward.
func (s *consultations) ListConsultations(ctx context.Context, req *proposalsv1.ListConsultationsRequest) (*proposalsv1.ListConsultationsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	by := consultationReader(ctx, "")
	f := store.ConsultationFilter{
		State: consultation.State(convert.EnumName(req.GetState())), Channel: convert.EnumName(req.GetChannel()),
		DepartmentID: req.GetDepartmentId(), FiscalYear: int(req.GetFiscalYear()),
	}
	if req.GetOverdue() {
		f.OverdueAt = jp.DateOf(s.Now())
	}
	if !by.Desk && by.Department == "" { // Staff without a department hold nothing.
		return &proposalsv1.ListConsultationsResponse{}, nil
	}
	rows, err := store.ListConsultations(ctx, s.DB, by, f, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, consultationAfter)
	resp := &proposalsv1.ListConsultationsResponse{Consultations: convert.List(rows, consultationSummaryToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

func consultationAfter(c store.ConsultationSummary) []string { return []string{c.ID} }

// ListOwnConsultations lists what the caller and the caller's organizations
// asked.
func (s *consultations) ListOwnConsultations(ctx context.Context, req *proposalsv1.ListOwnConsultationsRequest) (*proposalsv1.ListOwnConsultationsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListOwnConsultations(ctx, s.DB, consultationReader(ctx, ""), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, consultationAfter)
	resp := &proposalsv1.ListOwnConsultationsResponse{Consultations: convert.List(rows, consultationSummaryToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// GetConsultationStatistics counts the consultations of a fiscal year.
func (s *consultations) GetConsultationStatistics(ctx context.Context, req *proposalsv1.GetConsultationStatisticsRequest) (*proposalsv1.GetConsultationStatisticsResponse, error) {
	n, err := store.ConsultationStatistics(ctx, s.DB, int(req.GetFiscalYear()))
	if err != nil {
		return nil, err
	}
	return &proposalsv1.GetConsultationStatisticsResponse{Statistics: deskStatisticsToProto(req.GetFiscalYear(), n)}, nil
}
