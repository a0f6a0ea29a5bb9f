package hall

import (
	"context"
	"net/url"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// room is what the page of a room shows.
type room struct {
	*facilitiesv1.Room
	facility *facilitiesv1.Facility
	day      jp.Date
	month    bool
	found    *facilitiesv1.GetAvailabilityResponse
	prices   Prices
}

func showRoom(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	r := room{day: q.Day("date"), month: q.Query("view") == viewMonth}
	if r.month {
		r.day = r.day.FirstOfMonth()
	}
	service := q.Site.Service("facilities")
	halls := facilitiesv1.NewFacilityServiceClient(service)
	got, err := halls.GetRoom(q.Context(), &facilitiesv1.GetRoomRequest{Id: id})
	if err != nil {
		return err
	}
	r.Room = got.GetRoom()
	var fees []*facilitiesv1.Rule
	err = Together(
		func() error {
			got, err := halls.GetFacility(q.Context(), &facilitiesv1.GetFacilityRequest{Id: r.GetFacilityId()})
			r.facility = got.GetFacility()
			return err
		},
		func() (err error) {
			r.found, err = facilitiesv1.NewAvailabilityServiceClient(service).GetAvailability(q.Context(), &facilitiesv1.GetAvailabilityRequest{
				RoomId: id, From: r.day.String(), To: r.last().String(),
			})
			return err
		},
		func() (err error) {
			fees, err = readFees(q, r.day.String())
			return err
		},
	)
	if err != nil {
		return err
	}
	r.prices = pricesOf(fees, r.facility.GetCode(), id)
	return q.Render(roomPage(&r))
}

// slots are those of the first day shown, each with its hours and, where there is
// one, its price.
func (r *room) slots(ctx context.Context) []string {
	var out []string
	if len(r.found.GetRooms()) == 0 {
		return nil
	}
	for n, s := range r.found.GetRooms()[0].GetSlots() {
		words := slotWords(ctx, s)
		if price, known := r.prices.Of(n); known {
			words += " " + ui.Yen(ctx, price)
		}
		out = append(out, words)
	}
	return out
}

// grid has a row a day.
func (r *room) grid(ctx context.Context) ui.Grid {
	g := ui.Grid{Caption: text.S(ctx, "hall.span", ui.LongDate(ctx, r.day.String()), ui.LongDate(ctx, r.last().String()))}
	for _, d := range r.found.GetDays() {
		c := column(ctx, d.GetDate(), "")
		row := ui.Row{Title: c.Text, Note: c.Note}
		var slots ui.Slots
		for _, of := range r.found.GetRooms() {
			if m := marks(ctx, of, d); len(m) > 0 {
				slots.Marks = m
			}
		}
		row.Cells = []ui.Slots{slots}
		g.Rows = append(g.Rows, row)
	}
	return g
}

func (r *room) last() jp.Date {
	if r.month {
		return r.day.AddMonths(1).AddDays(-1)
	}
	return r.day.AddDays(roomDays - 1)
}

// move is the address of the days before or after those shown.
func (r *room) move(times int) string {
	if r.month {
		return r.path(r.day.AddMonths(times), viewMonth)
	}
	return r.path(r.day.AddDays(times*weekDays), "")
}

func (r *room) path(day jp.Date, view string) string {
	query := url.Values{"date": {day.String()}}
	if view != "" {
		query.Set("view", view)
	}
	return "/rooms/" + r.GetId() + "?" + query.Encode()
}
