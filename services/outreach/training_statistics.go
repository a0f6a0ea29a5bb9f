package outreach

import (
	"context"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// ListTrainingSummaries lists what everybody reads of the training.
func (s *trainingRecords) ListTrainingSummaries(ctx context.Context, req *outreachv1.ListTrainingSummariesRequest) (*outreachv1.ListTrainingSummariesResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListTrainingSummaries(ctx, s.DB, int(req.GetFiscalYear()), page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, store.TrainingSummaryAfter)
	resp := &outreachv1.ListTrainingSummariesResponse{TrainingSummaries: convert.List(rows, trainingSummaryToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// GetTrainingStatistics counts the training of a fiscal year.
func (s *trainingRecords) GetTrainingStatistics(ctx context.Context, req *outreachv1.GetTrainingStatisticsRequest) (*outreachv1.GetTrainingStatisticsResponse, error) {
	year, today := int(req.GetFiscalYear()), jp.DateOf(s.Now())
	counts, err := store.CountTraining(ctx, s.DB, year, today)
	if err != nil {
		return nil, err
	}
	out := &outreachv1.TrainingStatistics{FiscalYear: req.GetFiscalYear(), Levels: convert.List(counts, trainingCountToProto)}
	if auth.From(ctx).DepartmentID == "" {
		return &outreachv1.GetTrainingStatisticsResponse{Statistics: out}, nil
	}
	on := jp.FiscalYearEnd(year)
	if today.Before(on) {
		on = today
	}
	cover, err := store.CoverTraining(ctx, s.DB, year)
	if err != nil {
		return nil, err
	}
	names, err := s.directory.DepartmentsOn(ctx, on)
	if err != nil {
		return nil, err
	}
	out.DepartmentsOn, out.Departments = on.String(), covered(names, cover)
	return &outreachv1.GetTrainingStatisticsResponse{Statistics: out}, nil
}

// covered joins the departments of a day with who of them was trained; those that
// ended before have the name of their last application.
func covered(names []partner.Department, cover []store.TrainingCoverage) []*outreachv1.TrainingStatistics_Department {
	var out []*outreachv1.TrainingStatistics_Department
	for _, n := range names {
		c := store.TrainingCoverage{DepartmentID: n.ID}
		if at := slices.IndexFunc(cover, func(c store.TrainingCoverage) bool { return c.DepartmentID == n.ID }); at >= 0 {
			c = cover[at]
			cover = slices.Delete(cover, at, at+1)
		}
		c.DepartmentName = n.FullName
		out = append(out, coverageToProto(c))
	}
	return append(out, convert.List(cover, coverageToProto)...)
}
