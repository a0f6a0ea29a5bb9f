package main

import (
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/directory"
	"github.com/chiyoda-kyodo/kyodo/services/proposals"
)

// modules are the services, in the order in which sample data is loaded.
var modules = []service.Module{directory.Module, proposals.Module}

func names() []string {
	var out []string
	for _, m := range modules {
		out = append(out, m.Name)
	}
	return out
}

func moduleOf(name string) service.Module {
	return modules[slices.IndexFunc(modules, func(m service.Module) bool { return m.Name == name })]
}

// participants says who publishes and reads what at the broker.
func participants() []broker.Service {
	var out []broker.Service
	for _, m := range modules {
		out = append(out, broker.Service{Name: m.Name, Consumes: m.Consumes})
	}
	return out
}
