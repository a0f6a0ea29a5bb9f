// Package sponsorship has the pages of the ward's name in support of an event
// (後援名義): the application, its decision by two persons, the report.
package sponsorship

import (
	"context"
	"net/http"
	"net/url"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/partner"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/sponsorships", list).For(outreachv1.SponsorshipService_ListSponsorships_FullMethodName),
		web.SignedIn(http.MethodPost, "/sponsorships", create),
		web.SignedIn(http.MethodGet, "/sponsorships/new", begin).For(outreachv1.SponsorshipService_CreateSponsorship_FullMethodName),
		web.SignedIn(http.MethodGet, "/sponsorships/{id}", show),
		web.SignedIn(http.MethodGet, "/sponsorships/{id}/edit", edit).For(outreachv1.SponsorshipService_UpdateSponsorship_FullMethodName),
		web.SignedIn(http.MethodPost, "/sponsorships/{id}/edit", save),
		web.SignedIn(http.MethodPost, "/sponsorships/{id}/steps/{step}", take),
	}
}

func sponsorships(q *web.Request) outreachv1.SponsorshipServiceClient {
	return outreachv1.NewSponsorshipServiceClient(q.Site.Service("outreach"))
}

// states are those of an application, in the order of its way.
var states = []outreachv1.Sponsorship_State{
	outreachv1.Sponsorship_APPLIED, outreachv1.Sponsorship_DECISION_DRAFTED, outreachv1.Sponsorship_APPROVED,
	outreachv1.Sponsorship_REJECTED, outreachv1.Sponsorship_REPORTED, outreachv1.Sponsorship_WITHDRAWN,
}

// pile is the list of applications and what it was asked for.
type pile struct {
	form        *ui.Form
	found       []*outreachv1.Sponsorship
	first, next string
}

func list(q *web.Request) error {
	p := pile{form: ui.NewForm(q.URL.Query())}
	resp, err := sponsorships(q).ListSponsorships(q.Context(), &outreachv1.ListSponsorshipsRequest{
		State:         outreachv1.Sponsorship_State(outreachv1.Sponsorship_State_value[q.Query("state")]),
		ReportOverdue: q.Query("overdue") == "true", PageSize: 30, PageToken: q.Query("page"),
	})
	if err != nil {
		return err
	}
	p.found = resp.GetSponsorships()
	p.first, p.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&p))
}

// steps are the steps of an application.
var steps = &step.Table[outreachv1.Sponsorship_State]{
	Texts: "sponsorship", Labels: labels,
	Steps: []step.Step[outreachv1.Sponsorship_State]{
		{
			Name: "assign", Method: outreachv1.SponsorshipService_AssignSponsorship_FullMethodName, Done: "sponsorshipAssign",
			From: step.In(outreachv1.Sponsorship_APPLIED), Take: step.By(sponsorships, outreachv1.SponsorshipServiceClient.AssignSponsorship),
		},
		{
			Name: "draft", Method: outreachv1.SponsorshipService_DraftSponsorshipDecision_FullMethodName, Done: "sponsorshipDraft",
			From: step.In(outreachv1.Sponsorship_APPLIED), Lists: []string{"conditions"},
			Take: step.By(sponsorships, outreachv1.SponsorshipServiceClient.DraftSponsorshipDecision),
		},
		{
			Name: "decide", Method: outreachv1.SponsorshipService_DecideSponsorship_FullMethodName, Sure: true, Done: "sponsorshipDecide",
			From: step.In(outreachv1.Sponsorship_DECISION_DRAFTED), Take: step.By(sponsorships, outreachv1.SponsorshipServiceClient.DecideSponsorship),
		},
		{
			Name: "return", Method: outreachv1.SponsorshipService_ReturnSponsorshipDecision_FullMethodName, Done: "sponsorshipReturn",
			From: step.In(outreachv1.Sponsorship_DECISION_DRAFTED), Take: step.By(sponsorships, outreachv1.SponsorshipServiceClient.ReturnSponsorshipDecision),
		},
		{
			Name: "report", Method: outreachv1.SponsorshipService_ReportSponsorship_FullMethodName, Done: "sponsorshipReport",
			From: step.In(outreachv1.Sponsorship_APPROVED), Take: step.By(sponsorships, outreachv1.SponsorshipServiceClient.ReportSponsorship),
		},
		{
			Name: "withdraw", Method: outreachv1.SponsorshipService_WithdrawSponsorship_FullMethodName, Sure: true, Done: "sponsorshipWithdraw",
			From: step.In(outreachv1.Sponsorship_APPLIED, outreachv1.Sponsorship_DECISION_DRAFTED),
			Take: step.By(sponsorships, outreachv1.SponsorshipServiceClient.WithdrawSponsorship),
		},
	},
}

// matter is an application with the refusal of a step.
type matter struct {
	*outreachv1.Sponsorship
	form        *ui.Form
	departments []ui.Option
}

func read(q *web.Request) (*outreachv1.Sponsorship, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	resp, err := sponsorships(q).GetSponsorship(q.Context(), &outreachv1.GetSponsorshipRequest{Id: id})
	return resp.GetSponsorship(), err
}

func show(q *web.Request) error { return answer(q, nil, http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	s, err := read(q)
	if err != nil {
		return err
	}
	m := &matter{Sponsorship: s, form: form}
	if s.GetState() == outreachv1.Sponsorship_APPLIED && ui.Can(q.Context(), outreachv1.SponsorshipService_AssignSponsorship_FullMethodName) {
		if m.departments, err = partner.Departments(q); err != nil {
			return err
		}
	}
	return q.RenderAs(status, showPage(m))
}

func path(id string) string { return "/sponsorships/" + id }

// writes reports whether the caller changes the application and reports on it.
func (m *matter) writes(ctx context.Context) bool {
	return partner.Desk(ctx) || ui.ViewOf(ctx).Caller.IsMember(m.GetOrganizationId(), optionsv1.Role_ROLE_REPRESENTATIVE)
}

// decides reports whether the caller works on the decision.
func (m *matter) drafts(ctx context.Context) bool {
	p := ui.ViewOf(ctx).Caller
	return partner.Desk(ctx) || m.GetDepartmentId() != "" && m.GetDepartmentId() == p.DepartmentID
}

func (m *matter) offers(ctx context.Context) []step.Offer {
	why := func(required bool) step.Ask {
		return step.Ask{Input: ui.Input{Name: "reason", Label: "sponsorship.reason", Rows: 3, Max: 500, Required: required}}
	}
	return steps.Offers(ctx, &step.Thing[outreachv1.Sponsorship_State]{
		State: m.GetState(), Path: path(m.GetId()), Etag: m.GetEtag(), Form: m.form,
		Asks: map[string][]step.Ask{
			"assign":   {{Kind: step.Select, Input: ui.Input{Name: "departmentId", Label: "sponsorship.departmentId", Required: true, Options: m.departments}}},
			"draft":    draftAsks(ctx),
			"return":   {why(true)},
			"report":   reportAsks(),
			"withdraw": {why(false)},
		},
		Not: func(name string) bool {
			switch name {
			case "report", "withdraw":
				return !m.writes(ctx)
			case "draft":
				return !m.drafts(ctx)
			}
			return false
		},
	})
}

// labels name the fields in the summary of what was refused.
var labels = ui.Labels{
	"sponsorship.organizationId": "sponsorship.organizationId", "sponsorship.departmentId": "sponsorship.departmentId", "sponsorship.title": "sponsorship.title",
	"sponsorship.purpose": "sponsorship.purpose", "sponsorship.description": "sponsorship.description", "sponsorship.startsOn": "sponsorship.startsOn",
	"sponsorship.endsOn": "sponsorship.endsOn", "sponsorship.place": "sponsorship.place", "sponsorship.nameUse": "sponsorship.nameUse",
	"sponsorship.expectedParticipants": "sponsorship.expectedParticipants", "sponsorship.fee": "sponsorship.fee",
	"sponsorship.contactName": "sponsorship.contactName", "sponsorship.contactPhone": "sponsorship.contactPhone",
	"assign.departmentId": "sponsorship.departmentId", "draft.reason": "sponsorship.reason", "draft.decidedBy": "sponsorship.decidedBy",
	"draft.conditions": "sponsorship.conditions", "return.reason": "sponsorship.reason", "withdraw.reason": "sponsorship.reason",
	"report.participants": "sponsorship.participants", "report.summary": "sponsorship.summary", "report.income": "sponsorship.income", "report.expense": "sponsorship.expense",
}

func take(q *web.Request) error {
	return steps.Take(q, path(q.PathValue("id")), answer)
}

// application is one that is being written, with what its form offers.
type application struct {
	form                               *ui.Form
	sponsorship                        *outreachv1.Sponsorship // nil before it is handed in.
	organizations, departments, events []ui.Option
}

func begin(q *web.Request) error {
	return answerApplication(q, &application{form: ui.NewForm(url.Values{})}, http.StatusOK)
}

func answerApplication(q *web.Request, a *application, status int) error {
	own, err := partner.Organizations(q)
	if err != nil {
		return err
	}
	found, err := partner.Found(q, a.form.Get("_find"))
	if err != nil {
		return err
	}
	a.organizations = append(own, found...)
	if a.departments, err = partner.Departments(q); err != nil {
		return err
	}
	owner := a.sponsorship.GetOrganizationId()
	if owner == "" && len(own) > 0 {
		owner = own[0].Value
	}
	if a.events, err = partner.Events(q, owner, a.form.Get("sponsorship.eventId")); err != nil {
		return err
	}
	a.form.Labels = labels
	return q.RenderAs(status, applicationPage(a))
}

func create(q *web.Request) error {
	if q.PostFormValue("step") == "find" {
		return answerApplication(q, &application{form: q.Posted()}, http.StatusOK)
	}
	req := &outreachv1.CreateSponsorshipRequest{Sponsorship: &outreachv1.SponsorshipInput{}}
	err := web.Bind(q.PostForm, req)
	var resp *outreachv1.CreateSponsorshipResponse
	if err == nil {
		resp, err = sponsorships(q).CreateSponsorship(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerApplication(q, &application{form: form}, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(path(resp.GetSponsorship().GetId()), "sponsorshipApplied")
}

func edit(q *web.Request) error {
	s, err := read(q)
	if err != nil {
		return err
	}
	if !(&matter{Sponsorship: s}).writes(q.Context()) {
		return fault.ErrPermissionDenied
	}
	if s.GetState() != outreachv1.Sponsorship_APPLIED {
		return q.Redirect(path(s.GetId()), "")
	}
	return answerApplication(q, &application{sponsorship: s, form: ui.NewForm(web.Values("sponsorship.", s))}, http.StatusOK)
}

func save(q *web.Request) error {
	s, err := read(q)
	if err != nil {
		return err
	}
	req := &outreachv1.UpdateSponsorshipRequest{Sponsorship: &outreachv1.SponsorshipInput{}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{
		"department_id", "event_id", "title", "purpose", "description", "starts_on", "ends_on", "place", "expected_participants", "fee", "other_sponsors",
		"name_use", "contact_name", "contact_phone",
	}}}
	if err = web.Bind(q.PostForm, req); err == nil {
		req.Id = s.GetId()
		_, err = sponsorships(q).UpdateSponsorship(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerApplication(q, &application{sponsorship: s, form: form}, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(path(s.GetId()), "sponsorshipSaved")
}
