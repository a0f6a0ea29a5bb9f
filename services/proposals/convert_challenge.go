package proposals

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/challenge"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

func challengeToProto(c *challenge.Challenge) *proposalsv1.Challenge {
	return &proposalsv1.Challenge{
		Id: c.ID, Kind: proposalsv1.Challenge_Kind(proposalsv1.Challenge_Kind_value[c.Kind]), Title: c.Title, Body: c.Body,
		Wish: c.Wish, DepartmentId: c.DepartmentID, DepartmentName: c.DepartmentName, FiscalYear: int32(c.FiscalYear),
		ClosesOn: convert.Date(c.ClosesOn), State: proposalsv1.Challenge_State(proposalsv1.Challenge_State_value[string(c.State)]),
		Outcome: c.Outcome, ResponseCount: int32(c.Responses), ProposalCount: int32(c.Proposals), CallIds: c.CallIDs,
		CreateTime: convert.Instant(c.CreatedAt), UpdateTime: convert.Instant(c.UpdatedAt), PublishTime: convert.Instant(c.PublishedAt), Etag: rpc.ETag(c.Version),
	}
}

func contributionKind(kind string) proposalsv1.Contribution_Kind {
	return proposalsv1.Contribution_Kind(proposalsv1.Contribution_Kind_value[kind])
}

// contributionToProto shows an answer of an organization as far as the reader
// sees it: what it was turned into is public as soon as that is.
func contributionToProto(c *challenge.Contribution, of *challenge.Challenge, by proposal.Reader) *proposalsv1.Contribution {
	inside := c.Inside(of, by)
	out := &proposalsv1.Contribution{
		Id: c.ID, ChallengeId: c.ChallengeID, Kind: contributionKind(c.Kind), OrganizationId: c.OrganizationID,
		OrganizationName: c.OrganizationName, Body: c.Body, PublishConsent: c.PublishConsent,
		State: proposalsv1.Contribution_RECEIVED, Answer: c.Answer, AnsweredOn: convert.Date(c.AnsweredOn),
		CreateTime: convert.Instant(c.CreatedAt), UpdateTime: convert.Instant(c.UpdatedAt), Etag: rpc.ETag(c.Version),
	}
	if !c.AnsweredOn.IsZero() {
		out.State = proposalsv1.Contribution_ANSWERED
	}
	if of.Keeps(by) {
		out.ConsultationId = c.ConsultationID
	}
	into := &proposalsv1.Contribution_Conversion{}
	if inside {
		into.ConsultationId = c.Into.ConsultationID
	}
	if inside || c.Into.ProposalNumber != "" {
		into.ProposalId, into.ProposalNumber = c.Into.ProposalID, c.Into.ProposalNumber
	}
	if of.Keeps(by) || c.Into.CallPublic {
		into.CallId = c.Into.CallID
	}
	if into.GetConsultationId()+into.GetProposalId()+into.GetCallId() != "" {
		out.Conversion = into
	}
	return out
}
