package evaluation_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation"
)

// willing is a directory that knows everybody.
type willing struct {
	directoryv1.UnimplementedOrganizationServiceServer
	directoryv1.UnimplementedDepartmentServiceServer
}

func (willing) BatchGetOrganizations(_ context.Context, req *directoryv1.BatchGetOrganizationsRequest) (*directoryv1.BatchGetOrganizationsResponse, error) {
	resp := &directoryv1.BatchGetOrganizationsResponse{}
	for _, id := range req.GetIds() {
		resp.Organizations = append(resp.Organizations, &directoryv1.OrganizationSummary{Id: id, Name: "団体" + id[len(id)-1:], State: directoryv1.Organization_VERIFIED, Version: 1})
	}
	return resp, nil
}

func (willing) BatchGetDepartments(_ context.Context, req *directoryv1.BatchGetDepartmentsRequest) (*directoryv1.BatchGetDepartmentsResponse, error) {
	resp := &directoryv1.BatchGetDepartmentsResponse{}
	for _, id := range req.GetIds() {
		resp.Departments = append(resp.Departments, &directoryv1.Department{Id: id, FullName: "課" + id[len(id)-1:]})
	}
	return resp, nil
}

// The sample data go through the rules as the API has them, once, and say that
// they are samples.
func TestSample(t *testing.T) {
	t.Parallel()
	var deps service.Deps
	module := evaluation.Module
	module.Register = func(d service.Deps, r grpc.ServiceRegistrar) {
		deps = d
		evaluation.Module.Register(d, r)
	}
	nothing := fstest.MapFS{"00001_nothing.sql": {Data: []byte("-- +goose Up\nSELECT 1;\n")}}
	w := &world{t: t, World: servicetest.StartWith(t, servicetest.Options{Sample: true}, service.Module{
		Name: "directory", Migrations: nothing, Register: func(_ service.Deps, r grpc.ServiceRegistrar) {
			directoryv1.RegisterOrganizationServiceServer(r, willing{})
			directoryv1.RegisterDepartmentServiceServer(r, willing{})
		},
	}, service.Module{Name: "proposals", Migrations: nothing, Register: func(service.Deps, grpc.ServiceRegistrar) {}}, module)}
	w.must(evaluation.Module.Sample(t.Context(), deps)) // Does nothing any more.
	if n := w.count(`SELECT count(*) FROM rulebook_version WHERE state = 'ADOPTED' AND title LIKE '%（見本）'`); n != 1 {
		t.Errorf("%d adopted sample versions", n)
	}
	var titles, texts string
	w.must(w.DB("evaluation").QueryRow(t.Context(), `
		SELECT string_agg(p.state || ' ' || p.title, ', ' ORDER BY p.public_number), string_agg(a.text, '')
		FROM project p
		JOIN agreement_text a ON a.project_id = p.id`).Scan(&titles, &texts))
	if !strings.Contains(titles, "町会の記録をつなぐ聞き書き（見本）") || !strings.Contains(titles, "RUNNING ベランダで育てる地域の緑（見本）") {
		t.Errorf("projects: %s", titles)
	}
	if n := w.count(`SELECT count(*) FROM project_attachment WHERE file_name LIKE '%（見本）.pdf' AND size > 1000 AND published = (approved_by IS NOT NULL)`); n != 4 {
		t.Errorf("%d sample documents", n)
	}
	if strings.Contains(texts, "{") || !strings.Contains(texts, "金240,000円") || strings.Count(texts, "第21条（有効期間）") != 2 {
		t.Errorf("texts: %s", texts)
	}
}
