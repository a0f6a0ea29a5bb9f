package booking

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

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
		"R8-施-000012", Tentative, "o1",
		[]int{1, 3},
		[]string{"AM", "NI"},
		"09:00", "21:00",
		[]int32{1},
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
