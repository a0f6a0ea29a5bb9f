package project

import (
	"context"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// parties reports whether the caller writes the departments and the project of
// the year before, which the desk does while the project is prepared.
func (w *writing) parties(ctx context.Context) bool {
	return (w.project == nil || w.project.GetState() == evaluationv1.Project_PREPARING) && ui.Can(ctx, evaluationv1.ProjectService_CreateProject_FullMethodName)
}

// goesOn sets the project that this one goes on from, which the form names by its
// public number. Errors: INVALID_FIELD for a number that no project has.
func goesOn(q *web.Request, in *evaluationv1.ProjectInput) error {
	number := strings.TrimSpace(norm.NFKC.String(q.PostFormValue("predecessorNumber")))
	if in.PredecessorId = ""; number == "" {
		return nil
	}
	var found []*evaluationv1.ProjectSummary
	if len([]rune(number)) <= longest {
		resp, err := projects(q).ListProjects(q.Context(), &evaluationv1.ListProjectsRequest{PublicNumber: number, PageSize: 1})
		if err != nil {
			return err
		}
		found = resp.GetProjects()
	}
	if len(found) == 0 {
		return fault.ErrInvalidField.On(fault.Field{
			Path: "predecessorNumber", Reason: "INVALID_FIELD",
			Ja: "この番号の事業はありません。事業の一覧で番号を確かめてください。", En: "No project has this number; look it up in the list of projects.",
		})
	}
	in.PredecessorId = found[0].GetId()
	return nil
}

// longest is how many characters a public number has at most.
const longest = 40

// readOrigin reads the project that this one goes on from, where the caller may
// see it.
func (f *file) readOrigin(q *web.Request) error {
	if f.GetPredecessorId() == "" {
		return nil
	}
	resp, err := projects(q).GetProject(q.Context(), &evaluationv1.GetProjectRequest{Id: f.GetPredecessorId()})
	if web.NotFound(err) {
		return nil
	}
	f.before = resp.GetProject()
	return err
}
