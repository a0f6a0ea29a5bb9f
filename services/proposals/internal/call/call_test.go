package call

import (
	"errors"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

var noon = time.Date(2026, 7, 15, 3, 0, 0, 0, time.UTC)

func in(s State) *Call {
	c := &Call{
		State: s, Title: "募集", FiscalYear: 2026, OpensOn: jp.Date{Year: 2026, Month: 7, Day: 1},
		ClosesOn: jp.Date{Year: 2026, Month: 8, Day: 10},
	}
	c.Complete()
	return c
}

func TestEveryVerbInEveryState(t *testing.T) {
	verbs := map[State]func(*Call) error{
		Published: func(c *Call) error { return c.Publish(noon) },
		Closed:    func(c *Call) error { return c.Close() },
		Concluded: func(c *Call) error { return c.Conclude(0) },
	}
	for _, from := range []State{Draft, Published, Closed, Concluded} {
		for to, verb := range verbs {
			c := in(from)
			err := verb(c)
			if want := nextState[from] == to; want != (err == nil) || want && c.State != to {
				t.Errorf("%s to %s: %v, state %s", from, to, err, c.State)
			}
			if err != nil && !errors.Is(err, fault.ErrInvalidStateTransition) {
				t.Errorf("%s to %s: %v", from, to, err)
			}
		}
	}
}

func TestPublishNeedsAWholeCall(t *testing.T) {
	for field, change := range map[string]func(*Call){
		"title":      func(c *Call) { c.Title = "" },
		"fiscalYear": func(c *Call) { c.FiscalYear = 0 },
		"opensOn":    func(c *Call) { c.OpensOn = jp.Date{} },
		"closesOn":   func(c *Call) { c.ClosesOn = jp.Date{} },
	} {
		c := in(Draft)
		change(c)
		err := c.Publish(noon)
		if f, _ := fault.As(err); f == nil || f.Reason != "CALL_INCOMPLETE" || f.Fields[0].Path != field {
			t.Errorf("without %s: %v", field, err)
		}
	}
	c := in(Draft)
	c.Mode, c.ClosesOn = AllYear, jp.Date{}
	if err := c.Publish(noon); err != nil {
		t.Errorf("all year, without an end: %v", err)
	}
}

func TestExtend(t *testing.T) {
	for day, ok := range map[int]bool{10: false, 11: true} {
		if err := in(Published).Extend(jp.Date{Year: 2026, Month: 8, Day: day}, noon); ok != (err == nil) {
			t.Errorf("to 8-%d: %v", day, err)
		}
	}
	late := time.Date(2026, 8, 20, 3, 0, 0, 0, time.UTC)
	if err := in(Published).Extend(jp.Date{Year: 2026, Month: 8, Day: 15}, late); !errors.Is(err, fault.ErrInvalidField) {
		t.Errorf("into the past: %v", err)
	}
}

func TestDraftsMayBeginBeforeTheOpening(t *testing.T) {
	early, late := noon.AddDate(0, -1, 0), noon.AddDate(0, 1, 0)
	postmark := in(Closed)
	postmark.PostmarkRule = true
	for _, tt := range []struct {
		name string
		call *Call
		at   time.Time
		mail bool
		want error
	}{
		{"before", in(Published), early, false, nil},
		{"within", in(Published), noon, false, nil},
		{"after", in(Published), late, false, ErrClosed},
		{"draft", in(Draft), noon, false, ErrNotOpen},
		{"paper after", postmark, late, true, nil},
		{"paper after, without the rule", in(Closed), late, true, ErrClosed},
		{"concluded", in(Concluded), noon, true, ErrClosed},
	} {
		if err := tt.call.Drafts(tt.at, tt.mail); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestCheck(t *testing.T) {
	for name, change := range map[string]func(*Call){
		"closes before it opens": func(c *Call) { c.ClosesOn = c.OpensOn.AddDays(-1) },
		"a step follows itself":  func(c *Call) { c.Steps = []Step{Review, Review} },
		"two fields of one key":  func(c *Call) { c.Fields = []Field{{Key: "a", Type: "TEXT"}, {Key: "a", Type: "TEXT"}} },
		"choice without choices": func(c *Call) { c.Fields = []Field{{Key: "a", Type: "CHOICE"}} },
		"two criteria of one no": func(c *Call) { c.Criteria = []Criterion{{No: 1}, {No: 1}} },
	} {
		c := in(Draft)
		change(c)
		if err := c.Check(); !errors.Is(err, fault.ErrInvalidField) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := in(Draft).Check(); err != nil {
		t.Error(err)
	}
}
