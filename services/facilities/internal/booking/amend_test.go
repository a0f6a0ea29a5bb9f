package booking

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
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
	m, err := b.Amend(editor, to, may)
	if err != nil || m.To != Tentative || b.Fee.Amount != 6000 || b.Payment.State != Due || b.Payment.PaidAmount != 1500 || b.Title != title || b.GraceUntil != before.GraceUntil {
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

// amended is b after an amendment, by the terms that change makes of the day's.
func amended(t *testing.T, b *Booking, by Reader, a Amendment, change func(*facility.Terms)) error {
	t.Helper()
	to, err := a.Wish(b).at(t, may, func(s *Setting) {
		s.Settled = true
		if change != nil {
			f := *s.Terms.Facility
			s.Terms.Facility = &f
			change(s.Terms)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.Amend(by, to, may)
	return err
}

// What does not move keeps the terms that it was booked by, whatever was approved
// since.
func TestAmendKeepsTheTerms(t *testing.T) {
	b, title := booked(t), "囲碁の会"
	before := *b
	dearer := func(terms *facility.Terms) {
		terms.Fees = &rule.FeeTable{Rates: []rule.Rate{{RoomID: "A", Amount: 5000}}}
		terms.Facility.Name, terms.Facility.Approval, terms.Facility.CancelDaysBefore = "新しい名前", false, 9
	}
	if err := amended(t, b, editor, Amendment{Title: &title}, dearer); err != nil {
		t.Fatal(err)
	}
	if b.Title != title || b.Fee != before.Fee || b.Place.Facility != before.Place.Facility || !b.NeedsApproval || b.CancelUntil != before.CancelUntil {
		t.Errorf("%+v", b)
	}
	piano := []Equipment{{Code: "PIANO", Count: 1}}
	if err := amended(t, b, editor, Amendment{Equipment: &piano}, nil); err != nil || b.Fee.Amount != 4500 {
		t.Errorf("%v, %+v", err, b.Fee)
	}
	later := use.AddDays(1)
	if err := amended(t, b, editor, Amendment{Date: &later}, dearer); err != nil || b.Fee.Amount != 10500 || b.Place.Facility != "新しい名前" {
		t.Errorf("%v, %+v", err, b.Fee)
	}
}

// A hold ends when that of a new booking would, where nothing was due before or
// its use came before the day of payment; a day of payment that was given stays.
func TestAmendedExpiry(t *testing.T) {
	later, soon := use.AddDays(5), jp.DateOf(may).AddDays(2)
	for name, tt := range map[string]struct {
		first  jp.Date
		change func(*facility.Terms)
		want   func(*Booking) time.Time
	}{
		"with days to pay":    {use, nil, func(*Booking) time.Time { return jp.DateOf(may).AddDays(7).NextMidnight() }},
		"paid by the use":     {soon, nil, func(*Booking) time.Time { return jp.DateOf(may).AddDays(7).NextMidnight() }},
		"without days to pay": {use, func(terms *facility.Terms) { terms.Facility.PaymentDays = 0 }, func(b *Booking) time.Time { return b.EndsAt }},
	} {
		b, err := wish(func(w *Wish) { w.Date = tt.first }).at(t, may, func(s *Setting) {
			f := *s.Terms.Facility
			s.Terms.Facility = &f
			if tt.change != nil {
				tt.change(s.Terms)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := amended(t, b, editor, Amendment{Date: &later}, tt.change); err != nil || !b.ExpiresAt.Equal(tt.want(b)) {
			t.Errorf("%s: %v, expires %v", name, err, b.ExpiresAt)
		}
	}
}

// What is approved is not moved past an approval or a payment.
func TestAmendOfTheApproved(t *testing.T) {
	free := func(terms *facility.Terms) { terms.Facility.Approval, terms.Fees = false, nil }
	examined := func(terms *facility.Terms) { terms.Fees = nil }
	paid := func(terms *facility.Terms) { terms.Facility.Approval = false }
	room := "B"
	for _, tt := range []struct {
		name   string
		by     Reader
		change func(*facility.Terms)
		want   error
	}{
		{"the users to what is free", editor, free, nil},
		{"the users to what is examined", editor, examined, ErrNewBookingNeeded},
		{"the desk to what is examined", desk, examined, ErrNewBookingNeeded},
		{"a clerk to what is examined", clerk, examined, nil},
		{"the users to what is paid", editor, paid, ErrNewBookingNeeded},
		{"the desk to what is paid", desk, paid, nil},
	} {
		b, err := wish(nil).at(t, may, func(s *Setting) {
			f := *s.Terms.Facility
			s.Terms.Facility = &f
			free(s.Terms)
		})
		if err != nil || b.State != Approved {
			t.Fatalf("%v, %v", err, b)
		}
		if err := amended(t, b, tt.by, Amendment{RoomID: &room}, tt.change); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

// Which slots are new to a booking, and by which channel they are asked for.
func TestTakes(t *testing.T) {
	room, day := "B", use.AddDays(1)
	b, err := wish(func(w *Wish) { w.SlotCodes = []string{"AM", "PM"} }).at(t, may, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		a    Amendment
		want bool
	}{
		"another room": {Amendment{RoomID: &room}, true}, "another day": {Amendment{Date: &day}, true},
		"one slot more": {Amendment{SlotCodes: []string{"AM", "PM", "NI"}}, true}, "another slot": {Amendment{SlotCodes: []string{"NI"}}, true},
		"one slot less": {Amendment{SlotCodes: []string{"PM"}}, false}, "none": {Amendment{}, false},
	} {
		if got := tt.a.Takes(b); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, tt := range []struct {
		by           Reader
		booked, want Channel
	}{
		{editor, Lottery, Online},
		{editor, Waitlist, Online},
		{editor, Desk, Online},
		{editor, Online, Online},
		{desk, Lottery, Desk},
		{desk, Waitlist, Desk},
		{clerk, Phone, Phone},
		{clerk, Online, Online},
	} {
		if got := AskedBy(tt.by, tt.booked); got != tt.want {
			t.Errorf("%s by %s is asked for by %s", tt.booked, tt.by.ID, got)
		}
	}
}
