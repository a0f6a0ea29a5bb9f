package challenge

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// response is the page of what one organization answered.
type response struct {
	*proposalsv1.Contribution
	challenge *proposalsv1.Challenge
	calls     []ui.Option // That take drafts of proposals.
	form      *ui.Form
}

func showResponse(q *web.Request) error {
	return answerResponse(q, ui.NewForm(url.Values{}), http.StatusOK)
}

func answerResponse(q *web.Request, form *ui.Form, status int) error {
	challengeID, err := q.ID("challengeId")
	if err != nil {
		return err
	}
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	c, err := challenges(q).GetChallenge(q.Context(), &proposalsv1.GetChallengeRequest{Id: challengeID})
	if err != nil {
		return err
	}
	got, err := challenges(q).GetContribution(q.Context(), &proposalsv1.GetContributionRequest{ChallengeId: challengeID, Id: id})
	if err != nil {
		return err
	}
	r := &response{Contribution: got.GetResponse(), challenge: c.GetChallenge(), form: form}
	if r.convertible(q.Context()) {
		if r.calls, err = openCalls(q); err != nil {
			return err
		}
	}
	return q.RenderAs(status, responsePage(r))
}

// openCalls are the calls that take drafts.
func openCalls(q *web.Request) ([]ui.Option, error) {
	resp, err := proposalsv1.NewCallServiceClient(q.Site.Service("proposals")).ListCalls(q.Context(), &proposalsv1.ListCallsRequest{State: proposalsv1.Call_PUBLISHED, PageSize: 50})
	if err != nil {
		return nil, err
	}
	var out []ui.Option
	for _, c := range resp.GetCalls() {
		out = append(out, ui.Option{Value: c.GetId(), Text: c.GetTitle()})
	}
	return out, nil
}

// own reports whether the answer is of the caller's organization.
func (r *response) own(ctx context.Context) bool {
	for _, m := range ui.ViewOf(ctx).Caller.Memberships {
		if m.OrganizationID == r.GetOrganizationId() {
			return true
		}
	}
	return false
}

// convertible reports whether the answer can become something more by the caller.
func (r *response) convertible(ctx context.Context) bool {
	c := r.GetConversion()
	none := c.GetConsultationId() == "" && c.GetProposalId() == "" && c.GetCallId() == ""
	return none && (ours(ctx, r.challenge) || r.own(ctx)) && ui.Can(ctx, proposalsv1.ChallengeService_ConvertContribution_FullMethodName)
}

// desk reports whether the caller converts into any of the three.
func desk(ctx context.Context) bool {
	return ui.Can(ctx, proposalsv1.ProposalService_AssignDepartments_FullMethodName)
}

// targets are what the caller can turn the answer into.
func (r *response) targets(ctx context.Context) []string {
	var out []string
	if ours(ctx, r.challenge) {
		out = append(out, "consultation")
	}
	if (r.own(ctx) || desk(ctx)) && len(r.calls) > 0 {
		out = append(out, "proposal")
	}
	if desk(ctx) {
		out = append(out, "call")
	}
	return out
}

// responseSteps are those of an answer.
var responseSteps = &step.Table[struct{}]{
	Texts: "challenge", Done: "converted",
	Labels: ui.Labels{
		"answer.answer": "challenge.answer", "consultation.subject": "challenge.subject", "proposal.callId": "challenge.call",
		"call.fiscalYear": "project.year", "call.round": "challenge.round", "call.title": "challenge.calltitle",
	},
	Steps: []step.Step[struct{}]{
		{Name: "answer", Done: "responseanswered", Form: true, Take: step.By(challenges, proposalsv1.ChallengeServiceClient.AnswerContribution, "challengeId", "id")},
		{Name: "consultation", Sure: true, Inner: "consultation.", Take: convert},
		{Name: "proposal", Sure: true, Inner: "proposal.", Take: convert},
		{Name: "call", Sure: true, Inner: "call.", Take: convert},
	},
}

// offer is one of the steps on the page.
func (r *response) offer(name string) step.Offer {
	return responseSteps.Offer(name, &step.Thing[struct{}]{Path: responsePath(r.Contribution), Etag: r.GetEtag(), Form: r.form})
}

// convert turns the answer into what the step is called after, even where
// nothing of it is filled in.
func convert(ctx context.Context, q *web.Request, in url.Values) error {
	req := &proposalsv1.ConvertContributionRequest{ChallengeId: q.PathValue("challengeId"), Id: q.PathValue("id")}
	switch q.PathValue("step") {
	case "consultation":
		req.Target = &proposalsv1.ConvertContributionRequest_Consultation_{Consultation: &proposalsv1.ConvertContributionRequest_Consultation{}}
	case "proposal":
		req.Target = &proposalsv1.ConvertContributionRequest_Proposal_{Proposal: &proposalsv1.ConvertContributionRequest_Proposal{}}
	case "call":
		req.Target = &proposalsv1.ConvertContributionRequest_Call{Call: &proposalsv1.ConvertContributionRequest_ThemedCall{}}
	default:
		return fault.ErrNotFound
	}
	if err := web.Bind(in, req); err != nil {
		return err
	}
	_, err := challenges(q).ConvertContribution(ctx, req)
	return err
}

func takeResponse(q *web.Request) error {
	return responseSteps.Take(q, "/challenges/"+q.PathValue("challengeId")+"/responses/"+q.PathValue("id"), answerResponse)
}

// years are the fiscal years of a new call: this one and the next.
func years(ctx context.Context) []ui.Option {
	var out []ui.Option
	for n := range 2 {
		year := jp.FiscalYear(ui.ViewOf(ctx).Today) + n
		out = append(out, ui.Option{Value: strconv.Itoa(year), Text: ui.FiscalYear(ctx, int32(year))})
	}
	return out
}

func kinds(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, k := range []proposalsv1.Contribution_Kind{proposalsv1.Contribution_IDEA, proposalsv1.Contribution_ADVICE, proposalsv1.Contribution_OFFER} {
		out = append(out, ui.Option{Value: k.String(), Text: text.Enum(ctx, "challenge.brings", k)})
	}
	return out
}

func responsePath(r *proposalsv1.Contribution) string {
	return fmt.Sprintf("/challenges/%s/responses/%s", r.GetChallengeId(), r.GetId())
}
