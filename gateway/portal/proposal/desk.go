package proposal

import (
	"net/http"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/partner"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// inbox is the list of what is before the ward.
type inbox struct {
	state       proposalsv1.Proposal_State
	form        *ui.Form // Of the words that were searched for.
	found       []*proposalsv1.ProposalSummary
	first, next string
}

// inboxStates are the states that wait for somebody in the ward, in their order.
var inboxStates = []proposalsv1.Proposal_State{
	proposalsv1.Proposal_SUBMITTED, proposalsv1.Proposal_ACCEPTED, proposalsv1.Proposal_ASSIGNED, proposalsv1.Proposal_UNDER_REVIEW,
	proposalsv1.Proposal_IN_NEGOTIATION, proposalsv1.Proposal_DECISION_DRAFTED, proposalsv1.Proposal_DECISION_APPROVED,
	proposalsv1.Proposal_RETURNED, proposalsv1.Proposal_CONDITIONALLY_ADOPTED, proposalsv1.Proposal_DRAFT,
}

func showInbox(q *web.Request) error {
	b := inbox{state: proposalsv1.Proposal_State(proposalsv1.Proposal_State_value[q.Query("state")])}
	if !slices.Contains(inboxStates, b.state) {
		b.state = proposalsv1.Proposal_SUBMITTED
	}
	b.form = ui.NewForm(q.URL.Query())
	resp, err := proposals(q).ListProposals(q.Context(), &proposalsv1.ListProposalsRequest{
		State: b.state, Q: strings.TrimSpace(q.Query("q")), PageToken: q.Query("page"), PageSize: 30,
	})
	if form, refused := q.Refused(err); refused {
		form.Values = q.URL.Query()
		b.form = form
		return q.RenderAs(form.Status, inboxPage(&b))
	}
	if err != nil {
		return err
	}
	b.found = resp.GetProposals()
	b.first, b.next = q.Pages(resp.GetNextPageToken())
	return q.Render(inboxPage(&b))
}

// take answers the form of a step on the page of its proposal.
func take(q *web.Request) error {
	return steps.Take(q, "/proposals/"+q.PathValue("id"), answer)
}

// stepLabels name the fields of what the page offers in the summary of what was
// refused.
var stepLabels = ui.Labels{
	"return.fields": "desk.fields", "return.message": "desk.message", "return.dueOn": "desk.dueon", "assign.assignments": "desk.departments",
	"respond.reason": "desk.reason", "draft.outcome": "proposal.outcome", "draft.reason": "desk.reason", "draft.cost": "desk.cost",
	"draft.conditions": "desk.conditions", "draft.decidedBy": "desk.decidedby", "sendback.reason": "desk.reason", "confirm.note": "desk.met",
	"withdraw.reason": "desk.reason", "callId": "proposal.call", "organizationId": "proposal.organization",
}

// departments are those of today; only where the caller assigns them.
func departments(q *web.Request) ([]ui.Option, error) {
	if !ui.Can(q.Context(), proposalsv1.ProposalService_AssignDepartments_FullMethodName) {
		return nil, nil
	}
	return partner.Departments(q)
}

// deskRoutes are the pages and steps of the ward, and those of the organization
// once its proposal is submitted.
func deskRoutes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/desk/proposals", showInbox).For(proposalsv1.ProposalService_AssignDepartments_FullMethodName),
		web.SignedIn(http.MethodGet, "/desk/proposals/new", enter).For(proposalsv1.ProposalService_AcceptProposal_FullMethodName),
		web.SignedIn(http.MethodPost, "/desk/proposals", entered),
		web.SignedIn(http.MethodGet, "/desk/proposals/unowned", showUnowned),
		web.SignedIn(http.MethodPost, "/proposals/{id}/steps/{step}", take),
		web.SignedIn(http.MethodPost, "/proposals/{id}/leave", leave),
		web.SignedIn(http.MethodPost, "/proposals/{id}/repropose", repropose),
	}
}
