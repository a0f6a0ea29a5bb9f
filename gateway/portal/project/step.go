package project

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// steps are those of a project, in the order of the page.
var steps = &step.Table[evaluationv1.Project_State]{
	Texts: "project",
	Labels: ui.Labels{
		"terminate.reason": "project.terminatereason", "progress.date": "project.entrydate", "progress.title": "project.entrytitle", "progress.body": "project.entrybody",
	},
	Steps: []step.Step[evaluationv1.Project_State]{
		{
			Name: "start", Method: evaluationv1.ProjectService_StartProject_FullMethodName, Sure: true, Done: "projectstarted",
			From: step.In(evaluationv1.Project_AGREED), Take: step.By(projects, evaluationv1.ProjectServiceClient.StartProject),
		},
		{
			Name: "complete", Method: evaluationv1.ProjectService_CompleteProject_FullMethodName, Sure: true, Done: "projectcompleted",
			From: step.In(evaluationv1.Project_RUNNING), Take: step.By(projects, evaluationv1.ProjectServiceClient.CompleteProject),
		},
		{
			Name: "close", Method: evaluationv1.ProjectService_CloseProject_FullMethodName, Sure: true, Done: "projectclosed",
			From: step.In(evaluationv1.Project_EVALUATED), Take: step.By(projects, evaluationv1.ProjectServiceClient.CloseProject),
		},
		{
			Name: "terminate", Method: evaluationv1.ProjectService_TerminateProject_FullMethodName, Sure: true, Done: "projectterminated",
			From: step.In(evaluationv1.Project_PREPARING, evaluationv1.Project_AGREED, evaluationv1.Project_RUNNING), Take: step.By(projects, evaluationv1.ProjectServiceClient.TerminateProject),
		},
		{Name: "progress", Sure: true, Done: "projectprogress", Take: step.By(projects, evaluationv1.ProjectServiceClient.CreateProjectProgress, "projectId")},
	},
}

// entrySteps are those of an entry of the course.
var entrySteps = &step.Table[struct{}]{Steps: []step.Step[struct{}]{
	{Name: "approve", Done: "projectapproved", Take: step.By(projects, evaluationv1.ProjectServiceClient.ApproveProjectProgress, "projectId", "entryId")},
}}

// thing is the project as its steps need it.
func (f *file) thing() *step.Thing[evaluationv1.Project_State] {
	return &step.Thing[evaluationv1.Project_State]{
		State: f.GetState(), Path: "/projects/" + f.GetId(), Etag: f.GetEtag(), Form: f.form,
		Asks: map[string][]step.Ask{
			"terminate": {{Input: ui.Input{Name: "reason", Label: "project.terminatereason", Rows: 4, Max: 1000, Required: true}}},
			"progress": {
				{Input: ui.Input{Name: "date", Label: "project.entrydate", Hint: "project.entrydate.hint", Type: "date"}},
				{Input: ui.Input{Name: "title", Label: "project.entrytitle", Max: 60, Required: true}},
				{Input: ui.Input{Name: "body", Label: "project.entrybody", Hint: "project.entrybody.hint", Rows: 4, Max: 2000, Required: true}},
			},
		},
	}
}

// take answers the form of a step on the page of its project.
func take(q *web.Request) error {
	q.SetPathValue("projectId", q.PathValue("id"))
	return steps.Take(q, "/projects/"+q.PathValue("id"), answer)
}

func takeEntry(q *web.Request) error {
	q.SetPathValue("id", q.PathValue("projectId"))
	return entrySteps.Take(q, "/projects/"+q.PathValue("id"), answer)
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
