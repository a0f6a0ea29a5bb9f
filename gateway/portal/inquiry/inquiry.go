// Package inquiry has the pages of the general desk: the consultations that are
// before the ward, the entry on behalf of who called or came, and the steps from
// the hand-over to the answer.
package inquiry

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/partner"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return append(otherRoutes(),
		web.SignedIn(http.MethodGet, "/desk/consultations", list).For(proposalsv1.ConsultationService_ListConsultations_FullMethodName),
		web.SignedIn(http.MethodGet, "/desk/consultations/new", begin).For(proposalsv1.ConsultationService_ReferConsultation_FullMethodName),
		web.SignedIn(http.MethodPost, "/desk/consultations", create).For(proposalsv1.ConsultationService_ReferConsultation_FullMethodName),
		web.SignedIn(http.MethodGet, "/desk/consultations/{id}", show).For(proposalsv1.ConsultationService_ListReplyTemplates_FullMethodName),
		web.SignedIn(http.MethodPost, "/desk/consultations/{id}/asker", asker),
		web.SignedIn(http.MethodPost, "/desk/consultations/{id}/steps/{step}", take),
	)
}

func consultations(q *web.Request) proposalsv1.ConsultationServiceClient {
	return proposalsv1.NewConsultationServiceClient(q.Site.Service("proposals"))
}

// labels name the fields in the summary of what was refused.
var labels = ui.Labels{
	"subject": "inquiry.subject", "body": "inquiry.body", "channel": "inquiry.channelname", "receivedOn": "inquiry.receivedon",
	"asker.name": "inquiry.name", "asker.phone": "inquiry.phone", "asker.email": "inquiry.email", "asker.address": "inquiry.address",
	"departmentId": "inquiry.department", "note": "inquiry.note", "dueOn": "inquiry.dueon", "templateId": "inquiry.template", "message": "inquiry.message",
	"organizationId": "inquiry.supporter",
}

// channels are those by which the desk enters what it heard or got on paper.
var channels = []proposalsv1.Consultation_Channel{
	proposalsv1.Consultation_PHONE, proposalsv1.Consultation_COUNTER, proposalsv1.Consultation_FAX, proposalsv1.Consultation_MAIL,
}

func begin(q *web.Request) error {
	return q.Render(beginPage(ui.NewForm(url.Values{"receivedOn": {q.Today().String()}})))
}

// create enters a consultation and shows its number and code, which nothing else
// ever shows again.
func create(q *web.Request) error {
	req := &proposalsv1.CreateConsultationRequest{}
	err := web.Bind(q.PostForm, req)
	var resp *proposalsv1.CreateConsultationResponse
	if err == nil {
		resp, err = consultations(q).CreateConsultation(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		form.Labels = labels
		return q.RenderAs(form.Status, beginPage(form))
	}
	if err != nil {
		return err
	}
	return q.RenderAs(http.StatusCreated, receiptPage(resp.GetConsultation()))
}

// matter is what the page of one consultation shows.
type matter struct {
	*proposalsv1.Consultation
	form        *ui.Form
	asker       *proposalsv1.Asker // Only after a reason was stated.
	departments []ui.Option
	templates   []ui.Option
	supporters  []ui.Option // Intermediaries, for who refers.
}

func show(q *web.Request) error { return answer(q, nil, ui.NewForm(url.Values{}), http.StatusOK) }

func answer(q *web.Request, who *proposalsv1.Asker, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	got, err := consultations(q).GetConsultation(q.Context(), &proposalsv1.GetConsultationRequest{Id: id})
	if err != nil {
		return err
	}
	m := &matter{Consultation: got.GetConsultation(), form: form, asker: who}
	if m.departments, err = departments(q); err != nil {
		return err
	}
	if m.templates, err = templates(q); err != nil {
		return err
	}
	if m.supporters, err = supporters(q); err != nil {
		return err
	}
	return q.RenderAs(status, showPage(m))
}

// departments are those of today, for who hands over.
func departments(q *web.Request) ([]ui.Option, error) {
	if !ui.Can(q.Context(), proposalsv1.ConsultationService_RouteConsultation_FullMethodName) {
		return nil, nil
	}
	return partner.Departments(q)
}

// templates are the texts that can stand before an answer.
func templates(q *web.Request) ([]ui.Option, error) {
	if !ui.Can(q.Context(), proposalsv1.ConsultationService_ListReplyTemplates_FullMethodName) {
		return nil, nil
	}
	resp, err := consultations(q).ListReplyTemplates(q.Context(), &proposalsv1.ListReplyTemplatesRequest{PageSize: 200})
	if err != nil {
		return nil, err
	}
	out := []ui.Option{{Text: text.S(q.Context(), "inquiry.notemplate")}}
	for _, t := range resp.GetReplyTemplates() {
		out = append(out, ui.Option{Value: t.GetId(), Text: t.GetTitle()})
	}
	return out, nil
}

// asker shows name and contact of who asked, for the stated reason.
func asker(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	resp, err := consultations(q).GetConsultationAsker(q.Because(strings.TrimSpace(q.PostFormValue("why"))), &proposalsv1.GetConsultationAskerRequest{Id: id})
	if form, refused := q.Refused(err); refused {
		form.Values.Set("_step", "asker")
		form.Labels = labels
		return answer(q, nil, form, form.Status)
	}
	if err != nil {
		return err
	}
	return answer(q, resp.GetAsker(), ui.NewForm(url.Values{}), http.StatusOK)
}

// steps are the steps in their order.
var steps = &step.Table[proposalsv1.Consultation_State]{
	Texts: "inquiry", Done: "step", Labels: stepLabels,
	Steps: []step.Step[proposalsv1.Consultation_State]{
		{
			Name: "route", Method: proposalsv1.ConsultationService_RouteConsultation_FullMethodName,
			From: step.In(proposalsv1.Consultation_RECEIVED, proposalsv1.Consultation_ROUTED, proposalsv1.Consultation_IN_PROGRESS),
			Take: step.By(consultations, proposalsv1.ConsultationServiceClient.RouteConsultation),
		},
		{
			Name: "start", Method: proposalsv1.ConsultationService_StartConsultation_FullMethodName,
			From: step.In(proposalsv1.Consultation_ROUTED), Take: step.By(consultations, proposalsv1.ConsultationServiceClient.StartConsultation),
		},
		{
			Name: "reply", Method: proposalsv1.ConsultationService_ReplyConsultation_FullMethodName,
			From: step.In(proposalsv1.Consultation_RECEIVED, proposalsv1.Consultation_ROUTED, proposalsv1.Consultation_IN_PROGRESS),
			Take: step.By(consultations, proposalsv1.ConsultationServiceClient.ReplyConsultation),
		},
		{
			Name: "refer", Method: proposalsv1.ConsultationService_ReferConsultation_FullMethodName, Sure: true,
			From: step.In(proposalsv1.Consultation_RECEIVED, proposalsv1.Consultation_ROUTED, proposalsv1.Consultation_IN_PROGRESS),
			Take: step.By(consultations, proposalsv1.ConsultationServiceClient.ReferConsultation),
		},
		{
			Name: "note", Method: proposalsv1.ConsultationService_NoteConsultation_FullMethodName,
			From: states, Take: step.By(consultations, proposalsv1.ConsultationServiceClient.NoteConsultation),
		},
		{
			Name: "close", Method: proposalsv1.ConsultationService_CloseConsultation_FullMethodName,
			From: step.In(proposalsv1.Consultation_ANSWERED, proposalsv1.Consultation_REFERRED), Take: step.By(consultations, proposalsv1.ConsultationServiceClient.CloseConsultation),
		},
		{
			Name: "reopen", Method: proposalsv1.ConsultationService_ReopenConsultation_FullMethodName,
			From: step.In(proposalsv1.Consultation_ANSWERED, proposalsv1.Consultation_CLOSED, proposalsv1.Consultation_REFERRED),
			Take: step.By(consultations, proposalsv1.ConsultationServiceClient.ReopenConsultation),
		},
	},
}

// stepLabels name the fields of the steps in the summary of what was refused.
var stepLabels = ui.Labels{
	"route.departmentId": "inquiry.department", "route.note": "inquiry.note", "route.dueOn": "inquiry.dueon", "reply.templateId": "inquiry.template",
	"reply.body": "inquiry.reply", "note.body": "inquiry.note", "refer.organizationId": "inquiry.supporter", "refer.message": "inquiry.refermessage",
	"reopen.message": "inquiry.message",
}

// offers are the steps that the page offers.
func (m *matter) offers(ctx context.Context) []step.Offer {
	return steps.Offers(ctx, &step.Thing[proposalsv1.Consultation_State]{
		State: m.GetState(), Path: "/desk/consultations/" + m.GetId(), Form: m.form,
		Asks: map[string][]step.Ask{
			"route": {
				{Kind: step.Select, Input: ui.Input{Name: "departmentId", Label: "inquiry.department", Required: true, Options: m.departments}},
				{Input: ui.Input{Name: "note", Label: "inquiry.note", Rows: 3, Max: 2000}},
				{Input: ui.Input{Name: "dueOn", Label: "inquiry.newdue", Type: "date"}},
			},
			"reply": {
				{Kind: step.Select, Input: ui.Input{Name: "templateId", Label: "inquiry.template", Options: m.templates}},
				{Input: ui.Input{Name: "body", Label: "inquiry.reply", Rows: 8, Max: 4000}},
				{Kind: step.Check, Input: ui.Input{Name: "interim", Label: "inquiry.isinterim"}},
			},
			"refer": {
				{Kind: step.Select, Input: ui.Input{Name: "organizationId", Label: "inquiry.supporter", Required: true, Options: m.supporters}},
				{Input: ui.Input{Name: "message", Label: "inquiry.refermessage", Rows: 4, Required: true, Max: 2000}},
			},
			"note":   {{Input: ui.Input{Name: "body", Label: "inquiry.note", Rows: 3, Required: true, Max: 4000}}},
			"reopen": {{Input: ui.Input{Name: "message", Label: "inquiry.message", Rows: 4, Required: true, Max: 4000}}},
		},
	})
}

// take answers the form of a step on the page of its consultation.
func take(q *web.Request) error {
	return steps.Take(q, "/desk/consultations/"+q.PathValue("id"), func(q *web.Request, form *ui.Form, status int) error {
		return answer(q, nil, form, status)
	})
}

// tone is how a state looks.
func tone(s proposalsv1.Consultation_State) ui.Tone {
	switch s {
	case proposalsv1.Consultation_RECEIVED:
		return ui.Warning
	case proposalsv1.Consultation_ANSWERED:
		return ui.Good
	case proposalsv1.Consultation_CLOSED:
		return ui.Ended
	default:
		return ui.Calm
	}
}

// history are the hand-overs and answers for the timeline.
func (m *matter) history(ctx context.Context) []ui.Step {
	var out []ui.Step
	for _, h := range m.GetHistory() {
		out = append(out, ui.Step{
			Date: ui.Day(h.GetTime()), Title: text.Enum(ctx, "inquiry.history", h.GetKind()), Ward: h.GetDepartmentName(), Partner: h.GetOrganizationName(),
		})
	}
	return out
}
