package member

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

func delegations(q *web.Request) directoryv1.DelegationServiceClient {
	return directoryv1.NewDelegationServiceClient(q.Site.Service("directory"))
}

// consents is the page of an organization's delegations, or of the caller's own
// over all organizations.
type consents struct {
	organization   *directoryv1.Organization // nil over all of them.
	form           *ui.Form
	found          []*directoryv1.Delegation
	intermediaries []ui.Option // Those to which the caller may delegate; none for who may not.
	desk           bool
	leads          []string // Organizations that the caller represents.
	first, next    string
}

func delegated(q *web.Request) error { return answerDelegations(q, nil) }

// answerDelegations shows the page; after a refusal with the form that was
// refused. Errors: RESOURCE_NOT_FOUND for who is not of the organization.
func answerDelegations(q *web.Request, form *ui.Form) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	c := newConsents(q)
	if !c.desk && !q.Caller.IsMember(id) && !slices.Contains(q.Caller.Delegated(q.Site.Now()), id) {
		return fault.ErrNotFound
	}
	got, err := organizations(q).GetOrganization(q.Context(), &directoryv1.GetOrganizationRequest{Id: id})
	if err != nil {
		return err
	}
	c.organization = got.GetOrganization()
	resp, err := delegations(q).ListDelegations(q.Context(), &directoryv1.ListDelegationsRequest{OrganizationId: id, PageSize: 50, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	c.found = resp.GetDelegations()
	c.first, c.next = q.Pages(resp.GetNextPageToken())
	if slices.Contains(c.leads, id) {
		if err := c.readIntermediaries(q); err != nil {
			return err
		}
	}
	status := http.StatusOK
	if form != nil {
		c.form, status = form, form.Status
	}
	c.form.Labels = labels
	return q.RenderAs(status, delegationsPage(c))
}

func newConsents(q *web.Request) *consents {
	return &consents{
		form: ui.NewForm(url.Values{}), leads: q.Caller.Organizations(optionsv1.Role_ROLE_REPRESENTATIVE),
		desk: ui.Can(q.Context(), directoryv1.OrganizationService_VerifyOrganization_FullMethodName),
	}
}

func (c *consents) readIntermediaries(q *web.Request) error {
	resp, err := organizations(q).ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{
		Kind: directoryv1.Organization_INTERMEDIARY, State: directoryv1.Organization_VERIFIED, PageSize: 200,
	})
	if err != nil {
		return err
	}
	c.intermediaries = []ui.Option{{Text: text.S(q.Context(), "ui.choose")}}
	for _, o := range resp.GetOrganizations() {
		if o.GetId() != c.organization.GetId() {
			c.intermediaries = append(c.intermediaries, ui.Option{Value: o.GetId(), Text: o.GetName()})
		}
	}
	return nil
}

// ownDelegations are those from and to the caller's organizations; all of them
// for the desk.
func ownDelegations(q *web.Request) error {
	resp, err := delegations(q).ListOwnDelegations(q.Context(), &directoryv1.ListOwnDelegationsRequest{PageSize: 50, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	c := newConsents(q)
	c.found = resp.GetDelegations()
	c.first, c.next = q.Pages(resp.GetNextPageToken())
	return q.Render(delegationsPage(c))
}

func grant(q *web.Request) error {
	req := &directoryv1.GrantDelegationRequest{}
	err := web.Bind(q.PostForm, req)
	if err == nil {
		req.OrganizationId = q.PathValue("id")
		_, err = delegations(q).GrantDelegation(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerDelegations(q, form)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/organizations/"+q.PathValue("id")+"/delegations", "delegationgranted")
}

func revoke(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	delegation, err := q.ID("delegation")
	if err != nil {
		return err
	}
	_, err = delegations(q).RevokeDelegation(stated(q), &directoryv1.RevokeDelegationRequest{OrganizationId: id, Id: delegation})
	if form, refused := q.Refused(err); refused {
		return answerDelegations(q, form)
	}
	if err != nil {
		return err
	}
	q.Site.Forget(q.Caller.ID)
	return q.Redirect("/delegations", "delegationended")
}

// revocable reports whether the caller may end a delegation: a representative of
// either side, or the desk.
func (c *consents) revocable(d *directoryv1.Delegation) bool {
	return d.GetActive() && (c.desk || slices.Contains(c.leads, d.GetOrganizationId()) || slices.Contains(c.leads, d.GetIntermediaryId()))
}

func (c *consents) head(ctx context.Context) ui.Head {
	h := ui.Head{Title: text.S(ctx, "delegation.title"), Area: "nav.mine", Lead: text.S(ctx, "delegation.lead")}
	if c.desk {
		h.Area = "nav.register"
	}
	if o := c.organization; o != nil {
		h.Trail = []ui.Crumb{{Text: text.S(ctx, "registry.of", o.GetName()), Path: "/organizations/" + o.GetId() + "/registration"}}
	}
	return h
}

// path is the address of a member.
func (p *people) path(m *directoryv1.Member) string {
	return "/organizations/" + p.GetId() + "/members/" + m.GetId()
}

// removal is the text of the button that ends a membership.
func (p *people) removal(m *directoryv1.Member) string {
	switch {
	case p.self(m):
		return "member.leave"
	case m.GetState() == directoryv1.Member_INVITED:
		return "member.uninvite"
	default:
		return "member.remove"
	}
}
