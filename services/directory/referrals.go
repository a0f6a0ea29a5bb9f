package directory

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/delegation"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/referral"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

type referrals struct {
	directoryv1.UnimplementedReferralServiceServer
	service.Deps
	contacts vault
}

// CreateReferral refers a matter to a published intermediary.
func (s *referrals) CreateReferral(ctx context.Context, req *directoryv1.CreateReferralRequest) (*directoryv1.CreateReferralResponse, error) {
	v, id := partner(ctx), s.NewID()
	sealed, err := s.contacts.seal(id, req.GetContact(), req.GetContactConsent())
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.CreateReferralResponse, error) {
		to, about, err := holdReferred(ctx, tx, req, v)
		if err != nil {
			return nil, err
		}
		if to.Kind != organization.Intermediary || !to.State.Published() {
			return nil, delegation.ErrNotAnIntermediary.OnPath("intermediaryId")
		}
		r := referral.New(referral.Referral{
			ID: id, IntermediaryID: to.ID, IntermediaryName: to.Name, ConsultationID: req.GetConsultationId(),
			ConsultationNumber: req.GetConsultationNumber(), Subject: req.GetSubject(), Message: req.GetMessage(),
			Contact: sealed, CreatedBy: v.Actor,
		}, int(req.GetOfficeDays()), tx.Now)
		if about != nil {
			r.OrganizationID, r.OrganizationName = about.ID, about.Name
		}
		if err := store.InsertReferral(ctx, tx, r); err != nil {
			return nil, err
		}
		auditReferral(ctx, tx, "create", r, "")
		return &directoryv1.CreateReferralResponse{Referral: referralProto(r, jp.DateOf(tx.Now))}, nil
	})
}

// holdReferred reads the intermediary and, where there is one, the organization
// that the matter is about, in the order of their ids. Errors:
// RESOURCE_NOT_FOUND.
func holdReferred(ctx context.Context, tx *pg.Tx, req *directoryv1.CreateReferralRequest, v store.Partner) (to, about *store.Seen, err error) {
	first, second := req.GetIntermediaryId(), req.GetOrganizationId()
	swapped := second != "" && second < first
	if swapped {
		first, second = second, first
	}
	if to, err = store.HoldOrganization(ctx, tx, first, v.Viewer); err != nil || second == "" {
		return to, nil, err
	}
	if about, err = store.HoldOrganization(ctx, tx, second, v.Viewer); swapped {
		to, about = about, to
	}
	return to, about, err
}

// GetReferral gets a referral, for the desk and the intermediary, without the
// contact.
func (s *referrals) GetReferral(ctx context.Context, req *directoryv1.GetReferralRequest) (*directoryv1.GetReferralResponse, error) {
	r, err := store.GetReferral(ctx, s.DB, req.GetId(), viewer(ctx))
	if err != nil {
		return nil, err
	}
	return &directoryv1.GetReferralResponse{Referral: referralProto(r, jp.DateOf(s.Now()))}, nil
}

// GetReferralContact gets the contact of the person concerned, for editors and
// representatives of the intermediary while the referral is accepted, with a
// stated reason.
func (s *referrals) GetReferralContact(ctx context.Context, req *directoryv1.GetReferralContactRequest) (*directoryv1.GetReferralContactResponse, error) {
	reason, err := rpc.RequireReason(ctx)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*directoryv1.GetReferralContactResponse, error) {
		r, err := store.GetReferral(ctx, tx, req.GetId(), viewer(ctx))
		if err != nil {
			return nil, err
		}
		if err := r.Reads(); err != nil {
			return nil, err
		}
		c, err := s.contacts.open(r.ID, r.Contact)
		if err != nil {
			return nil, err
		}
		if c == nil {
			c = &directoryv1.ExchangeContact{}
		}
		auditReferral(ctx, tx, "contact", r, reason)
		return &directoryv1.GetReferralContactResponse{Contact: c}, nil
	})
}

// ListReferrals lists referrals, the newest first.
func (s *referrals) ListReferrals(ctx context.Context, req *directoryv1.ListReferralsRequest) (*directoryv1.ListReferralsResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	found, err := store.ListReferrals(ctx, s.DB, viewer(ctx), store.ReferralFilter{
		State: name(req.GetState()), IntermediaryID: req.GetIntermediaryId(), ConsultationID: req.GetConsultationId(),
		OrganizationID: req.GetOrganizationId(),
	}, page)
	if err != nil {
		return nil, err
	}
	shown, next := cut(found, page.Size)
	resp := &directoryv1.ListReferralsResponse{}
	for _, r := range shown {
		resp.Referrals = append(resp.Referrals, referralProto(r, jp.DateOf(s.Now())))
	}
	if next != nil {
		resp.NextPageToken = s.Pages.Token(filter, next.ID)
	}
	return resp, nil
}

// AcceptReferral takes the matter on, by an editor or representative of the
// intermediary.
func (s *referrals) AcceptReferral(ctx context.Context, req *directoryv1.AcceptReferralRequest) (*directoryv1.AcceptReferralResponse, error) {
	return changeReferral(ctx, s, req, referralVerb{"accept", func(tx *pg.Tx, r *referral.Referral) error {
		return r.Accept(tx.Now)
	}}, func(r *directoryv1.Referral) *directoryv1.AcceptReferralResponse {
		return &directoryv1.AcceptReferralResponse{Referral: r}
	})
}

// DeclineReferral gives the matter back to the desk with a reason.
func (s *referrals) DeclineReferral(ctx context.Context, req *directoryv1.DeclineReferralRequest) (*directoryv1.DeclineReferralResponse, error) {
	return changeReferral(ctx, s, req, referralVerb{"decline", func(tx *pg.Tx, r *referral.Referral) error {
		return r.Decline(req.GetReason(), tx.Now)
	}}, func(r *directoryv1.Referral) *directoryv1.DeclineReferralResponse {
		return &directoryv1.DeclineReferralResponse{Referral: r}
	})
}

// ReportReferral reports what became of the matter.
func (s *referrals) ReportReferral(ctx context.Context, req *directoryv1.ReportReferralRequest) (*directoryv1.ReportReferralResponse, error) {
	return changeReferral(ctx, s, req, referralVerb{"report", func(tx *pg.Tx, r *referral.Referral) error {
		return r.Tell(name(req.GetOutcome()), req.GetReport(), tx.Now)
	}}, func(r *directoryv1.Referral) *directoryv1.ReportReferralResponse {
		return &directoryv1.ReportReferralResponse{Referral: r}
	})
}

// WithdrawReferral takes a referral back before its report.
func (s *referrals) WithdrawReferral(ctx context.Context, req *directoryv1.WithdrawReferralRequest) (*directoryv1.WithdrawReferralResponse, error) {
	return changeReferral(ctx, s, req, referralVerb{"withdraw", func(tx *pg.Tx, r *referral.Referral) error {
		return r.Withdraw(req.GetReason(), tx.Now)
	}}, func(r *directoryv1.Referral) *directoryv1.WithdrawReferralResponse {
		return &directoryv1.WithdrawReferralResponse{Referral: r}
	})
}

// referralVerb is one step of a locked referral.
type referralVerb struct {
	name string // As in the audit log.
	take func(*pg.Tx, *referral.Referral) error
}

// changeReferral takes one step of a referral, writes it and tells of a report.
func changeReferral[R any](ctx context.Context, s *referrals, req step, verb referralVerb, answer func(*directoryv1.Referral) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		r, err := store.LockReferral(ctx, tx, req.GetId(), viewer(ctx))
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(req.GetEtag(), r.Version); err != nil {
			return none, err
		}
		if err := verb.take(tx, r); err != nil {
			return none, err
		}
		if err := store.UpdateReferral(ctx, tx, r); err != nil {
			return none, err
		}
		if r.State == referral.Reported {
			err := event.Add(ctx, tx, event.Event{Aggregate: "referral", ID: r.ID, Visibility: event.Ward, Message: reported(r, jp.DateOf(tx.Now))})
			if err != nil {
				return none, err
			}
		}
		auditReferral(ctx, tx, verb.name, r, "")
		return answer(referralProto(r, jp.DateOf(tx.Now))), nil
	})
}

func auditReferral(ctx context.Context, tx *pg.Tx, verb string, r *referral.Referral, reason string) {
	audit.Add(ctx, tx, audit.Entry{
		Action: "directory.referral." + verb, ObjectType: "referral", ObjectID: r.ID, Reason: reason,
		Detail: map[string]string{"intermediary": r.IntermediaryID, "state": string(r.State)},
	})
}
