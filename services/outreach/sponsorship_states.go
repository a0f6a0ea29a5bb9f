package outreach

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/number"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/sponsorship"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// sponsorshipStep is what the requests of all verbs have.
type sponsorshipStep interface {
	GetId() string
	GetEtag() string
}

// heldSponsorship is an application in the hands of a verb.
type heldSponsorship struct {
	*sponsorship.Sponsorship
	tx *pg.Tx
	by sponsorship.Reader
}

// sponsorshipVerb is one step with its name in the audit log.
type sponsorshipVerb struct {
	action string
	take   func(context.Context, heldSponsorship) error
}

// stepSponsorship runs one verb on a locked application: lock, decide, write,
// record.
func stepSponsorship[R any](ctx context.Context, s *sponsorships, req sponsorshipStep, verb sponsorshipVerb, answer func(*outreachv1.Sponsorship) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		by := sponsorshipReaderOf(ctx)
		a, err := store.LockSponsorship(ctx, tx, req.GetId(), by)
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), a.Version); err != nil {
			return none, err
		}
		from := a.State
		if err := verb.take(ctx, heldSponsorship{Sponsorship: a, tx: tx, by: by}); err != nil {
			return none, err
		}
		if err := store.UpdateSponsorship(ctx, tx, a); err != nil {
			return none, err
		}
		if err := s.notifySponsorship(tx, a, from); err != nil {
			return none, err
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach.sponsorship." + verb.action, ObjectType: "sponsorship", ObjectID: a.ID,
			Detail: map[string]string{"from": string(from), "to": string(a.State)},
		})
		return answer(sponsorshipToProto(a, by)), nil
	})
}

// AssignSponsorship names the section in charge.
func (s *sponsorships) AssignSponsorship(ctx context.Context, req *outreachv1.AssignSponsorshipRequest) (*outreachv1.AssignSponsorshipResponse, error) {
	charge, err := s.directory.applicantOf(ctx, jp.DateOf(s.Now()), "", req.GetDepartmentId())
	if err != nil {
		return nil, err
	}
	return stepSponsorship(ctx, s, req, sponsorshipVerb{"assign", func(_ context.Context, a heldSponsorship) error {
		charge.keep(a.tx)
		return a.Assign(charge.department.ID, charge.department.FullName)
	}}, func(a *outreachv1.Sponsorship) *outreachv1.AssignSponsorshipResponse {
		return &outreachv1.AssignSponsorshipResponse{Sponsorship: a}
	})
}

// DraftSponsorshipDecision drafts the decision.
func (s *sponsorships) DraftSponsorshipDecision(ctx context.Context, req *outreachv1.DraftSponsorshipDecisionRequest) (*outreachv1.DraftSponsorshipDecisionResponse, error) {
	return stepSponsorship(ctx, s, req, sponsorshipVerb{"draftDecision", func(_ context.Context, a heldSponsorship) error {
		return a.Draft(a.by, sponsorship.Decision{
			Approved: req.GetApproved(), Conditions: convert.List(req.GetConditions(), jp.Clean), Reason: jp.Clean(req.GetReason()),
			DecidedBy: jp.Clean(req.GetDecidedBy()),
		})
	}}, func(a *outreachv1.Sponsorship) *outreachv1.DraftSponsorshipDecisionResponse {
		return &outreachv1.DraftSponsorshipDecisionResponse{Sponsorship: a}
	})
}

// DecideSponsorship approves the drafted decision of another person.
func (s *sponsorships) DecideSponsorship(ctx context.Context, req *outreachv1.DecideSponsorshipRequest) (*outreachv1.DecideSponsorshipResponse, error) {
	return stepSponsorship(ctx, s, req, sponsorshipVerb{"decide", func(ctx context.Context, a heldSponsorship) error {
		if err := a.Decide(a.by, a.tx.Now); err != nil {
			return err
		}
		serial, err := number.Next(ctx, a.tx, sponsorship.NumberKind, jp.FiscalYear(jp.DateOf(a.tx.Now)))
		if err != nil {
			return err
		}
		a.Numbered(serial, a.tx.Now)
		return nil
	}}, func(a *outreachv1.Sponsorship) *outreachv1.DecideSponsorshipResponse {
		return &outreachv1.DecideSponsorshipResponse{Sponsorship: a}
	})
}

// ReturnSponsorshipDecision sends the draft of another person back.
func (s *sponsorships) ReturnSponsorshipDecision(ctx context.Context, req *outreachv1.ReturnSponsorshipDecisionRequest) (*outreachv1.ReturnSponsorshipDecisionResponse, error) {
	return stepSponsorship(ctx, s, req, sponsorshipVerb{"returnDecision", func(_ context.Context, a heldSponsorship) error {
		return a.Return(a.by, jp.Clean(req.GetReason()))
	}}, func(a *outreachv1.Sponsorship) *outreachv1.ReturnSponsorshipDecisionResponse {
		return &outreachv1.ReturnSponsorshipDecisionResponse{Sponsorship: a}
	})
}

// ReportSponsorship files the report.
func (s *sponsorships) ReportSponsorship(ctx context.Context, req *outreachv1.ReportSponsorshipRequest) (*outreachv1.ReportSponsorshipResponse, error) {
	return stepSponsorship(ctx, s, req, sponsorshipVerb{"report", func(_ context.Context, a heldSponsorship) error {
		return a.File(a.by, sponsorship.Report{
			Participants: int(req.GetParticipants()), Summary: jp.Clean(req.GetSummary()), Income: req.GetIncome(),
			Expense: req.GetExpense(), NameUse: jp.Clean(req.GetNameUse()),
		}, a.tx.Now)
	}}, func(a *outreachv1.Sponsorship) *outreachv1.ReportSponsorshipResponse {
		return &outreachv1.ReportSponsorshipResponse{Sponsorship: a}
	})
}

// WithdrawSponsorship takes an application back.
func (s *sponsorships) WithdrawSponsorship(ctx context.Context, req *outreachv1.WithdrawSponsorshipRequest) (*outreachv1.WithdrawSponsorshipResponse, error) {
	return stepSponsorship(ctx, s, req, sponsorshipVerb{"withdraw", func(_ context.Context, a heldSponsorship) error {
		return a.Withdraw(a.by, jp.Clean(req.GetReason()))
	}}, func(a *outreachv1.Sponsorship) *outreachv1.WithdrawSponsorshipResponse {
		return &outreachv1.WithdrawSponsorshipResponse{Sponsorship: a}
	})
}
