package newsletter

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

var now = time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC)

func TestExactlyTheChosenTopics(t *testing.T) {
	items := []Item{
		{Source: Source{ID: "a"}, Topics: []string{"children"}},
		{Source: Source{ID: "b"}, Topics: []string{"disaster"}, Areas: []string{"fujimi"}},
		{Source: Source{ID: "c"}, Topics: []string{"children", "disaster"}, Areas: []string{"fujimi", "jimbocho"}},
		{Source: Source{ID: "d"}},
	}
	for _, c := range []struct {
		topics, areas []string
		want          string
	}{
		{[]string{"children"}, nil, "ac"},
		{[]string{"disaster"}, nil, "bc"},
		{[]string{"disaster"}, []string{"jimbocho"}, "c"},
		{[]string{"children"}, []string{"kojimachi"}, "a"},
		{[]string{"children", "disaster"}, []string{"fujimi"}, "abc"},
		{[]string{"other"}, nil, ""},
		{nil, nil, ""},
	} {
		got := ""
		for _, i := range Select(items, Wish{Topics: c.topics, Areas: c.areas}) {
			got += i.ID
		}
		if got != c.want {
			t.Errorf("%v %v: %q, want %q", c.topics, c.areas, got, c.want)
		}
	}
	if (Wish{Topics: []string{"a", "b"}, Format: HTML}).Key() != (Wish{Topics: []string{"b", "a"}, Format: HTML}).Key() {
		t.Error("the order of topics makes another mail")
	}
	if (Wish{Topics: []string{"a"}}).Key() == (Wish{Areas: []string{"a"}}).Key() || (Wish{Format: HTML}).Key() == (Wish{Format: Text}).Key() {
		t.Error("different wishes get the same mail")
	}
}

func TestComposeInTheOrderOfTheMail(t *testing.T) {
	topics := Topics{{Code: "children"}, {Code: "grants", Sections: []Section{Call}}, {Code: "old", Ended: true}}
	got := Compose([]Source{
		{ID: "e", Section: Event, Codes: []string{"children", "football"}},
		{ID: "n", Section: Notice, Codes: []string{"children", "old"}},
		{ID: "x", Section: Notice, Codes: []string{"old"}},
		{ID: "c", Section: Call},
		{ID: "m", Section: Notice, Codes: []string{"children"}},
	}, topics, nil)
	ids := ""
	for _, i := range got {
		ids += i.ID
	}
	if ids != "nmec" || !slices.Equal(got[0].Topics, []string{"children"}) || !slices.Equal(got[3].Topics, []string{"grants"}) {
		t.Errorf("%s: %+v", ids, got)
	}
	if err := topics.Check([]string{"children", "old"}); !errors.Is(err, ErrTopicUnknown) {
		t.Error(err)
	}
}

func TestBounces(t *testing.T) {
	day := jp.NewDate(2026, 11, 1)
	r := &Reader{State: Active}
	for n := range SoftBounces {
		if r.State != Active {
			t.Fatalf("%s after %d", r.State, n)
		}
		if !r.Bounce(false, day.AddDays(n)) || r.Bounce(false, day.AddDays(n)) && n < SoftBounces-1 {
			t.Errorf("bounce %d", n)
		}
	}
	if r.State != Suspended || r.Bounce(true, day) {
		t.Errorf("%+v", r)
	}
	r.Choose(Wish{Topics: []string{"a"}})
	if r.State != Active || r.SoftBounces != 0 || !r.Bounce(true, day) || r.State != Suspended {
		t.Errorf("%+v", r)
	}
	if !r.End(now) || r.End(now.Add(time.Hour)) || r.EndedAt != now {
		t.Errorf("%+v", r)
	}
}

func TestGraph(t *testing.T) {
	sources := []Source{{ID: "a", Title: "新しい題", Section: Notice}}
	steps := map[string]func(*Issue) error{
		"requestApproval": func(i *Issue) error { return i.RequestApproval("author", sources) },
		"approve":         func(i *Issue) error { return i.Approve("other") },
		"return":          func(i *Issue) error { return i.Return("理由") },
		"send":            func(i *Issue) error { return i.Schedule(now) },
		"start":           func(i *Issue) error { return i.Start(3, now) },
		"pause":           (*Issue).Pause,
		"resume":          (*Issue).Resume,
		"finish":          func(i *Issue) error { return i.Finish(now) },
		"cancel":          func(i *Issue) error { return i.Cancel("理由") },
	}
	allowed := map[State]map[string]State{
		Draft:     {"requestApproval": Pending, "cancel": Cancelled},
		Pending:   {"approve": Approved, "return": Draft, "cancel": Cancelled},
		Approved:  {"send": Scheduled, "return": Draft, "cancel": Cancelled},
		Scheduled: {"start": Sending, "pause": Paused, "cancel": Cancelled},
		Sending:   {"pause": Paused, "finish": Sent, "cancel": Cancelled},
		Paused:    {"resume": Scheduled, "cancel": Cancelled},
		Sent:      {},
		Cancelled: {},
	}
	for from, to := range allowed {
		for name, step := range steps {
			i := &Issue{
				State: from, CreatedBy: "author", Content: Content{Title: "題", Contact: "窓口"},
				Items: []Item{{Source: Source{ID: "a", Title: "題"}, Topics: []string{"children"}}},
			}
			err := step(i)
			if want, ok := to[name]; ok && (err != nil || i.State != want) || !ok && (!errors.Is(err, fault.ErrInvalidStateTransition) || i.State != from) {
				t.Errorf("%s from %s: %s, %v", name, from, i.State, err)
			}
		}
	}
	paused := &Issue{State: Paused, StartedAt: now}
	if err := paused.Resume(); err != nil || paused.State != Sending {
		t.Errorf("%+v, %v", paused, err)
	}
	i := &Issue{State: Scheduled}
	if err := i.Start(3, now); err != nil || i.Number != "R8-信-0003" || !i.Public() {
		t.Errorf("%+v, %v", i, err)
	}
}

func TestWhatIsApprovedIsSent(t *testing.T) {
	i := &Issue{State: Draft, Content: Content{Title: "題", Contact: "窓口"}, Items: []Item{
		{Source: Source{ID: "a", Title: "古い題"}, Topics: []string{"children"}}, {Source: Source{ID: "gone"}, Topics: []string{"children"}},
	}}
	if err := i.RequestApproval("author", []Source{{ID: "a", Title: "新しい題"}}); err != nil || len(i.Items) != 1 || i.Items[0].Title != "新しい題" {
		t.Fatalf("%+v, %v", i.Items, err)
	}
	if err := i.Approve("author"); !errors.Is(err, fault.ErrSelfApprovalForbidden) {
		t.Error(err)
	}
	i.Keep([]Source{{ID: "a", Title: "後から変えた題"}})
	if i.Items[0].Title != "新しい題" {
		t.Errorf("%+v", i.Items)
	}
	if i.Keep(nil); len(i.Items) != 0 {
		t.Errorf("%+v", i.Items)
	}
	empty := &Issue{State: Draft}
	if err := empty.RequestApproval("author", nil); !errors.Is(err, ErrIncomplete) {
		t.Error(err)
	}
	c := Content{From: jp.NewDate(2026, 1, 1), To: jp.NewDate(2026, 4, 4)}
	if err := c.Check(); !errors.Is(err, fault.ErrInvalidField) {
		t.Error(err)
	}
	if c.To = c.From.AddDays(PeriodDays); c.Check() != nil {
		t.Error("92 days are refused")
	}
}
