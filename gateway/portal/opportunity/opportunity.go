// Package opportunity has the public pages of calls for volunteers and first
// experiences, and the application of a signed-in person.
package opportunity

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/opportunities", list),
		web.Public(http.MethodGet, "/opportunities/{id}", show),
		web.SignedIn(http.MethodGet, "/opportunities/{id}/apply", begin).For(outreachv1.ApplicationService_CreateApplication_FullMethodName),
		web.SignedIn(http.MethodPost, "/opportunities/{id}/apply", apply).For(outreachv1.ApplicationService_CreateApplication_FullMethodName),
		web.SignedIn(http.MethodGet, "/applications", listOwn),
		web.SignedIn(http.MethodPost, "/opportunities/{id}/applications/{application}/withdraw", withdraw),
	}
}

func opportunities(q *web.Request) outreachv1.OpportunityServiceClient {
	return outreachv1.NewOpportunityServiceClient(q.Site.Service("outreach"))
}

func applications(q *web.Request) outreachv1.ApplicationServiceClient {
	return outreachv1.NewApplicationServiceClient(q.Site.Service("outreach"))
}

// search is the list and what it was asked for.
type search struct {
	form        *ui.Form
	fields      []*directoryv1.ActivityField
	found       []*outreachv1.Opportunity
	first, next string
}

func list(q *web.Request) error {
	s := search{form: ui.NewForm(q.URL.Query())}
	// Without the names of the fields one still finds what is asked by others.
	if fields, err := directoryv1.NewOrganizationServiceClient(q.Site.Service("directory")).ListActivityFields(q.Context(), &directoryv1.ListActivityFieldsRequest{}); err == nil {
		s.fields = fields.GetActivityFields()
	}
	req := &outreachv1.ListOpportunitiesRequest{}
	err := web.Bind(asked(q.URL.Query()), req)
	var resp *outreachv1.ListOpportunitiesResponse
	if err == nil {
		req.State, req.PageSize, req.PageToken = outreachv1.Opportunity_PUBLISHED, 20, q.Query("page")
		resp, err = opportunities(q).ListOpportunities(q.Context(), req)
	}
	if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
		form.Values = q.URL.Query()
		s.form = form
		return q.RenderAs(form.Status, listPage(&s))
	}
	if err != nil {
		return err
	}
	s.found = resp.GetOpportunities()
	s.first, s.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&s))
}

// facets are the yes-or-no questions of the list, by their names in the request.
var facets = []string{"beginners", "parentChild", "trial", "schoolGroups", "companyGroups"}

// asked are the conditions in an address; what is empty is none.
func asked(query url.Values) url.Values {
	out := url.Values{}
	for _, name := range append([]string{"q", "kind", "activityField", "weekday", "timeOfDay"}, facets...) {
		if v := strings.TrimSpace(query.Get(name)); v != "" {
			out.Set(name, v)
		}
	}
	return out
}

// call is what the page of an opportunity shows.
type call struct {
	*outreachv1.Opportunity
	shifts []*outreachv1.Shift
}

func get(q *web.Request) (*call, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	got, err := opportunities(q).GetOpportunity(q.Context(), &outreachv1.GetOpportunityRequest{Id: id})
	if err != nil {
		return nil, err
	}
	shifts, err := outreachv1.NewShiftServiceClient(q.Site.Service("outreach")).ListShifts(q.Context(), &outreachv1.ListShiftsRequest{OpportunityId: id})
	if err != nil {
		return nil, err
	}
	return &call{got.GetOpportunity(), shifts.GetShifts()}, nil
}

func show(q *web.Request) error {
	c, err := get(q)
	if err != nil {
		return err
	}
	return q.Render(showPage(c))
}

// body is the text as safe HTML: in plain Japanese where there is one and it is
// asked for. The service has taken out whatever is not text.
func (c *call) body(ctx context.Context) string {
	if text.Of(ctx) == text.Plain && c.GetPlainJaHtml() != "" {
		return c.GetPlainJaHtml()
	}
	return c.GetBodyHtml()
}

// labels name the fields of the application in what is refused.
var labels = ui.Labels{
	"application.applicant.name": "opportunity.name", "application.applicant.nameKana": "opportunity.namekana",
	"application.applicant.email": "opportunity.email", "application.applicant.phoneNumber": "opportunity.phone",
	"application.applicant.groupName": "opportunity.groupname", "application.applicant.guardianConsent": "opportunity.guardian",
	"application.applicant.note": "opportunity.note", "application.shiftIds": "opportunity.wishes",
	"application.maxShifts": "opportunity.maxshifts", "application.heads": "opportunity.heads", "application.pledged": "opportunity.pledged",
}

func begin(q *web.Request) error {
	c, err := get(q)
	if err != nil {
		return err
	}
	return q.Render(applyPage(c, ui.NewForm(url.Values{"application.applicant.name": {q.View.Name}})))
}

func apply(q *web.Request) error {
	c, err := get(q)
	if err != nil {
		return err
	}
	req := &outreachv1.CreateApplicationRequest{}
	if err = web.Bind(q.PostForm, req); err == nil {
		req.OpportunityId = c.GetId()
		_, err = applications(q).CreateApplication(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		form.Labels = labels
		return q.RenderAs(form.Status, applyPage(c, form))
	}
	if err != nil {
		return err
	}
	return q.Redirect("/applications", "applied")
}

// own are the caller's applications, with what was refused of a step.
type own struct {
	form        *ui.Form
	found       []*outreachv1.Application
	first, next string
}

func listOwn(q *web.Request) error { return answerOwn(q, nil, http.StatusOK) }

func answerOwn(q *web.Request, form *ui.Form, status int) error {
	resp, err := applications(q).ListOwnApplications(q.Context(), &outreachv1.ListOwnApplicationsRequest{PageSize: 20, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	o := own{form: form, found: resp.GetApplications()}
	o.first, o.next = q.Pages(resp.GetNextPageToken())
	return q.RenderAs(status, ownPage(&o))
}

func withdraw(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	application, err := q.ID("application")
	if err != nil {
		return err
	}
	_, err = applications(q).WithdrawApplication(q.Once(), &outreachv1.WithdrawApplicationRequest{OpportunityId: id, Id: application, Etag: q.PostFormValue("etag")})
	if form, refused := q.Refused(err); refused {
		return answerOwn(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/applications", "withdrawn")
}
