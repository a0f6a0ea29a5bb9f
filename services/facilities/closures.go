package facilities

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// countedBookings is how many bookings under a closure are counted at most.
const countedBookings = 1000

// CreateClosure drafts a closure.
func (s *facilities) CreateClosure(ctx context.Context, req *facilitiesv1.CreateClosureRequest) (*facilitiesv1.CreateClosureResponse, error) {
	i, err := closureItem(req.GetClosure())
	if err != nil {
		return nil, err
	}
	i.FacilityID = req.GetFacilityId()
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.CreateClosureResponse, error) {
		if _, err := store.LockItem(ctx, tx, i.FacilityID, facility.KindFacility); err != nil {
			return nil, err
		}
		if err := s.begin(ctx, tx, i); err != nil {
			return nil, err
		}
		hit, err := s.hit(ctx, tx, i)
		if err != nil {
			return nil, err
		}
		return &facilitiesv1.CreateClosureResponse{Closure: closureProto(i, hit)}, nil
	})
}

// hit counts the bookings that a version of a closure hits. Errors:
// REFERENCE_UNKNOWN for a room that is not one of the facility's own.
func (s *facilities) hit(ctx context.Context, tx *pg.Tx, i *facility.Item) (int, error) {
	c, err := s.rules.Read(ctx, tx)
	if err != nil {
		return 0, err
	}
	if err := c.CheckClosedRoom(i); err != nil {
		return 0, err
	}
	atoms, days := c.Hits(i, jp.DateOf(tx.Now))
	ids, err := store.BookingsOn(ctx, tx, atoms, days, countedBookings)
	return len(ids), err
}

var closurePaths = rpc.PathsOf(&facilitiesv1.ClosureInput{}, "room_id")

// UpdateClosure drafts a change of a closure.
func (s *facilities) UpdateClosure(ctx context.Context, req *facilitiesv1.UpdateClosureRequest) (*facilitiesv1.UpdateClosureResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), closurePaths...)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.UpdateClosureResponse, error) {
		draft, err := s.open(ctx, tx, req.GetId(), req.GetEtag(), facility.KindClosure)
		if err != nil {
			return nil, err
		}
		written, err := closureItem(merge(&facilitiesv1.ClosureInput{}, closureProto(draft, 0), req.GetClosure(), paths))
		if err != nil {
			return nil, err
		}
		if err := s.rewrite(ctx, tx, draft, written); err != nil {
			return nil, err
		}
		hit, err := s.hit(ctx, tx, draft)
		if err != nil {
			return nil, err
		}
		return &facilitiesv1.UpdateClosureResponse{Closure: closureProto(draft, hit)}, nil
	})
}

// ApproveClosure closes, and has the bookings on the days cancelled by a job.
func (s *facilities) ApproveClosure(ctx context.Context, req *facilitiesv1.ApproveClosureRequest) (*facilitiesv1.ApproveClosureResponse, error) {
	if req.GetValidateOnly() {
		return s.previewClosure(ctx, req)
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.ApproveClosureResponse, error) {
		i, before, err := s.approve(ctx, tx, req.GetId(), req.GetEtag(), facility.KindClosure)
		if err != nil {
			return nil, err
		}
		hit, err := s.hit(ctx, tx, i)
		if err != nil {
			return nil, err
		}
		if hit > 0 {
			store.StartCascade(tx, i.ID)
		}
		closure := closureProto(i, hit)
		return &facilitiesv1.ApproveClosureResponse{Closure: closure}, event.Add(ctx, tx, event.Event{
			Aggregate: "facility", ID: i.FacilityID, Visibility: event.Public, Message: closedFact(before, i),
		})
	})
}

// closedFact is what everybody learns of a closure.
func closedFact(c *facility.Catalogue, i *facility.Item) *facilitiesv1.FacilityClosed {
	closure := closureProto(i, 0)
	closure.DraftOpen = false
	fact := &facilitiesv1.FacilityClosed{Closure: closure}
	if f, ok := c.Facility(i.FacilityID, i.From); ok {
		fact.FacilityName = f.Name
	}
	if room, ok := c.Room(closure.GetRoomId(), i.From); ok {
		fact.RoomName = room.Name
	}
	return fact
}

// previewClosure says what an approval would cancel.
func (s *facilities) previewClosure(ctx context.Context, req *facilitiesv1.ApproveClosureRequest) (*facilitiesv1.ApproveClosureResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.ApproveClosureResponse, error) {
		i, err := store.LockItem(ctx, tx, req.GetId(), facility.KindClosure)
		if err != nil {
			return nil, err
		}
		if err := rpc.CheckETag(req.GetEtag(), i.Version); err != nil {
			return nil, err
		}
		if i.State != facility.Draft {
			return nil, facility.ErrDraftMissing
		}
		hit, err := s.hit(ctx, tx, i)
		if err != nil {
			return nil, err
		}
		return &facilitiesv1.ApproveClosureResponse{Closure: closureProto(i, hit)}, nil
	})
}

// GetClosure shows a closure.
func (s *facilities) GetClosure(ctx context.Context, req *facilitiesv1.GetClosureRequest) (*facilitiesv1.GetClosureResponse, error) {
	i, err := s.find(ctx, req.GetId(), req, facility.KindClosure)
	if err != nil {
		return nil, err
	}
	return &facilitiesv1.GetClosureResponse{Closure: closureProto(i, 0)}, nil
}

// ListClosures lists the closures of a facility, present and coming.
func (s *facilities) ListClosures(ctx context.Context, req *facilitiesv1.ListClosuresRequest) (*facilitiesv1.ListClosuresResponse, error) {
	rows, next, _, err := s.ofFacility(ctx, rpc.Filter(req), req, facility.KindClosure)
	if err != nil {
		return nil, err
	}
	return &facilitiesv1.ListClosuresResponse{
		Closures:      convert.List(rows, func(i *facility.Item) *facilitiesv1.Closure { return closureProto(i, 0) }),
		NextPageToken: next,
	}, nil
}
