// Package party has the choices of who stands behind something: the caller's
// organizations, those that the desk finds, and the sections of the ward.
package party

import (
	"context"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// Ward reports whether the caller works for the ward.
func Ward(ctx context.Context) bool { return ui.ViewOf(ctx).Caller.DepartmentID != "" }

// Desk reports whether the caller is at the general desk, which acts for others
// too.
func Desk(ctx context.Context) bool { return ui.ViewOf(ctx).Caller.Has(optionsv1.Role_ROLE_DESK) }

// Mine reports whether something of an organization, or of a section where that
// is empty, is the caller's own to write.
func Mine(ctx context.Context, organizationID, departmentID string) bool {
	p := ui.ViewOf(ctx).Caller
	if organizationID == "" {
		return departmentID != "" && departmentID == p.DepartmentID
	}
	if p.IsMember(organizationID, optionsv1.Role_ROLE_EDITOR, optionsv1.Role_ROLE_REPRESENTATIVE) {
		return true
	}
	for _, d := range p.Delegations {
		if d.OrganizationID == organizationID {
			return true
		}
	}
	return false
}

// Organizations are the caller's own.
func Organizations(q *web.Request) ([]ui.Option, error) {
	resp, err := directory(q).ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{Mine: true, PageSize: 50})
	return options(resp.GetOrganizations()), err
}

// Found are the published organizations that have the words in their names; none
// without words.
func Found(q *web.Request, words string) ([]ui.Option, error) {
	if words = strings.TrimSpace(words); words == "" {
		return nil, nil
	}
	resp, err := directory(q).SearchOrganizations(q.Context(), &directoryv1.SearchOrganizationsRequest{Q: words, PageSize: 50})
	if err != nil && problem.Fault(err).Kind == fault.Invalid { // words that find nothing
		err = nil
	}
	return options(resp.GetOrganizations()), err
}

func directory(q *web.Request) directoryv1.OrganizationServiceClient {
	return directoryv1.NewOrganizationServiceClient(q.Site.Service("directory"))
}

func options(found []*directoryv1.Organization) []ui.Option {
	var out []ui.Option
	for _, o := range found {
		out = append(out, ui.Option{Value: o.GetId(), Text: o.GetName()})
	}
	return out
}

// Departments are the sections of today, with a line for none before them.
func Departments(q *web.Request) ([]ui.Option, error) {
	resp, err := directoryv1.NewDepartmentServiceClient(q.Site.Service("directory")).ListDepartments(q.Context(), &directoryv1.ListDepartmentsRequest{PageSize: 200})
	if err != nil {
		return nil, err
	}
	out := []ui.Option{{Text: text.S(q.Context(), "ui.choose")}}
	for _, d := range resp.GetDepartments() {
		out = append(out, ui.Option{Value: d.GetId(), Text: d.GetFullName()})
	}
	return out, nil
}

// Events are the published ones of an organization, and the one that is chosen.
func Events(q *web.Request, organizationID, chosen string) ([]ui.Option, error) {
	out := []ui.Option{{Text: text.S(q.Context(), "party.noevent")}}
	if organizationID != "" {
		resp, err := outreachv1.NewEventServiceClient(q.Site.Service("outreach")).ListEvents(q.Context(), &outreachv1.ListEventsRequest{
			State: outreachv1.Event_PUBLISHED, OrganizationId: organizationID, From: q.Today().String(), PageSize: 50,
		})
		if err != nil {
			return nil, err
		}
		for _, e := range resp.GetEvents() {
			out = append(out, ui.Option{Value: e.GetId(), Text: e.GetTitle()})
		}
	}
	if chosen != "" && !slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == chosen }) {
		out = append(out, ui.Option{Value: chosen, Text: text.S(q.Context(), "party.thisevent")})
	}
	return out, nil
}
