// Package inquiry has the pages of the general desk: the consultations that are
// before the ward, the entry on behalf of who called or came, and the steps from
// the hand-over to the answer.
package inquiry

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/desk/consultations", list).For(proposalsv1.ConsultationService_ListConsultations_FullMethodName),
		web.SignedIn(http.MethodGet, "/desk/consultations/new", begin).For(proposalsv1.ConsultationService_ReferConsultation_FullMethodName),
		web.SignedIn(http.MethodPost, "/desk/consultations", create).For(proposalsv1.ConsultationService_ReferConsultation_FullMethodName),
		web.SignedIn(http.MethodGet, "/desk/consultations/{id}", show).For(proposalsv1.ConsultationService_ListReplyTemplates_FullMethodName),
		web.SignedIn(http.MethodPost, "/desk/consultations/{id}/asker", asker),
		web.SignedIn(http.MethodPost, "/desk/consultations/{id}/steps/{step}", take),
	}
}

func consultations(q *web.Request) proposalsv1.ConsultationServiceClient {
	return proposalsv1.NewConsultationServiceClient(q.Site.Service("proposals"))
}

// inbox is the list of what people brought to the desk.
type inbox struct {
	state       proposalsv1.Consultation_State
	found       []*proposalsv1.ConsultationSummary
	first, next string
}

// states are those of the list, in their order.
var states = []proposalsv1.Consultation_State{
	proposalsv1.Consultation_RECEIVED, proposalsv1.Consultation_ROUTED, proposalsv1.Consultation_IN_PROGRESS,
	proposalsv1.Consultation_ANSWERED, proposalsv1.Consultation_REFERRED, proposalsv1.Consultation_CLOSED,
}

func list(q *web.Request) error {
	b := inbox{state: proposalsv1.Consultation_State(proposalsv1.Consultation_State_value[q.Query("state")])}
	if !slices.Contains(states, b.state) {
		b.state = proposalsv1.Consultation_RECEIVED
	}
	resp, err := consultations(q).ListConsultations(q.Context(), &proposalsv1.ListConsultationsRequest{State: b.state, PageToken: q.Query("page"), PageSize: 30})
	if err != nil {
		return err
	}
	b.found = resp.GetConsultations()
	b.first, b.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&b))
}

// labels name the fields in the summary of what was refused.
var labels = ui.Labels{
	"subject": "inquiry.subject", "body": "inquiry.body", "channel": "inquiry.channelname", "receivedOn": "inquiry.receivedon",
	"asker.name": "inquiry.name", "asker.phone": "inquiry.phone", "asker.email": "inquiry.email", "asker.address": "inquiry.address",
	"departmentId": "inquiry.department", "note": "inquiry.note", "dueOn": "inquiry.dueon", "templateId": "inquiry.template", "message": "inquiry.message",
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
}

func show(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	return answer(q, id, nil, ui.NewForm(url.Values{}), http.StatusOK)
}

func answer(q *web.Request, id string, who *proposalsv1.Asker, form *ui.Form, status int) error {
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
	form.Labels = labels
	return q.RenderAs(status, showPage(m))
}

// departments are those of today, for who hands over.
func departments(q *web.Request) ([]ui.Option, error) {
	if !ui.Can(q.Context(), proposalsv1.ConsultationService_RouteConsultation_FullMethodName) {
		return nil, nil
	}
	resp, err := directoryv1.NewDepartmentServiceClient(q.Site.Service("directory")).ListDepartments(q.Context(), &directoryv1.ListDepartmentsRequest{PageSize: 200})
	if err != nil {
		return nil, err
	}
	out := []ui.Option{{Text: text.S(q.Context(), "ui.choose")}}
	for _, d := range resp.GetDepartments() {
		out = append(out, ui.Option{Value: d.GetId(), Text: d.GetFullName()})
	}
	return out, nil
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
		return answer(q, id, nil, form, form.Status)
	}
	if err != nil {
		return err
	}
	return answer(q, id, resp.GetAsker(), ui.NewForm(url.Values{}), http.StatusOK)
}

// step is a step that the page of a consultation offers: to whom the RPC's roles
// admit it, in the states from which it can be taken.
type step struct {
	name   string // Of the address and of the texts.
	method string // RPC.
	from   []proposalsv1.Consultation_State
	form   bool // Whether it needs more than a button.
	take   func(ctx context.Context, q *web.Request, id string) error
}

// graph are the steps in their order.
var graph = []step{
	{
		name: "route", method: proposalsv1.ConsultationService_RouteConsultation_FullMethodName, form: true,
		from: in(proposalsv1.Consultation_RECEIVED, proposalsv1.Consultation_ROUTED, proposalsv1.Consultation_IN_PROGRESS),
		take: by(proposalsv1.ConsultationServiceClient.RouteConsultation),
	},
	{
		name: "start", method: proposalsv1.ConsultationService_StartConsultation_FullMethodName,
		from: in(proposalsv1.Consultation_ROUTED), take: by(proposalsv1.ConsultationServiceClient.StartConsultation),
	},
	{
		name: "reply", method: proposalsv1.ConsultationService_ReplyConsultation_FullMethodName, form: true,
		from: in(proposalsv1.Consultation_RECEIVED, proposalsv1.Consultation_ROUTED, proposalsv1.Consultation_IN_PROGRESS),
		take: by(proposalsv1.ConsultationServiceClient.ReplyConsultation),
	},
	{
		name: "note", method: proposalsv1.ConsultationService_NoteConsultation_FullMethodName, form: true,
		from: states, take: by(proposalsv1.ConsultationServiceClient.NoteConsultation),
	},
	{
		name: "close", method: proposalsv1.ConsultationService_CloseConsultation_FullMethodName,
		from: in(proposalsv1.Consultation_ANSWERED, proposalsv1.Consultation_REFERRED), take: by(proposalsv1.ConsultationServiceClient.CloseConsultation),
	},
	{
		name: "reopen", method: proposalsv1.ConsultationService_ReopenConsultation_FullMethodName, form: true,
		from: in(proposalsv1.Consultation_ANSWERED, proposalsv1.Consultation_CLOSED, proposalsv1.Consultation_REFERRED),
		take: by(proposalsv1.ConsultationServiceClient.ReopenConsultation),
	},
}

func in(of ...proposalsv1.Consultation_State) []proposalsv1.Consultation_State { return of }

// by takes a step by its RPC: the request is what the form says, and the id.
func by[Q any, P interface {
	*Q
	proto.Message
}, R any](rpc func(proposalsv1.ConsultationServiceClient, context.Context, P, ...grpc.CallOption) (R, error)) func(context.Context, *web.Request, string) error {
	return func(ctx context.Context, q *web.Request, id string) error {
		q.PostForm.Set("id", id)
		req := P(new(Q))
		if err := web.Bind(q.PostForm, req); err != nil {
			return err
		}
		_, err := rpc(consultations(q), ctx, req)
		return err
	}
}

// offered reports whether the page offers a step. Whether it is allowed, the
// service says.
func (s step) offered(ctx context.Context, m *matter) bool {
	return slices.Contains(s.from, m.GetState()) && ui.Can(ctx, s.method)
}

// take answers the form of a step on the page of its consultation.
func take(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	at := slices.IndexFunc(graph, func(s step) bool { return s.name == q.PathValue("step") })
	if at < 0 {
		return problem.ErrRouteNotFound
	}
	err = graph[at].take(q.Once(), q, id)
	if form, refused := q.Refused(err); refused {
		form.Values.Set("_step", graph[at].name)
		return answer(q, id, nil, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/desk/consultations/"+id, "step")
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
