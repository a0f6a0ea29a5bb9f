package training

import (
	"context"
	"fmt"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// told are the public summaries.
type told struct {
	found       []*outreachv1.TrainingSummary
	first, next string
}

func summaries(q *web.Request) error {
	resp, err := records(q).ListTrainingSummaries(q.Context(), &outreachv1.ListTrainingSummariesRequest{PageSize: 20, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	t := &told{found: resp.GetTrainingSummaries()}
	t.first, t.next = q.Pages(resp.GetNextPageToken())
	return q.Render(summariesPage(t))
}

func statistics(q *web.Request) error {
	resp, err := records(q).GetTrainingStatistics(q.Context(), &outreachv1.GetTrainingStatisticsRequest{FiscalYear: yearOf(q, "year")})
	if err != nil {
		return err
	}
	return q.Render(statisticsPage(resp.GetStatistics()))
}

// bars are the members of the staff with a place, a level each.
func bars(ctx context.Context, s *outreachv1.TrainingStatistics) []ui.Bar {
	var out []ui.Bar
	for _, l := range s.GetLevels() {
		out = append(out, ui.Bar{Name: text.Enum(ctx, "opportunity.kind", l.GetLevel()), Value: int64(l.GetMatched()), Shown: text.S(ctx, "training.persons", l.GetMatched())})
	}
	return out
}

func yearPath(year int32) string { return fmt.Sprintf("/training-statistics?year=%d", year) }

func number(n int32) string { return fmt.Sprint(n) }
