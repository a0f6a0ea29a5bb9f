package outreach

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/party"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// directory asks the directory service what must be true now.
type directory struct {
	partner.Directory
	recipients directoryv1.RecipientServiceClient
}

func directoryOf(d service.Deps) directory {
	return directory{partner.Ask(d), directoryv1.NewRecipientServiceClient(d.Peer("directory"))}
}

// organizationsOf returns organizations by id. Errors: ORGANIZATION_UNKNOWN,
// DEPENDENCY_UNAVAILABLE.
func (d directory) organizationsOf(ctx context.Context, ids ...string) (map[string]*directoryv1.OrganizationSummary, error) {
	return d.Organizations(ctx, party.ErrOrganizationUnknown, ids...)
}

// departmentsOf returns the departments by id, all of which have their name
// today. Errors: DEPARTMENT_UNKNOWN, DEPENDENCY_UNAVAILABLE.
func (d directory) departmentsOf(ctx context.Context, today jp.Date, ids []string) ([]partner.Department, error) {
	return d.Departments(ctx, party.ErrDepartmentUnknown, today, ids)
}

// projects asks the evaluation service.
type projects struct {
	client evaluationv1.ProjectServiceClient
}

func projectsOf(d service.Deps) projects {
	return projects{client: evaluationv1.NewProjectServiceClient(d.Peer("evaluation"))}
}

// get returns what everybody may know of a project. Errors: PROJECT_UNKNOWN,
// DEPENDENCY_UNAVAILABLE.
func (p projects) get(ctx context.Context, id string) (*evaluationv1.ProjectSummary, error) {
	ctx, cancel := context.WithTimeout(ctx, partner.Wait)
	defer cancel()
	resp, err := p.client.BatchGetProjects(ctx, &evaluationv1.BatchGetProjectsRequest{Ids: []string{id}})
	if err != nil {
		return nil, partner.Unavailable(err)
	}
	if len(resp.GetProjects()) != 1 {
		return nil, publication.ErrProjectUnknown.OnPath("projectId")
	}
	return resp.GetProjects()[0], nil
}
