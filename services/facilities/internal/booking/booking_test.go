package booking

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/slot"
)

var (
	use    = jp.Date{Year: 2026, Month: time.June, Day: 10} // Opens on 2026-05-01 at the desk, on 05-06 online.
	may    = time.Date(2026, 5, 20, 9, 0, 0, 0, jp.Tokyo)
	editor = Reader{ID: "p1", Members: []string{"o1"}, Writers: []string{"o1"}}
	viewer = Reader{ID: "p2", Members: []string{"o1"}}
	other  = Reader{ID: "p3", Members: []string{"o2"}, Writers: []string{"o2"}}
	clerk  = Reader{ID: "c1", Desk: true, Clerk: true}
	desk   = Reader{ID: "d1", Desk: true}
	chief  = Reader{ID: "a1", Approver: true}
	job    = Reader{ID: "service:facilities", System: true}
)

// catalogue has one facility with rooms A, B and A+B of 20 people each, at 1,000
// yen a slot, closed on 2026-06-20.
func catalogue() *facility.Catalogue {
	item := func(kind facility.Kind, id, code string, c facility.Content) *facility.Item {
		return &facility.Item{
			ID: id, Kind: kind, Code: code, Name: id, State: facility.Approved, Number: 1, Content: c, From: jp.Date{Year: 2000, Month: 1, Day: 1},
		}
	}
	room := func(id string, number int32, atoms ...int32) *facility.Item {
		i := item(facility.KindRoom, id, "", &facility.Room{
			Capacity: 20, Purposes: []rule.Purpose{"MEETING", "COURSE"},
			Equipment: []facility.Equipment{{Code: "PIANO", Name: "ピアノ", Count: 1, PricePerSlot: 3000}},
		})
		i.FacilityID, i.Place = "F", facility.Place{Number: number, Atoms: atoms, Pattern: "3KU"}
		return i
	}
	closed := item(facility.KindClosure, "C", "", &facility.Closure{Kind: facility.DateRange, Reason: "設備点検"})
	closed.FacilityID, closed.From, closed.To = "F", use.AddDays(10), use.AddDays(10)
	rates := []rule.Rate{{RoomID: "A", Amount: 1000}, {RoomID: "B", Amount: 1000}, {RoomID: "AB", Amount: 2000}}
	return facility.NewCatalogue(1, []*facility.Item{
		item(facility.KindFacility, "F", "HALL", &facility.Facility{
			Classes: []string{"GENERAL", "NPO"}, Approval: true, PaymentDays: 7, GraceMinutes: 30, CancelDaysBefore: 3,
		}),
		room("A", 1, 1), room("B", 2, 2), room("AB", 3, 1, 2), closed,
		item(facility.KindSlotPattern, "P", "3KU", &slot.Pattern{Slots: []slot.Slot{
			{No: 1, Code: "AM", Name: "午前", Start: "09:00", End: "12:00"},
			{No: 2, Code: "PM", Name: "午後", Start: "13:00", End: "17:00"},
			{No: 3, Code: "NI", Name: "夜間", Start: "18:00", End: "21:00"},
		}}),
		item(facility.KindUserClass, "G", "GENERAL", &rule.UserClass{
			OrganizationKinds: []string{"VOLUNTEER_GROUP"}, Individuals: true, MaxActive: 8, MaxPerMonth: 4, Num: 3, Den: 2,
			Openings: []rule.Opening{{Channels: []rule.Channel{"ONLINE"}, Rule: "NET"}, {Channels: []rule.Channel{"DESK"}, Rule: "DESK"}},
		}),
		item(facility.KindUserClass, "N", "NPO", &rule.UserClass{
			OrganizationKinds: []string{"NPO_CORPORATION"}, Purposes: []rule.Purpose{"COURSE"}, Num: 1, Den: 1, Openings: []rule.Opening{{Rule: "NET"}},
		}),
		item(facility.KindOpeningRule, "R1", "DESK", &rule.OpeningRule{MonthsBefore: 1, Day: 1, Shift: rule.NextOfficeDay, Time: "09:00"}),
		item(facility.KindOpeningRule, "R2", "NET", &rule.OpeningRule{MonthsBefore: 1, Day: 6, Shift: rule.Stays, Time: "09:00", ClosesDaysBefore: 1}),
		item(facility.KindFeeTable, "T", "HALL", &rule.FeeTable{Rates: rates, Refunds: []rule.Refund{{DaysBefore: 10, Percent: 100}, {DaysBefore: 3, Percent: 50}}}),
	})
}

// wish can be booked; change edits it before.
func wish(change func(*Wish)) *Wish {
	w := &Wish{
		OrganizationID: "o1", OrganizationKind: "VOLUNTEER_GROUP", RoomID: "A", Date: use, SlotCodes: []string{"AM"}, UserClass: "GENERAL",
		Purpose: "MEETING", Headcount: 10, Channel: Online,
	}
	if change != nil {
		change(w)
	}
	return w
}

func (w *Wish) at(t *testing.T, now time.Time, change func(*Setting)) (*Booking, error) {
	t.Helper()
	terms, ok := catalogue().Terms(w.RoomID, w.UserClass, w.Date)
	if !ok {
		t.Fatal("no terms")
	}
	s := Setting{Now: now, By: editor, ID: "b1", Terms: terms}
	if change != nil {
		change(&s)
	}
	return w.Book(s)
}

// booked is a booking of one slot of A by o1, made on 20 May.
func booked(t *testing.T) *Booking {
	t.Helper()
	b, err := wish(nil).at(t, may, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Every step from every state by everybody: only what the graph has.
func TestGraph(t *testing.T) {
	after := time.Date(2026, 6, 10, 21, 0, 0, 0, jp.Tokyo)
	steps := map[Action]func(*Booking, Reader) (Move, error){
		Approve:            func(b *Booking, by Reader) (Move, error) { return b.Approve(by, nil, may) },
		RequestInformation: func(b *Booking, by Reader) (Move, error) { return b.Ask(by, "人数は", use, may) },
		AnswerInformation:  func(b *Booking, by Reader) (Move, error) { return b.Answer(by, "10人", may) },
		Reject:             func(b *Booking, by Reader) (Move, error) { return b.Reject(by, "目的外", may) },
		Cancel: func(b *Booking, by Reader) (Move, error) {
			return b.Cancel(by, Cancellation{Cause: ByUser, Reason: "中止"}, may)
		},
		Amend: func(b *Booking, by Reader) (Move, error) {
			title := "x"
			return Move{Action: Amend, From: b.State, To: b.State}, b.MayAmend(by, &Amendment{Title: &title}, may)
		},
		CheckIn:       func(b *Booking, by Reader) (Move, error) { return b.CheckIn(by, 8, use.StartOfDay()) },
		RecordNoShow:  func(b *Booking, by Reader) (Move, error) { return b.Miss(by, "", after) },
		RecordPayment: func(b *Booking, by Reader) (Move, error) { return b.Pay(by, Receipt{Amount: b.Fee.Amount}, may) },
		ReduceFee:     func(b *Booking, by Reader) (Move, error) { return b.Reduce(by, 50, "条例", may) },
	}
	states := []State{Tentative, Approved, Used, NoShow, Expired, Rejected, Cancelled}
	for action, step := range steps {
		for _, from := range states {
			for _, by := range []Reader{editor, viewer, other, desk, clerk, chief} {
				b := booked(t)
				b.State, b.ExpiresAt = from, time.Time{}
				b.Inquiry = &Inquiry{Message: "?"}
				m, err := step(b, by)
				g := Graph[action]
				may := slices.Contains(g.From, from)
				allowedTo := map[Who][]Reader{
					ByHolder: {editor, desk, clerk}, ByDeskSide: {desk, clerk}, ByDecider: {clerk, chief}, ByApprover: {chief},
				}[g.By]
				mine := slices.ContainsFunc(allowedTo, func(r Reader) bool { return r.ID == by.ID })
				if from == Approved && action == Amend && by.ID == editor.ID {
					if !errors.Is(err, ErrAmendmentClosed) {
						t.Errorf("the users amend what was approved: %v", err)
					}
					continue
				}
				switch {
				case !mine:
					if !errors.Is(err, fault.ErrPermissionDenied) {
						t.Errorf("%s by %s in %s: %v", action, by.ID, from, err)
					}
				case !may:
					want := error(fault.ErrInvalidStateTransition)
					if from == Expired {
						want = ErrExpired
					}
					if !errors.Is(err, want) {
						t.Errorf("%s in %s: %v", action, from, err)
					}
				case err != nil:
					t.Errorf("%s by %s in %s: %v", action, by.ID, from, err)
				case m.To != g.To(from) || m.From != from || action != Amend && b.State != m.To:
					t.Errorf("%s in %s: %+v, %s", action, from, m, b.State)
				}
			}
		}
	}
}

func TestExpiry(t *testing.T) {
	b := booked(t)
	end := b.ExpiresAt
	if b.Expired(end.Add(-time.Millisecond)) || !b.Expired(end) || b.StateAt(end) != Expired {
		t.Error("the hold ends at its instant")
	}
	if _, err := b.Approve(clerk, nil, end); !errors.Is(err, ErrExpired) {
		t.Errorf("approval of what has expired: %v", err)
	}
	if _, err := b.Cancel(editor, Cancellation{Cause: ByUser}, end); !errors.Is(err, ErrExpired) {
		t.Errorf("cancellation of what has expired: %v", err)
	}
	if _, ok := b.Expire(end.Add(-1)); ok {
		t.Error("swept up too early")
	}
	if m, ok := b.Expire(end); !ok || !m.Freed || b.State != Expired {
		t.Errorf("%+v %v", m, b.State)
	}
	b = booked(t)
	if _, err := b.Pay(desk, Receipt{Amount: 1500, Method: "CASH"}, may); err != nil || !b.ExpiresAt.Equal(b.EndsAt) || b.Payment.State != Paid {
		t.Errorf("paid: %v, ends %v", err, b.ExpiresAt)
	}
	b = booked(t)
	if _, err := b.Ask(clerk, "?", use.AddDays(-1), may); err != nil || !b.ExpiresAt.Equal(use.StartOfDay()) {
		t.Errorf("asked: %v, ends %v", err, b.ExpiresAt)
	}
	for _, due := range []jp.Date{jp.DateOf(may).AddDays(-1), use.AddDays(1)} {
		if _, err := booked(t).Ask(clerk, "?", due, may); !errors.Is(err, fault.ErrInvalidField) {
			t.Errorf("due on %s: %v", due, err)
		}
	}
}

// A facility that needs no approval approves by itself what is free or paid.
func TestWithoutApproval(t *testing.T) {
	noApproval := func(s *Setting) {
		f := *s.Terms.Facility
		f.Approval = false
		s.Terms.Facility = &f
	}
	b, err := wish(nil).at(t, may, noApproval)
	if err != nil || b.State != Tentative {
		t.Fatalf("%v %v", err, b.State)
	}
	if m, err := b.Pay(desk, Receipt{Amount: 1500}, may); err != nil || m.To != Approved || b.State != Approved || !b.ExpiresAt.IsZero() {
		t.Errorf("%v %+v", err, m)
	}
	b, err = wish(nil).at(t, may, func(s *Setting) {
		noApproval(s)
		s.Terms.Fees = nil
	})
	if err != nil || b.State != Approved || b.ApprovedOn != jp.DateOf(may) || b.Payment.State != NotDue {
		t.Errorf("%v %v", err, b.State)
	}
}

func TestReader(t *testing.T) {
	if err := viewer.Books("o1"); !errors.Is(err, fault.ErrPermissionDenied) {
		t.Errorf("a viewer books: %v", err)
	}
	if err := desk.Books(""); !errors.Is(err, fault.ErrInvalidField) {
		t.Errorf("the desk books for itself: %v", err)
	}
	if err := other.Books(""); err != nil {
		t.Errorf("a resident books: %v", err)
	}
}
