package proposal

import (
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// Reader is a caller as far as proposals are concerned.
type Reader struct {
	ID         string   // Pseudonym of the person.
	Members    []string // Organizations whose proposals the caller reads.
	Writers    []string // Organizations whose drafts the caller writes.
	Represents []string // Organizations for which the caller submits.
	// Department is that of staff and approvers, whose proposals they see.
	Department string
	Staff      bool
	Desk       bool
	Approver   bool
	Reviewer   bool
}

// View is how much of a proposal a reader sees.
type View int

// The views, each with more than the one before.
const (
	Nothing View = iota
	ForPublic
	ForParty
	ForWard
)

// View returns how much the reader sees. The store's scope admits exactly the
// proposals for which it is not Nothing; a test holds them together.
func (r Reader) View(p *Proposal) View {
	submitted := !p.SubmittedAt.IsZero()
	switch {
	case r.Desk && (submitted || p.OnBehalf),
		r.Department != "" && p.assignment(r.Department) != nil,
		r.Approver && (p.State == DecisionDrafted || p.State == DecisionApproved || p.State.IsOutcome()),
		r.Reviewer && submitted && slices.Contains(p.Reviewers, r.ID) && !r.isParty(p):
		return ForWard
	case r.Owns(p), submitted && r.isParty(p):
		return ForParty
	case p.Published:
		return ForPublic
	default:
		return Nothing
	}
}

// isParty reports whether the reader is a member of an organization of the
// proposal.
func (r Reader) isParty(p *Proposal) bool {
	return r.Owns(p) || slices.ContainsFunc(p.JointIDs(), func(id string) bool { return slices.Contains(r.Members, id) })
}

// SeesDraftDecision reports whether the reader sees a decision before it is
// public: the lead department, the desk and approvers.
func (r Reader) SeesDraftDecision(p *Proposal) bool {
	return r.Desk || r.Approver || r.Staff && r.Department != "" && r.Department == p.LeadID()
}

// Owns reports whether the reader reads as the proposing organization.
func (r Reader) Owns(p *Proposal) bool { return slices.Contains(r.Members, p.OrganizationID) }

// Writes reports whether the reader writes the organization's part: a writer of
// the organization, or the desk for what it wrote down.
func (r Reader) Writes(p *Proposal) bool {
	return slices.Contains(r.Writers, p.OrganizationID) || r.Desk && p.OnBehalf
}

// Submits reports whether the reader hands in for the organization: its
// representative, or the desk what it wrote down.
func (r Reader) Submits(p *Proposal) bool {
	return slices.Contains(r.Represents, p.OrganizationID) || r.Desk && p.OnBehalf
}

// Drafts refuses readers who cannot begin a draft for the organization. An
// organization of others is answered as one that is not there. Errors:
// RESOURCE_NOT_FOUND.
func (r Reader) Drafts(organizationID string) error {
	if r.Desk || slices.Contains(r.Writers, organizationID) {
		return nil
	}
	return fault.ErrNotFound
}

// InWard reports whether the reader acts for the ward in the proposal: the desk
// or staff of a department with a part.
func (r Reader) InWard(p *Proposal) bool {
	return r.Desk || r.Staff && p.assignment(r.Department) != nil
}

// is reports whether the reader is the party of the graph.
func (r Reader) is(who Who, p *Proposal) bool {
	switch who {
	case ByRepresentative:
		return r.Submits(p)
	case ByDesk:
		return r.Desk
	case ByDepartment:
		return r.Staff && p.assignment(r.Department) != nil
	case ByLead:
		return r.Staff && r.Department != "" && r.Department == p.LeadID()
	case ByApprover:
		return r.Approver
	default:
		return false
	}
}

// Leave takes a joint organization out of a proposal under way. Errors:
// PROPOSAL_NOT_EDITABLE, PERMISSION_DENIED, NOT_A_JOINT_PROPOSER.
func (p *Proposal) Leave(by Reader, organizationID string) (Move, error) {
	if p.SubmittedAt.IsZero() || p.State == Withdrawn || p.State.IsOutcome() {
		return Move{}, ErrNotEditable.With("state", string(p.State))
	}
	i := slices.Index(p.JointIDs(), organizationID)
	switch {
	case i < 0:
		return Move{}, ErrNotJoint
	case !slices.Contains(by.Represents, organizationID):
		return Move{}, fault.ErrPermissionDenied
	}
	p.Content.JointOrganizationIDs = slices.Delete(slices.Clone(p.JointIDs()), i, i+1)
	public := p.PublicState()
	return Move{Action: Leave, From: p.State, To: p.State, PublicFrom: public, PublicTo: public}, nil
}
