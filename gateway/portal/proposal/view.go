package proposal

import (
	"context"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

var publicStates = []proposalsv1.ProgressEntry_PublicState{
	proposalsv1.ProgressEntry_RECEIVED, proposalsv1.ProgressEntry_IN_EXAMINATION, proposalsv1.ProgressEntry_IN_NEGOTIATION,
	proposalsv1.ProgressEntry_ADOPTED, proposalsv1.ProgressEntry_CONDITIONALLY_ADOPTED, proposalsv1.ProgressEntry_REJECTED,
	proposalsv1.ProgressEntry_CARRIED_OVER, proposalsv1.ProgressEntry_WITHDRAWN,
}

func (f *file) title(ctx context.Context) string {
	if t := f.proposal.GetContent().GetTitle(); t != "" {
		return t
	}
	if t := f.course.GetTitle(); t != "" {
		return t
	}
	return text.S(ctx, "proposal.untitled")
}

func (f *file) number() string {
	if f.course != nil {
		return f.course.GetNumber()
	}
	return f.proposal.GetNumber()
}

func (f *file) public() proposalsv1.ProgressEntry_PublicState {
	if f.course != nil {
		return f.course.GetPublicState()
	}
	return f.proposal.GetPublicState()
}

func (f *file) ward() string { return strings.Join(f.course.GetDepartmentNames(), "、") }

func (f *file) partner() string {
	if f.proposal.GetOrganizationName() != "" {
		return strings.Join(append([]string{f.proposal.GetOrganizationName()}, f.proposal.GetJointOrganizationNames()...), "、")
	}
	return f.course.GetOrganizationName()
}

// labelled is one text of the content with the key of its label.
type labelled struct{ label, value string }

// texts are the texts of a content in the order of the form.
func texts(c *proposalsv1.ProposalContent) []labelled {
	return []labelled{
		{"proposal.theme", c.GetTheme()},
		{"proposal.purpose", c.GetPurpose()},
		{"proposal.background", c.GetBackground()},
		{"proposal.beneficiaries", c.GetBeneficiaries()},
		{"proposal.activities", c.GetActivities()},
		{"proposal.place", c.GetPlace()},
		{"proposal.necessity", c.GetNecessity()},
		{"proposal.synergy", c.GetSynergy()},
		{"proposal.novelty", c.GetNovelty()},
		{"proposal.continuity", c.GetContinuity()},
		{"proposal.publicity", c.GetPublicity()},
	}
}
