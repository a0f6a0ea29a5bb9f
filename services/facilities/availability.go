package facilities

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// GetAvailability shows which slots are free.
func (s *availability) GetAvailability(ctx context.Context, req *facilitiesv1.GetAvailabilityRequest) (*facilitiesv1.GetAvailabilityResponse, error) {
	q, err := queryOf(req, s.Now())
	if err != nil {
		return nil, err
	}
	var (
		rooms map[string]bool
		held  *facility.Held
	)
	c, err := s.rules.Ask(ctx, s.DB, func(c *facility.Catalogue, b *pgx.Batch) error {
		var atoms []int32
		var err error
		if rooms, atoms, err = c.Asked(q); err != nil {
			return err
		}
		held = store.QueueHeld(b, atoms, q.From, q.Days())
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(rooms) == 0 && !named(c, q) {
		return nil, fault.ErrNotFound
	}
	return boardProto(c.Board(q, rooms, held), q.Now), nil
}

// queryOf reads a request; from is today where it is not given. Errors:
// INVALID_FIELD, PERIOD_TOO_LONG.
func queryOf(req *facilitiesv1.GetAvailabilityRequest, now time.Time) (*facility.Query, error) {
	q := &facility.Query{
		FacilityID: req.GetFacilityId(), RoomID: req.GetRoomId(), Slot: req.GetSlot(), Capacity: int(req.GetCapacity()),
		Purpose: rule.Purpose(convert.EnumName(req.GetPurpose())), Class: req.GetUserClass(), Now: now,
	}
	var err error
	if q.From, err = convert.Day("from", req.GetFrom()); err != nil {
		return nil, err
	}
	if q.To, err = convert.Day("to", req.GetTo()); err != nil {
		return nil, err
	}
	if q.From.IsZero() {
		q.From = jp.DateOf(now)
	}
	if q.To.IsZero() {
		q.To = q.From
	}
	return q, q.Check()
}

// named reports whether the facility and the room that a query names are there.
func named(c *facility.Catalogue, q *facility.Query) bool {
	if q.FacilityID != "" {
		if _, ok := c.Facility(q.FacilityID, q.From); !ok {
			return false
		}
	}
	if q.RoomID != "" {
		if _, ok := c.Room(q.RoomID, q.From); !ok {
			return false
		}
	}
	return true
}

// legend explains the letters.
var legend = []*facilitiesv1.GetAvailabilityResponse_Letter{
	{Letter: string(facility.LetterFree), Ja: "空き", En: "free"},
	{Letter: string(facility.LetterTaken), Ja: "予約済", En: "taken"},
	{Letter: string(facility.LetterLottery), Ja: "抽選の対象", En: "given by lottery"},
	{Letter: string(facility.LetterNotOpen), Ja: "受付期間外", En: "not open for booking"},
	{Letter: string(facility.LetterClosed), Ja: "休館・管理上の都合", En: "closed"},
}

func boardProto(b facility.Board, now time.Time) *facilitiesv1.GetAvailabilityResponse {
	out := &facilitiesv1.GetAvailabilityResponse{Legend: legend, ReadTime: convert.Instant(now)}
	for _, r := range b.Rows {
		out.Rooms = append(out.Rooms, &facilitiesv1.GetAvailabilityResponse_Row{
			RoomId: r.Room.ID, Name: r.Room.Name, FacilityId: r.Facility.ID, FacilityName: r.Facility.Name,
			Capacity: int32(r.Room.Capacity), From: r.From.String(), Slots: convert.List(r.Slots, slotProto),
		})
	}
	for _, d := range b.Days {
		day := &facilitiesv1.GetAvailabilityResponse_Day{Date: d.Date.String()}
		rooms := make([]facilitiesv1.GetAvailabilityResponse_RoomDay, len(d.Rooms)) // At once: there are many.
		day.Rooms = make([]*facilitiesv1.GetAvailabilityResponse_RoomDay, 0, len(d.Rooms))
		for i, l := range d.Rooms {
			rooms[i].RoomId, rooms[i].Slots = l.RoomID, l.Slots
			day.Rooms = append(day.Rooms, &rooms[i])
		}
		out.Days = append(out.Days, day)
	}
	return out
}
