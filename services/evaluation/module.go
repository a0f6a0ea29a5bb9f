// Package evaluation is the service of what comes of collaboration: the rulebook,
// projects with their agreements, and the evaluation by both sides.
package evaluation

import (
	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

// Module is the service, ready to be run.
var Module = service.Module{
	Name:       "evaluation",
	Migrations: store.Migrations(),
	Register:   register,
	Consumes:   []string{"directory", "proposals"},
	Consumers:  consumers,
	Tasks:      evaluationTasks,
	Duties:     duties,
	Sample:     loadSample,
}

func register(d service.Deps, r grpc.ServiceRegistrar) {
	peer := newDirectory(d)
	evaluationv1.RegisterRulebookServiceServer(r, &rules{Deps: d, directory: peer})
	evaluationv1.RegisterProjectServiceServer(r, &projects{Deps: d, directory: peer})
	evaluationv1.RegisterProjectAttachmentServiceServer(r, &attachments{Deps: d})
	evaluationv1.RegisterAgreementServiceServer(r, &agreements{Deps: d, directory: peer})
	registerEvaluations(d, r)
}

// rules answers RulebookService.
type rules struct {
	evaluationv1.UnimplementedRulebookServiceServer
	service.Deps
	directory directory
}

// projects answers ProjectService.
type projects struct {
	evaluationv1.UnimplementedProjectServiceServer
	service.Deps
	directory directory
}

// agreements answers AgreementService.
type agreements struct {
	evaluationv1.UnimplementedAgreementServiceServer
	service.Deps
	directory directory
}
