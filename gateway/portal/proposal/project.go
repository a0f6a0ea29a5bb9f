package proposal

import (
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// projectsOf are the projects that an adopted proposal became, as far as the
// caller can read them. None is named while the service of projects is away.
func projectsOf(q *web.Request, id string, s proposalsv1.ProgressEntry_PublicState) []*evaluationv1.ProjectSummary {
	if s != proposalsv1.ProgressEntry_ADOPTED && s != proposalsv1.ProgressEntry_CONDITIONALLY_ADOPTED {
		return nil
	}
	resp, err := evaluationv1.NewProjectServiceClient(q.Site.Service("evaluation")).ListProjects(q.Context(), &evaluationv1.ListProjectsRequest{ProposalId: id, PageSize: 5})
	if err != nil {
		return nil
	}
	return resp.GetProjects()
}
