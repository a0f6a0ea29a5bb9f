package facilities_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

// letters are the slots of a room on a day.
func (w *world) letters(roomID string, on jp.Date) string {
	w.t.Helper()
	resp, err := w.availability(nobody).GetAvailability(w.t.Context(), &facilitiesv1.GetAvailabilityRequest{RoomId: roomID, From: on.String()})
	w.must(err)
	return resp.GetDays()[0].GetRooms()[0].GetSlots()
}

// hold takes atoms of a room of its own as somebody would.
func (w *world) hold(roomID string, on jp.Date, slot int, kind, expires string) {
	w.t.Helper()
	w.exec(`
		INSERT INTO booking_atom (atom_room_id, use_date, slot_no, holder_kind, holder_id, expires_at)
		SELECT number, $2, $3, $4, gen_random_uuid(), now() + $5::interval
		FROM room
		WHERE item_id = $1`, roomID, on, slot, kind, null(expires))
}

func null(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func TestAvailabilityFollowsTheAtoms(t *testing.T) {
	t.Parallel()
	w, d := start(t), openDay(2)
	w.hold(room, d, 1, "BOOKING", "")
	w.hold(roomB, d, 2, "HOLD", "1 hour")
	w.hold(roomB, d, 3, "BLOCK", "")
	w.hold(roomB, d, 1, "HOLD", "-1 second")
	got := map[string]string{room: w.letters(room, d), roomB: w.letters(roomB, d), roomAB: w.letters(roomAB, d)}
	if diff := cmp.Diff(map[string]string{room: "TFF", roomB: "FTC", roomAB: "TTC"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestAvailabilityNeverSaysWho(t *testing.T) {
	t.Parallel()
	w, d := start(t), openDay(2)
	w.hold(room, d, 1, "BOOKING", "")
	resp, err := w.availability(nobody).GetAvailability(t.Context(), &facilitiesv1.GetAvailabilityRequest{FacilityId: hall, From: d.String(), To: d.AddDays(30).String()})
	w.must(err)
	raw, err := protojson.Marshal(resp)
	w.must(err)
	var holder string
	w.must(w.DB("facilities").QueryRow(t.Context(), `SELECT holder_id::text FROM booking_atom WHERE holder_kind = 'BOOKING'`).Scan(&holder))
	if strings.Contains(string(raw), holder) {
		t.Error("the answer names the holder")
	}
	if len(resp.GetDays()) != 31 || len(resp.GetRooms()) != 4 || len(resp.GetDays()[0].GetRooms()) != 4 || len(resp.GetLegend()) != 5 {
		t.Errorf("%d days, %d rooms, %d letters", len(resp.GetDays()), len(resp.GetRooms()), len(resp.GetLegend()))
	}
	if len(raw) > 60<<10 {
		t.Errorf("%d bytes", len(raw))
	}
}

func TestAvailabilityShowsClosedDaysAndThePast(t *testing.T) {
	t.Parallel()
	w := start(t)
	newYear := jp.Date{Year: today().Year + 1, Month: 1, Day: 1}
	if got := w.letters(room, newYear); got != "CCC" {
		t.Errorf("on New Year: %s", got)
	}
	if got := w.letters(room, jp.Date{Year: 2021, Month: 6, Day: 1}); got != "NNN" {
		t.Errorf("in the past: %s", got)
	}
}

func TestAvailabilityOfAllHalls(t *testing.T) {
	t.Parallel()
	w, d := start(t), openDay(0)
	ask := func(change func(*facilitiesv1.GetAvailabilityRequest)) []*facilitiesv1.GetAvailabilityResponse_Row {
		req := &facilitiesv1.GetAvailabilityRequest{From: d.String()}
		change(req)
		resp, err := w.availability(nobody).GetAvailability(t.Context(), req)
		w.must(err)
		if got := len(resp.GetDays()[0].GetRooms()); got != len(resp.GetRooms()) {
			t.Errorf("%d rows and %d rooms", got, len(resp.GetRooms()))
		}
		return resp.GetRooms()
	}
	for name, tt := range map[string]struct {
		change func(*facilitiesv1.GetAvailabilityRequest)
		want   int
	}{
		"all":               {func(*facilitiesv1.GetAvailabilityRequest) {}, 22},
		"one hall":          {func(r *facilitiesv1.GetAvailabilityRequest) { r.FacilityId = hall }, 4},
		"large":             {func(r *facilitiesv1.GetAvailabilityRequest) { r.Capacity = 95 }, 3},
		"sports":            {func(r *facilitiesv1.GetAvailabilityRequest) { r.Purpose = facilitiesv1.UserClass_SPORTS }, 18},
		"evening":           {func(r *facilitiesv1.GetAvailabilityRequest) { r.Slot = "NI" }, 21},
		"of companies":      {func(r *facilitiesv1.GetAvailabilityRequest) { r.UserClass = "COMPANY" }, 22},
		"of an unknown one": {func(r *facilitiesv1.GetAvailabilityRequest) { r.UserClass = "STUDENT" }, 0},
	} {
		if got := ask(tt.change); len(got) != tt.want {
			t.Errorf("%s: %d rooms, want %d", name, len(got), tt.want)
		}
	}
	one := ask(func(r *facilitiesv1.GetAvailabilityRequest) { r.RoomId, r.Slot = hourlyRoom, "20" })
	if s := one[0].GetSlots(); len(s) != 1 || s[0].GetNo() != 12 || s[0].GetStart() != "20:00" || one[0].GetFacilityName() != "千代田区立スポーツセンター" {
		t.Errorf("%v", one)
	}
}

func TestAvailabilityRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	ask := func(req *facilitiesv1.GetAvailabilityRequest) error {
		_, err := w.availability(nobody).GetAvailability(t.Context(), req)
		return err
	}
	d := openDay(0)
	refused(t, ask(&facilitiesv1.GetAvailabilityRequest{From: d.String(), To: d.AddDays(31).String()}), "PERIOD_TOO_LONG")
	refused(t, ask(&facilitiesv1.GetAvailabilityRequest{From: d.String(), To: d.AddDays(-1).String()}), "INVALID_FIELD")
	refused(t, ask(&facilitiesv1.GetAvailabilityRequest{From: "2026-02-30"}), "INVALID_FIELD")
	refused(t, ask(&facilitiesv1.GetAvailabilityRequest{FacilityId: none}), "RESOURCE_NOT_FOUND")
	refused(t, ask(&facilitiesv1.GetAvailabilityRequest{RoomId: none}), "RESOURCE_NOT_FOUND")
	w.exec(`
		INSERT INTO item (id, kind, code, facility_id, created_at, version)
		SELECT gen_random_uuid(), 'ROOM', '', $1, now(), 1
		FROM generate_series(1, 200)`, hall)
	w.exec(`
		INSERT INTO room (item_id, number, parts, atoms, pattern)
		OVERRIDING SYSTEM VALUE
		SELECT id, 1000 + row_number() OVER (), '{}', ARRAY[1000 + row_number() OVER ()], '3KU'
		FROM item
		WHERE kind = 'ROOM' AND NOT EXISTS (SELECT FROM room WHERE item_id = id)`)
	w.exec(`
		INSERT INTO item_version (item_id, number, state, name, valid_from, source, content, drafters, updated_at, approved_by, approved_at)
		SELECT item_id, 1, 'APPROVED', '室', '2020-01-01', '', '{}', '{a}', now(), 'b', now()
		FROM room
		WHERE number > 1000`)
	w.exec(`UPDATE catalogue SET revision = revision + 1`)
	refused(t, ask(&facilitiesv1.GetAvailabilityRequest{}), "TOO_MANY_ROOMS")
}
