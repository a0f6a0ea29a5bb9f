package inquiry

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// otherRoutes are the pages beside the consultations themselves.
func otherRoutes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/desk/consultations/{id}/convert", askConversion).For(proposalsv1.ConsultationService_ConvertConsultation_FullMethodName),
		web.SignedIn(http.MethodPost, "/desk/consultations/{id}/convert", convert).For(proposalsv1.ConsultationService_ConvertConsultation_FullMethodName),
		web.SignedIn(http.MethodGet, "/desk/consultations/{id}/faq", askFaq).For(proposalsv1.ConsultationService_PromoteToFaq_FullMethodName),
		web.SignedIn(http.MethodPost, "/desk/consultations/{id}/faq", promote).For(proposalsv1.ConsultationService_PromoteToFaq_FullMethodName),
		web.SignedIn(http.MethodGet, "/desk/faqs", listFaqs).For(proposalsv1.FaqService_UpdateFaq_FullMethodName),
		web.SignedIn(http.MethodGet, "/desk/faqs/{id}", editFaq).For(proposalsv1.FaqService_UpdateFaq_FullMethodName),
		web.SignedIn(http.MethodPost, "/desk/faqs/{id}", saveFaq).For(proposalsv1.FaqService_UpdateFaq_FullMethodName),
		web.SignedIn(http.MethodGet, "/desk/replyTemplates", listTemplates),
		web.SignedIn(http.MethodGet, "/desk/replyTemplates/new", newTemplate).For(proposalsv1.ConsultationService_CreateReplyTemplate_FullMethodName),
		web.SignedIn(http.MethodPost, "/desk/replyTemplates", addTemplate),
		web.SignedIn(http.MethodGet, "/desk/replyTemplates/{id}", editTemplate).For(proposalsv1.ConsultationService_UpdateReplyTemplate_FullMethodName),
		web.SignedIn(http.MethodPost, "/desk/replyTemplates/{id}", saveTemplate),
		web.SignedIn(http.MethodPost, "/desk/replyTemplates/{id}/delete", removeTemplate),
		web.Public(http.MethodGet, "/statistics/consultations", showYear),
	}
}

// inbox is the list of what people brought to the desk.
type inbox struct {
	form        *ui.Form // What was asked for.
	departments []ui.Option
	found       []*proposalsv1.ConsultationSummary
	first, next string
}

// states are those of the list, in their order.
var states = []proposalsv1.Consultation_State{
	proposalsv1.Consultation_RECEIVED, proposalsv1.Consultation_ROUTED, proposalsv1.Consultation_IN_PROGRESS,
	proposalsv1.Consultation_ANSWERED, proposalsv1.Consultation_REFERRED, proposalsv1.Consultation_CLOSED,
}

// list shows first what waits: for the desk what came in, for a department what
// was handed to it. A filter that is chosen empty shows all.
func list(q *web.Request) error {
	query, desk := q.URL.Query(), ui.Can(q.Context(), proposalsv1.ConsultationService_ReferConsultation_FullMethodName)
	if !query.Has("state") && !query.Has("overdue") && !query.Has("departmentId") {
		query.Set("state", proposalsv1.Consultation_ROUTED.String())
		if desk {
			query.Set("state", proposalsv1.Consultation_RECEIVED.String())
		}
	}
	b := inbox{form: ui.NewForm(query)}
	req := &proposalsv1.ListConsultationsRequest{PageToken: q.Query("page"), PageSize: 30}
	if err := web.Bind(filters(query), req); err != nil {
		return err
	}
	resp, err := consultations(q).ListConsultations(q.Context(), req)
	if err != nil {
		return err
	}
	if desk { // staff see their own department's only
		if b.departments, err = departments(q); err != nil {
			return err
		}
		b.departments[0].Text = text.S(q.Context(), "proposal.any")
	}
	b.found = resp.GetConsultations()
	b.first, b.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&b))
}

// filters are the parameters of the list that the RPC has.
func filters(query url.Values) url.Values {
	out := url.Values{}
	for _, name := range []string{"state", "channel", "departmentId", "overdue"} {
		if v := query.Get(name); v != "" {
			out.Set(name, v)
		}
	}
	return out
}

func stateOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "proposal.any")}}
	for _, s := range states {
		out = append(out, ui.Option{Value: s.String(), Text: text.Enum(ctx, "inquiry.state", s)})
	}
	return out
}

// year is the page of the figures of a fiscal year.
type year struct {
	of int32
	*proposalsv1.ConsultationStatistics
}

func showYear(q *web.Request) error {
	y := &year{of: int32(q.Today().Year)}
	if q.Today().Month < 4 {
		y.of--
	}
	if n, err := strconv.ParseInt(q.Query("year"), 10, 32); err == nil && n >= 1900 && n <= 2100 {
		y.of = int32(n)
	}
	resp, err := consultations(q).GetConsultationStatistics(q.Context(), &proposalsv1.GetConsultationStatisticsRequest{FiscalYear: y.of})
	if err != nil {
		return err
	}
	y.ConsultationStatistics = resp.GetStatistics()
	return q.Render(yearPage(y))
}

func (y *year) channels(ctx context.Context) []ui.Bar {
	var out []ui.Bar
	for _, c := range y.GetChannels() {
		if c.GetConsultations() == 0 {
			continue
		}
		out = append(out, ui.Bar{Name: text.Enum(ctx, "inquiry.channel", c.GetChannel()), Value: int64(c.GetConsultations()), Shown: fmt.Sprint(c.GetConsultations())})
	}
	return out
}

func (y *year) states(ctx context.Context) []ui.Bar {
	var out []ui.Bar
	for _, s := range y.GetStates() {
		if s.GetConsultations() == 0 {
			continue
		}
		out = append(out, ui.Bar{Name: text.Enum(ctx, "inquiry.state", s.GetState()), Value: int64(s.GetConsultations()), Shown: fmt.Sprint(s.GetConsultations())})
	}
	return out
}
