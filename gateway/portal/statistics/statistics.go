// Package statistics has the figures of a fiscal year over the services: each
// chart with the same numbers in a table.
package statistics

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{web.Public(http.MethodGet, "/statistics", show)}
}

// oldest is the fiscal year of the first call.
const oldest = 2002

// year is what is counted of a fiscal year. A part whose service is away is nil;
// the others are shown all the same.
type year struct {
	number, newest int
	proposals      *proposalsv1.ProposalStatistics
	consultations  *proposalsv1.ConsultationStatistics
	evaluations    *evaluationv1.EvaluationStatistics
	training       *outreachv1.TrainingStatistics
	readers        *outreachv1.GetSubscriptionStatisticsResponse // Of now; for the ward alone.
	notices        *outreachv1.NoticeStatistics                  // Of now; for administrators alone.
}

func show(q *web.Request) error {
	y := &year{newest: jp.FiscalYear(q.Today())}
	y.number = y.newest
	if n, err := strconv.Atoi(q.Query("year")); err == nil && n >= oldest && n <= y.newest {
		y.number = n
	}
	y.read(q)
	return q.Render(showPage(y))
}

func (y *year) read(q *web.Request) {
	ctx, n := q.Context(), int32(y.number)
	var all sync.WaitGroup
	all.Go(func() {
		resp, err := proposalsv1.NewStatisticsServiceClient(q.Site.Service("proposals")).GetProposalStatistics(ctx, &proposalsv1.GetProposalStatisticsRequest{FiscalYear: n})
		y.proposals = unless(err, resp.GetStatistics())
	})
	all.Go(func() {
		resp, err := proposalsv1.NewConsultationServiceClient(q.Site.Service("proposals")).GetConsultationStatistics(ctx, &proposalsv1.GetConsultationStatisticsRequest{FiscalYear: n})
		y.consultations = unless(err, resp.GetStatistics())
	})
	all.Go(func() {
		resp, err := evaluationv1.NewEvaluationStatisticsServiceClient(q.Site.Service("evaluation")).GetEvaluationStatistics(ctx, &evaluationv1.GetEvaluationStatisticsRequest{FiscalYear: n})
		y.evaluations = unless(err, resp.GetStatistics())
	})
	all.Go(func() {
		resp, err := outreachv1.NewTrainingRecordServiceClient(q.Site.Service("outreach")).GetTrainingStatistics(ctx, &outreachv1.GetTrainingStatisticsRequest{FiscalYear: n})
		y.training = unless(err, resp.GetStatistics())
	})
	all.Go(func() { y.readReaders(q) })
	all.Wait()
}

// readReaders reads what is counted of mails, for who may know it.
func (y *year) readReaders(q *web.Request) {
	if ui.Can(q.Context(), outreachv1.NewsletterSubscriptionService_GetSubscriptionStatistics_FullMethodName) {
		resp, err := outreachv1.NewNewsletterSubscriptionServiceClient(q.Site.Service("outreach")).GetSubscriptionStatistics(q.Context(), &outreachv1.GetSubscriptionStatisticsRequest{})
		y.readers = unless(err, resp)
	}
	if ui.Can(q.Context(), outreachv1.NoticeService_GetNoticeStatistics_FullMethodName) {
		resp, err := outreachv1.NewNoticeServiceClient(q.Site.Service("outreach")).GetNoticeStatistics(q.Context(), &outreachv1.GetNoticeStatisticsRequest{})
		y.notices = unless(err, resp.GetStatistics())
	}
}

// unless returns what was read, or nothing after an error.
func unless[T any](err error, v *T) *T {
	if err != nil {
		return nil
	}
	return v
}

// years are the choices, the newest first.
func (y *year) years() []int {
	var out []int
	for n := y.newest; n >= oldest; n-- {
		out = append(out, n)
	}
	return out
}

// bar is one row of a chart of counts.
func bar(ctx context.Context, name string, n int32, unit string) ui.Bar {
	return ui.Bar{Name: name, Value: int64(n), Shown: text.S(ctx, unit, n)}
}

// drawn reports whether there is anything to draw.
func drawn(bars []ui.Bar) bool {
	return slices.ContainsFunc(bars, func(b ui.Bar) bool { return b.Value > 0 })
}

// outcomes are the proposals of the year by where they stand.
func (y *year) outcomes(ctx context.Context) []ui.Bar {
	s := y.proposals
	var out []ui.Bar
	for _, r := range []struct {
		state proposalsv1.ProgressEntry_PublicState
		n     int32
	}{
		{proposalsv1.ProgressEntry_RECEIVED, s.GetReceived()},
		{proposalsv1.ProgressEntry_IN_EXAMINATION, s.GetInExamination()},
		{proposalsv1.ProgressEntry_IN_NEGOTIATION, s.GetInNegotiation()},
		{proposalsv1.ProgressEntry_ADOPTED, s.GetAdopted()},
		{proposalsv1.ProgressEntry_CONDITIONALLY_ADOPTED, s.GetConditionallyAdopted()},
		{proposalsv1.ProgressEntry_REJECTED, s.GetRejected()},
		{proposalsv1.ProgressEntry_CARRIED_OVER, s.GetCarriedOver()},
		{proposalsv1.ProgressEntry_WITHDRAWN, s.GetWithdrawn()},
	} {
		out = append(out, bar(ctx, text.Enum(ctx, "proposal.public", r.state), r.n, "statistics.count"))
	}
	return out
}

// durations are how long proposals stood in each state.
func (y *year) durations(ctx context.Context) []ui.Bar {
	var out []ui.Bar
	for _, d := range y.proposals.GetDurations() {
		out = append(out, bar(ctx, text.Enum(ctx, "proposal.public", d.GetPublicState()), d.GetMedianDays(), "statistics.days"))
	}
	return out
}

// opinions are what the organizations said about the scheme.
func (y *year) opinions() []ui.Bar {
	var out []ui.Bar
	if y.proposals.GetSurvey().GetReplies() == 0 {
		return nil
	}
	for _, r := range y.proposals.GetSurvey().GetResults() {
		out = append(out, ui.Bar{Name: r.GetQuestion(), Value: int64(r.GetAverageX100()), Shown: fmt.Sprintf("%.2f", float64(r.GetAverageX100())/100)})
	}
	return out
}

func (y *year) channels(ctx context.Context) []ui.Bar {
	var out []ui.Bar
	for _, c := range y.consultations.GetChannels() {
		out = append(out, bar(ctx, text.Enum(ctx, "inquiry.channel", c.GetChannel()), c.GetConsultations(), "statistics.count"))
	}
	return out
}

func (y *year) forms(ctx context.Context) []ui.Bar {
	var out []ui.Bar
	for _, f := range y.evaluations.GetForms() {
		name := f.GetName()
		if name == "" {
			name = text.S(ctx, "statistics.noform")
		}
		out = append(out, bar(ctx, name, f.GetProjects(), "statistics.count"))
	}
	return out
}

// axes are the means of both sides by criterion; criteria that a side has not
// scored are left out of the drawing and stand in the table.
func (y *year) axes(ctx context.Context) []ui.Axis {
	var out []ui.Axis
	for _, c := range y.evaluations.GetCriteria() {
		if c.OrganizationMeanX10 == nil && c.WardMeanX10 == nil {
			continue
		}
		out = append(out, ui.Axis{
			Name: c.GetName(), Most: 5, Ward: float64(c.GetWardMeanX10()) / 10, Partner: float64(c.GetOrganizationMeanX10()) / 10,
			WardShown: mean(ctx, c.WardMeanX10, c.GetWardScores()), PartnerShown: mean(ctx, c.OrganizationMeanX10, c.GetOrganizationScores()),
		})
	}
	return out
}

func mean(ctx context.Context, x10 *int32, scores int32) string {
	if x10 == nil {
		return text.S(ctx, "statistics.nomean")
	}
	return text.S(ctx, "statistics.mean", fmt.Sprintf("%.1f", float64(*x10)/10), scores)
}
