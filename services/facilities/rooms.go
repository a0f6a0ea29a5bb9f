package facilities

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// CreateRoom drafts a room.
func (s *facilities) CreateRoom(ctx context.Context, req *facilitiesv1.CreateRoomRequest) (*facilitiesv1.CreateRoomResponse, error) {
	in := req.GetRoom()
	i, err := roomItem(in)
	if err != nil {
		return nil, err
	}
	if in.GetSlotPattern() == "" && len(in.GetPartIds()) == 0 {
		return nil, fault.ErrInvalidField.On(fault.Missing("slotPattern"))
	}
	i.FacilityID = req.GetFacilityId()
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.CreateRoomResponse, error) {
		if _, err := store.LockItem(ctx, tx, i.FacilityID, facility.KindFacility); err != nil {
			return nil, err
		}
		if err := s.place(ctx, tx, i, in); err != nil {
			return nil, err
		}
		if err := s.begin(ctx, tx, i); err != nil {
			return nil, err
		}
		if err := store.InsertPlace(ctx, tx, i); err != nil {
			return nil, err
		}
		return &facilitiesv1.CreateRoomResponse{Room: roomProto(i, nil)}, nil
	})
}

// place gives a new room its number and atoms. Errors: PARTS_NOT_COMBINABLE.
func (s *facilities) place(ctx context.Context, tx *pg.Tx, i *facility.Item, in *facilitiesv1.RoomInput) error {
	number, err := store.NextRoomNumber(ctx, tx)
	if err != nil {
		return err
	}
	parts, err := store.RoomItems(ctx, tx, in.GetPartIds())
	if err != nil {
		return err
	}
	if len(parts) != len(in.GetPartIds()) {
		return facility.ErrPartsNotCombinable
	}
	i.Place, err = facility.Combine(number, in.GetSlotPattern(), i.FacilityID, parts)
	return err
}

var roomPaths = rpc.PathsOf(&facilitiesv1.RoomInput{}, "slot_pattern", "part_ids")

// UpdateRoom drafts a change of a room.
func (s *facilities) UpdateRoom(ctx context.Context, req *facilitiesv1.UpdateRoomRequest) (*facilitiesv1.UpdateRoomResponse, error) {
	paths, err := rpc.Mask(req.GetUpdateMask(), roomPaths...)
	if err != nil {
		return nil, err
	}
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.UpdateRoomResponse, error) {
		draft, err := s.open(ctx, tx, req.GetId(), req.GetEtag(), facility.KindRoom)
		if err != nil {
			return nil, err
		}
		written, err := roomItem(merge(&facilitiesv1.RoomInput{}, roomProto(draft, nil), req.GetRoom(), paths))
		if err != nil {
			return nil, err
		}
		if err := s.rewrite(ctx, tx, draft, written); err != nil {
			return nil, err
		}
		return &facilitiesv1.UpdateRoomResponse{Room: roomProto(draft, nil)}, nil
	})
}

// ApproveRoom puts the draft of a room into force.
func (s *facilities) ApproveRoom(ctx context.Context, req *facilitiesv1.ApproveRoomRequest) (*facilitiesv1.ApproveRoomResponse, error) {
	return pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (*facilitiesv1.ApproveRoomResponse, error) {
		i, before, err := s.approve(ctx, tx, req.GetId(), req.GetEtag(), facility.KindRoom)
		if err != nil {
			return nil, err
		}
		return &facilitiesv1.ApproveRoomResponse{Room: roomProto(i, before.Combined(i.ID, i.From))}, nil
	})
}

// GetRoom shows a room.
func (s *facilities) GetRoom(ctx context.Context, req *facilitiesv1.GetRoomRequest) (*facilitiesv1.GetRoomResponse, error) {
	i, err := s.find(ctx, req.GetId(), req, facility.KindRoom)
	if err != nil {
		return nil, err
	}
	c, err := s.rules.Read(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	return &facilitiesv1.GetRoomResponse{Room: roomProto(i, c.Combined(i.ID, jp.DateOf(s.Now())))}, nil
}

// ListRooms lists the rooms of a facility.
func (s *facilities) ListRooms(ctx context.Context, req *facilitiesv1.ListRoomsRequest) (*facilitiesv1.ListRoomsResponse, error) {
	rows, next, on, err := s.ofFacility(ctx, rpc.Filter(req), req, facility.KindRoom)
	if err != nil {
		return nil, err
	}
	c, err := s.rules.Read(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	return &facilitiesv1.ListRoomsResponse{
		Rooms:         convert.List(rows, func(i *facility.Item) *facilitiesv1.Room { return roomProto(i, c.Combined(i.ID, on)) }),
		NextPageToken: next,
	}, nil
}

// ofFacility reads a page of what belongs to a facility that the caller sees.
func (s *facilities) ofFacility(ctx context.Context, filter string, req interface {
	listing
	GetFacilityId() string
}, kind facility.Kind,
) (rows []*facility.Item, next string, on jp.Date, err error) {
	f, err := s.filter(req, kind)
	if err != nil {
		return nil, "", on, err
	}
	if _, err := s.find(ctx, req.GetFacilityId(), req, facility.KindFacility); err != nil && !req.GetDraft() {
		return nil, "", on, err
	}
	f.FacilityID, f.Upcoming = req.GetFacilityId(), kind == facility.KindClosure
	rows, next, err = s.page(ctx, filter, req, f)
	return rows, next, f.On, err
}
