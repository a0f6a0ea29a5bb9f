package evaluation_test

import (
	"testing"
	"testing/fstest"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation"
)

// The sample has one published evaluation with its improvement and its survey, and
// one open evaluation of which nothing is disclosed.
func TestSampleEvaluations(t *testing.T) {
	t.Parallel()
	nothing := fstest.MapFS{"00001_nothing.sql": {Data: []byte("-- +goose Up\nSELECT 1;\n")}}
	w := &world{t: t, World: servicetest.StartWith(t, servicetest.Options{Sample: true}, service.Module{
		Name: "directory", Migrations: nothing, Register: func(_ service.Deps, r grpc.ServiceRegistrar) {
			directoryv1.RegisterOrganizationServiceServer(r, willing{})
			directoryv1.RegisterDepartmentServiceServer(r, willing{})
		},
	}, service.Module{Name: "proposals", Migrations: nothing, Register: func(service.Deps, grpc.ServiceRegistrar) {}}, evaluation.Module)}
	list, err := w.evaluations(desk).ListEvaluations(t.Context(), &evaluationv1.ListEvaluationsRequest{})
	w.must(err)
	states := map[evaluationv1.Evaluation_State]*evaluationv1.Evaluation{}
	for _, e := range list.GetEvaluations() {
		states[e.GetState()] = e
	}
	published, open := states[evaluationv1.Evaluation_PUBLISHED], states[evaluationv1.Evaluation_OPEN]
	if len(states) != 2 || published == nil || open.GetKind() != evaluationv1.Evaluation_INTERIM {
		t.Fatalf("evaluations = %v", list)
	}
	r := w.report(published.GetId(), 0)
	if len(r.GetItems()) != 15 || r.GetSurveyReplies() != 6 || r.GetSurvey()[0].GetSuppressed() || r.GetItems()[6].GetItem().GetClassName() != "要協議" {
		t.Errorf("report = %v", r)
	}
	if i := w.improvement(published.GetId()); i.GetCriterionName() != "情報共有・連絡" || i.GetState() != evaluationv1.Improvement_OPEN {
		t.Errorf("improvement = %v", i)
	}
	_, err = w.evaluations(auth.Anonymous).GetEvaluation(t.Context(), &evaluationv1.GetEvaluationRequest{Id: open.GetId()})
	refused(t, err, "RESOURCE_NOT_FOUND")
	w.nowhere("参加する集合住宅との連絡が順調です")
}
