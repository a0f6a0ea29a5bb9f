package publication

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// search is what the own list asks for.
type search struct {
	organization, department string
	state                    string
	on                       string // Only what is on this day; "" for any.
	size                     int32
}

// own is the list of posts of the caller, or of those that the caller checks.
type own struct {
	noun        *noun
	form        *ui.Form
	whose       []ui.Option // Whose posts can be chosen; one choice or none is not asked for.
	found       []post
	first, next string
}

// states are the choices of the list.
var states = []string{"DRAFT", "PENDING", "APPROVED", "SCHEDULED", "PUBLISHED", "ENDED", "CANCELLED", "WITHDRAWN"}

const listed = 20

func (n *noun) list(q *web.Request) error {
	if !ui.Can(q.Context(), n.history) {
		return fault.ErrPermissionDenied
	}
	o := &own{noun: n, form: ui.NewForm(q.URL.Query())}
	var err error
	if o.whose, err = owners(q); err != nil {
		return err
	}
	if checker(q.Caller.Principal) {
		o.whose = append([]ui.Option{{Value: everybody, Text: text.S(q.Context(), "publication.everybody")}}, o.whose...)
	}
	if len(o.whose) == 0 {
		return q.Render(listPage(o))
	}
	chosen := o.form.Get("whose")
	if !slices.ContainsFunc(o.whose, func(w ui.Option) bool { return w.Value == chosen }) {
		chosen = o.whose[0].Value
		if _, asked := o.form.Values["state"]; !asked && chosen == everybody {
			o.form.Values.Set("state", "PENDING")
		}
	}
	o.form.Values.Set("whose", chosen)
	s := search{state: o.form.Get("state"), size: listed}
	s.organization, s.department = ownerIDs(chosen)
	var next string
	if o.found, next, err = n.find(q, s); err != nil {
		return err
	}
	o.first, o.next = q.Pages(next)
	return q.Render(listPage(o))
}

// everybody is the choice of all posts that the caller sees.
const everybody = "all"

const (
	ofOrganization = "organization:"
	ofDepartment   = "department:"
)

// owners are those for whom the caller writes, as choices: the organizations of
// which the caller is a member or that delegated to the caller's, and the caller's
// department.
func owners(q *web.Request) ([]ui.Option, error) {
	var out []ui.Option
	if len(q.Caller.Memberships) > 0 {
		resp, err := directoryv1.NewOrganizationServiceClient(q.Site.Service("directory")).ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{Mine: true, PageSize: 50})
		if err != nil {
			return nil, err
		}
		for _, o := range resp.GetOrganizations() {
			out = append(out, ui.Option{Value: ofOrganization + o.GetId(), Text: o.GetName()})
		}
	}
	if acts := q.Caller.Delegated(q.Today().StartOfDay()); len(acts) > 0 {
		resp, err := directoryv1.NewDelegationServiceClient(q.Site.Service("directory")).ListOwnDelegations(q.Context(), &directoryv1.ListOwnDelegationsRequest{PageSize: 200})
		if err != nil {
			return nil, err
		}
		for _, d := range resp.GetDelegations() {
			if d.GetActive() && slices.Contains(acts, d.GetOrganizationId()) {
				out = append(out, ui.Option{Value: ofOrganization + d.GetOrganizationId(), Text: d.GetOrganizationName()})
			}
		}
	}
	if q.Caller.DepartmentID != "" {
		out = append(out, ui.Option{Value: ofDepartment + q.Caller.DepartmentID, Text: text.S(q.Context(), "publication.department")})
	}
	return out, nil
}

// ownerIDs splits a choice of owners.
func ownerIDs(value string) (organization, department string) {
	if id, ok := strings.CutPrefix(value, ofOrganization); ok {
		return id, ""
	}
	if id, ok := strings.CutPrefix(value, ofDepartment); ok {
		return "", id
	}
	return "", ""
}

// stateOptions are the choices of the state; the first is any.
func stateOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "publication.anystate")}}
	for _, s := range states {
		out = append(out, ui.Option{Value: s, Text: text.S(ctx, "publication.state."+s)})
	}
	return out
}

// tone is how a state looks.
func tone(state string) ui.Tone {
	switch state {
	case "PENDING", "APPROVED":
		return ui.Warning
	case "PUBLISHED":
		return ui.Good
	case "ENDED", "WITHDRAWN", "CANCELLED":
		return ui.Ended
	default:
		return ui.Calm
	}
}

// booked is the booking of which a post was drafted; "" for none.
func booked(p post) string {
	for _, of := range []string{"booking:", "volunteers:"} {
		if id, ok := strings.CutPrefix(p.GetSource(), of); ok {
			return id
		}
	}
	return ""
}

func orUntitled(ctx context.Context, title string) string {
	if title == "" {
		return text.S(ctx, "publication.untitled")
	}
	return title
}

// emptyForm is a form before anything was typed.
func emptyForm() *ui.Form { return ui.NewForm(url.Values{}) }
