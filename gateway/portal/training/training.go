// Package training has the pages of the training of staff (職員研修): who wants to
// be trained and where, the superior's word, the matching that anybody of the ward
// can compute again, diary, report and feedback, and what everybody may read of it.
package training

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/trainings", list),
		web.SignedIn(http.MethodPost, "/trainings", create),
		web.SignedIn(http.MethodGet, "/trainings/new", begin),
		web.SignedIn(http.MethodGet, "/trainings/{id}", show),
		web.SignedIn(http.MethodPost, "/trainings/{id}/steps/{step}", take),
		web.SignedIn(http.MethodGet, "/training-matchings", listMatchings),
		web.SignedIn(http.MethodPost, "/training-matchings", createMatching),
		web.SignedIn(http.MethodGet, "/training-matchings/{id}", showMatching),
		web.SignedIn(http.MethodPost, "/training-matchings/{id}/run", runMatching),
		web.Public(http.MethodGet, "/training-summaries", summaries),
		web.Public(http.MethodGet, "/training-statistics", statistics),
	}
}

func applications(q *web.Request) outreachv1.TrainingApplicationServiceClient {
	return outreachv1.NewTrainingApplicationServiceClient(q.Site.Service("outreach"))
}

func records(q *web.Request) outreachv1.TrainingRecordServiceClient {
	return outreachv1.NewTrainingRecordServiceClient(q.Site.Service("outreach"))
}

func offers(q *web.Request) outreachv1.OpportunityServiceClient {
	return outreachv1.NewOpportunityServiceClient(q.Site.Service("outreach"))
}

// levels are the three levels of training.
var levels = []outreachv1.Opportunity_Kind{
	outreachv1.Opportunity_STAFF_LECTURE, outreachv1.Opportunity_STAFF_EXCHANGE, outreachv1.Opportunity_STAFF_PLACEMENT,
}

// levelOf reads a level; the first for what is none.
func levelOf(name string) outreachv1.Opportunity_Kind {
	if l := outreachv1.Opportunity_Kind(outreachv1.Opportunity_Kind_value[name]); slices.Contains(levels, l) {
		return l
	}
	return levels[0]
}

// overview is a list of applications.
type overview struct {
	form        *ui.Form
	scopes      []ui.Option
	found       []*outreachv1.TrainingApplication
	first, next string
}

type scope = outreachv1.ListTrainingApplicationsRequest_Scope

// scopesOf are the lists that the caller has.
func scopesOf(q *web.Request) []scope {
	by := q.Caller.Principal
	var out []scope
	if q.Query("opportunityId") != "" {
		out = append(out, outreachv1.ListTrainingApplicationsRequest_HOST)
	}
	if by.Has(optionsv1.Role_ROLE_STAFF, optionsv1.Role_ROLE_DESK, optionsv1.Role_ROLE_APPROVER, optionsv1.Role_ROLE_FACILITY_CLERK) {
		out = append(out, outreachv1.ListTrainingApplicationsRequest_OWN)
	}
	if by.Has(optionsv1.Role_ROLE_APPROVER) && by.DepartmentID != "" {
		out = append(out, outreachv1.ListTrainingApplicationsRequest_DEPARTMENT)
	}
	if by.Has(optionsv1.Role_ROLE_DESK) {
		out = append(out, outreachv1.ListTrainingApplicationsRequest_ALL)
	}
	return out
}

// states are the choices of the list.
var states = []outreachv1.TrainingApplication_State{
	outreachv1.TrainingApplication_REQUESTED, outreachv1.TrainingApplication_APPROVED, outreachv1.TrainingApplication_MATCHED,
	outreachv1.TrainingApplication_UNMATCHED, outreachv1.TrainingApplication_DECLINED, outreachv1.TrainingApplication_WITHDRAWN,
	outreachv1.TrainingApplication_CANCELLED,
}

func list(q *web.Request) error {
	o := &overview{form: ui.NewForm(q.URL.Query())}
	scopes := scopesOf(q)
	if len(scopes) == 0 {
		return fault.ErrPermissionDenied
	}
	asked := scope(outreachv1.ListTrainingApplicationsRequest_Scope_value[q.Query("scope")])
	if !slices.Contains(scopes, asked) {
		asked = scopes[0]
		if slices.Contains(scopes, outreachv1.ListTrainingApplicationsRequest_DEPARTMENT) {
			asked = outreachv1.ListTrainingApplicationsRequest_DEPARTMENT
		}
	}
	o.form.Values.Set("scope", asked.String())
	for _, s := range scopes {
		o.scopes = append(o.scopes, ui.Option{Value: s.String(), Text: text.Enum(q.Context(), "training.scope", s)})
	}
	resp, err := applications(q).ListTrainingApplications(q.Context(), &outreachv1.ListTrainingApplicationsRequest{
		Scope: asked, State: outreachv1.TrainingApplication_State(outreachv1.TrainingApplication_State_value[q.Query("state")]),
		OpportunityId: hostOnly(asked, q.Query("opportunityId")), PageSize: 30, PageToken: q.Query("page"),
	})
	if err != nil {
		return err
	}
	o.found = resp.GetTrainingApplications()
	o.first, o.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(o))
}

// trail leads to the list of who has one without asking for an offer.
func trail(ctx context.Context) []ui.Crumb {
	if !ui.Can(ctx, outreachv1.TrainingApplicationService_CreateTrainingApplication_FullMethodName) {
		return nil
	}
	return []ui.Crumb{{Text: text.S(ctx, "nav.trainings"), Path: "/trainings"}}
}

// hostOnly is the offer of a host's list; other lists have none.
func hostOnly(s scope, id string) string {
	if s == outreachv1.ListTrainingApplicationsRequest_HOST {
		return id
	}
	return ""
}

// tone is how a state looks.
func tone(s outreachv1.TrainingApplication_State) ui.Tone {
	switch s {
	case outreachv1.TrainingApplication_REQUESTED:
		return ui.Warning
	case outreachv1.TrainingApplication_MATCHED:
		return ui.Good
	case outreachv1.TrainingApplication_APPROVED:
		return ui.Calm
	default:
		return ui.Ended
	}
}

func stateOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "training.anystate")}}
	for _, s := range states {
		out = append(out, ui.Option{Value: s.String(), Text: text.Enum(ctx, "training.state", s)})
	}
	return out
}

// yearOf reads a fiscal year; that of today for what is none.
func yearOf(q *web.Request, name string) int32 {
	if n, err := strconv.ParseInt(q.Query(name), 10, 32); err == nil && n >= 2000 && n <= 2999 {
		return int32(n)
	}
	return int32(jp.FiscalYear(q.Today()))
}
