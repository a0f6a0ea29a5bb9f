// Package proposals is the service of the calls for proposals (協働事業提案制度):
// from a group's draft to the ward's published decision.
package proposals

import (
	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// Module is the service, ready to be run.
var Module = service.Module{
	Name:       "proposals",
	Migrations: store.Migrations(),
	Register:   register,
	Consumes:   []string{"directory"},
	Consumers:  consumers,
	Tasks:      tasks,
	Duties:     duties,
	Sample:     loadSample,
}

func register(d service.Deps, r grpc.ServiceRegistrar) {
	peer := newDirectory(d)
	proposalsv1.RegisterCallServiceServer(r, &calls{Deps: d})
	proposalsv1.RegisterProposalServiceServer(r, &proposals{Deps: d, directory: peer})
	proposalsv1.RegisterProgressServiceServer(r, &progress{Deps: d})
	proposalsv1.RegisterStatisticsServiceServer(r, &statistics{Deps: d})
	proposalsv1.RegisterSchemeSurveyServiceServer(r, &surveys{Deps: d})
	registerAttachments(d, r)
	registerDesk(d, r, peer)
	registerChallenges(d, r, peer)
	registerReviews(d, r, peer)
	registerMeetings(d, r, peer)
}

// calls answers CallService.
type calls struct {
	proposalsv1.UnimplementedCallServiceServer
	service.Deps
}

// proposals answers ProposalService.
type proposals struct {
	proposalsv1.UnimplementedProposalServiceServer
	service.Deps
	directory directory
}

// progress answers ProgressService.
type progress struct {
	proposalsv1.UnimplementedProgressServiceServer
	service.Deps
}

// statistics answers StatisticsService.
type statistics struct {
	proposalsv1.UnimplementedStatisticsServiceServer
	service.Deps
}
