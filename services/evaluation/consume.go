package evaluation

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
)

// consumers keep the names of organizations and departments as directory tells
// them, follow merged organizations, make projects of adopted proposals, and keep
// what proposals tell of the chains.
func consumers(d service.Deps) []event.Consumer {
	return []event.Consumer{{
		Stream: "directory",
		Subjects: []string{
			"kyodo.directory.public.organization.*",
			"kyodo.directory.public.department.*",
		},
		Handle: keepName,
		Reset:  partner.Forget,
	}, {
		Stream:   "proposals",
		Subjects: []string{"kyodo.proposals.public.>"},
		Handle: func(ctx context.Context, tx *pg.Tx, m event.Message) error {
			if m.Type == "kyodo.proposals.v1.ProposalAdopted" {
				return beginProject(auth.With(ctx, auth.Service("evaluation")), tx, m, d.NewID)
			}
			return followProposal(ctx, tx, m)
		},
	}}
}

// keepName takes the name out of an event of directory.
func keepName(ctx context.Context, tx *pg.Tx, m event.Message) error {
	if m.Type == "kyodo.directory.v1.OrganizationMerged" {
		return followMerger(ctx, tx, m)
	}
	return partner.Follow(tx, m)
}

// followMerger moves what belonged to a merged organization to its survivor. The
// projects keep their version but for the parties: nobody's change is lost.
func followMerger(ctx context.Context, tx *pg.Tx, m event.Message) error {
	e := &directoryv1.OrganizationMerged{}
	if err := m.Decode(e); err != nil {
		return err
	}
	of, err := store.LockProjectsOf(ctx, tx, e.GetOrganizationId())
	if err != nil {
		return err
	}
	for _, p := range of {
		if p.Follow(e.GetOrganizationId(), e.GetSurvivorId()) {
			if err := store.UpdateProject(ctx, tx, p); err != nil {
				return err
			}
		}
	}
	partner.KeepOrganization(tx, partner.Organization{ID: e.GetSurvivorId(), Name: e.GetSurvivorName()})
	return store.MoveOrganization(ctx, tx, e.GetOrganizationId(), e.GetSurvivorId())
}

// beginProject makes the project of an adopted proposal. There is one of each
// proposal, however often the adoption is told.
func beginProject(ctx context.Context, tx *pg.Tx, m event.Message, newID func() string) error {
	e := &proposalsv1.ProposalAdopted{}
	if err := m.Decode(e); err != nil {
		return err
	}
	p := &project.Project{
		ProposalID: e.GetProposalId(), PublicNumber: e.GetNumber(), Published: true,
		Terms: project.Terms{
			Title: e.GetTitle(), Purpose: e.GetPurpose(), Form: e.GetForm(), WardCost: e.GetCost(),
			Goals: convert.List(e.GetGoals(), func(g *proposalsv1.Goal) project.Goal {
				return project.Goal{Indicator: g.GetIndicator(), Baseline: g.GetBaseline(), Target: g.GetTarget(), Method: g.GetMethod()}
			}),

			Roles: convert.List(e.GetRoles(), func(r *proposalsv1.RoleRow) project.Role {
				return project.Role{Item: r.GetItem(), OrganizationRole: r.GetOrganizationRole(), WardRole: r.GetWardRole()}
			}),
		},
		Parties: project.Parties{
			OrganizationIDs:  append([]string{e.GetOrganizationId()}, e.GetJointOrganizationIds()...),
			LeadDepartmentID: e.GetLeadDepartmentId(), JointDepartmentIDs: e.GetJointDepartmentIds(),
		},
		NumberYear: int(e.GetFiscalYear()),
	}
	var err error
	if p.Serial, err = serialOf(e.GetNumber()); err != nil {
		return event.Permanent(err)
	}
	p.Begin(newID(), int(e.GetFiscalYear()), auth.From(ctx).Actor(), tx.Now)
	made, err := store.InsertProject(ctx, tx, p)
	if err != nil || !made {
		return err
	}
	return tellCreation(ctx, tx, p, newID())
}

// serialOf is the serial in a public number, such as 12 in R8-提-0012.
func serialOf(number string) (int, error) {
	n, err := strconv.Atoi(number[strings.LastIndexByte(number, '-')+1:])
	if err != nil {
		return 0, fmt.Errorf("public number %q: %w", number, err)
	}
	return n, nil
}
