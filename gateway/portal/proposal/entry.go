package proposal

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// entry is the form by which the desk enters a proposal on paper for an
// organization: first the organization is looked up, then the draft is begun.
type entry struct {
	form  *ui.Form
	calls []ui.Option
	found []ui.Option // Organizations with the words.
	asked bool
}

// channels are those by which the desk gets a proposal.
var channels = []proposalsv1.Proposal_Channel{
	proposalsv1.Proposal_DESK, proposalsv1.Proposal_MAIL, proposalsv1.Proposal_FAX, proposalsv1.Proposal_PHONE,
}

func enter(q *web.Request) error {
	form := ui.NewForm(q.URL.Query())
	return answerEntry(q, form, http.StatusOK)
}

func answerEntry(q *web.Request, form *ui.Form, status int) error {
	e := &entry{form: form}
	form.Labels = ui.Labels{
		"q": "desk.group", "callId": "proposal.call", "organizationId": "proposal.organization", "channel": "desk.channelname",
		"paperNote": "desk.paper", "content.title": "proposal.title",
	}
	var err error
	if e.calls, err = openCalls(q); err != nil {
		return err
	}
	if words := strings.TrimSpace(form.Get("q")); words != "" {
		e.asked = true
		resp, err := directoryv1.NewOrganizationServiceClient(q.Site.Service("directory")).SearchOrganizations(q.Context(), &directoryv1.SearchOrganizationsRequest{Q: words, PageSize: 20})
		if refusal, refused := q.Refused(err); refused {
			form.Refusal, status, e.asked = refusal.Refusal, refusal.Status, false
		} else if err != nil {
			return err
		}
		e.found = organizationOptions(resp.GetOrganizations())
	}
	return q.RenderAs(status, entryPage(e))
}

// openCalls are the calls that take drafts today; on paper by mail, also those
// that have just closed.
func openCalls(q *web.Request) ([]ui.Option, error) {
	resp, err := calls(q).ListCalls(q.Context(), &proposalsv1.ListCallsRequest{State: proposalsv1.Call_PUBLISHED, PageSize: 50})
	if err != nil {
		return nil, err
	}
	out := []ui.Option{{Text: text.S(q.Context(), "ui.choose")}}
	for _, c := range resp.GetCalls() {
		out = append(out, ui.Option{Value: c.GetId(), Text: c.GetTitle()})
	}
	return out, nil
}

func entered(q *web.Request) error {
	req := &proposalsv1.CreateProposalRequest{}
	err := web.Bind(q.PostForm, req)
	var resp *proposalsv1.CreateProposalResponse
	if err == nil {
		resp, err = proposals(q).CreateProposal(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerEntry(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/proposals/"+resp.GetProposal().GetId()+"/edit", "begun")
}

func channelOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, c := range channels {
		out = append(out, ui.Option{Value: c.String(), Text: text.Enum(ctx, "desk.channel", c)})
	}
	return out
}

// unowned is the list of the submitted proposals without an owner.
type unowned struct {
	escalated   bool
	found       []*proposalsv1.UnownedProposal
	first, next string
}

func showUnowned(q *web.Request) error {
	u := &unowned{escalated: q.Query("escalated") == "true"}
	resp, err := proposalsv1.NewMeetingServiceClient(q.Site.Service("proposals")).ListUnownedProposals(q.Context(), &proposalsv1.ListUnownedProposalsRequest{
		Escalated: u.escalated, PageSize: 30, PageToken: q.Query("page"),
	})
	if err != nil {
		return err
	}
	u.found = resp.GetUnownedProposals()
	u.first, u.next = q.Pages(resp.GetNextPageToken())
	return q.Render(unownedPage(u))
}

// leave takes the caller's organization out of the joint proposers.
func leave(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	_, err = proposals(q).LeaveProposal(q.Once(), &proposalsv1.LeaveProposalRequest{Id: id, OrganizationId: q.PostFormValue("organizationId")})
	if form, refused := q.Refused(err); refused {
		form.Values.Set("_step", "leave")
		return answer(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/proposals", "left")
}

// repropose begins a new draft from a proposal that was not adopted.
func repropose(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	var resp *proposalsv1.ReproposeProposalResponse
	req := &proposalsv1.ReproposeProposalRequest{Id: id}
	if err = web.Bind(url.Values{"callId": q.PostForm["callId"]}, req); err == nil {
		resp, err = proposals(q).ReproposeProposal(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		form.Values.Set("_step", "repropose")
		form.Labels = stepLabels
		return answer(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/proposals/"+resp.GetProposal().GetId()+"/edit", "begun")
}

// repeatable are the states from which a proposal can be made again.
var repeatable = []proposalsv1.Proposal_State{proposalsv1.Proposal_REJECTED, proposalsv1.Proposal_WITHDRAWN, proposalsv1.Proposal_CARRIED_OVER}

// own reads what the page offers to the organization beside the steps: the calls
// for which it can propose again, and who can leave.
func (f *file) own(q *web.Request) (err error) {
	of := f.proposal.GetOrganizationId()
	f.member = of != "" && (q.Caller.IsMember(of) || slices.Contains(q.Caller.Delegated(q.Site.Now()), of))
	f.joint = f.jointOf(q)
	if f.member && ui.Can(q.Context(), proposalsv1.ProposalService_ReproposeProposal_FullMethodName) &&
		slices.Contains(repeatable, f.proposal.GetState()) && f.proposal.GetSuccessorId() == "" {
		f.calls, err = openCalls(q)
	}
	return err
}

// jointOf are those of the caller's organizations that propose jointly and can
// leave.
func (f *file) jointOf(q *web.Request) []ui.Option {
	if f.proposal.GetCreateTime() == nil || f.proposal.GetSubmitTime() == nil || outcome(f.proposal.GetState()) {
		return nil
	}
	var out []ui.Option
	for _, m := range q.Caller.Memberships {
		at := slices.Index(f.proposal.GetContent().GetJointOrganizationIds(), m.OrganizationID)
		if at >= 0 && at < len(f.proposal.GetJointOrganizationNames()) && ui.Can(q.Context(), proposalsv1.ProposalService_LeaveProposal_FullMethodName) {
			out = append(out, ui.Option{Value: m.OrganizationID, Text: f.proposal.GetJointOrganizationNames()[at]})
		}
	}
	return out
}

// outcome reports whether a state is an end.
func outcome(s proposalsv1.Proposal_State) bool { return s >= proposalsv1.Proposal_ADOPTED }
