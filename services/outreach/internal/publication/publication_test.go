package publication

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/credit"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/event"
)

var (
	now    = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
	writer = Reader{ID: "w", Members: []string{"o1"}, Writers: []string{"o1"}, Represents: []string{"o1"}}
	desk   = Reader{ID: "d", Desk: true}
)

// ready is an event of organization o1 in a state.
func ready(s State) *Publication {
	return &Publication{
		Kind: Event, State: s, OrganizationID: "o1", CreatedBy: "w",
		Content: Content{
			Text:    Text{Title: "題"},
			Event:   &event.Details{StartsOn: jp.NewDate(2026, 12, 1), Place: event.Place{Name: "場所"}, Contact: event.Contact{Name: "事務局"}},
			Credits: credit.Lines{{Part: credit.Organizer, OrganizationID: "o1", Name: "団体"}},
		},
	}
}

// Every action in every state: exactly what the graph has is possible.
func TestGraph(t *testing.T) {
	actions := map[Action]func(*Publication) error{
		RequestApproval: func(p *Publication) error { return p.Request(writer) },
		Approve:         func(p *Publication) error { return p.Approve(desk) },
		Return:          func(p *Publication) error { return p.Return(desk, "x") },
		Publish:         func(p *Publication) error { return p.Publish(desk, time.Time{}, now) },
		Withdraw:        func(p *Publication) error { return p.Withdraw(writer, "x", now) },
		Cancel:          func(p *Publication) error { return p.Cancel(writer, "x", now) },
	}
	for _, s := range []State{Draft, Pending, Approved, Scheduled, Published, Ended, Withdrawn, Cancelled} {
		for a, take := range actions {
			p := ready(s)
			want := allow(s, a)
			err := take(p)
			if (want == nil) != (err == nil) || err != nil && !errors.Is(err, fault.ErrInvalidStateTransition) {
				t.Errorf("%s in %s: %v", a, s, err)
			}
			if err != nil && p.State != s {
				t.Errorf("%s in %s was refused and led to %s", a, s, p.State)
			}
		}
	}
}

// The README prints the graph as it is.
func TestReadmeHasTheGraph(t *testing.T) {
	var b strings.Builder
	b.WriteString("| from | action | by | to |\n| --- | --- | --- | --- |\n")
	join := func(states []State) string {
		names := make([]string, len(states))
		for i, s := range states {
			names[i] = string(s)
		}
		return strings.Join(names, ", ")
	}
	for _, g := range Graph {
		b.WriteString("| " + join(g.From) + " | " + string(g.Action) + " | " + string(g.By) + " | " + join(g.To) + " |\n")
	}
	raw, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(raw), "<!-- graph -->\n")
	got, _, _ := strings.Cut(rest, "<!-- /graph -->")
	if diff := cmp.Diff(b.String(), got); diff != "" {
		t.Error(diff)
	}
}

func TestCollaborationNeedsBothSidesAndTheirWord(t *testing.T) {
	line := func(organization, department string) credit.Line {
		return credit.Line{Part: credit.Supporter, OrganizationID: organization, DepartmentID: department}
	}
	for name, tt := range map[string]struct {
		credits   credit.Lines
		project   string
		confirmed []string
		want      error
	}{
		"alone":                     {credit.Lines{line("o1", "")}, "", nil, nil},
		"both sides":                {credit.Lines{line("o1", ""), line("", "d1")}, "", nil, ErrCreditsUnconfirmed},
		"both sides, confirmed":     {credit.Lines{line("o1", ""), line("", "d1")}, "", []string{"o1"}, nil},
		"another organization":      {credit.Lines{line("o1", ""), line("o2", "")}, "", []string{"o1", "o2"}, ErrCreditsIncomplete},
		"one of two has confirmed":  {credit.Lines{line("o1", ""), line("o2", ""), line("", "d1")}, "", []string{"o1"}, ErrCreditsUnconfirmed},
		"a project without section": {credit.Lines{line("o1", "")}, "p", []string{"o1"}, ErrCreditsIncomplete},
	} {
		p := ready(Approved)
		p.Credits, p.ProjectID = tt.credits, tt.project
		for _, id := range tt.confirmed {
			p.Confirmations = append(p.Confirmations, Confirmation{OrganizationID: id})
		}
		if err := p.Publish(desk, time.Time{}, now); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestTimeOfPublication(t *testing.T) {
	p := ready(Approved)
	if err := p.Publish(desk, now.Add(time.Second), now); err != nil || p.State != Scheduled || p.Visible() {
		t.Errorf("ahead: %v, %s", err, p.State)
	}
	if p.AppearAt(now) || !p.AppearAt(now.Add(time.Second)) || !p.Visible() || p.Sequence != 1 {
		t.Errorf("at its time: %s, %d", p.State, p.Sequence)
	}
	last := jp.NewDate(2026, 12, 1)
	if p.EndAt(last.EndOfDay()) || !p.EndAt(last.NextMidnight()) || !p.Visible() || p.Sequence != 1 {
		t.Errorf("after its last day: %s, %d", p.State, p.Sequence)
	}
}

// A cancelled event stays visible where it was public, and only there.
func TestCancelled(t *testing.T) {
	for from, visible := range map[State]bool{Draft: false, Pending: false, Approved: false, Scheduled: false, Published: true} {
		p := ready(from)
		if err := p.Cancel(writer, "x", now); err != nil || p.Visible() != visible {
			t.Errorf("from %s: %v, visible %v", from, err, p.Visible())
		}
	}
}

func TestFollowMerge(t *testing.T) {
	p := ready(Published)
	p.Credits = append(p.Credits, credit.Line{Part: credit.Organizer, OrganizationID: "o2", Name: "別"})
	p.Confirmations = []Confirmation{{OrganizationID: "o1"}, {OrganizationID: "o2"}}
	p.FollowMerge("o1", "o2", "別")
	if p.OrganizationID != "o2" || p.Credits.Text() != "主催：別" || len(p.Confirmations) != 1 {
		t.Errorf("%s, %s, %v", p.OrganizationID, p.Credits.Text(), p.Confirmations)
	}
}
