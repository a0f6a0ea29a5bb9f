// Package consultation has the pages of the general desk for who asks: asking
// with or without an account, reading one's own consultation again by number and
// access code, and the answers to what is often asked.
package consultation

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/consultations", list),
		web.Public(http.MethodPost, "/consultations", create),
		web.Public(http.MethodGet, "/consultations/new", begin),
		web.Public(http.MethodGet, "/consultations/lookup", ask),
		web.Public(http.MethodPost, "/consultations/lookup", lookup),
		web.SignedIn(http.MethodGet, "/consultations/{id}", show),
		web.Public(http.MethodGet, "/faqs", listFaqs),
	}
}

func consultations(q *web.Request) proposalsv1.ConsultationServiceClient {
	return proposalsv1.NewConsultationServiceClient(q.Site.Service("proposals"))
}

// own are the caller's consultations; none for who is not signed in.
type own struct {
	found       []*proposalsv1.ConsultationSummary
	first, next string
	signed      bool
}

func list(q *web.Request) error {
	var o own
	if q.View.SignedIn() && q.View.May(proposalsv1.ConsultationService_ListOwnConsultations_FullMethodName) {
		resp, err := consultations(q).ListOwnConsultations(q.Context(), &proposalsv1.ListOwnConsultationsRequest{PageSize: 20, PageToken: q.Query("page")})
		if err != nil {
			return err
		}
		o.signed, o.found = true, resp.GetConsultations()
		o.first, o.next = q.Pages(resp.GetNextPageToken())
	}
	return q.Render(listPage(&o))
}

// labels name the fields in what is refused.
var labels = ui.Labels{
	"subject": "consultation.subject", "body": "consultation.body", "asker.name": "consultation.name",
	"asker.email": "consultation.email", "asker.phone": "consultation.phone", "number": "consultation.number", "accessCode": "consultation.code",
}

func begin(q *web.Request) error {
	return q.Render(newPage(ui.NewForm(url.Values{"asker.name": {q.View.Name}})))
}

// create opens a consultation. The answer is the receipt itself: the access code
// is shown this once and stands in no address.
func create(q *web.Request) error {
	req := &proposalsv1.CreateConsultationRequest{}
	err := web.Bind(q.PostForm, req)
	var resp *proposalsv1.CreateConsultationResponse
	if err == nil {
		req.Channel, req.ReceivedOn = proposalsv1.Consultation_WEB, ""
		resp, err = consultations(q).CreateConsultation(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		form.Labels = labels
		return q.RenderAs(form.Status, newPage(form))
	}
	if err != nil {
		return err
	}
	return q.Render(receiptPage(resp.GetConsultation()))
}

func ask(q *web.Request) error { return q.Render(lookupPage(ui.NewForm(url.Values{}))) }

// errNoSuch refuses a number and code that do not belong together; which of the
// two is wrong it does not say.
var errNoSuch = fault.New(fault.NotFound, "CONSULTATION_NOT_FOUND", "受付番号か確認コードが違います。控えを見て、もう一度入力してください。", "Number or access code is wrong; look at your receipt and enter them again.")

// lookup shows a consultation to who knows number and code. It is a form that is
// sent, so that the code stands in no address and no log.
func lookup(q *web.Request) error {
	req := &proposalsv1.LookupConsultationRequest{Number: strings.TrimSpace(q.PostFormValue("number")), AccessCode: strings.TrimSpace(q.PostFormValue("accessCode"))}
	resp, err := consultations(q).LookupConsultation(q.Context(), req)
	if web.NotFound(err) {
		form := q.Posted()
		form.Refusal, form.Status = errNoSuch, http.StatusNotFound
		return q.RenderAs(form.Status, lookupPage(form))
	}
	if form, refused := q.Refused(err); refused {
		form.Labels = labels
		return q.RenderAs(form.Status, lookupPage(form))
	}
	if err != nil {
		return err
	}
	return q.Render(showPage(resp.GetConsultation()))
}

func show(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	resp, err := consultations(q).GetConsultation(q.Context(), &proposalsv1.GetConsultationRequest{Id: id})
	if err != nil {
		return err
	}
	return q.Render(showPage(resp.GetConsultation()))
}

// steps are the course for the timeline.
func steps(ctx context.Context, c *proposalsv1.Consultation) []ui.Step {
	var out []ui.Step
	for _, h := range c.GetHistory() {
		out = append(out, ui.Step{
			Date: ui.Day(h.GetTime()), Title: text.Enum(ctx, "consultation.step", h.GetKind()), Ward: h.GetDepartmentName(), Partner: h.GetOrganizationName(),
		})
	}
	return out
}

func tone(s proposalsv1.Consultation_State) ui.Tone {
	switch s {
	case proposalsv1.Consultation_ANSWERED:
		return ui.Good
	case proposalsv1.Consultation_CLOSED:
		return ui.Ended
	default:
		return ui.Calm
	}
}

// search is the list of questions and what it was asked for.
type search struct {
	form        *ui.Form
	found       []*proposalsv1.Faq
	first, next string
}

func listFaqs(q *web.Request) error {
	s := search{form: ui.NewForm(q.URL.Query())}
	resp, err := proposalsv1.NewFaqServiceClient(q.Site.Service("proposals")).ListFaqs(q.Context(), &proposalsv1.ListFaqsRequest{
		Q: strings.TrimSpace(q.Query("q")), Category: q.Query("category"), PageSize: 20, PageToken: q.Query("page"),
	})
	if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
		form.Values = q.URL.Query()
		s.form = form
		return q.RenderAs(form.Status, faqsPage(&s))
	}
	if err != nil {
		return err
	}
	for _, f := range resp.GetFaqs() {
		if f.GetPublished() { // the desk sees its drafts in the list too
			s.found = append(s.found, f)
		}
	}
	s.first, s.next = q.Pages(resp.GetNextPageToken())
	return q.Render(faqsPage(&s))
}
