// Package outreach is the service that brings what the ward and its partners do to
// everybody: articles, events, notice boards, feeds, open data.
package outreach

import (
	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// Module is the service, ready to be run.
var Module = service.Module{
	Name:       "outreach",
	Migrations: store.Migrations(),
	Register:   register,
	Consumes:   []string{"directory", "evaluation", "facilities", "proposals"},
	Consumers:  consumers,
	Duties:     duties,
	Tasks:      tasks,
	Sample:     loadSample,
}

func register(d service.Deps, r grpc.ServiceRegistrar) {
	p := publicationsOf(d)
	outreachv1.RegisterArticleServiceServer(r, &articles{publications: p})
	outreachv1.RegisterEventServiceServer(r, &events{publications: p})
	outreachv1.RegisterRegistrationServiceServer(r, &registrations{publications: p})
	outreachv1.RegisterEventDrawServiceServer(r, &draws{publications: p})
	outreachv1.RegisterFeedServiceServer(r, &feeds{publications: p})
	registerBoards(d, r)
	registerSources(d, r)
	registerSearch(d, r)
	registerSponsorships(d, r)
	registerFollows(d, r)
	registerNewsletters(d, r)
	registerNotices(d, r)
	registerOpportunities(d, r)
	registerTrainings(d, r)
}
