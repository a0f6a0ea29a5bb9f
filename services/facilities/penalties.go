package facilities

import (
	"context"
	"errors"
	"slices"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/penalty"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// penalties answers PenaltyService.
type penalties struct {
	facilitiesv1.UnimplementedPenaltyServiceServer
	service.Deps
	rules *store.Rules
}

func registerPenalties(d service.Deps, r grpc.ServiceRegistrar, rules *store.Rules) {
	facilitiesv1.RegisterPenaltyServiceServer(r, &penalties{Deps: d, rules: rules})
}

// penalize records a penalty for a locked booking whose holder is locked. Where
// no rule is in force nothing is recorded, and a second time neither.
func penalize(ctx context.Context, d service.Deps, b lockedBooking, offence penalty.Offence) error {
	p := penaltyFor(b.Booking, offence, auth.From(ctx).Actor())
	err := recordPenalty(ctx, b.tx, d, b.rules, p)
	if errors.Is(err, penalty.ErrNoOffence) {
		return nil
	}
	return err
}

func penaltyFor(b *booking.Booking, offence penalty.Offence, by string) *penalty.Penalty {
	return &penalty.Penalty{
		HolderID: b.HolderID, OrganizationID: b.OrganizationID, BookingID: b.ID, Kind: offence, RecordedBy: by,
	}
}

// recordPenalty writes a penalty of a locked holder, who is suspended where the
// points reach the limit. Errors: OFFENCE_NOT_FOUND, PENALTY_RECORDED.
func recordPenalty(ctx context.Context, tx *pg.Tx, d service.Deps, c *facility.Catalogue, p *penalty.Penalty) error {
	rule, ok := c.Penalty(jp.DateOf(tx.Now))
	if !ok {
		return penalty.ErrNoOffence
	}
	p.ID = d.NewID()
	p.Record(rule, tx.Now)
	if p.HalfPoints == 0 {
		return penalty.ErrNoOffence
	}
	if err := store.InsertPenalty(ctx, tx, p); err != nil {
		return err
	}
	audit.Add(ctx, tx, audit.Entry{
		Action: "facilities.penalty.record", ObjectType: "penalty", ObjectID: p.ID,
		Detail: map[string]string{"booking": p.BookingID, "kind": string(p.Kind)},
	})
	if err := count(ctx, tx, c, p); err != nil {
		return err
	}
	return event.Add(ctx, tx, event.Event{Aggregate: "penalty", ID: p.ID, Visibility: event.Private, Message: &facilitiesv1.PenaltyRecorded{
		PenaltyId: p.ID, BookingId: p.BookingID, OrganizationId: p.OrganizationID, PersonId: p.PersonID(),
		Kind: facilitiesv1.Penalty_Kind(facilitiesv1.Penalty_Kind_value[string(p.Kind)]), HalfPoints: int32(p.HalfPoints),
		AppealBy: convert.Date(p.AppealBy), SuspendedUntil: convert.Date(p.Standing.Until(jp.DateOf(tx.Now))),
	}})
}

// count adds up what a locked holder has, suspends it or lifts its suspension.
func count(ctx context.Context, tx *pg.Tx, c *facility.Catalogue, p *penalty.Penalty) error {
	rule, ok := c.Penalty(jp.DateOf(tx.Now))
	if !ok {
		return nil
	}
	all, err := store.PenaltiesOf(ctx, tx, p.HolderID)
	if err != nil {
		return err
	}
	p.Standing = penalty.Count(all[p.HolderID], rule, jp.DateOf(tx.Now))
	store.SetSuspension(tx, p.HolderID, p.Standing.EndsAt())
	return nil
}

// RecordPenalty records a penalty for a booking that the service did not see
// itself.
func (s *penalties) RecordPenalty(ctx context.Context, req *facilitiesv1.RecordPenaltyRequest) (*facilitiesv1.RecordPenaltyResponse, error) {
	by, in := readerOf(ctx), req.GetPenalty()
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.RecordPenaltyResponse, error) {
		catalogue, err := s.rules.Hold(ctx, tx)
		if err != nil {
			return nil, err
		}
		b, err := store.LockBooking(ctx, tx, in.GetBookingId(), by)
		if err != nil {
			return nil, err
		}
		p := penaltyFor(b, penalty.Offence(convert.EnumName(in.GetKind())), by.ID)
		p.Note = in.GetNote()
		if p.Kind == penalty.NoShow && b.State != booking.NoShow || p.Kind == penalty.LateCancel && !b.CancelledLate {
			return nil, penalty.ErrNoOffence
		}
		if err := recordPenalty(ctx, tx, s.Deps, catalogue, p); err != nil {
			return nil, err
		}
		return &facilitiesv1.RecordPenaltyResponse{Penalty: penaltyToProto(p)}, nil
	})
}

// penaltyScope is whose penalties the caller sees.
func penaltyScope(by booking.Reader) store.PenaltyScope {
	return store.PenaltyScope{Holders: by.Holders(), Any: by.Desk || by.Approver}
}

// AppealPenalty appeals against a penalty.
func (s *penalties) AppealPenalty(ctx context.Context, req *facilitiesv1.AppealPenaltyRequest) (*facilitiesv1.AppealPenaltyResponse, error) {
	by := readerOf(ctx)
	return penaltyStep(ctx, s, change{
		id: req.GetId(), etag: req.GetEtag(), action: "appeal", scope: store.PenaltyScope{Holders: by.Holders()},
		step: func(tx *pg.Tx, p *penalty.Penalty) error {
			if err := actsFor(by, p.HolderID); err != nil {
				return err
			}
			return p.AppealAgainst(req.GetReason(), by.ID, tx.Now)
		},
	}, func(p *facilitiesv1.Penalty) *facilitiesv1.AppealPenaltyResponse {
		return &facilitiesv1.AppealPenaltyResponse{Penalty: p}
	})
}

// DecideAppeal answers an appeal.
func (s *penalties) DecideAppeal(ctx context.Context, req *facilitiesv1.DecideAppealRequest) (*facilitiesv1.DecideAppealResponse, error) {
	by := readerOf(ctx)
	return penaltyStep(ctx, s, change{
		id: req.GetId(), etag: req.GetEtag(), action: "decideAppeal", scope: store.PenaltyScope{Any: true},
		step: func(_ *pg.Tx, p *penalty.Penalty) error { return p.Decide(req.GetLift(), req.GetReason(), by.ID) },
	}, func(p *facilitiesv1.Penalty) *facilitiesv1.DecideAppealResponse {
		return &facilitiesv1.DecideAppealResponse{Penalty: p}
	})
}

// change is a step of a penalty.
type change struct {
	id, etag, action string
	scope            store.PenaltyScope
	step             func(*pg.Tx, *penalty.Penalty) error
}

// penaltyStep takes a step of a penalty: holder and penalty are locked, the step
// decides, the holder's points are counted again.
func penaltyStep[R any](ctx context.Context, s *penalties, c change, answer func(*facilitiesv1.Penalty) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		catalogue, err := s.rules.Hold(ctx, tx)
		if err != nil {
			return none, err
		}
		p, err := store.LockPenalty(ctx, tx, c.id, c.scope)
		if err != nil {
			return none, err
		}
		if err := rpc.CheckETag(c.etag, p.Version); err != nil {
			return none, err
		}
		from := p.State
		if err := c.step(tx, p); err != nil {
			return none, err
		}
		if err := store.UpdatePenalty(ctx, tx, p); err != nil {
			return none, err
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "facilities.penalty." + c.action, ObjectType: "penalty", ObjectID: p.ID,
			Detail: map[string]string{"from": string(from), "to": string(p.State)},
		})
		if err := count(ctx, tx, catalogue, p); err != nil {
			return none, err
		}
		if err := tellDecision(ctx, tx, p); err != nil {
			return none, err
		}
		return answer(penaltyToProto(p)), nil
	})
}

// tellDecision tells of a decision about an appeal.
func tellDecision(ctx context.Context, tx *pg.Tx, p *penalty.Penalty) error {
	if p.State != penalty.Upheld && p.State != penalty.Lifted {
		return nil
	}
	return event.Add(ctx, tx, event.Event{Aggregate: "penalty", ID: p.ID, Visibility: event.Private, Message: &facilitiesv1.PenaltyAppealDecided{
		PenaltyId: p.ID, OrganizationId: p.OrganizationID, PersonId: p.PersonID(), Lifted: p.State == penalty.Lifted,
		SuspendedUntil: convert.Date(p.Standing.Until(jp.DateOf(tx.Now))),
	}})
}

// GetPenalty shows a penalty to its holder and to the ward.
func (s *penalties) GetPenalty(ctx context.Context, req *facilitiesv1.GetPenaltyRequest) (*facilitiesv1.GetPenaltyResponse, error) {
	p, err := store.GetPenalty(ctx, s.DB, req.GetId(), penaltyScope(readerOf(ctx)))
	if err != nil {
		return nil, err
	}
	if err := s.stand(ctx, p); err != nil {
		return nil, err
	}
	return &facilitiesv1.GetPenaltyResponse{Penalty: penaltyToProto(p)}, nil
}

// stand writes into penalties what their holders' points amount to today.
func (s *penalties) stand(ctx context.Context, shown ...*penalty.Penalty) error {
	catalogue, err := s.rules.Read(ctx, s.DB)
	if err != nil {
		return err
	}
	today := jp.DateOf(s.Now())
	rule, ok := catalogue.Penalty(today)
	if !ok {
		return nil
	}
	holders := convert.List(shown, func(p *penalty.Penalty) string { return p.HolderID })
	slices.Sort(holders)
	all, err := store.PenaltiesOf(ctx, s.DB, slices.Compact(holders)...)
	for _, p := range shown {
		p.Standing = penalty.Count(all[p.HolderID], rule, today)
	}
	return err
}

// ListPenalties lists what GetPenalty shows.
func (s *penalties) ListPenalties(ctx context.Context, req *facilitiesv1.ListPenaltiesRequest) (*facilitiesv1.ListPenaltiesResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	rows, err := store.ListPenalties(ctx, s.DB, penaltyScope(readerOf(ctx)), store.PenaltyFilter{
		HolderID: req.GetOrganizationId(), State: penalty.State(convert.EnumName(req.GetState())),
	}, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, func(p *penalty.Penalty) []string { return []string{p.ID} })
	if err := s.stand(ctx, rows...); err != nil {
		return nil, err
	}
	resp := &facilitiesv1.ListPenaltiesResponse{Penalties: convert.List(rows, penaltyToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}

func mergePenalties(ctx context.Context, tx *pg.Tx, from, to string) error {
	return store.MergePenalties(ctx, tx, from, to)
}
