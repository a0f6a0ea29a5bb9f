package facilities

import (
	"context"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// consumers keep the names of organizations as directory tells them, and follow
// organizations that were merged.
func consumers(service.Deps) []event.Consumer {
	return []event.Consumer{{
		Stream:   "directory",
		Subjects: []string{"kyodo.directory.public.organization.*"},
		Handle:   followOrganization,
		Reset:    store.ForgetNameVersions,
	}}
}

// followOrganization takes an event of directory about an organization.
func followOrganization(ctx context.Context, tx *pg.Tx, m event.Message) error {
	switch m.Type {
	case "kyodo.directory.v1.OrganizationVerified":
		return keepOrganization(tx, m, &directoryv1.OrganizationVerified{})
	case "kyodo.directory.v1.OrganizationUpdated":
		return keepOrganization(tx, m, &directoryv1.OrganizationUpdated{})
	case "kyodo.directory.v1.OrganizationExpired":
		return keepOrganization(tx, m, &directoryv1.OrganizationExpired{})
	case "kyodo.directory.v1.OrganizationSuspended":
		return keepOrganization(tx, m, &directoryv1.OrganizationSuspended{})
	case "kyodo.directory.v1.OrganizationClosed":
		return keepOrganization(tx, m, &directoryv1.OrganizationClosed{})
	case "kyodo.directory.v1.OrganizationMerged":
		return mergeOrganization(ctx, tx, m)
	}
	return nil
}

// organizationFact is an event about an organization.
type organizationFact interface {
	proto.Message
	GetOrganization() *directoryv1.Organization
	GetVersion() int64
}

func keepOrganization(tx *pg.Tx, m event.Message, e organizationFact) error {
	if err := m.Decode(e); err != nil {
		return err
	}
	o := e.GetOrganization()
	store.KeepOrganization(tx, store.OrganizationName{ID: o.GetId(), Name: o.GetName(), Version: e.GetVersion()})
	return nil
}

// mergeOrganization hands what an organization has to the one that it became
// part of.
func mergeOrganization(ctx context.Context, tx *pg.Tx, m event.Message) error {
	e := &directoryv1.OrganizationMerged{}
	if err := m.Decode(e); err != nil {
		return err
	}
	store.KeepOrganization(tx, store.OrganizationName{ID: e.GetSurvivorId(), Name: e.GetSurvivorName()})
	for _, move := range []func(ctx context.Context, tx *pg.Tx, from, to string) error{
		mergeBookings, mergeLotteries, mergeWaitlist, mergePenalties,
	} {
		if err := move(ctx, tx, e.GetOrganizationId(), e.GetSurvivorId()); err != nil {
			return err
		}
	}
	return nil
}
