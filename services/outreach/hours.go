package outreach

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/application"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// hours answers HoursService.
type hours struct {
	outreachv1.UnimplementedHoursServiceServer
	publications
}

// LogHours logs what was done on a day.
func (s *hours) LogHours(ctx context.Context, req *outreachv1.LogHoursRequest) (*outreachv1.LogHoursResponse, error) {
	in := req.GetHours()
	on, err := convert.Day("hours.workedOn", in.GetWorkedOn())
	if err != nil {
		return nil, err
	}
	h := &application.Hours{
		ID: s.NewID(), OpportunityID: req.GetOpportunityId(), ApplicationID: in.GetApplicationId(), ShiftID: in.GetShiftId(), WorkedOn: on,
		Minutes: int(in.GetMinutes()), Heads: int(in.GetHeads()),
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.LogHoursResponse, error) {
		places, err := store.LockPlaces(ctx, tx, h.OpportunityID)
		if err != nil {
			return nil, err
		}
		c, err := s.reach(ctx, tx, h.OpportunityID, h.ApplicationID)
		if err != nil {
			return nil, err
		}
		if !c.own && (!c.host || c.EnteredBy == "") {
			return nil, fault.ErrNotFound
		}
		if err := h.Check(c.Application, places, tx.Now); err != nil {
			return nil, err
		}
		h.LoggedBy = c.by.ID
		if err := store.InsertHours(ctx, tx, h); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.hours.log", ObjectType: "hours", ObjectID: h.ID})
		return &outreachv1.LogHoursResponse{Hours: hoursToProto(h)}, nil
	})
}

// ConfirmHours makes logged hours count.
func (s *hours) ConfirmHours(ctx context.Context, req *outreachv1.ConfirmHoursRequest) (*outreachv1.ConfirmHoursResponse, error) {
	confirm := func(c candidate, h *application.Hours) error { return h.Confirm(c.Application, c.by.ID, c.tx.Now) }
	return decideHours(ctx, s, req, hoursVerb{"confirm", confirm}, func(h *outreachv1.Hours) *outreachv1.ConfirmHoursResponse {
		return &outreachv1.ConfirmHoursResponse{Hours: h}
	})
}

// ReturnHours sends logged hours back.
func (s *hours) ReturnHours(ctx context.Context, req *outreachv1.ReturnHoursRequest) (*outreachv1.ReturnHoursResponse, error) {
	giveBack := func(c candidate, h *application.Hours) error {
		return h.Return(c.by.ID, jp.Clean(req.GetReason()), c.tx.Now)
	}
	return decideHours(ctx, s, req, hoursVerb{"return", giveBack}, func(h *outreachv1.Hours) *outreachv1.ReturnHoursResponse {
		return &outreachv1.ReturnHoursResponse{Hours: h}
	})
}

// hoursVerb is what the host does with logged hours.
type hoursVerb struct {
	name string // In the audit log.
	take func(candidate, *application.Hours) error
}

// decideHours runs one verb of the host on locked hours. Errors: RESOURCE_NOT_FOUND,
// ETAG_MISMATCH.
func decideHours[R any](ctx context.Context, s *hours, req settleRequest, v hoursVerb, answer func(*outreachv1.Hours) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		h, err := store.LockHours(ctx, tx, req.GetOpportunityId(), req.GetId())
		if err != nil {
			return none, err
		}
		c, err := s.reach(ctx, tx, h.OpportunityID, h.ApplicationID)
		if err != nil {
			return none, err
		}
		if !c.host {
			return none, fault.ErrNotFound
		}
		if err := rpc.CheckETag(req.GetEtag(), h.Version); err != nil {
			return none, err
		}
		c.tx = tx
		if err := v.take(c, h); err != nil {
			return none, err
		}
		if err := store.UpdateHours(ctx, tx, h); err != nil {
			return none, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.hours." + v.name, ObjectType: "hours", ObjectID: h.ID})
		return answer(hoursToProto(h)), nil
	})
}

// GetHours shows logged hours to the volunteer and the host.
func (s *hours) GetHours(ctx context.Context, req *outreachv1.GetHoursRequest) (*outreachv1.GetHoursResponse, error) {
	h, err := store.GetHours(ctx, s.DB, req.GetOpportunityId(), req.GetId())
	if err != nil {
		return nil, err
	}
	if _, err := s.reach(ctx, s.DB, h.OpportunityID, h.ApplicationID); err != nil {
		return nil, err
	}
	return &outreachv1.GetHoursResponse{Hours: hoursToProto(h)}, nil
}

// ListHours lists logged hours: all for the host, a volunteer's own else.
func (s *hours) ListHours(ctx context.Context, req *outreachv1.ListHoursRequest) (*outreachv1.ListHoursResponse, error) {
	filter := rpc.Filter(req)
	page, err := s.Pages.Open(filter, req.GetPageToken(), req.GetPageSize())
	if err != nil {
		return nil, err
	}
	by := readerOf(ctx, s.Now())
	f := store.HoursFilter{
		OpportunityID: req.GetOpportunityId(), ApplicationID: req.GetApplicationId(), State: application.HoursState(convert.EnumName(req.GetState())),
	}
	p, err := store.GetPublication(ctx, s.DB, opportunityRef(f.OpportunityID), by)
	if ignoreMissing(err) != nil {
		return nil, err
	}
	if p == nil || !by.Receives(p) {
		f.Account = by.ID
	}
	rows, err := store.ListHours(ctx, s.DB, f, page)
	if err != nil {
		return nil, err
	}
	rows, after := pg.Cut(rows, page, store.HoursAfter)
	resp := &outreachv1.ListHoursResponse{Hours: convert.List(rows, hoursToProto)}
	resp.NextPageToken = s.Pages.Token(filter, after...)
	return resp, nil
}
