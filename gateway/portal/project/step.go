package project

import (
	"context"
	"net/url"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/stepform"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// offer is a step of the project that the page offers, to whom the RPC's roles
// admit it, in the states that allow it.
type offer struct {
	name, method string
	from         []evaluationv1.Project_State
}

// offers are the steps of a project in their order.
var offers = []offer{
	{"start", evaluationv1.ProjectService_StartProject_FullMethodName, in(evaluationv1.Project_AGREED)},
	{"complete", evaluationv1.ProjectService_CompleteProject_FullMethodName, in(evaluationv1.Project_RUNNING)},
	{"close", evaluationv1.ProjectService_CloseProject_FullMethodName, in(evaluationv1.Project_EVALUATED)},
	{
		"terminate", evaluationv1.ProjectService_TerminateProject_FullMethodName,
		in(evaluationv1.Project_PREPARING, evaluationv1.Project_AGREED, evaluationv1.Project_RUNNING),
	},
}

func in(states ...evaluationv1.Project_State) []evaluationv1.Project_State { return states }

// steps answer the forms of a project's page.
var steps = []stepform.Step{
	{Name: "start", Done: "projectstarted", Take: stepform.By(projects, evaluationv1.ProjectServiceClient.StartProject, "id")},
	{Name: "complete", Done: "projectcompleted", Take: stepform.By(projects, evaluationv1.ProjectServiceClient.CompleteProject, "id")},
	{Name: "close", Done: "projectclosed", Take: stepform.By(projects, evaluationv1.ProjectServiceClient.CloseProject, "id")},
	{
		Name: "terminate", Done: "projectterminated", Labels: ui.Labels{"reason": "project.terminatereason"},
		Take: stepform.By(projects, evaluationv1.ProjectServiceClient.TerminateProject, "id"),
	},
	{
		Name: "progress", Done: "projectprogress", Labels: ui.Labels{"date": "project.entrydate", "title": "project.entrytitle", "body": "project.entrybody"},
		Take: func(ctx context.Context, q *web.Request, values url.Values) error {
			q.SetPathValue("projectId", q.PathValue("id"))
			return stepform.By(projects, evaluationv1.ProjectServiceClient.CreateProjectProgress, "projectId")(ctx, q, values)
		},
	},
}

// entrySteps answer the forms of an entry of the course.
var entrySteps = []stepform.Step{
	{Name: "approve", Done: "projectapproved", Take: stepform.By(projects, evaluationv1.ProjectServiceClient.ApproveProjectProgress, "projectId", "entryId")},
}

// take answers the form of a step on the page of its project.
func take(q *web.Request) error {
	return stepform.Take(q, steps, stepform.Page{Path: "/projects/" + q.PathValue("id"), Again: func(form *ui.Form, status int) error { return answer(q, form, status) }})
}

func takeEntry(q *web.Request) error {
	q.SetPathValue("id", q.PathValue("projectId"))
	return stepform.Take(q, entrySteps, stepform.Page{Path: "/projects/" + q.PathValue("id"), Again: func(form *ui.Form, status int) error { return answer(q, form, status) }})
}

// ended reports whether nothing is written about the project any more.
func (f *file) ended() bool {
	return f.GetState() == evaluationv1.Project_CLOSED || f.GetState() == evaluationv1.Project_TERMINATED
}

// writes reports whether the caller writes milestones and the course.
func (f *file) writes(ctx context.Context) bool {
	return f.party(ctx) && !f.ended() && ui.Can(ctx, evaluationv1.ProjectService_UpdateMilestone_FullMethodName)
}

// reportable reports whether the caller can file a report.
func (f *file) reportable(ctx context.Context) bool {
	return f.party(ctx) && f.GetState() == evaluationv1.Project_RUNNING && ui.Can(ctx, evaluationv1.ProjectService_FileReport_FullMethodName)
}

// editable reports whether the caller can write the project itself.
func (f *file) editable(ctx context.Context) bool {
	open := f.GetState() == evaluationv1.Project_PREPARING || f.GetState() == evaluationv1.Project_AGREED
	return f.party(ctx) && open && ui.Can(ctx, evaluationv1.ProjectService_UpdateProject_FullMethodName)
}

// changeable reports whether the caller can ask the other side for a change.
func (f *file) changeable(ctx context.Context) bool {
	open := f.GetState() == evaluationv1.Project_AGREED || f.GetState() == evaluationv1.Project_RUNNING
	for _, c := range f.changes {
		open = open && c.GetState() != evaluationv1.ProjectChange_REQUESTED
	}
	return f.party(ctx) && open && ui.Can(ctx, evaluationv1.ProjectService_RequestChange_FullMethodName)
}
