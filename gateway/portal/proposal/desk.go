package proposal

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// inbox is the list of what is before the ward.
type inbox struct {
	state       proposalsv1.Proposal_State
	found       []*proposalsv1.ProposalSummary
	first, next string
}

// inboxStates are the states that wait for somebody in the ward, in their order.
var inboxStates = []proposalsv1.Proposal_State{
	proposalsv1.Proposal_SUBMITTED, proposalsv1.Proposal_ACCEPTED, proposalsv1.Proposal_ASSIGNED, proposalsv1.Proposal_UNDER_REVIEW,
	proposalsv1.Proposal_IN_NEGOTIATION, proposalsv1.Proposal_DECISION_DRAFTED, proposalsv1.Proposal_DECISION_APPROVED,
}

func showInbox(q *web.Request) error {
	b := inbox{state: proposalsv1.Proposal_State(proposalsv1.Proposal_State_value[q.Query("state")])}
	if !slices.Contains(inboxStates, b.state) {
		b.state = proposalsv1.Proposal_SUBMITTED
	}
	resp, err := proposals(q).ListProposals(q.Context(), &proposalsv1.ListProposalsRequest{State: b.state, PageToken: q.Query("page"), PageSize: 30})
	if err != nil {
		return err
	}
	b.found = resp.GetProposals()
	b.first, b.next = q.Pages(resp.GetNextPageToken())
	return q.Render(inboxPage(&b))
}

// step is a step of the graph that a page offers: to whom the RPC's roles admit
// it, in the states from which the graph has it.
type step struct {
	name   string // Of the address and of the texts.
	method string // RPC.
	from   []proposalsv1.Proposal_State
	form   bool // Whether it needs more than a button.
	take   func(ctx context.Context, q *web.Request, id string) error
}

// offered reports whether the page offers a step. Whether it is allowed, the
// service says.
func (s step) offered(ctx context.Context, p *proposalsv1.Proposal) bool {
	return slices.Contains(s.from, p.GetState()) && ui.Can(ctx, s.method)
}

// take answers the form of a step on the page of its proposal.
func take(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	at := slices.IndexFunc(graph, func(s step) bool { return s.name == q.PathValue("step") })
	if at < 0 {
		return problem.ErrRouteNotFound
	}
	lines(q, "conditions")
	err = graph[at].take(q.Once(), q, id)
	if form, refused := q.Refused(err); refused {
		form.Values.Set("conditions", strings.Join(form.Values["conditions"], "\n"))
		form.Values.Set("_step", graph[at].name)
		form.Labels = stepLabels
		return answer(q, id, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/proposals/"+id, "step")
}

var stepLabels = ui.Labels{
	"reason": "desk.reason", "cost": "desk.cost", "conditions": "desk.conditions", "decidedBy": "desk.decidedby", "outcome": "proposal.outcome",
	"message": "desk.message", "dueOn": "desk.dueon", "fields": "desk.fields", "assignments": "desk.departments",
}

// departments are those of today; only where the caller assigns them.
func departments(q *web.Request) ([]ui.Option, error) {
	if !ui.Can(q.Context(), proposalsv1.ProposalService_AssignDepartments_FullMethodName) {
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

// deskRoutes are the pages and steps of the ward, and those of the organization
// once its proposal is submitted.
func deskRoutes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/desk/proposals", showInbox).For(proposalsv1.ProposalService_AssignDepartments_FullMethodName),
		web.SignedIn(http.MethodPost, "/proposals/{id}/steps/{step}", take),
	}
}
