package exchange

import (
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// isDesk reports whether the caller is of the general desk.
func isDesk(q *web.Request) bool {
	return ui.Can(q.Context(), directoryv1.OrganizationService_VerifyOrganization_FullMethodName)
}

// actsFor are the organizations for which the caller writes: the own ones, and
// those that have delegated to the caller's intermediary.
func actsFor(q *web.Request) []string {
	return append(q.Caller.Organizations(optionsv1.Role_ROLE_EDITOR, optionsv1.Role_ROLE_REPRESENTATIVE), q.Caller.Delegated(q.Site.Now())...)
}

// acts reports whether the caller acts for a side.
func acts(q *web.Request, p *directoryv1.Party) bool {
	if p.GetDepartmentId() != "" {
		return q.Caller.InDepartment(p.GetDepartmentId())
	}
	return slices.Contains(actsFor(q), p.GetOrganizationId())
}

// parties are the sides for which the caller can write, as choices: each value
// is a kind and an id. all offers to the desk every published organization.
func parties(q *web.Request, all bool) ([]ui.Option, error) {
	var out []ui.Option
	own := actsFor(q)
	req := &directoryv1.ListOrganizationsRequest{Mine: true, State: directoryv1.Organization_VERIFIED, PageSize: 200}
	if all && isDesk(q) {
		req.Mine = false
	}
	resp, err := organizations(q).ListOrganizations(q.Context(), req)
	if err != nil {
		return nil, err
	}
	for _, o := range resp.GetOrganizations() {
		if !req.GetMine() || slices.Contains(own, o.GetId()) {
			out = append(out, ui.Option{Value: "organization:" + o.GetId(), Text: o.GetName()})
			own = slices.DeleteFunc(own, func(id string) bool { return id == o.GetId() })
		}
	}
	for _, id := range own[:min(len(own), delegatedShown)] {
		got, err := organizations(q).GetOrganization(q.Context(), &directoryv1.GetOrganizationRequest{Id: id})
		if err == nil && got.GetOrganization().GetState() == directoryv1.Organization_VERIFIED {
			out = append(out, ui.Option{Value: "organization:" + id, Text: got.GetOrganization().GetName()})
		}
	}
	if id := q.Caller.DepartmentID; id != "" {
		got, err := directoryv1.NewDepartmentServiceClient(q.Site.Service("directory")).GetDepartment(q.Context(), &directoryv1.GetDepartmentRequest{Id: id})
		if err != nil {
			return nil, err
		}
		out = append(out, ui.Option{Value: "department:" + id, Text: got.GetDepartment().GetFullName()})
	}
	if len(out) > 1 {
		out = append([]ui.Option{{Text: text.S(q.Context(), "ui.choose")}}, out...)
	}
	return out, nil
}

// delegatedShown is how many organizations that have delegated are named; each
// is a call.
const delegatedShown = 3

// side splits a choice of parties into the two ids of a request.
func side(choice string) (organizationID, departmentID string) {
	if id, ok := strings.CutPrefix(choice, "department:"); ok {
		return "", id
	}
	return strings.TrimPrefix(choice, "organization:"), ""
}
