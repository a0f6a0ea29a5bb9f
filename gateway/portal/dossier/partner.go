package dossier

import (
	"net/http"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

// partners is the page of the joint organizations of a draft.
type partners struct {
	folder
	found []*directoryv1.Organization
	asked bool
}

func showPartners(q *web.Request) error {
	f, err := open(q)
	if err != nil {
		return err
	}
	return answerPartners(q, f, http.StatusOK)
}

func answerPartners(q *web.Request, f folder, status int) error {
	p := &partners{folder: f}
	words := strings.TrimSpace(q.Query("q"))
	if p.asked = words != ""; p.asked {
		resp, err := directoryv1.NewOrganizationServiceClient(q.Site.Service("directory")).SearchOrganizations(q.Context(), &directoryv1.SearchOrganizationsRequest{Q: words, PageSize: 20})
		form, refused := q.Refused(err)
		switch {
		case refused:
			p.form, p.asked, status = form, false, form.Status
		case err != nil:
			return err
		}
		p.found = slices.DeleteFunc(resp.GetOrganizations(), func(o *directoryv1.Organization) bool { return p.has(o.GetId()) })
	}
	p.form.Values.Set("q", words)
	return q.RenderAs(status, partnersPage(p))
}

// has reports whether an organization takes part already.
func (p *partners) has(id string) bool {
	return id == p.proposal.GetOrganizationId() || slices.Contains(p.proposal.GetContent().GetJointOrganizationIds(), id)
}

// open reports whether the joint organizations can be changed.
func (p *partners) open() bool {
	switch p.proposal.GetState() {
	case proposalsv1.Proposal_DRAFT:
		return true
	case proposalsv1.Proposal_RETURNED:
		return slices.Contains(p.proposal.GetCorrection().GetFields(), "jointOrganizationIds")
	default:
		return false
	}
}

// changePartners adds the organization of the form, or takes it out.
func changePartners(q *web.Request) error {
	f, err := open(q)
	if err != nil {
		return err
	}
	id, add := q.PostFormValue("organizationId"), q.PostFormValue("step") == "add"
	ids := slices.DeleteFunc(slices.Clone(f.proposal.GetContent().GetJointOrganizationIds()), func(v string) bool { return v == id })
	if add {
		ids = append(ids, id)
	}
	_, err = proposals(q).UpdateProposal(q.Once(), &proposalsv1.UpdateProposalRequest{
		Id: f.proposal.GetId(), Etag: q.PostFormValue("etag"), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"content.joint_organization_ids"}},
		Proposal: &proposalsv1.ProposalInput{Content: &proposalsv1.ProposalContent{JointOrganizationIds: ids}},
	})
	if form, refused := q.Refused(err); refused {
		f.form = form
		form.Trim("proposal.").Labels = ui.Labels{"content.jointOrganizationIds": "proposal.jointorganizationids"}
		return answerPartners(q, f, form.Status)
	}
	if err != nil {
		return err
	}
	if add {
		return q.Redirect(f.path("partners"), "partneradded")
	}
	return q.Redirect(f.path("partners"), "partnerremoved")
}
