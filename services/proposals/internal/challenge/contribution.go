package challenge

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

// Contribution is what an organization answers to a challenge.
type Contribution struct {
	ID               string
	ChallengeID      string
	Kind             string // IDEA, ADVICE or OFFER.
	OrganizationID   string
	OrganizationName string // Present name.
	Body             string
	PublishConsent   bool
	Answer           string  // Of the department; empty before.
	AnsweredOn       jp.Date // Zero before.
	ConsultationID   string  // That it was made of; empty for others.
	Into             Conversion
	CreatedBy        string
	CreatedAt        time.Time
	UpdatedAt        time.Time
	Version          int64
}

// Conversion is what a contribution was turned into: one thing at most.
type Conversion struct {
	ConsultationID string
	ProposalID     string
	ProposalNumber string // Empty before the proposal is submitted.
	CallID         string
	CallPublic     bool
}

// Inside reports whether the reader reads it as its organization or as the ward.
func (c *Contribution) Inside(of *Challenge, by proposal.Reader) bool {
	return of.Keeps(by) || slices.Contains(by.Members, c.OrganizationID)
}

// Reply is the department's answer; a later one replaces it. Errors:
// PERMISSION_DENIED, INVALID_STATE_TRANSITION.
func (c *Contribution) Reply(of *Challenge, by proposal.Reader, answer string, now time.Time) error {
	switch {
	case !of.Keeps(by):
		return fault.ErrPermissionDenied
	case !c.AnsweredOn.IsZero():
		return fault.Transition("ANSWERED", "ANSWERED", "convert")
	}
	c.Answer, c.AnsweredOn = answer, jp.DateOf(now)
	return nil
}

// Target is what a contribution shall turn into.
type Target int

// The targets.
const (
	IntoConsultation Target = iota
	IntoProposal
	IntoCall
)

// Convertible refuses a conversion: a consultation is for the department and the
// desk, a proposal for writers of the organization and the desk, a themed call
// for the desk. Errors: PERMISSION_DENIED, ALREADY_CONVERTED.
func (c *Contribution) Convertible(of *Challenge, by proposal.Reader, to Target) error {
	allowed := by.Desk
	switch to {
	case IntoConsultation:
		allowed = of.Keeps(by)
	case IntoProposal:
		allowed = allowed || slices.Contains(by.Writers, c.OrganizationID)
	case IntoCall:
	}
	switch {
	case !allowed:
		return fault.ErrPermissionDenied
	case c.Into.ConsultationID+c.Into.ProposalID+c.Into.CallID != "":
		return proposal.ErrConverted
	}
	return nil
}
