// Package partner has the choices of who stands behind something: organizations,
// found by their names or the caller's own, the sections of the ward, events and
// projects.
package partner

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

const (
	found = 30 // Organizations that are offered at a time.
	named = 5  // Chosen ones, besides these, that are shown with their names.
)

// Find returns the organizations that fit what a Lookup asked for, the first ones
// where it asked for nothing, and those that are chosen already, as choices.
func Find(q *web.Request, form *ui.Form, name string) ([]ui.Option, error) {
	var list []*directoryv1.Organization
	if words := strings.TrimSpace(form.Get("_find")); len([]rune(words)) > 1 {
		var err error
		if list, err = search(q, words, found); err != nil {
			return nil, err
		}
	} else {
		resp, err := directory(q).ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{State: directoryv1.Organization_VERIFIED, PageSize: found})
		if err != nil {
			return nil, err
		}
		list = resp.GetOrganizations()
	}
	out := options(list)
	asked := 0
	for _, id := range form.Values[name] {
		if slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == id }) {
			continue
		}
		name := id
		if asked++; asked <= named {
			if got, err := directory(q).GetOrganization(q.Context(), &directoryv1.GetOrganizationRequest{Id: id}); err == nil {
				name = got.GetOrganization().GetName()
			}
		}
		out = append(out, ui.Option{Value: id, Text: name})
	}
	return out, nil
}

// Mine are the organizations that the caller belongs to, as choices; none where
// there is one alone, which needs no choice.
func Mine(q *web.Request) ([]ui.Option, error) {
	if len(q.Caller.Memberships) < 2 {
		return nil, nil
	}
	own, err := Organizations(q)
	return append([]ui.Option{{Text: text.S(q.Context(), "ui.choose")}}, own...), err
}

// Organizations are the caller's own.
func Organizations(q *web.Request) ([]ui.Option, error) {
	resp, err := directory(q).ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{Mine: true, PageSize: 200})
	return options(resp.GetOrganizations()), err
}

// Found are the published organizations that have the words in their names; none
// without words.
func Found(q *web.Request, words string) ([]ui.Option, error) {
	if words = strings.TrimSpace(words); words == "" {
		return nil, nil
	}
	list, err := search(q, words, 50)
	return options(list), err
}

func search(q *web.Request, words string, most int32) ([]*directoryv1.Organization, error) {
	resp, err := directory(q).SearchOrganizations(q.Context(), &directoryv1.SearchOrganizationsRequest{Q: words, PageSize: most})
	if err != nil && problem.Fault(err).Kind == fault.Invalid { // words that find nothing
		err = nil
	}
	return resp.GetOrganizations(), err
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

// Activities are the fields of specified non-profit activity (活動分野), by their
// numbers, as choices.
func Activities(q *web.Request) ([]ui.Option, error) {
	resp, err := directory(q).ListActivityFields(q.Context(), &directoryv1.ListActivityFieldsRequest{})
	var out []ui.Option
	for _, f := range resp.GetActivityFields() {
		out = append(out, ui.Option{Value: fmt.Sprint(f.GetNumber()), Text: f.GetName()})
	}
	return out, err
}

// Events are the published ones of an organization, and the one that is chosen.
func Events(q *web.Request, organizationID, chosen string) ([]ui.Option, error) {
	out := []ui.Option{{Text: text.S(q.Context(), "partner.noevent")}}
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
		out = append(out, ui.Option{Value: chosen, Text: text.S(q.Context(), "partner.thisevent")})
	}
	return out, nil
}

// Projects are the newest projects of the caller's organization, as choices; none
// where there are several organizations.
func Projects(q *web.Request) ([]ui.Option, error) {
	if len(q.Caller.Memberships) != 1 {
		return nil, nil
	}
	resp, err := evaluationv1.NewProjectServiceClient(q.Site.Service("evaluation")).ListProjects(q.Context(), &evaluationv1.ListProjectsRequest{
		OrganizationId: q.Caller.Memberships[0].OrganizationID, PageSize: found,
	})
	if err != nil {
		return nil, err
	}
	var out []ui.Option
	for _, p := range resp.GetProjects() {
		out = append(out, ui.Option{Value: p.GetId(), Text: p.GetPublicNumber() + " " + p.GetTitle()})
	}
	return out, nil
}
