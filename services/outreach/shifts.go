package outreach

import (
	"context"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/application"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// shifts answers ShiftService.
type shifts struct {
	outreachv1.UnimplementedShiftServiceServer
	publications
}

// lockOpportunity locks an opportunity whose shifts the caller writes. Errors:
// RESOURCE_NOT_FOUND, PERMISSION_DENIED, INVALID_STATE_TRANSITION for one that is
// over.
func (s *shifts) lockOpportunity(ctx context.Context, tx *pg.Tx, id string) (*publication.Publication, error) {
	by := readerOf(ctx, tx.Now)
	p, err := store.LockPublication(ctx, tx, opportunityRef(id), by)
	if err != nil {
		return nil, err
	}
	if !by.Writes(p) {
		return nil, fault.ErrPermissionDenied
	}
	if p.State == publication.Ended || p.State == publication.Cancelled {
		return nil, fault.Transition(string(p.State), string(p.State))
	}
	return p, nil
}

// CreateShift adds a shift.
func (s *shifts) CreateShift(ctx context.Context, req *outreachv1.CreateShiftRequest) (*outreachv1.CreateShiftResponse, error) {
	in := req.GetShift()
	sh := &application.Shift{
		ID: s.NewID(), OpportunityID: req.GetOpportunityId(), StartsAt: moment(in.GetStartTime()), EndsAt: moment(in.GetEndTime()),
		Capacity: int(in.GetCapacity()),
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*outreachv1.CreateShiftResponse, error) {
		p, err := s.lockOpportunity(ctx, tx, sh.OpportunityID)
		if err != nil {
			return nil, err
		}
		if err := sh.Check(p.Opportunity, tx.Now); err != nil {
			return nil, err
		}
		if err := store.InsertShift(ctx, tx, sh); err != nil {
			return nil, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.shift.create", ObjectType: "shift", ObjectID: sh.ID})
		return &outreachv1.CreateShiftResponse{Shift: shiftToProto(sh)}, nil
	})
}

var shiftPaths = rpc.PathsOf(&outreachv1.ShiftChange{})

// UpdateShift changes times or places of a shift.
func (s *shifts) UpdateShift(ctx context.Context, req *outreachv1.UpdateShiftRequest) (*outreachv1.UpdateShiftResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), shiftPaths...)
	if err != nil {
		return nil, err
	}
	return changeShift(ctx, s, req, shiftChange{"update", func(c heldShift) error {
		if err := rpc.RequireETag(req.GetEtag(), c.Version); err != nil {
			return err
		}
		to, in := *c.Shift, req.GetShift()
		if paths.Has("start_time") {
			to.StartsAt = moment(in.GetStartTime())
		}
		if paths.Has("end_time") {
			to.EndsAt = moment(in.GetEndTime())
		}
		if paths.Has("capacity") {
			to.Capacity = int(in.GetCapacity())
		}
		return c.Replace(to, c.publication.Opportunity, c.tx.Now)
	}, strings.Join(paths, ",")}, func(sh *outreachv1.Shift) *outreachv1.UpdateShiftResponse {
		return &outreachv1.UpdateShiftResponse{Shift: sh}
	})
}

// CancelShift calls a shift off.
func (s *shifts) CancelShift(ctx context.Context, req *outreachv1.CancelShiftRequest) (*outreachv1.CancelShiftResponse, error) {
	return changeShift(ctx, s, req, shiftChange{"cancel", func(c heldShift) error {
		if err := rpc.CheckETag(req.GetEtag(), c.Version); err != nil {
			return err
		}
		if c.Cancelled || c.places == nil {
			c.Cancelled = true
			return nil
		}
		there, err := store.InShift(ctx, c.tx, c.ID)
		if err != nil {
			return err
		}
		for _, a := range there {
			c.places.LeaveShift(a, c.ID)
			if err := store.UpdateApplication(ctx, c.tx, a); err != nil {
				return err
			}
			s.mailApplicant(c.tx, mailShiftCancelled, a)
			if err := tellDecision(ctx, c.tx, a); err != nil {
				return err
			}
		}
		c.Cancelled = true
		return store.UpdatePlaces(ctx, c.tx, c.places)
	}, ""}, func(sh *outreachv1.Shift) *outreachv1.CancelShiftResponse {
		return &outreachv1.CancelShiftResponse{Shift: sh}
	})
}

// heldShift is a shift in the hands of a verb, with its opportunity locked.
type heldShift struct {
	*application.Shift
	tx          *pg.Tx
	publication *publication.Publication
	places      *application.Places // nil before the publication.
}

// shiftRequest is what the requests of the verbs have.
type shiftRequest interface {
	GetOpportunityId() string
	GetId() string
}

// shiftChange is a verb of a shift.
type shiftChange struct {
	name   string // In the audit log.
	take   func(heldShift) error
	fields string
}

// changeShift runs one verb on a shift: lock the opportunity and its places, decide,
// write, let the next ones up.
func changeShift[R any](ctx context.Context, s *shifts, req shiftRequest, do shiftChange, answer func(*outreachv1.Shift) R) (R, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (R, error) {
		var none R
		p, err := s.lockOpportunity(ctx, tx, req.GetOpportunityId())
		if err != nil {
			return none, err
		}
		held := heldShift{tx: tx, publication: p}
		if held.places, err = store.LockPlaces(ctx, tx, p.ID); ignoreMissing(err) != nil {
			return none, err
		}
		if held.Shift, err = store.GetShift(ctx, tx, p.ID, req.GetId()); err != nil {
			return none, err
		}
		if held.places != nil { // The same shift, so that the places count it as it becomes.
			held.Shift = held.places.Shift(req.GetId())
		}
		if err := do.take(held); err != nil {
			return none, err
		}
		if err := store.UpdateShift(ctx, tx, held.Shift); err != nil {
			return none, err
		}
		if held.places != nil {
			if err := s.moveUp(ctx, tx, held.places); err != nil {
				return none, err
			}
		}
		audit.Add(ctx, tx, audit.Entry{
			Action: "outreach.shift." + do.name, ObjectType: "shift", ObjectID: held.ID, Detail: map[string]string{"fields": do.fields},
		})
		return answer(shiftToProto(held.Shift)), nil
	})
}

// GetShift shows a shift to whom its opportunity is visible.
func (s *shifts) GetShift(ctx context.Context, req *outreachv1.GetShiftRequest) (*outreachv1.GetShiftResponse, error) {
	if _, err := store.GetPublication(ctx, s.DB, opportunityRef(req.GetOpportunityId()), readerOf(ctx, s.Now())); err != nil {
		return nil, err
	}
	sh, err := store.GetShift(ctx, s.DB, req.GetOpportunityId(), req.GetId())
	if err != nil {
		return nil, err
	}
	return &outreachv1.GetShiftResponse{Shift: shiftToProto(sh)}, nil
}

// ListShifts lists the shifts of an opportunity that the caller sees.
func (s *shifts) ListShifts(ctx context.Context, req *outreachv1.ListShiftsRequest) (*outreachv1.ListShiftsResponse, error) {
	if _, err := store.GetPublication(ctx, s.DB, opportunityRef(req.GetOpportunityId()), readerOf(ctx, s.Now())); err != nil {
		return nil, err
	}
	rows, err := store.ListShifts(ctx, s.DB, req.GetOpportunityId())
	return &outreachv1.ListShiftsResponse{Shifts: convert.List(rows, shiftToProto)}, err
}
