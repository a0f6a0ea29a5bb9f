// Package installed is the list of the services that make up an installation.
package installed

import (
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/directory"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/facilities"
	"github.com/chiyoda-kyodo/kyodo/services/outreach"
	"github.com/chiyoda-kyodo/kyodo/services/proposals"
)

// Modules are the services, in the order in which sample data is loaded.
var Modules = []service.Module{directory.Module, proposals.Module, evaluation.Module, facilities.Module, outreach.Module}

// Names are the names of the services in their order.
func Names() []string {
	var out []string
	for _, m := range Modules {
		out = append(out, m.Name)
	}
	return out
}

// Module returns the service with a name, which must be one of Names.
func Module(name string) service.Module {
	return Modules[slices.IndexFunc(Modules, func(m service.Module) bool { return m.Name == name })]
}

// Participants say who publishes and reads what at the broker.
func Participants() []broker.Service {
	var out []broker.Service
	for _, m := range Modules {
		out = append(out, broker.Service{Name: m.Name, Consumes: m.Consumes})
	}
	return out
}
