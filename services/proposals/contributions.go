package proposals

import (
	"context"
	"crypto/rand"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/partner"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/challenge"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/consultation"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

// CreateContribution answers a challenge for the caller's organization.
func (s *challenges) CreateContribution(ctx context.Context, req *proposalsv1.CreateContributionRequest) (*proposalsv1.CreateContributionResponse, error) {
	by := readerOf(ctx, s.Now())
	organization := req.GetOrganizationId()
	if organization == "" && len(by.Writers) == 1 {
		organization = by.Writers[0]
	}
	if !slices.Contains(by.Writers, organization) {
		return nil, fault.ErrNotFound
	}
	found, err := s.directory.organizationsOf(ctx, organization)
	if err != nil {
		return nil, err
	}
	c := &challenge.Contribution{
		ID: s.NewID(), ChallengeID: req.GetChallengeId(), Kind: convert.EnumName(req.GetKind()), OrganizationID: organization,
		OrganizationName: found[organization].GetName(), Body: req.GetBody(), PublishConsent: req.GetPublishConsent(), CreatedBy: by.ID,
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*proposalsv1.CreateContributionResponse, error) {
		of, err := store.HoldChallenge(ctx, tx, c.ChallengeID, by)
		if err != nil {
			return nil, err
		}
		if err := contribute(ctx, tx, of, c); err != nil {
			return nil, err
		}
		partner.KeepOrganization(tx, partner.OrganizationOf(found[organization]))
		return &proposalsv1.CreateContributionResponse{Response: contributionToProto(c, of, by)}, nil
	})
}

// contribute writes an answer to a challenge that is held, with its event and
// audit entry. Errors: CHALLENGE_CLOSED, RESOURCE_NOT_FOUND.
func contribute(ctx context.Context, tx *pg.Tx, of *challenge.Challenge, c *challenge.Contribution) error {
	if err := of.Takes(tx.Now); err != nil {
		return err
	}
	c.CreatedAt, c.UpdatedAt, c.Version = tx.Now, tx.Now, 1
	store.AddContribution(tx, c)
	audit.Add(ctx, tx, audit.Entry{
		Action: "proposals.contribution.create", ObjectType: "challenge", ObjectID: of.ID, Detail: map[string]string{"response": c.ID},
	})
	return event.Add(ctx, tx, event.Event{
		Aggregate: "challenge", ID: of.ID, Visibility: event.Ward,
		Message: &proposalsv1.ChallengeResponded{
			ChallengeId: of.ID, ResponseId: c.ID, Kind: contributionKind(c.Kind), OrganizationId: c.OrganizationID, DepartmentId: of.DepartmentID,
		},
	})
}

// GetContribution shows an answer to whom it is visible.
func (s *challenges) GetContribution(ctx context.Context, req *proposalsv1.GetContributionRequest) (*proposalsv1.GetContributionResponse, error) {
	by := readerOf(ctx, s.Now())
	of, err := store.GetChallenge(ctx, s.DB, req.GetChallengeId(), by)
	if err != nil {
		return nil, err
	}
	c, err := store.GetContribution(ctx, s.DB, of, req.GetId(), by)
	if err != nil {
		return nil, err
	}
	return &proposalsv1.GetContributionResponse{Response: contributionToProto(c, of, by)}, nil
}

// ListContributions lists what GetContribution shows.
func (s *challenges) ListContributions(ctx context.Context, req *proposalsv1.ListContributionsRequest) (*proposalsv1.ListContributionsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	by := readerOf(ctx, s.Now())
	of, err := store.GetChallenge(ctx, s.DB, req.GetChallengeId(), by)
	if err != nil {
		return nil, err
	}
	rows, err := store.ListContributions(ctx, s.DB, by, store.ContributionFilter{Of: of, Kind: convert.EnumName(req.GetKind())}, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(c *challenge.Contribution) []string { return []string{c.ID} })
	resp := &proposalsv1.ListContributionsResponse{}
	for _, c := range rows {
		resp.Responses = append(resp.Responses, contributionToProto(c, of, by))
	}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

// contributionStep is what the requests of both verbs have.
type contributionStep interface {
	stepRequest
	GetChallengeId() string
}

// heldAnswer is an answer of an organization in the hands of a verb.
type heldAnswer struct {
	*challenge.Contribution
	of *challenge.Challenge
	tx *pg.Tx
	by proposal.Reader
}

// answerVerb is one verb on a locked answer of an organization.
type answerVerb struct {
	action string // As in the audit log.
	take   func(context.Context, heldAnswer) error
}

// changeContribution runs one verb on a locked answer, its challenge held, and
// writes it.
func changeContribution[R any](ctx context.Context, s *challenges, req contributionStep, verb answerVerb, answer func(*proposalsv1.Contribution) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		by := readerOf(ctx, tx.Now)
		of, err := store.HoldChallenge(ctx, tx, req.GetChallengeId(), by)
		if err != nil {
			return none, err
		}
		c, err := store.LockContribution(ctx, tx, of, req.GetId(), by)
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), c.Version); err != nil {
			return none, err
		}
		if err := verb.take(ctx, heldAnswer{c, of, tx, by}); err != nil {
			return none, err
		}
		store.UpdateContribution(tx, c)
		audit.Add(ctx, tx, audit.Entry{
			Action: "proposals.contribution." + verb.action, ObjectType: "challenge", ObjectID: of.ID, Detail: map[string]string{"response": c.ID},
		})
		return answer(contributionToProto(c, of, by)), nil
	})
}

// AnswerContribution answers the organization.
func (s *challenges) AnswerContribution(ctx context.Context, req *proposalsv1.AnswerContributionRequest) (*proposalsv1.AnswerContributionResponse, error) {
	return changeContribution(ctx, s, req, answerVerb{"answer", func(_ context.Context, c heldAnswer) error {
		return c.Reply(c.of, c.by, req.GetAnswer(), c.tx.Now)
	}}, func(c *proposalsv1.Contribution) *proposalsv1.AnswerContributionResponse {
		return &proposalsv1.AnswerContributionResponse{Response: c}
	})
}

// ConvertContribution turns an answer of an organization into something more.
func (s *challenges) ConvertContribution(ctx context.Context, req *proposalsv1.ConvertContributionRequest) (*proposalsv1.ConvertContributionResponse, error) {
	return changeContribution(ctx, s, req, answerVerb{"convert", func(ctx context.Context, c heldAnswer) error {
		switch to := req.GetTarget().(type) {
		case *proposalsv1.ConvertContributionRequest_Consultation_:
			return s.intoConsultation(ctx, c, to.Consultation)
		case *proposalsv1.ConvertContributionRequest_Proposal_:
			return s.intoProposal(ctx, c, to.Proposal)
		default:
			return s.intoCall(ctx, c, req.GetCall())
		}
	}}, func(c *proposalsv1.Contribution) *proposalsv1.ConvertContributionResponse {
		return &proposalsv1.ConvertContributionResponse{Response: c}
	})
}

// intoConsultation opens a consultation of the organization that the challenge's
// department holds. Its code is given to nobody: the organization is signed in.
func (s *challenges) intoConsultation(ctx context.Context, c heldAnswer, to *proposalsv1.ConvertContributionRequest_Consultation) error {
	if err := c.Convertible(c.of, c.by, challenge.IntoConsultation); err != nil {
		return err
	}
	opened := &consultation.Consultation{
		ID: s.NewID(), Channel: "WEB", Subject: cmpText(to.GetSubject(), c.of.Title), Body: c.Body, AskerID: c.CreatedBy,
		OrganizationID: c.OrganizationID, CreatedBy: c.by.ID,
	}
	if err := opened.Open(jp.Date{}, c.tx.Now); err != nil {
		return err
	}
	c.Into.ConsultationID = opened.ID
	return s.desk.open(ctx, c.tx, opened, intake{
		by: consultationReader(ctx, ""), code: rand.Text(), departmentID: c.of.DepartmentID, departmentName: c.of.DepartmentName,
	})
}

// The lengths of a proposal's title and purpose in characters.
const (
	maxTitle   = 40
	maxPurpose = 800
)

// intoProposal begins a draft of the organization that answers the challenge.
func (s *challenges) intoProposal(ctx context.Context, c heldAnswer, to *proposalsv1.ConvertContributionRequest_Proposal) error {
	if err := c.Convertible(c.of, c.by, challenge.IntoProposal); err != nil {
		return err
	}
	in, err := store.GetCall(ctx, c.tx, to.GetCallId(), c.by.Desk)
	if err != nil {
		return err
	}
	if err := in.Drafts(c.tx.Now, false); err != nil {
		return err
	}
	d := draft{
		call: in, by: c.by, of: partner.Organization{ID: c.OrganizationID, Name: c.OrganizationName}, channel: "WEB",
		content: proposal.Content{Title: cut(c.of.Title, maxTitle), Theme: c.of.Title, Purpose: cut(c.Body, maxPurpose), ChallengeID: c.of.ID},
	}
	if c.by.Desk {
		d.channel, d.note = "DESK", "区の課題への回答から作成しました。"
	}
	p, err := d.insert(ctx, c.tx, s.NewID())
	if err != nil {
		return err
	}
	c.Into.ProposalID = p.ID
	return nil
}

// intoCall begins a draft of a themed call for the challenge.
func (s *challenges) intoCall(ctx context.Context, c heldAnswer, to *proposalsv1.ConvertContributionRequest_ThemedCall) error {
	if err := c.Convertible(c.of, c.by, challenge.IntoCall); err != nil {
		return err
	}
	k := &call.Call{
		ID: s.NewID(), Title: cmpText(to.GetTitle(), "課題型提案募集："+cut(c.of.Title, 80)), Summary: cut(c.of.Body, 2000),
		FiscalYear: int(to.GetFiscalYear()), Round: int(to.GetRound()), ThemeKind: call.Themed, ChallengeIDs: []string{c.of.ID},
		State: call.Draft, CreatedAt: c.tx.Now, UpdatedAt: c.tx.Now, Version: 1,
	}
	k.Complete()
	if err := store.InsertCall(ctx, c.tx, k); err != nil {
		return err
	}
	audit.Add(ctx, c.tx, audit.Entry{Action: "proposals.call.create", ObjectType: "call", ObjectID: k.ID})
	c.Into.CallID = k.ID
	return nil
}

// cut shortens a text to a number of characters.
func cut(s string, length int) string {
	runes := []rune(s)
	return string(runes[:min(len(runes), length)])
}
