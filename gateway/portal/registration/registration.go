// Package registration has the pages by which an organization registers and
// stays registered: the own organizations with the invitations to others, the
// application, its papers, and the steps of both sides. The desk works on the
// same page as the organization.
package registration

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/organization"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/my/organizations", mine).For(directoryv1.MemberService_ListInvitations_FullMethodName),
		web.SignedIn(http.MethodGet, "/organizations/new", begin).For(directoryv1.OrganizationService_CreateOrganization_FullMethodName),
		web.SignedIn(http.MethodPost, "/organizations", create),
		web.SignedIn(http.MethodGet, "/organizations/{id}/edit", edit),
		web.SignedIn(http.MethodPost, "/organizations/{id}/edit", save),
		web.SignedIn(http.MethodGet, "/organizations/{id}/registration", show),
		web.SignedIn(http.MethodPost, "/organizations/{id}/registration/steps/{step}", take),
		web.SignedIn(http.MethodPost, "/organizations/{id}/registration/papers", papers),
		web.SignedIn(http.MethodPost, "/organizations/{id}/documents", upload),
		web.SignedIn(http.MethodPost, "/organizations/{id}/documents/{document}/read", readDocument),
		web.SignedIn(http.MethodPost, "/organizations/{id}/documents/{document}/delete", deleteDocument),
	}
}

func organizations(q *web.Request) directoryv1.OrganizationServiceClient {
	return directoryv1.NewOrganizationServiceClient(q.Site.Service("directory"))
}

func documents(q *web.Request) directoryv1.RegistrationDocumentServiceClient {
	return directoryv1.NewRegistrationDocumentServiceClient(q.Site.Service("directory"))
}

func members(q *web.Request) directoryv1.MemberServiceClient {
	return directoryv1.NewMemberServiceClient(q.Site.Service("directory"))
}

// own is the page of the caller's organizations.
type own struct {
	found       []*directoryv1.Organization
	invitations []*directoryv1.ListInvitationsResponse_Invitation
	first, next string
}

func mine(q *web.Request) error {
	resp, err := organizations(q).ListOrganizations(q.Context(), &directoryv1.ListOrganizationsRequest{Mine: true, PageSize: 20, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	o := own{found: resp.GetOrganizations()}
	o.first, o.next = q.Pages(resp.GetNextPageToken())
	if ui.Can(q.Context(), directoryv1.MemberService_ListInvitations_FullMethodName) {
		resp, err := members(q).ListInvitations(q.Context(), &directoryv1.ListInvitationsRequest{})
		if err != nil {
			return err
		}
		o.invitations = resp.GetInvitations()
	}
	return q.Render(minePage(&o))
}

// file is what the page of a registration shows.
type file struct {
	*organization.File
	form       *ui.Form
	checklist  *directoryv1.GetDocumentChecklistResponse
	papers     []*directoryv1.RegistrationDocument
	why        string // What the desk stated to read the papers.
	duplicates []*directoryv1.FindDuplicatesResponse_Duplicate

	desk, representative, writes bool // What the caller is to the organization.
}

// at returns the organization with what the caller is to it. Errors:
// RESOURCE_NOT_FOUND for who is neither its member or delegate nor the desk.
func at(q *web.Request) (*file, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	f := &file{
		form:           ui.NewForm(url.Values{}),
		desk:           ui.Can(q.Context(), directoryv1.OrganizationService_VerifyOrganization_FullMethodName),
		representative: q.Caller.IsMember(id, optionsv1.Role_ROLE_REPRESENTATIVE),
		writes:         q.Caller.IsMember(id, optionsv1.Role_ROLE_REPRESENTATIVE, optionsv1.Role_ROLE_EDITOR) || slices.Contains(q.Caller.Delegated(q.Site.Now()), id),
	}
	f.writes = f.writes || f.desk
	if !f.writes && !q.Caller.IsMember(id) {
		return nil, fault.ErrNotFound
	}
	got, err := organizations(q).GetOrganization(q.Context(), &directoryv1.GetOrganizationRequest{Id: id})
	if err != nil {
		return nil, err
	}
	f.File, err = organization.Describe(q, got.GetOrganization())
	return f, err
}

func show(q *web.Request) error {
	f, err := at(q)
	if err != nil {
		return err
	}
	return answer(q, f, nil)
}

// answer shows the page; after a refusal with the form that was refused.
func answer(q *web.Request, f *file, form *ui.Form) error {
	status := http.StatusOK
	if form != nil {
		f.form, status = form, form.Status
	}
	f.form.Labels = stepLabels
	if err := f.read(q); err != nil {
		return err
	}
	return q.RenderAs(status, showPage(f))
}

// read reads what else the caller may see of the registration.
func (f *file) read(q *web.Request) error {
	if f.representative || f.desk {
		resp, err := documents(q).GetDocumentChecklist(q.Context(), &directoryv1.GetDocumentChecklistRequest{OrganizationId: f.GetId()})
		if err != nil {
			return err
		}
		f.checklist = resp
	}
	if f.representative {
		resp, err := documents(q).ListRegistrationDocuments(q.Context(), &directoryv1.ListRegistrationDocumentsRequest{OrganizationId: f.GetId(), PageSize: 200})
		if err != nil {
			return err
		}
		f.papers = resp.GetDocuments()
	}
	if f.desk && !published(f.GetState()) {
		return f.compare(q)
	}
	return nil
}

func published(s directoryv1.Organization_State) bool {
	return s == directoryv1.Organization_VERIFIED || s == directoryv1.Organization_EXPIRED
}

// compare finds organizations that may be the same, for the desk.
func (f *file) compare(q *web.Request) error {
	resp, err := organizations(q).FindDuplicates(q.Context(), &directoryv1.FindDuplicatesRequest{
		CorporateNumber: f.GetCorporateNumber(), Name: f.GetName(), Town: f.GetAddress().GetTown(),
	})
	if err != nil {
		return err
	}
	f.duplicates = slices.DeleteFunc(resp.GetDuplicates(), func(d *directoryv1.FindDuplicatesResponse_Duplicate) bool {
		return d.GetOrganization().GetId() == f.GetId()
	})
	return nil
}

// take takes a step and comes back to the page.
func take(q *web.Request) error {
	f, err := at(q)
	if err != nil {
		return err
	}
	return steps.Take(q, f.path(), func(q *web.Request, form *ui.Form, _ int) error { return answer(q, f, form) })
}
