// Package referral has the pages of what the general desk refers to
// intermediaries, for both.
package referral

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/referrals", list),
		web.SignedIn(http.MethodGet, "/referrals/new", begin),
		web.SignedIn(http.MethodPost, "/referrals", create),
		web.SignedIn(http.MethodGet, "/referrals/{id}", show),
		web.SignedIn(http.MethodPost, "/referrals/{id}/contact", contact),
		web.SignedIn(http.MethodPost, "/referrals/{id}/steps/{step}", take),
	}
}

func referrals(q *web.Request) directoryv1.ReferralServiceClient {
	return directoryv1.NewReferralServiceClient(q.Site.Service("directory"))
}

type (
	state  = directoryv1.Referral_State
	client = directoryv1.ReferralServiceClient
)

// States of a referral.
const (
	sent     = directoryv1.Referral_SENT
	accepted = directoryv1.Referral_ACCEPTED
)

var states = []state{sent, accepted, directoryv1.Referral_REPORTED, directoryv1.Referral_DECLINED, directoryv1.Referral_WITHDRAWN}

// folder is the list of a state.
type folder struct {
	state       state
	found       []*directoryv1.Referral
	first, next string
}

func list(q *web.Request) error {
	f := folder{state: state(directoryv1.Referral_State_value[q.Query("state")])}
	resp, err := referrals(q).ListReferrals(q.Context(), &directoryv1.ListReferralsRequest{State: f.state, PageSize: 30, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	f.found = resp.GetReferrals()
	f.first, f.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&f))
}

// labels name the fields in the summary of what was refused.
var labels = ui.Labels{
	"intermediaryId": "delegation.intermediary", "subject": "referral.subject", "message": "referral.message", "consultationNumber": "referral.consultation",
	"contact": "exchange.contact", "contactConsent": "referral.consent", "officeDays": "referral.officedays",
	"decline.reason": "step.reason", "withdraw.reason": "step.reason", "report.report": "referral.report", "report.outcome": "referral.outcomename", step.Why: "exchange.contactwhy",
}

func begin(q *web.Request) error {
	return answerForm(q, ui.NewForm(url.Values{"consultationId": {q.Query("consultationId")}, "consultationNumber": {q.Query("consultationNumber")}}), http.StatusOK)
}

func answerForm(q *web.Request, form *ui.Form, status int) error {
	if !ui.Can(q.Context(), directoryv1.ReferralService_CreateReferral_FullMethodName) {
		return fault.ErrPermissionDenied
	}
	resp, err := directoryv1.NewOrganizationServiceClient(q.Site.Service("directory")).ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{
		Kind: directoryv1.Organization_INTERMEDIARY, State: directoryv1.Organization_VERIFIED, PageSize: 200,
	})
	if err != nil {
		return err
	}
	choices := []ui.Option{{Text: text.S(q.Context(), "ui.choose")}}
	for _, o := range resp.GetOrganizations() {
		choices = append(choices, ui.Option{Value: o.GetId(), Text: o.GetName()})
	}
	form.Labels = labels
	return q.RenderAs(status, newPage(form, choices))
}

func create(q *web.Request) error {
	req := &directoryv1.CreateReferralRequest{}
	err := web.Bind(q.PostForm, req)
	var resp *directoryv1.CreateReferralResponse
	if err == nil {
		if c := req.GetContact(); c.GetName()+c.GetPhone()+c.GetEmail() == "" {
			req.Contact = nil
		}
		resp, err = referrals(q).CreateReferral(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerForm(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/referrals/"+resp.GetReferral().GetId(), "referred")
}

// matter is what the page of a referral shows.
type matter struct {
	*directoryv1.Referral
	form    *ui.Form
	contact *directoryv1.ExchangeContact // Only after a reason was stated.
	known   bool                         // Whether the contact was read.
}

func show(q *web.Request) error {
	return answer(q, &matter{form: ui.NewForm(url.Values{})}, http.StatusOK)
}

func answer(q *web.Request, m *matter, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	got, err := referrals(q).GetReferral(q.Context(), &directoryv1.GetReferralRequest{Id: id})
	if err != nil {
		return err
	}
	m.Referral = got.GetReferral()
	m.form.Labels = labels
	return q.RenderAs(status, showPage(m))
}

// contact shows the contact to the intermediary, for the stated reason.
func contact(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	resp, err := referrals(q).GetReferralContact(q.Because(strings.TrimSpace(q.PostFormValue(step.Why))), &directoryv1.GetReferralContactRequest{Id: id})
	if form, refused := q.Refused(err); refused {
		form.Refusal = step.Reasoned(form.Refusal, step.Why)
		form.Values.Set("_step", "contact")
		return answer(q, &matter{form: form}, form.Status)
	}
	if err != nil {
		return err
	}
	return answer(q, &matter{form: ui.NewForm(url.Values{}), contact: resp.GetContact(), known: true}, http.StatusOK)
}

// steps are those of a referral in their order.
var steps = &step.Table[state]{
	Texts: "referral", Done: "step",
	Steps: []step.Step[state]{
		{Name: "accept", Method: directoryv1.ReferralService_AcceptReferral_FullMethodName, Sure: true, From: step.In(sent), Take: step.By(referrals, client.AcceptReferral)},
		{Name: "report", Method: directoryv1.ReferralService_ReportReferral_FullMethodName, Sure: true, From: step.In(accepted), Take: step.By(referrals, client.ReportReferral)},
		{Name: "decline", Method: directoryv1.ReferralService_DeclineReferral_FullMethodName, Sure: true, From: step.In(sent, accepted), Take: step.By(referrals, client.DeclineReferral)},
		{Name: "withdraw", Method: directoryv1.ReferralService_WithdrawReferral_FullMethodName, Sure: true, From: step.In(sent, accepted), Take: step.By(referrals, client.WithdrawReferral)},
	},
}

// offers are the steps that the page offers.
func (m *matter) offers(ctx context.Context) []step.Offer {
	return steps.Offers(ctx, &step.Thing[state]{State: m.GetState(), Path: "/referrals/" + m.GetId(), Form: m.form})
}

func take(q *web.Request) error {
	return steps.Take(q, "/referrals/"+q.PathValue("id"), func(q *web.Request, form *ui.Form, status int) error {
		return answer(q, &matter{form: form}, status)
	})
}

// tone is how a state looks.
func tone(s state) ui.Tone {
	switch s {
	case sent:
		return ui.Warning
	case accepted:
		return ui.Calm
	case directoryv1.Referral_REPORTED:
		return ui.Good
	default:
		return ui.Ended
	}
}

func outcomes(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, o := range []directoryv1.Referral_Outcome{
		directoryv1.Referral_RESOLVED, directoryv1.Referral_CONTINUING, directoryv1.Referral_PASSED_ON, directoryv1.Referral_UNRESOLVED, directoryv1.Referral_DROPPED,
	} {
		out = append(out, ui.Option{Value: o.String(), Text: text.Enum(ctx, "referral.outcome", o)})
	}
	return out
}
