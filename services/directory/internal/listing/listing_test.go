package listing

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/member"
)

// noon is 2026-05-10 in Tokyo.
var noon = time.Date(2026, 5, 10, 3, 0, 0, 0, time.UTC)

func date(text string) *jp.Date {
	if text == "" {
		return nil
	}
	d, err := jp.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return &d
}

func text() Text {
	return Text{Kind: Need, Category: "PLACE", Title: "場所を求めます", Description: "十人ほどの部屋です。", ActivityFields: []int32{13, 3}}
}

func TestNew(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Text)
		want   error
	}{
		"as it is":               {func(*Text) {}, nil},
		"last day today":         {func(x *Text) { x.ExpiresOn = date("2026-05-10") }, nil},
		"last day yesterday":     {func(x *Text) { x.ExpiresOn = date("2026-05-09") }, ErrPeriodInvalid},
		"a year ahead":           {func(x *Text) { x.ExpiresOn = date("2027-05-10") }, nil},
		"a year and a day":       {func(x *Text) { x.ExpiresOn = date("2027-05-11") }, ErrPeriodInvalid},
		"one day":                {func(x *Text) { x.AvailableFrom, x.AvailableUntil = date("2026-06-01"), date("2026-06-01") }, nil},
		"end before beginning":   {func(x *Text) { x.AvailableFrom, x.AvailableUntil = date("2026-06-02"), date("2026-06-01") }, ErrPeriodInvalid},
		"no category":            {func(x *Text) { x.Category = "" }, fault.ErrInvalidField},
		"only spaces":            {func(x *Text) { x.Description = " \u3000" }, fault.ErrInvalidField},
		"a field not in the law": {func(x *Text) { x.ActivityFields = []int32{21} }, fault.ErrInvalidField},
	} {
		t.Run(name, func(t *testing.T) {
			x := text()
			c.change(&x)
			l, err := New(Listing{Text: x}, 0, noon)
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if err == nil && (l.State != Draft || l.ExpiresOn == nil || !cmp.Equal(l.ActivityFields, []int32{3, 13})) {
				t.Errorf("the draft is %+v", l)
			}
		})
	}
	if _, err := New(Listing{Text: text()}, MaxHeld, noon); !errors.Is(err, ErrTooMany) {
		t.Errorf("the 51st: %v", err)
	}
	l, err := New(Listing{Text: text()}, MaxHeld-1, noon)
	if err != nil || *l.ExpiresOn != *date("2026-08-08") {
		t.Errorf("open until %v, %v; want 90 days", l.ExpiresOn, err)
	}
}

// TestSteps drives every step in every state.
func TestSteps(t *testing.T) {
	desk := Caller{Actor: "desk", Desk: true}
	steps := map[string]func(*Listing) error{
		"change": func(l *Listing) error {
			return l.Change(desk, Text{ExpiresOn: date("2026-06-01")}, []string{"expires_on"}, noon)
		},
		"submit":  func(l *Listing) error { return l.Submit(noon) },
		"return":  func(l *Listing) error { return l.Return(desk, "直す") },
		"publish": func(l *Listing) error { return l.Publish(desk, noon) },
		"close":   func(l *Listing) error { return l.Close("WITHDRAWN", "", noon) },
	}
	want := map[State]map[string]State{
		Draft:     {"change": Draft, "submit": Pending, "close": Closed},
		Pending:   {"return": Draft, "publish": Published, "close": Closed},
		Published: {"change": Published, "close": Closed},
		Closed:    {},
		Expired:   {},
	}
	for from, to := range want {
		for verb, take := range steps {
			l, err := New(Listing{Text: text(), OrganizationID: "o", WrittenBy: "author"}, 0, noon)
			if err != nil {
				t.Fatal(err)
			}
			l.State = from
			err = take(l)
			switch next, ok := to[verb]; {
			case ok && (err != nil || l.State != next):
				t.Errorf("%s in %s: %s, %v", verb, from, l.State, err)
			case !ok && !errors.Is(err, fault.ErrInvalidStateTransition):
				t.Errorf("%s in %s: %v", verb, from, err)
			}
		}
	}
}

func TestExpire(t *testing.T) {
	l := Listing{Text: text(), State: Published}
	l.ExpiresOn = date("2026-05-10")
	if l.Expire(noon) || l.Expire(time.Date(2026, 5, 10, 14, 59, 59, 0, time.UTC)) {
		t.Error("it ended on its last day")
	}
	if !l.Expire(time.Date(2026, 5, 10, 15, 0, 0, 0, time.UTC)) || l.State != Expired || l.Expire(noon.AddDate(0, 1, 0)) {
		t.Errorf("on the next day it is %s", l.State)
	}
}

func TestWhoChecks(t *testing.T) {
	organizations, departments := &Listing{OrganizationID: "o", WrittenBy: "author"}, &Listing{DepartmentID: "d", WrittenBy: "author"}
	for name, c := range map[string]struct {
		by   Caller
		l    *Listing
		want error
	}{
		"desk":                         {Caller{Actor: "x", Desk: true}, organizations, nil},
		"desk that wrote it":           {Caller{Actor: "author", Desk: true}, organizations, fault.ErrSelfApprovalForbidden},
		"intermediary":                 {Caller{Actor: "x", Checks: true}, organizations, nil},
		"its delegate":                 {Caller{Actor: "x", Checks: true, Role: member.Delegate}, organizations, nil},
		"delegate that wrote it":       {Caller{Actor: "author", Checks: true, Role: member.Delegate}, organizations, fault.ErrSelfApprovalForbidden},
		"member, also of intermediary": {Caller{Actor: "x", Checks: true, Role: member.Viewer}, organizations, fault.ErrSelfApprovalForbidden},
		"member":                       {Caller{Actor: "x", Role: member.Representative}, organizations, fault.ErrPermissionDenied},
		"staff":                        {Caller{Actor: "x", Staff: true, DepartmentID: "d"}, organizations, fault.ErrPermissionDenied},
		"staff of the department":      {Caller{Actor: "x", Staff: true, DepartmentID: "d"}, departments, nil},
		"staff that wrote it":          {Caller{Actor: "author", Staff: true, DepartmentID: "d"}, departments, fault.ErrSelfApprovalForbidden},
		"staff of another":             {Caller{Actor: "x", Staff: true, DepartmentID: "e"}, departments, fault.ErrPermissionDenied},
		"clerk of the department":      {Caller{Actor: "x", DepartmentID: "d"}, departments, fault.ErrPermissionDenied},
		"intermediary, a department's": {Caller{Actor: "x", Checks: true}, departments, fault.ErrPermissionDenied},
	} {
		if err := c.by.mayCheck(c.l); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestFrom(t *testing.T) {
	listed := Text{SourceName: "一覧", SourceURL: "https://mihon.example.com/"}
	for name, c := range map[string]struct {
		source, intermediary string
		before, after        Text
		want                 error
		wantID, wantName     string
	}{
		"no list":                  {"", "i", Text{}, Text{}, nil, "", ""},
		"of its own list":          {"", "i", Text{}, listed, nil, "i", "一覧"},
		"named after itself":       {"", "i", Text{}, Text{SourceURL: listed.SourceURL}, nil, "i", "支援センター"},
		"by who has none":          {"", "", Text{}, listed, ErrSourceNotYours, "", ""},
		"left as it was":           {"i", "", listed, listed, nil, "i", "一覧"},
		"taken by another":         {"i", "j", listed, Text{SourceName: "別の一覧"}, ErrSourceNotYours, "", ""},
		"taken off by the owner":   {"i", "", listed, Text{}, ErrSourceNotYours, "", ""},
		"taken off by whose it is": {"i", "i", listed, Text{}, nil, "", ""},
		"renamed by whose it is":   {"i", "i", listed, Text{SourceName: "新しい一覧"}, nil, "i", "新しい一覧"},
	} {
		l := &Listing{Text: c.after, SourceID: c.source}
		err := l.From(c.intermediary, "支援センター", c.before)
		switch {
		case !errors.Is(err, c.want) || (err == nil) != (c.want == nil):
			t.Errorf("%s: %v, want %v", name, err, c.want)
		case err == nil && (l.SourceID != c.wantID || l.SourceName != c.wantName):
			t.Errorf("%s: %q %q", name, l.SourceID, l.SourceName)
		}
	}
}
