package facilities

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
)

// consumers keep the names of organizations as directory tells them, and follow
// organizations that were merged.
func consumers(service.Deps) []event.Consumer {
	return []event.Consumer{{
		Stream:   "directory",
		Subjects: []string{"kyodo.directory.public.organization.*"},
		Handle:   followOrganization,
		Reset:    partner.ForgetOrganizations,
	}}
}

// followOrganization takes an event of directory about an organization.
func followOrganization(ctx context.Context, tx *pg.Tx, m event.Message) error {
	if m.Type == "kyodo.directory.v1.OrganizationMerged" {
		return mergeOrganization(ctx, tx, m)
	}
	return partner.Follow(tx, m)
}

// mergeOrganization hands what an organization has to the one that it became
// part of.
func mergeOrganization(ctx context.Context, tx *pg.Tx, m event.Message) error {
	e := &directoryv1.OrganizationMerged{}
	if err := m.Decode(e); err != nil {
		return err
	}
	partner.KeepOrganization(tx, partner.Organization{ID: e.GetSurvivorId(), Name: e.GetSurvivorName()})
	for _, move := range []func(ctx context.Context, tx *pg.Tx, from, to string) error{
		mergeBookings, mergeLotteries, mergeWaitlist, mergePenalties,
	} {
		if err := move(ctx, tx, e.GetOrganizationId(), e.GetSurvivorId()); err != nil {
			return err
		}
	}
	return nil
}
