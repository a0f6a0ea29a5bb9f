package facilities

import (
	"context"
	"fmt"

	"github.com/chiyoda-kyodo/kyodo/pkg/calendar"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

const (
	// calendarMonths is how far a room's calendar goes.
	calendarMonths = 4
	// calendarMaxAge is for how many seconds it may be kept.
	calendarMaxAge = 300
)

// GetRoomCalendar writes what is taken of a room.
func (s *calendars) GetRoomCalendar(ctx context.Context, req *facilitiesv1.GetRoomCalendarRequest) (*facilitiesv1.GetRoomCalendarResponse, error) {
	c, err := s.rules.Read(ctx, s.DB)
	if err != nil {
		return nil, err
	}
	today := jp.DateOf(s.Now())
	room, ok := c.Room(req.GetRoomId(), today)
	if !ok {
		return nil, fault.ErrNotFound
	}
	from := today.FirstOfMonth()
	days := from.DaysUntil(from.AddMonths(calendarMonths))
	held, err := store.HeldSlots(ctx, s.DB, room.Atoms, from, days)
	if err != nil {
		return nil, err
	}
	f, _ := c.Facility(room.FacilityID, today)
	cal := calendar.New(f.Name + " " + room.Name)
	for _, x := range c.Occupied(room, from, days, held) {
		cal.Add(occupiedEvent(s.Origin, f, room, x))
	}
	return &facilitiesv1.GetRoomCalendarResponse{Document: &typev1.Document{
		MediaType: "text/calendar; charset=utf-8", FileName: "room-" + room.ID + ".ics", Content: cal.Bytes(), MaxAge: calendarMaxAge,
	}}, nil
}

// occupiedEvent is a slot or day that cannot be had, without a name.
func occupiedEvent(origin string, f *facility.Facility, room *facility.Room, x facility.Occupied) calendar.Event {
	e := calendar.Event{
		UID:     fmt.Sprintf("%s-%s-%d@kyodo", room.ID, x.Date, x.Slot.No),
		Updated: x.Date.StartOfDay(), Summary: "予約済", Location: f.Name + " " + room.Name, URL: origin + "/v1/rooms/" + room.ID,
	}
	if x.Closed {
		e.Summary = "休館"
	}
	if x.Slot.No == 0 {
		e.AllDay, e.Start, e.End = true, x.Date.StartOfDay(), x.Date.NextMidnight()
		return e
	}
	e.Start, e.End = x.Slot.StartsAt(x.Date), x.Slot.EndsAt(x.Date)
	return e
}
