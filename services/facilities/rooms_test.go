package facilities_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
)

func roomInput() *facilitiesv1.RoomInput {
	return &facilitiesv1.RoomInput{
		Name: "会議室", NameKana: "カイギシツ", Capacity: 12, SlotPattern: "3KU", ValidFrom: today().String(),
		Equipment: []*facilitiesv1.Equipment{{Code: "PIANO", Name: "ピアノ", Count: 1, PricePerSlot: 3000}},
	}
}

// newRoom drafts and approves a room of a hall.
func (w *world) newRoom(hallID string, in *facilitiesv1.RoomInput) *facilitiesv1.Room {
	w.t.Helper()
	created, err := w.facilities(clerk).CreateRoom(w.t.Context(), &facilitiesv1.CreateRoomRequest{FacilityId: hallID, Room: in})
	w.must(err)
	approved, err := w.facilities(approver).ApproveRoom(w.t.Context(), &facilitiesv1.ApproveRoomRequest{Id: created.GetRoom().GetId()})
	w.must(err)
	return approved.GetRoom()
}

func TestRoomsCombine(t *testing.T) {
	t.Parallel()
	w := start(t)
	a, b := w.newRoom(hall, roomInput()), w.newRoom(hall, roomInput())
	in := roomInput()
	in.SlotPattern, in.PartIds = "", []string{b.GetId(), a.GetId()}
	ab := w.newRoom(hall, in)
	if ab.GetSlotPattern() != "3KU" || len(ab.GetPartIds()) != 2 {
		t.Errorf("%v", ab)
	}
	d := openDay(1)
	w.hold(b.GetId(), d, 2, "BOOKING", "")
	if got := w.letters(ab.GetId(), d); got != "FTF" {
		t.Errorf("combined: %s", got)
	}
	got, err := w.facilities(nobody).GetRoom(t.Context(), &facilitiesv1.GetRoomRequest{Id: a.GetId()})
	w.must(err)
	if diff := cmp.Diff([]string{ab.GetId()}, got.GetRoom().GetCombinedIds()); diff != "" {
		t.Error(diff)
	}
}

func TestSampleRoomsCombine(t *testing.T) {
	t.Parallel()
	w := start(t)
	resp, err := w.facilities(nobody).ListRooms(t.Context(), &facilitiesv1.ListRoomsRequest{FacilityId: hall})
	w.must(err)
	var names []string
	for _, r := range resp.GetRooms() {
		names = append(names, r.GetName())
		if r.GetId() == roomAB && (r.GetCapacity() != 80 || !cmp.Equal(r.GetPartIds(), []string{room, roomB})) {
			t.Errorf("%v", r)
		}
	}
	if diff := cmp.Diff([]string{"洋室A", "洋室B", "洋室A+B", "和室"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestRoomRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	create := func(hallID string, change func(*facilitiesv1.RoomInput)) error {
		in := roomInput()
		change(in)
		_, err := w.facilities(clerk).CreateRoom(ctx, &facilitiesv1.CreateRoomRequest{FacilityId: hallID, Room: in})
		return err
	}
	same := func(*facilitiesv1.RoomInput) {}
	refused(t, create(none, same), "RESOURCE_NOT_FOUND")
	refused(t, create(room, same), "RESOURCE_NOT_FOUND")
	refused(t, create(hall, func(in *facilitiesv1.RoomInput) { in.SlotPattern = "" }), "INVALID_FIELD")
	refused(t, create(hall, func(in *facilitiesv1.RoomInput) { in.Equipment = append(in.Equipment, in.Equipment[0]) }), "INVALID_FIELD")
	for name, parts := range map[string][]string{
		"one part":      {room},
		"made of parts": {roomAB, room},
		"another hall":  {room, otherRoom},
		"no room":       {room, none},
	} {
		err := create(hall, func(in *facilitiesv1.RoomInput) { in.SlotPattern, in.PartIds = "", parts })
		if reason(err) != "PARTS_NOT_COMBINABLE" {
			t.Errorf("%s: %v", name, err)
		}
	}
	unknown := roomInput()
	unknown.SlotPattern = "5KU"
	created, err := w.facilities(clerk).CreateRoom(ctx, &facilitiesv1.CreateRoomRequest{FacilityId: hall, Room: unknown})
	w.must(err)
	_, err = w.facilities(approver).ApproveRoom(ctx, &facilitiesv1.ApproveRoomRequest{Id: created.GetRoom().GetId()})
	refused(t, err, "REFERENCE_UNKNOWN")
	_, err = w.facilities(clerk).UpdateRoom(ctx, &facilitiesv1.UpdateRoomRequest{
		Id: room, Room: &facilitiesv1.RoomInput{SlotPattern: "1H"}, UpdateMask: mask("slot_pattern"), Etag: `"1"`,
	})
	refused(t, err, "INVALID_FIELD_MASK")
	_, err = w.facilities(nobody).ListRooms(ctx, &facilitiesv1.ListRoomsRequest{FacilityId: none})
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.facilities(nobody).GetRoom(ctx, &facilitiesv1.GetRoomRequest{Id: hall})
	refused(t, err, "RESOURCE_NOT_FOUND")
}

func TestARoomKeepsItsPlaceThroughChanges(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	before, err := w.facilities(clerk).GetRoom(ctx, &facilitiesv1.GetRoomRequest{Id: roomAB})
	w.must(err)
	draft, err := w.facilities(clerk).UpdateRoom(ctx, &facilitiesv1.UpdateRoomRequest{
		Id: roomAB, Room: &facilitiesv1.RoomInput{Capacity: 70, ValidFrom: today().String()}, UpdateMask: mask("capacity", "valid_from"),
		Etag: before.GetRoom().GetEtag(),
	})
	w.must(err)
	if !cmp.Equal(draft.GetRoom().GetPartIds(), []string{room, roomB}) {
		t.Errorf("%v", draft)
	}
	_, err = w.facilities(approver).ApproveRoom(ctx, &facilitiesv1.ApproveRoomRequest{Id: roomAB, Etag: draft.GetRoom().GetEtag()})
	w.must(err)
	d := openDay(0)
	w.hold(room, d, 3, "BOOKING", "")
	if got := w.letters(roomAB, d); got != "FFT" {
		t.Errorf("combined: %s", got)
	}
	resp, err := w.availability(nobody).GetAvailability(ctx, &facilitiesv1.GetAvailabilityRequest{RoomId: roomAB, From: d.String()})
	w.must(err)
	if c := resp.GetRooms()[0].GetCapacity(); c != 70 {
		t.Errorf("capacity %d", c)
	}
}
