// Package register has the desk's pages of the register of organizations: what
// waits to be verified or renewed, lists in and out as CSV, and which papers the
// ward asks for.
package register

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/organization"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/desk/organizations", list),
		web.SignedIn(http.MethodGet, "/desk/organizations/import", importForm).For(directoryv1.OrganizationImportService_ImportOrganizations_FullMethodName),
		web.SignedIn(http.MethodPost, "/desk/organizations/import", importList).For(directoryv1.OrganizationImportService_ImportOrganizations_FullMethodName),
		web.SignedIn(http.MethodGet, "/desk/organizations/requirements", requirements),
		web.SignedIn(http.MethodPost, "/desk/organizations/requirements", require),
	}
}

func organizations(q *web.Request) directoryv1.OrganizationServiceClient {
	return directoryv1.NewOrganizationServiceClient(q.Site.Service("directory"))
}

// states are those of the queue in their order: what the desk has to do first.
var states = []directoryv1.Organization_State{
	directoryv1.Organization_PENDING, directoryv1.Organization_DRAFT, directoryv1.Organization_VERIFIED, directoryv1.Organization_EXPIRED,
	directoryv1.Organization_SUSPENDED, directoryv1.Organization_CLOSED, directoryv1.Organization_MERGED,
}

// queue is the list of a state.
type queue struct {
	form        *ui.Form
	state       directoryv1.Organization_State
	found       []*directoryv1.Organization
	first, next string
}

// errNotDesk refuses who is not of the desk: the list would hold what everybody
// sees.
var errNotDesk = fault.ErrPermissionDenied

func list(q *web.Request) error {
	if !ui.Can(q.Context(), directoryv1.OrganizationService_VerifyOrganization_FullMethodName) {
		return errNotDesk
	}
	b := queue{form: ui.NewForm(q.URL.Query()), state: directoryv1.Organization_State(directoryv1.Organization_State_value[q.Query("state")])}
	if !slices.Contains(states, b.state) {
		b.state = directoryv1.Organization_PENDING
	}
	order := "updateTime"
	if b.state == directoryv1.Organization_VERIFIED {
		order = "nameKana"
	}
	kind := directoryv1.Organization_Kind(directoryv1.Organization_Kind_value[q.Query("kind")])
	resp, err := organizations(q).ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{
		State: b.state, Kind: kind, OrderBy: order, PageSize: 30, PageToken: q.Query("page"),
	})
	if err != nil {
		return err
	}
	b.found = resp.GetOrganizations()
	b.first, b.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&b))
}

// statePath is the address of a state of the queue.
func statePath(s directoryv1.Organization_State) string {
	return "/desk/organizations?" + url.Values{"state": {s.String()}}.Encode()
}

// kinds are the kinds of organizations as choices.
func kinds(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, k := range organization.Kinds {
		out = append(out, ui.Option{Value: k.String(), Text: text.Enum(ctx, "organization.kind", k)})
	}
	return out
}
