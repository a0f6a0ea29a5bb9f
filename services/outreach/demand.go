package outreach

import (
	"context"
	"strconv"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/application"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// InviteEarlierVolunteers tells those who agreed of a published opportunity.
func (s *opportunities) InviteEarlierVolunteers(ctx context.Context, req *outreachv1.InviteEarlierVolunteersRequest) (*outreachv1.InviteEarlierVolunteersResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.InviteEarlierVolunteersResponse, error) {
		by := readerOf(ctx, tx.Now)
		p, err := store.GetPublication(ctx, tx, opportunityRef(req.GetId()), by)
		if err != nil {
			return nil, err
		}
		if !by.Receives(p) {
			return nil, fault.ErrPermissionDenied
		}
		if p.Opportunity.Kind.Training() {
			return nil, opportunity.ErrForStaff
		}
		places, err := store.LockPlaces(ctx, tx, p.ID)
		if err != nil {
			return nil, closedIfMissing(err)
		}
		if err := places.Takes(tx.Now); err != nil {
			return nil, err
		}
		invited, err := store.InviteEarlier(ctx, tx, p.ID, mailInvitation, templates[mailInvitation])
		if err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach.opportunity.inviteEarlierVolunteers", ObjectType: "opportunity", ObjectID: p.ID,
			Detail: map[string]string{"people": strconv.Itoa(invited)},
		})
		return &outreachv1.InviteEarlierVolunteersResponse{Invited: int32(invited)}, nil
	})
}

// closedIfMissing says of an opportunity without places, which was never public,
// that it takes nobody.
func closedIfMissing(err error) error {
	if ignoreMissing(err) == nil {
		return application.ErrClosed
	}
	return err
}

// maxDemandMonths bounds a report.
const maxDemandMonths = 24

// GetUnmetDemand reports what was wanted and not found.
func (s *opportunities) GetUnmetDemand(ctx context.Context, req *outreachv1.GetUnmetDemandRequest) (*outreachv1.GetUnmetDemandResponse, error) {
	from := jp.NewDate(jp.FiscalYear(jp.DateOf(s.Now())), time.April, 1)
	if req.GetFrom() != "" {
		var err error
		if from, err = convert.Day("from", req.GetFrom()+"-01"); err != nil {
			return nil, err
		}
	}
	last := from.AddMonths(11)
	if req.GetTo() != "" {
		var err error
		if last, err = convert.Day("to", req.GetTo()+"-01"); err != nil {
			return nil, err
		}
	}
	if last.Before(from) || !last.Before(from.AddMonths(maxDemandMonths)) {
		return nil, fault.ErrInvalidField.On(fault.Wrong("to", "終わりの月は、始まりの月から24か月以内にしてください。", "Give at most 24 months."))
	}
	rows, err := store.UnmetDemand(ctx, s.DB, from, last.AddMonths(1), req.GetDepartmentId())
	if err != nil {
		return nil, err
	}
	return &outreachv1.GetUnmetDemandResponse{Rows: convert.List(rows, func(d store.Demand) *outreachv1.UnmetDemand {
		return &outreachv1.UnmetDemand{
			Month: month(d.Month), ActivityField: int32(d.ActivityField), Calls: int32(d.Calls), CallsWithOpenPlaces: int32(d.CallsOpen),
			Wanted: int32(d.Wanted), Accepted: int32(d.Accepted), OpenPlaces: int32(d.Open), UnmetWishes: int32(d.Unmet),
		}
	})}, nil
}

// month writes the month of a day, YYYY-MM.
func month(d jp.Date) string { return d.String()[:len("2006-01")] }
