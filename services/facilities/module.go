// Package facilities is the service of the ward's halls: what there is, what is
// free, and who may use it when (施設予約).
package facilities

import (
	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// Module is the service, ready to be run.
var Module = service.Module{
	Name:       "facilities",
	Migrations: store.Migrations(),
	Register:   register,
	Consumes:   []string{"directory"},
	Consumers:  consumers,
	Duties:     duties,
	Tasks:      tasks,
	Sample:     loadSample,
}

func register(d service.Deps, r grpc.ServiceRegistrar) {
	rules := store.NewRules()
	c := catalogue{Deps: d, rules: rules}
	facilitiesv1.RegisterFacilityServiceServer(r, &facilities{catalogue: c})
	facilitiesv1.RegisterRuleServiceServer(r, &ruleService{catalogue: c})
	facilitiesv1.RegisterAvailabilityServiceServer(r, &availability{catalogue: c})
	facilitiesv1.RegisterCalendarServiceServer(r, &calendars{catalogue: c, directory: newDirectory(d)})
	registerBookings(d, r, rules)
	registerLotteries(d, r, rules)
	registerWaitlist(d, r, rules)
	registerPenalties(d, r, rules)
}

func tasks(d service.Deps) []job.Task {
	rules := store.NewRules()
	all := bookingTasks(d, rules)
	all = append(all, lotteryTasks(d, rules)...)
	return append(all, waitlistTasks(d, rules)...)
}

// catalogue is what every part of the catalogue needs.
type catalogue struct {
	service.Deps
	rules *store.Rules
}

// facilities answers FacilityService.
type facilities struct {
	facilitiesv1.UnimplementedFacilityServiceServer
	catalogue
}

// ruleService answers RuleService.
type ruleService struct {
	facilitiesv1.UnimplementedRuleServiceServer
	catalogue
}

// availability answers AvailabilityService.
type availability struct {
	facilitiesv1.UnimplementedAvailabilityServiceServer
	catalogue
}

// calendars answers CalendarService.
type calendars struct {
	facilitiesv1.UnimplementedCalendarServiceServer
	catalogue
	directory directory
}
