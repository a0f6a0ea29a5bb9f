package facilities

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	"github.com/chiyoda-kyodo/kyodo/services/benchmark"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/store"
)

// The answer has the fields of the contract's GetAvailabilityResponse.
type (
	plainBoard struct {
		Legend   []plainLetter `json:"legend"`
		Rooms    []plainRow    `json:"rooms"`
		Days     []plainDay    `json:"days"`
		ReadTime time.Time     `json:"readTime"`
	}
	plainLetter struct {
		Letter string `json:"letter"`
		Ja     string `json:"ja"`
		En     string `json:"en"`
	}
	plainRow struct {
		RoomID       string      `json:"roomId"`
		Name         string      `json:"name"`
		FacilityID   string      `json:"facilityId"`
		FacilityName string      `json:"facilityName"`
		Capacity     int         `json:"capacity"`
		From         string      `json:"from"`
		Slots        []plainSlot `json:"slots"`
	}
	plainSlot struct {
		No    int    `json:"no"`
		Code  string `json:"code"`
		Name  string `json:"name"`
		Start string `json:"start"`
		End   string `json:"end"`
	}
	plainDay struct {
		Date  string         `json:"date"`
		Rooms []plainLetters `json:"rooms"`
	}
	plainLetters struct {
		RoomID string `json:"roomId"`
		Slots  string `json:"slots"`
	}
)

func (f floor) availability(r *http.Request) (any, error) {
	from, err := jp.ParseDate(r.URL.Query().Get("from"))
	if err != nil {
		return nil, err
	}
	q := &facility.Query{From: from, To: from.AddDays(facility.MaxDays - 1), Now: time.Now()}
	c, err := f.rules.Read(r.Context(), f.db)
	if err != nil {
		return nil, err
	}
	rooms, atoms, err := c.Asked(q)
	if err != nil {
		return nil, err
	}
	held, err := store.HeldSlots(r.Context(), f.db, atoms, q.From, q.Days())
	if err != nil {
		return nil, err
	}
	return plain(c.Board(q, rooms, held), q.Now), nil
}

func plain(b facility.Board, now time.Time) plainBoard {
	out := plainBoard{ReadTime: now}
	for _, l := range legend {
		out.Legend = append(out.Legend, plainLetter{l.GetLetter(), l.GetJa(), l.GetEn()})
	}
	for _, r := range b.Rows {
		row := plainRow{r.Room.ID, r.Room.Name, r.Facility.ID, r.Facility.Name, r.Room.Capacity, r.From.String(), nil}
		for _, s := range r.Slots {
			row.Slots = append(row.Slots, plainSlot(s))
		}
		out.Rooms = append(out.Rooms, row)
	}
	for _, d := range b.Days {
		day := plainDay{Date: d.Date.String()}
		for _, l := range d.Rooms {
			day.Rooms = append(day.Rooms, plainLetters(l))
		}
		out.Days = append(out.Days, day)
	}
	return out
}

// fillAtoms holds two slots of each of the first rooms on each of so many days
// up to two months from now, by one booking each.
const fillAtoms = `
	INSERT INTO booking_atom (atom_room_id, use_date, slot_no, holder_kind, holder_id)
	SELECT room, current_date + 60 - day, slot, 'BOOKING', gen_random_uuid()
	FROM generate_series(1, $1::integer) AS room
	CROSS JOIN generate_series(0, $2::integer - 1) AS day
	CROSS JOIN generate_series(1, 2) AS slot
	WHERE NOT EXISTS (SELECT FROM room AS r WHERE r.number = room AND cardinality(r.parts) > 0)
	ON CONFLICT DO NOTHING`

// BenchmarkAvailability shows a month of all sample halls, twenty rooms and two
// made of them, over more and more bookings: of these rooms in 9 months, of ten
// times as many rooms, and in ten times as many months.
func BenchmarkAvailability(b *testing.B) {
	rig := benchmark.New(b)
	client := facilitiesv1.NewAvailabilityServiceClient(rig.GRPC)
	from := jp.DateOf(time.Now()).AddDays(1)
	to := from.AddDays(facility.MaxDays - 1)
	floorURL := rig.Floor + "/availability?" + url.Values{"from": {from.String()}}.Encode()
	rest := rig.Origin + "/v1/availability?" + url.Values{"from": {from.String()}, "to": {to.String()}}.Encode()
	for _, fill := range []struct{ rooms, days int }{{22, 250}, {202, 250}, {202, 2500}} {
		rig.Exec(b, "facilities", fillAtoms, fill.rooms, fill.days)
		rig.Exec(b, "facilities", `VACUUM ANALYZE booking_atom`)
		bookings := rig.Texts(b, "facilities", `SELECT count(*)::text FROM booking_atom`)[0]
		b.Run(fmt.Sprintf("20 rooms, 31 days, %s bookings", bookings), func(b *testing.B) {
			rig.Compare(b, benchmark.Load{Requests: 200, Clients: 2},
				benchmark.Side{Name: "floor", Do: func(ctx context.Context, _ int) error {
					return benchmark.Fetch(ctx, http.MethodGet, floorURL, "", nil)
				}},
				benchmark.Side{Name: "REST", Do: func(ctx context.Context, _ int) error {
					return benchmark.Fetch(ctx, http.MethodGet, rest, "", nil)
				}},
				benchmark.Side{Name: "gRPC", Do: func(ctx context.Context, _ int) error {
					_, err := client.GetAvailability(ctx, &facilitiesv1.GetAvailabilityRequest{From: from.String(), To: to.String()})
					return err
				}})
		})
	}
}
