package project

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/partner"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// writing is the form of what a project says: of a new project, of one under
// preparation, or of the change that one side asks of the other.
type writing struct {
	project *evaluationv1.Project // nil for a new one.
	form    *ui.Form
	// Organizations are chosen when a project is made, departments by the desk.
	organizations, departments []ui.Option
}

// forms are the codes of the forms of collaboration.
var forms = []string{"subsidy", "cohost", "commission", "property", "koen", "cooperation", "committee", "information"}

// contentPaths are what the form writes of a project.
var contentPaths = []string{"title", "purpose", "form", "period_from", "period_to", "multi_year", "ward_cost", "goals", "roles", "budget"}

// partyPaths are what the desk alone writes besides.
var partyPaths = []string{"lead_department_id", "joint_department_ids", "predecessor_id"}

// labels name the fields in the summary of what was refused.
var labels = ui.Labels{
	"title": "project.name", "purpose": "project.purpose", "form": "project.form", "periodFrom": "project.periodfrom", "periodTo": "project.periodto",
	"multiYear": "project.multiyear", "wardCost": "project.wardcost", "goals": "project.goals", "roles": "project.roles", "budget": "project.budget",
	"organizationIds": "project.organizations", "leadDepartmentId": "project.leaddepartment", "jointDepartmentIds": "project.jointdepartments", "predecessorNumber": "project.predecessor", "reason": "project.changereason",
}

// content is a project as the form writes it.
func content(p *evaluationv1.Project) *evaluationv1.ProjectInput {
	in := &evaluationv1.ProjectInput{
		Title: p.GetTitle(), Purpose: p.GetPurpose(), Form: p.GetForm(), PeriodFrom: p.GetPeriodFrom(), PeriodTo: p.GetPeriodTo(),
		MultiYear: p.GetMultiYear(), WardCost: p.GetWardCost(), Roles: p.GetRoles(), Budget: p.GetBudget(),
		LeadDepartmentId: p.GetLeadDepartmentId(), JointDepartmentIds: p.GetJointDepartmentIds(), PredecessorId: p.GetPredecessorId(),
	}
	for _, g := range p.GetGoals() {
		in.Goals = append(in.Goals, &evaluationv1.ProjectGoalInput{Indicator: g.GetIndicator(), Baseline: g.GetBaseline(), Target: g.GetTarget(), Method: g.GetMethod()})
	}
	return in
}

// typed is the project as the form says it. A row of the budget without its
// account is no row, though its side is chosen.
func typed(values url.Values) (*evaluationv1.ProjectInput, error) {
	for i := range budgetRows {
		if values.Get(rowName("budget", i, "account")) == "" && values.Get(rowName("budget", i, "amount")) == "" {
			values.Del(rowName("budget", i, "side"))
		}
	}
	in := &evaluationv1.ProjectInput{}
	return in, web.Bind(values, in)
}

func rowName(list string, i int, field string) string {
	return fmt.Sprintf("%s[%d].%s", list, i, field)
}

// How many rows the form has.
const (
	goalRows   = 6
	roleRows   = 8
	budgetRows = 12
)

// rows are the rows of a list: those that are filled in, and some more.
func rows(f *ui.Form, list, field string, least int) int {
	n := least
	for f.Get(rowName(list, n-1, field)) != "" {
		n++
	}
	return n
}

func begin(q *web.Request) error {
	return (&writing{form: ui.NewForm(url.Values{})}).answer(q, http.StatusOK)
}

// answer shows the form with its choices.
func (w *writing) answer(q *web.Request, status int) error {
	var err error
	if w.project == nil || w.parties(q.Context()) {
		if w.departments, err = Departments(q); err != nil {
			return err
		}
	}
	if w.project == nil {
		if w.organizations, err = partner.Find(q, w.form, "organizationIds"); err != nil {
			return err
		}
	}
	return q.RenderAs(status, writePage(w))
}

func create(q *web.Request) error {
	if q.PostFormValue("step") == "find" {
		return (&writing{form: q.Posted()}).answer(q, http.StatusOK)
	}
	in, err := typed(q.PostForm)
	if err == nil {
		err = goesOn(q, in)
	}
	var resp *evaluationv1.CreateProjectResponse
	if err == nil {
		resp, err = projects(q).CreateProject(q.Once(), &evaluationv1.CreateProjectRequest{Project: in})
	}
	if form, refused := q.Refused(err); refused {
		form.Labels = labels
		return (&writing{form: form.Trim("project.")}).answer(q, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/projects/"+resp.GetProject().GetId(), "projectbegun")
}

func edit(q *web.Request) error {
	p, err := partyProject(q)
	if err != nil {
		return err
	}
	values := web.Values("", content(p))
	values.Set("etag", p.GetEtag())
	w := &writing{project: p, form: ui.NewForm(values)}
	if w.parties(q.Context()) && p.GetPredecessorId() != "" {
		before, err := projects(q).GetProject(q.Context(), &evaluationv1.GetProjectRequest{Id: p.GetPredecessorId()})
		if err != nil {
			return err
		}
		values.Set("predecessorNumber", before.GetProject().GetPublicNumber())
	}
	return w.answer(q, http.StatusOK)
}

func save(q *web.Request) error {
	p, err := partyProject(q)
	if err != nil {
		return err
	}
	w := &writing{project: p}
	paths := contentPaths
	in, err := typed(q.PostForm)
	if w.parties(q.Context()) && err == nil {
		paths = slices.Concat(contentPaths, partyPaths)
		err = goesOn(q, in)
	}
	if err == nil {
		_, err = projects(q).UpdateProject(q.Once(), &evaluationv1.UpdateProjectRequest{
			Id: p.GetId(), Project: in, UpdateMask: &fieldmaskpb.FieldMask{Paths: differing(content(p), in, paths)}, Etag: q.PostFormValue("etag"),
		})
	}
	if form, refused := q.Refused(err); refused {
		form.Labels = labels
		w.form = form.Trim("project.")
		return w.answer(q, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/projects/"+p.GetId(), "projectsaved")
}

// differing are the fields that are written otherwise than they stand; the name
// alone when none is, so that the service has something to say.
func differing(before, after *evaluationv1.ProjectInput, paths []string) []string {
	var out []string
	fields := before.ProtoReflect().Descriptor().Fields()
	for _, path := range paths {
		only := func(m *evaluationv1.ProjectInput) *evaluationv1.ProjectInput {
			fd := fields.ByTextName(path)
			part := &evaluationv1.ProjectInput{}
			if m.ProtoReflect().Has(fd) {
				part.ProtoReflect().Set(fd, m.ProtoReflect().Get(fd))
			}
			return part
		}
		if !proto.Equal(only(before), only(after)) {
			out = append(out, path)
		}
	}
	if len(out) == 0 {
		return []string{"title"}
	}
	return out
}

// formOptions are the forms of collaboration as choices.
func formOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "ui.choose")}}
	for _, code := range forms {
		out = append(out, ui.Option{Value: code, Text: text.S(ctx, "proposal.forms."+code)})
	}
	return out
}

func sideOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, s := range []evaluationv1.ProjectBudgetRow_Side{evaluationv1.ProjectBudgetRow_INCOME, evaluationv1.ProjectBudgetRow_EXPENSE} {
		out = append(out, ui.Option{Value: s.String(), Text: text.Enum(ctx, "proposal.sides", s)})
	}
	return out
}

func beginChange(q *web.Request) error {
	p, err := partyProject(q)
	if err != nil {
		return err
	}
	return q.Render(changeFormPage(&writing{project: p, form: ui.NewForm(web.Values("", content(p)))}))
}

func requestChange(q *web.Request) error {
	p, err := partyProject(q)
	if err != nil {
		return err
	}
	in, err := typed(q.PostForm)
	if err == nil {
		_, err = projects(q).RequestChange(q.Once(), &evaluationv1.RequestChangeRequest{
			ProjectId: p.GetId(), After: in, ChangeMask: &fieldmaskpb.FieldMask{Paths: differing(content(p), in, contentPaths)}, Reason: q.PostFormValue("reason"),
		})
	}
	if form, refused := q.Refused(err); refused {
		form.Labels = labels
		return q.RenderAs(form.Status, changeFormPage(&writing{project: p, form: form.Trim("after.")}))
	}
	if err != nil {
		return err
	}
	return q.Redirect("/projects/"+p.GetId(), "changeasked")
}

// change is the page of one request for a change.
type change struct {
	*evaluationv1.ProjectChange
	project *evaluationv1.Project
	form    *ui.Form
}

// changeSteps are those of a request for a change.
var changeSteps = &step.Table[struct{}]{
	Texts:  "project",
	Labels: ui.Labels{"accept.answer": "project.changeanswer", "decline.answer": "project.changeanswer"},
	Steps: []step.Step[struct{}]{
		{
			Name: "accept", Method: evaluationv1.ProjectService_AcceptChange_FullMethodName, Sure: true, Done: "changeaccepted",
			Take: step.By(projects, evaluationv1.ProjectServiceClient.AcceptChange, "projectId", "id"),
		},
		{
			Name: "decline", Method: evaluationv1.ProjectService_DeclineChange_FullMethodName, Sure: true, Done: "changedeclined",
			Take: step.By(projects, evaluationv1.ProjectServiceClient.DeclineChange, "projectId", "id"),
		},
		{
			Name: "withdraw", Method: evaluationv1.ProjectService_WithdrawChange_FullMethodName, Sure: true, Done: "changewithdrawn",
			Take: step.By(projects, evaluationv1.ProjectServiceClient.WithdrawChange, "projectId", "id"),
		},
	},
}

func showChange(q *web.Request) error {
	return answerChange(q, ui.NewForm(url.Values{}), http.StatusOK)
}

func answerChange(q *web.Request, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	q.SetPathValue("id", q.PathValue("projectId"))
	p, err := partyProject(q)
	if err != nil {
		return err
	}
	got, err := projects(q).GetChange(q.Context(), &evaluationv1.GetChangeRequest{ProjectId: p.GetId(), Id: id})
	if err != nil {
		return err
	}
	return q.RenderAs(status, changePage(&change{got.GetChange(), p, form}))
}

func takeChange(q *web.Request) error {
	return changeSteps.Take(q, "/projects/"+q.PathValue("projectId")+"/changes/"+q.PathValue("id"), answerChange)
}

func changeTone(s evaluationv1.ProjectChange_State) ui.Tone {
	switch s {
	case evaluationv1.ProjectChange_REQUESTED:
		return ui.Warning
	case evaluationv1.ProjectChange_ACCEPTED:
		return ui.Good
	default:
		return ui.Ended
	}
}

// offers are the steps of the change for the caller's side.
func (c *change) offers(ctx context.Context) []step.Offer {
	answer := func(required bool) []step.Ask {
		return []step.Ask{{Input: ui.Input{Name: "answer", Label: "project.changeanswer", Rows: 3, Max: 1000, Required: required}}}
	}
	return changeSteps.Offers(ctx, &step.Thing[struct{}]{
		Path: "/projects/" + c.GetProjectId() + "/changes/" + c.GetId(), Etag: c.project.GetEtag(), Form: c.form,
		Asks: map[string][]step.Ask{"accept": answer(false), "decline": answer(true)},
		Not: func(name string) bool {
			return c.GetState() != evaluationv1.ProjectChange_REQUESTED || (name == "withdraw") != (c.GetSide() == c.project.GetMySide())
		},
	})
}
