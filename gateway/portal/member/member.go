// Package member has the pages of who belongs to an organization and who may act
// for it: members with their roles, invitations, and the delegations to
// intermediaries.
package member

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/organizations/{id}/members", list),
		web.SignedIn(http.MethodPost, "/organizations/{id}/members/list", read),
		web.SignedIn(http.MethodPost, "/organizations/{id}/members", invite),
		web.SignedIn(http.MethodPost, "/organizations/{id}/members/{member}/accept", accept),
		web.SignedIn(http.MethodPost, "/organizations/{id}/members/{member}/role", change),
		web.SignedIn(http.MethodPost, "/organizations/{id}/members/{member}/remove", remove),
		web.SignedIn(http.MethodGet, "/organizations/{id}/delegations", delegated),
		web.SignedIn(http.MethodPost, "/organizations/{id}/delegations", grant),
		web.SignedIn(http.MethodPost, "/organizations/{id}/delegations/{delegation}/revoke", revoke),
		web.SignedIn(http.MethodGet, "/delegations", ownDelegations).For(directoryv1.DelegationService_ListOwnDelegations_FullMethodName),
	}
}

func organizations(q *web.Request) directoryv1.OrganizationServiceClient {
	return directoryv1.NewOrganizationServiceClient(q.Site.Service("directory"))
}

func members(q *web.Request) directoryv1.MemberServiceClient {
	return directoryv1.NewMemberServiceClient(q.Site.Service("directory"))
}

// people is the page of an organization's members.
type people struct {
	*directoryv1.Organization
	form        *ui.Form
	found       []*directoryv1.Member
	why         string // What the desk stated to read them.
	read        bool   // Whether they were read.
	desk, leads bool   // What the caller is.
	caller      string
	first, next string
}

// at returns the page before the members are read. Errors: RESOURCE_NOT_FOUND for
// who is neither a member nor the desk.
func at(q *web.Request) (*people, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	p := &people{
		form: ui.NewForm(url.Values{}), caller: q.Caller.ID, leads: q.Caller.IsMember(id, optionsv1.Role_ROLE_REPRESENTATIVE),
		desk: ui.Can(q.Context(), directoryv1.OrganizationService_VerifyOrganization_FullMethodName),
	}
	if !p.desk && !q.Caller.IsMember(id) {
		return nil, fault.ErrNotFound
	}
	got, err := organizations(q).GetOrganization(q.Context(), &directoryv1.GetOrganizationRequest{Id: id})
	p.Organization = got.GetOrganization()
	return p, err
}

func list(q *web.Request) error {
	p, err := at(q)
	if err != nil {
		return err
	}
	if p.desk {
		return q.Render(listPage(p)) // which asks for the reason first
	}
	return answer(q.Context(), q, p, nil)
}

// read lists the members for the desk, for the stated reason, which is logged.
func read(q *web.Request) error {
	p, err := at(q)
	if err != nil {
		return err
	}
	p.why = strings.TrimSpace(q.PostFormValue(step.Why))
	return answer(q.Because(p.why), q, p, nil)
}

// answer shows the members; after a refusal with the form that was refused.
func answer(ctx context.Context, q *web.Request, p *people, form *ui.Form) error {
	status := http.StatusOK
	if form != nil {
		p.form, status = form, form.Status
	}
	p.form.Labels = labels
	if !p.desk || p.why != "" {
		resp, err := members(q).ListMembers(ctx, &directoryv1.ListMembersRequest{OrganizationId: p.GetId(), PageSize: 50, PageToken: q.Query("page")})
		if err != nil {
			return err
		}
		p.found, p.read = resp.GetMembers(), true
		p.first, p.next = q.Pages(resp.GetNextPageToken())
	} else if form == nil {
		p.form = q.Posted()
		p.form.Refusal, p.form.Status = step.Reasoned(fault.ErrReasonRequired, step.Why), http.StatusBadRequest
		p.form.Labels, status = labels, http.StatusBadRequest
	}
	return q.RenderAs(status, listPage(p))
}

// labels name the fields in the summary of what was refused.
var labels = ui.Labels{"email": "member.email", "role": "member.rolename", step.Why: "member.why", "intermediaryId": "delegation.intermediary", "endsOn": "delegation.endson", "consent": "delegation.consent"}

// done takes a step and comes back to the page, or says why it was refused.
func done(q *web.Request, err error, what string) error {
	form, refused := q.Refused(err)
	if !refused && err != nil {
		return err
	}
	if !refused {
		q.Site.Forget(q.Caller.ID)
		return q.Redirect("/organizations/"+q.PathValue("id")+"/members", what)
	}
	p, err := at(q)
	if err != nil {
		return err
	}
	form.Refusal = step.Reasoned(form.Refusal, step.Why)
	p.why = strings.TrimSpace(q.PostFormValue(step.Why))
	ctx := q.Context()
	if p.desk {
		ctx = q.Because(p.why)
	}
	return answer(ctx, q, p, form)
}

// stated is the context of a change, with the reason where one was stated.
func stated(q *web.Request) context.Context {
	if why := strings.TrimSpace(q.PostFormValue(step.Why)); why != "" {
		return q.Because(why)
	}
	return q.Context()
}

func invite(q *web.Request) error {
	req := &directoryv1.InviteMemberRequest{}
	err := web.Bind(q.PostForm, req)
	if err == nil {
		req.OrganizationId = q.PathValue("id")
		_, err = members(q).InviteMember(stated(q), req)
	}
	if err == nil {
		return q.Redirect("/organizations/"+q.PathValue("id")+"/members", "memberinvited")
	}
	return done(q, err, "")
}

// accept accepts an invitation to the caller, who is of the organization from
// then on.
func accept(q *web.Request) error {
	id, member, err := ids(q)
	if err != nil {
		return err
	}
	if _, err := members(q).AcceptInvitation(q.Once(), &directoryv1.AcceptInvitationRequest{OrganizationId: id, Id: member}); err != nil {
		return err
	}
	q.Site.Forget(q.Caller.ID)
	return q.Redirect("/organizations/"+id+"/registration", "memberjoined")
}

func change(q *web.Request) error {
	id, member, err := ids(q)
	if err != nil {
		return err
	}
	in := &directoryv1.MemberInput{}
	if err = web.Bind(url.Values{"role": {q.PostFormValue("role")}}, in); err == nil {
		_, err = members(q).UpdateMember(stated(q), &directoryv1.UpdateMemberRequest{
			OrganizationId: id, Id: member, Member: in, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"role"}}, Etag: q.PostFormValue("_etag"),
		})
	}
	return done(q, err, "memberrolechanged")
}

// remove removes a member, or withdraws an invitation; who removes himself leaves.
func remove(q *web.Request) error {
	id, member, err := ids(q)
	if err != nil {
		return err
	}
	_, err = members(q).RemoveMember(stated(q), &directoryv1.RemoveMemberRequest{OrganizationId: id, Id: member})
	if err == nil && q.PostFormValue("self") != "" {
		q.Site.Forget(q.Caller.ID)
		return q.Redirect("/my/organizations", "memberleft")
	}
	return done(q, err, "memberremoved")
}

func ids(q *web.Request) (id, member string, err error) {
	if id, err = q.ID("id"); err != nil {
		return "", "", err
	}
	member, err = q.ID("member")
	return id, member, err
}

// roleOptions are the roles of members.
func roleOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, r := range []directoryv1.Member_Role{directoryv1.Member_VIEWER, directoryv1.Member_EDITOR, directoryv1.Member_REPRESENTATIVE} {
		out = append(out, ui.Option{Value: r.String(), Text: text.Enum(ctx, "member.role", r)})
	}
	return out
}

// self reports whether a member is the caller.
func (p *people) self(m *directoryv1.Member) bool {
	return m.GetPersonId() != "" && m.GetPersonId() == p.caller
}

// changes reports whether the caller may change others.
func (p *people) changes() bool { return p.leads || p.desk }
