package proposals

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/challenge"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/consultation"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// ConvertConsultation turns a consultation into a draft of a proposal or an
// answer to a challenge, of an organization that directory knows today.
func (s *consultations) ConvertConsultation(ctx context.Context, req *proposalsv1.ConvertConsultationRequest) (*proposalsv1.ConvertConsultationResponse, error) {
	there, err := store.GetConsultation(ctx, s.DB, req.GetId(), consultationReader(ctx, ""))
	if err != nil {
		return nil, err
	}
	organization := req.GetProposal().GetOrganizationId() + req.GetResponse().GetOrganizationId()
	if organization == "" {
		organization = there.OrganizationID
	}
	if organization == "" {
		return nil, fault.ErrInvalidField.On(fault.Missing("organizationId"))
	}
	of, err := s.asking(ctx, organization)
	if err != nil {
		return nil, err
	}
	return deal(ctx, s, req, matterVerb{"convert", func(ctx context.Context, c heldMatter) ([]consultation.Entry, error) {
		if err := c.Convertible(c.by); err != nil {
			return nil, err
		}
		partner.KeepOrganization(c.tx, of)
		var to consultation.Target
		var err error
		if req.GetProposal() != nil {
			to, err = s.intoProposal(ctx, c, of, req.GetProposal().GetCallId())
		} else {
			to, err = s.intoContribution(ctx, c, of, req.GetResponse())
		}
		if err != nil {
			return nil, err
		}
		entries, err := c.Convert(c.by, to, c.tx.Now)
		if err != nil {
			return nil, err
		}
		return entries, tellWard(ctx, c.tx, c.Consultation, consultationAnswered(c.Consultation, c.tx.Now))
	}}, func(c *proposalsv1.Consultation) *proposalsv1.ConvertConsultationResponse {
		return &proposalsv1.ConvertConsultationResponse{Consultation: c}
	})
}

// proposalChannels are the channels of proposals on behalf by those of
// consultations.
var proposalChannels = map[string]string{"WEB": "DESK", "COUNTER": "DESK", "PHONE": "PHONE", "FAX": "FAX", "MAIL": "MAIL"}

// intoProposal begins a draft on behalf of the organization.
func (s *consultations) intoProposal(ctx context.Context, c heldMatter, of partner.Organization, callID string) (consultation.Target, error) {
	in, err := store.GetCall(ctx, c.tx, callID, true)
	if err != nil {
		return consultation.Target{}, err
	}
	if err := in.Drafts(c.tx.Now, false); err != nil {
		return consultation.Target{}, err
	}
	p, err := draft{
		call: in, by: readerOf(ctx, c.tx.Now), of: of, channel: proposalChannels[c.Channel],
		note: "相談 " + c.Number + " から作成しました。", consultationID: c.ID,
		content: proposal.Content{Title: cut(c.Subject, maxTitle), Purpose: cut(c.Body, maxPurpose), PreConsultation: c.Number},
	}.insert(ctx, c.tx, s.NewID())
	if err != nil {
		return consultation.Target{}, err
	}
	return consultation.Target{ProposalID: p.ID}, nil
}

// intoContribution answers a challenge for the organization.
func (s *consultations) intoContribution(ctx context.Context, c heldMatter, of partner.Organization, to *proposalsv1.ConvertConsultationRequest_Response) (consultation.Target, error) {
	public := proposal.Reader{} // The answer goes to a challenge that everybody sees.
	held, err := store.HoldChallenge(ctx, c.tx, to.GetChallengeId(), public)
	if err != nil {
		return consultation.Target{}, err
	}
	answer := &challenge.Contribution{
		ID: s.NewID(), ChallengeID: held.ID, Kind: cmpText(convert.EnumName(to.GetKind()), "OFFER"), OrganizationID: of.ID,
		OrganizationName: of.Name, Body: c.Body, ConsultationID: c.ID, CreatedBy: c.by.ID,
	}
	if err := contribute(ctx, c.tx, held, answer); err != nil {
		return consultation.Target{}, err
	}
	return consultation.Target{ChallengeID: held.ID, ContributionID: answer.ID}, nil
}
