package booking

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

func TestMayAmend(t *testing.T) {
	room, title := "B", "囲碁の会"
	for _, tt := range []struct {
		name string
		by   Reader
		a    Amendment
		now  time.Time
		want *fault.Error
	}{
		{"move in the grace period", editor, Amendment{RoomID: &room}, may.Add(29 * time.Minute), nil},
		{"move after it", editor, Amendment{RoomID: &room}, may.Add(30 * time.Minute), ErrAmendmentClosed},
		{"title until the deadline", editor, Amendment{Title: &title}, use.AddDays(-2).StartOfDay().Add(-1), nil},
		{"title after it", editor, Amendment{Title: &title}, use.AddDays(-2).StartOfDay(), ErrAmendmentClosed},
		{"the desk until the begin", desk, Amendment{SlotCodes: []string{"PM"}}, use.StartOfDay(), nil},
		{"the desk after the begin", desk, Amendment{Title: &title}, use.StartOfDay().Add(9 * time.Hour), ErrAmendmentClosed},
		{"nothing", editor, Amendment{}, may, fault.ErrInvalidField},
		{"another organization", other, Amendment{Title: &title}, may, fault.ErrPermissionDenied},
		{"a viewer", viewer, Amendment{Title: &title}, may, fault.ErrPermissionDenied},
	} {
		b := booked(t)
		b.ExpiresAt = b.EndsAt
		err := b.MayAmend(tt.by, &tt.a, tt.now)
		if tt.want == nil && err != nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestAmend(t *testing.T) {
	b := booked(t)
	if _, err := b.Pay(desk, Receipt{Amount: 1500}, may); err != nil {
		t.Fatal(err)
	}
	room, wanted := "AB", 5
	title, yes := "囲碁の会", true
	a := Amendment{RoomID: &room, SlotCodes: []string{"AM", "PM"}, Title: &title, CallForVolunteers: &yes, VolunteersWanted: &wanted}
	to, err := a.Wish(b).at(t, may, nil)
	if err != nil {
		t.Fatal(err)
	}
	before := *b
	m := b.Amend(to, may)
	if m.To != Tentative || b.Fee.Amount != 6000 || b.Payment.State != Due || b.Payment.PaidAmount != 1500 || b.Title != title || b.GraceUntil != before.GraceUntil {
		t.Errorf("%+v, %+v, %+v", m, b.Fee, b.Payment)
	}
	parts := func(list []*Booking) (out []any) {
		for _, p := range list {
			out = append(out, p.Place.Atoms, p.SlotNos, p.Place.SlotCodes)
		}
		return out
	}
	if diff := cmp.Diff([]any{[]int32{2}, []int{1}, []string{"AM"}, []int32{1, 2}, []int{2}, []string{"PM"}}, parts(b.Beyond(&before))); diff != "" {
		t.Errorf("new atoms (-want +got):\n%s", diff)
	}
	if got := before.Beyond(b); got != nil {
		t.Errorf("given up: %v", parts(got))
	}
	if _, err := b.Pay(desk, Receipt{Amount: 4500}, may); err != nil || b.Payment.State != Paid {
		t.Errorf("the rest: %v %+v", err, b.Payment)
	}
	later := *b
	later.Date = use.AddDays(1)
	if diff := cmp.Diff([]any{[]int32{1, 2}, []int{1, 2}, []string{"AM", "PM"}}, parts(b.Beyond(&later))); diff != "" {
		t.Errorf("another day (-want +got):\n%s", diff)
	}
}
