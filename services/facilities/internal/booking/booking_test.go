package booking

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
			{No: 1, Code: "AM", Name: "午前", Start: "09:00", End: "12:00"}, {No: 2, Code: "PM", Name: "午後", Start: "13:00", End: "17:00"},
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

func TestBook(t *testing.T) {
	b, err := wish(func(w *Wish) {
		w.SlotCodes, w.Equipment = []string{"NI", "AM"}, []Equipment{{Code: "PIANO", Count: 1}}
	}).at(t, may, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.Numbered(12)
	got := []any{
		b.Number, b.State, b.HolderID, b.SlotNos, b.Place.SlotCodes, b.Place.Start, b.Place.End, b.Place.Atoms,
		b.ExpiresAt.In(jp.Tokyo).Format(time.DateTime), b.CancelUntil.In(jp.Tokyo).Format(time.DateTime), b.GraceUntil.Sub(may), b.Payment.State,
	}
	want := []any{
		"R8-施-000012", Tentative, "o1", []int{1, 3}, []string{"AM", "NI"}, "09:00", "21:00", []int32{1},
		"2026-05-28 00:00:00", "2026-06-08 00:00:00", 30 * time.Minute, Due,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("booking (-want +got):\n%s", diff)
	}
	// 2 × 1,000 × 3/2 + 2 × 3,000.
	if diff := cmp.Diff(Fee{Base: 2000, Equipment: 6000, Num: 3, Den: 2, Amount: 9000}, b.Fee); diff != "" {
		t.Errorf("fee (-want +got):\n%s", diff)
	}
	if b, err := wish(func(w *Wish) { w.Date = jp.DateOf(may).AddDays(2) }).at(t, may, nil); err != nil || !b.ExpiresAt.Equal(b.StartsAt) {
		t.Errorf("a hold outlives the begin of the use: %v %v", b, err)
	}
}

func TestBookRefusals(t *testing.T) {
	instant := func(s string) time.Time {
		at, err := time.ParseInLocation("2006-01-02T15:04:05.000", s, jp.Tokyo)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, tt := range []struct {
		name    string
		want    *fault.Error // nil for none.
		now     time.Time
		wish    func(*Wish)
		setting func(*Setting)
	}{
		{"may be booked", nil, may, nil, nil},
		{"one millisecond early", ErrNotOpenYet, instant("2026-05-06T08:59:59.999"), nil, nil},
		{"at the instant of opening", nil, instant("2026-05-06T09:00:00.000"), nil, nil},
		{"the desk opens earlier", nil, instant("2026-05-01T09:00:00.000"), func(w *Wish) { w.Channel = Desk }, nil},
		{"the desk, early", ErrNotOpenYet, instant("2026-05-01T08:59:59.999"), func(w *Wish) { w.Channel = Desk }, nil},
		{"no such way", ErrChannelNotAllowed, may, func(w *Wish) { w.Channel = Phone }, nil},
		{"after closing", ErrBookingClosed, instant("2026-06-10T00:00:00.000"), nil, nil},
		{"before closing", nil, instant("2026-06-09T23:59:59.999"), nil, nil},
		{"begun", ErrPastDate, instant("2026-06-10T09:00:00.000"), nil, nil},
		{"won in a lottery before it opens", nil, instant("2026-04-01T00:00:00.000"), func(w *Wish) { w.Channel = Lottery }, nil},
		{"closed day", ErrFacilityClosed, may, func(w *Wish) { w.Date = use.AddDays(10) }, nil},
		{"class of others", ErrClassNotAllowed, may, func(w *Wish) { w.OrganizationKind = "COMPANY" }, nil},
		{"class of nobody", ErrClassNotAllowed, may, func(w *Wish) { w.UserClass = "KINGS" }, nil},
		{"resident", nil, may, func(w *Wish) { w.OrganizationID, w.OrganizationKind = "", "" }, nil},
		{"resident in a class of organizations", ErrClassNotAllowed, may, func(w *Wish) {
			w.OrganizationID, w.OrganizationKind, w.UserClass, w.Purpose = "", "", "NPO", "COURSE"
		}, nil},
		{"purpose of no room", ErrPurposeNotAllowed, may, func(w *Wish) { w.Purpose = "SPORTS" }, nil},
		{"purpose of another class", ErrPurposeNotAllowed, may, func(w *Wish) { w.OrganizationKind, w.UserClass = "NPO_CORPORATION", "NPO" }, nil},
		{"one too many", ErrCapacityExceeded, may, func(w *Wish) { w.Headcount = 21 }, nil},
		{"full", nil, may, func(w *Wish) { w.Headcount = 20 }, nil},
		{"slot of no pattern", ErrSlotUnknown, may, func(w *Wish) { w.SlotCodes = []string{"AM", "P1"} }, nil},
		{"no such equipment", ErrEquipmentUnknown, may, func(w *Wish) { w.Equipment = []Equipment{{Code: "ORGAN", Count: 1}} }, nil},
		{"too much equipment", ErrEquipmentUnknown, may, func(w *Wish) { w.Equipment = []Equipment{{Code: "PIANO", Count: 2}} }, nil},
		{"eighth", nil, may, nil, func(s *Setting) { s.Use.Active = 7 }},
		{"ninth", ErrQuotaExceeded, may, nil, func(s *Setting) { s.Use.Active = 8 }},
		{"fourth slot of the month", nil, may, nil, func(s *Setting) { s.Use.MonthSlots = 3 }},
		{"fifth slot of the month", ErrQuotaExceeded, may, func(w *Wish) { w.SlotCodes = []string{"AM", "PM"} }, func(s *Setting) { s.Use.MonthSlots = 3 }},
		{"won, its month counted before", nil, may, func(w *Wish) { w.Channel = Lottery }, func(s *Setting) { s.Use.MonthSlots = 4 }},
		{"won, but full", ErrQuotaExceeded, may, func(w *Wish) { w.Channel = Lottery }, func(s *Setting) { s.Use.Active = 8 }},
		{"suspended", ErrSuspended, may, nil, func(s *Setting) { s.SuspendedUntil = may.Add(time.Second) }},
		{"suspended until now", nil, may, nil, func(s *Setting) { s.SuspendedUntil = may }},
	} {
		_, err := wish(tt.wish).at(t, tt.now, tt.setting)
		if tt.want == nil && err != nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	_, err := wish(nil).at(t, instant("2026-04-30T12:00:00.000"), nil)
	if f, _ := fault.As(err); f == nil || f.Metadata["opensAt"] != "2026-05-06T00:00:00Z" || f.Ja != "まだ受付が始まっていません。2026年5月6日（令和8年）水曜日 09:00から受け付けます。その日時になってから申し込んでください。" {
		t.Errorf("the refusal does not say when it opens: %v", err)
	}
}

func TestCheckForm(t *testing.T) {
	paths := func(by Reader, change func(*Wish)) []string {
		f, _ := fault.As(wish(change).CheckForm(by))
		if f == nil {
			return nil
		}
		var out []string
		for _, w := range f.Fields {
			out = append(out, w.Path)
		}
		return out
	}
	for name, tt := range map[string]struct {
		by     Reader
		change func(*Wish)
		want   []string
	}{
		"own":                    {editor, nil, nil},
		"desk without a channel": {desk, nil, []string{"channel", "paperNote"}},
		"desk by phone":          {desk, func(w *Wish) { w.Channel, w.PaperNote = Phone, "電話メモ" }, nil},
		"own by phone":           {editor, func(w *Wish) { w.Channel, w.PaperNote = Phone, "x" }, []string{"channel", "paperNote"}},
		"event without a title":  {editor, func(w *Wish) { w.PublishAsEvent = true }, []string{"title"}},
		"call for nobody":        {editor, func(w *Wish) { w.CallForVolunteers, w.Title = true, "x" }, []string{"volunteersWanted"}},
		"nobody called":          {editor, func(w *Wish) { w.VolunteersWanted = 1 }, []string{"volunteersWanted"}},
		"both":                   {editor, func(w *Wish) { w.PublishAsEvent, w.CallForVolunteers, w.VolunteersWanted, w.Title = true, true, 5, "x" }, nil},
	} {
		if diff := cmp.Diff(tt.want, paths(tt.by, tt.change)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestClassFor(t *testing.T) {
	for kind, want := range map[string]string{"": "GENERAL", "VOLUNTEER_GROUP": "GENERAL", "NPO_CORPORATION": "NPO", "COMPANY": ""} {
		if got := ClassFor(catalogue(), "A", kind, use); got != want {
			t.Errorf("%q: %q", kind, got)
		}
	}
	if got := ClassFor(catalogue(), "none", "", use); got != "" {
		t.Errorf("no room: %q", got)
	}
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
					if !errors.Is(err, fault.ErrInvalidStateTransition) {
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

func TestApproval(t *testing.T) {
	b := booked(t)
	b.CreatedBy = clerk.ID
	if _, err := b.Approve(clerk, nil, may); !errors.Is(err, fault.ErrSelfApprovalForbidden) {
		t.Errorf("own entry: %v", err)
	}
	if _, err := b.Reduce(desk, 100, "条例第9条", may); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Approve(chief, nil, may); !errors.Is(err, ErrReductionOpen) {
		t.Errorf("with an open reduction: %v", err)
	}
	if _, err := b.Pay(desk, Receipt{Amount: 1500}, may); !errors.Is(err, ErrReductionOpen) {
		t.Errorf("payment with an open reduction: %v", err)
	}
	both := Reader{ID: desk.ID, Desk: true, Approver: true}
	if _, err := b.Decide(both, true, "", may); !errors.Is(err, fault.ErrSelfApprovalForbidden) {
		t.Errorf("own draft: %v", err)
	}
	if _, err := b.Decide(chief, false, "", may); !errors.Is(err, fault.ErrInvalidField) {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := b.Decide(chief, true, "", may); err != nil || b.Fee.Amount != 0 || b.Payment.State != NotDue {
		t.Errorf("%v: %+v %+v", err, b.Fee, b.Payment)
	}
	if _, err := b.Decide(chief, true, "", may); !errors.Is(err, ErrNoReduction) {
		t.Errorf("twice: %v", err)
	}
	if _, err := b.Pay(desk, Receipt{Amount: 1}, may); !errors.Is(err, ErrPaymentNotDue) {
		t.Errorf("payment of nothing: %v", err)
	}
	if _, err := b.Reduce(desk, 50, "x", may); !errors.Is(err, ErrPaymentNotDue) {
		t.Errorf("reduction of nothing: %v", err)
	}
}

func TestPayment(t *testing.T) {
	b := booked(t)
	if _, err := b.Pay(desk, Receipt{Amount: 1490}, may); !errors.Is(err, ErrPaymentMismatch) {
		t.Errorf("too little: %v", err)
	}
	if _, err := b.Pay(desk, Receipt{Amount: 1500, On: jp.DateOf(may).AddDays(1)}, may); !errors.Is(err, fault.ErrInvalidField) {
		t.Errorf("tomorrow: %v", err)
	}
	if _, err := b.Pay(desk, Receipt{Amount: 1500}, may); err != nil {
		t.Fatal(err)
	}
	if _, err := b.RepayRefund(desk, may); !errors.Is(err, ErrRefundNotDue) {
		t.Errorf("refund of nothing: %v", err)
	}
	if _, err := b.Reduce(desk, 50, "減額", may); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Decide(chief, true, "", may); err != nil || b.Fee.Amount != 750 || b.Payment.State != RefundDue || b.Payment.Refund != 750 {
		t.Errorf("%v: %+v", err, b.Payment)
	}
	if _, err := b.RepayRefund(editor, may); !errors.Is(err, fault.ErrPermissionDenied) {
		t.Errorf("by the users: %v", err)
	}
	if _, err := b.RepayRefund(desk, may); err != nil || b.Payment.State != Refunded {
		t.Errorf("%v: %+v", err, b.Payment)
	}
}

func TestCancel(t *testing.T) {
	fees := catalogueFees(t)
	day := func(d jp.Date, hour int) time.Time { return d.StartOfDay().Add(time.Duration(hour) * time.Hour) }
	for _, tt := range []struct {
		name   string
		by     Reader
		cause  Cause
		now    time.Time
		want   *fault.Error
		refund int64
		late   bool
	}{
		{"in the grace period", editor, ByUser, may.Add(29 * time.Minute), nil, 1500, false},
		{"ten days before", editor, ByUser, day(use.AddDays(-10), 23), nil, 1500, false},
		{"nine days before", editor, ByUser, day(use.AddDays(-9), 0), nil, 750, false},
		{"on the last day", editor, ByUser, day(use.AddDays(-3), 23), nil, 750, false},
		{"after it", editor, ByUser, day(use.AddDays(-2), 0), ErrCancelDeadline, 0, false},
		{"after it by the desk", desk, ByUser, day(use.AddDays(-2), 0), nil, 0, true},
		{"by the ward", clerk, ByWard, day(use, 8), nil, 1500, false},
		{"by a closure", job, ByWard, day(use, 8), nil, 1500, false},
		{"the ward's cause, say the users", editor, ByWard, may, fault.ErrInvalidField, 0, false},
	} {
		b := booked(t)
		if _, err := b.Pay(desk, Receipt{Amount: 1500}, may); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Approve(chief, nil, may); err != nil {
			t.Fatal(err)
		}
		m, err := b.Cancel(tt.by, Cancellation{Cause: tt.cause, Reason: "中止", Fees: fees}, tt.now)
		if tt.want != nil {
			if !errors.Is(err, tt.want) {
				t.Errorf("%s: %v", tt.name, err)
			}
			continue
		}
		if err != nil || b.Payment.Refund != tt.refund || m.Late != tt.late || b.State != Cancelled || !m.Freed {
			t.Errorf("%s: %v, %+v, %+v", tt.name, err, b.Payment, m)
		}
	}
	if _, err := booked(t).Cancel(desk, Cancellation{Cause: ByUser}, may); !errors.Is(err, fault.ErrInvalidField) {
		t.Errorf("by the desk without a reason: %v", err)
	}
}

func catalogueFees(t *testing.T) *rule.FeeTable {
	t.Helper()
	terms, ok := catalogue().Terms("A", "GENERAL", use)
	if !ok || terms.Fees == nil {
		t.Fatal("no fees")
	}
	return terms.Fees
}

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
