// Package partner lets the ward choose organizations on a page: by their names,
// a few at a time, those that are chosen staying chosen.
package partner

import (
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

const (
	found = 30 // Organizations that are offered at a time.
	named = 5  // Chosen ones, besides these, that are shown with their names.
)

// Find returns the organizations that fit the words of the query q, and those
// that are chosen already, as choices.
func Find(q *web.Request, chosen []string) ([]ui.Option, error) {
	directory := directoryv1.NewOrganizationServiceClient(q.Site.Service("directory"))
	var list []*directoryv1.Organization
	if words := strings.TrimSpace(q.Query("q")); len([]rune(words)) > 1 {
		resp, err := directory.SearchOrganizations(q.Context(), &directoryv1.SearchOrganizationsRequest{Q: words, PageSize: found})
		if err != nil {
			return nil, err
		}
		list = resp.GetOrganizations()
	} else {
		resp, err := directory.ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{State: directoryv1.Organization_VERIFIED, PageSize: found})
		if err != nil {
			return nil, err
		}
		list = resp.GetOrganizations()
	}
	var out []ui.Option
	for _, o := range list {
		out = append(out, ui.Option{Value: o.GetId(), Text: o.GetName()})
	}
	asked := 0
	for _, id := range chosen {
		if slices.ContainsFunc(out, func(o ui.Option) bool { return o.Value == id }) {
			continue
		}
		name := id
		if asked++; asked <= named {
			if got, err := directory.GetOrganization(q.Context(), &directoryv1.GetOrganizationRequest{Id: id}); err == nil {
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
	resp, err := directoryv1.NewOrganizationServiceClient(q.Site.Service("directory")).ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{Mine: true, PageSize: 200})
	if err != nil {
		return nil, err
	}
	out := []ui.Option{{Text: text.S(q.Context(), "ui.choose")}}
	for _, o := range resp.GetOrganizations() {
		out = append(out, ui.Option{Value: o.GetId(), Text: o.GetName()})
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
