package project

import (
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

var write = flag.Bool("write", false, "write the graph into the README")

var allStates = []State{Preparing, Agreed, Running, Completed, Evaluated, Closed, Terminated}

var noon = time.Date(2026, 7, 15, 3, 0, 0, 0, time.UTC)

// everybody may take every step: what is refused is refused by the state.
var everybody = Reader{
	ID: "x", Members: []string{"o"}, Writers: []string{"o"}, Represents: []string{"o"}, Department: "d", Staff: true, Desk: true, Approver: true,
}

func day(month time.Month, d int) jp.Date { return jp.NewDate(2026, month, d) }

// at is a whole project in a state.
func at(s State) *Project {
	return &Project{
		ID: "p", PublicNumber: "R8-協-0001", FiscalYear: 2026, State: s, Published: s != Preparing,
		Parties: Parties{OrganizationIDs: []string{"o"}, LeadDepartmentID: "d", JointDepartmentIDs: []string{"j"}},
		Terms: Terms{
			Title: "題", PeriodFrom: day(4, 1), PeriodTo: day(12, 31),
			Goals:  []Goal{{Indicator: "参加者数", Target: "120人"}},
			Budget: []BudgetRow{{Side: Income, Account: "区負担金", Amount: 100}, {Side: Expense, Account: "報償費", Amount: 100}},
		},
	}
}

// act takes an action with valid arguments.
func act(p *Project, a Action, by Reader) error {
	var err error
	switch a {
	case Agree:
		_, err = p.Agree("R8-協定-0001")
	case Start:
		_, err = p.Start(by, noon)
	case Complete:
		_, err = p.Complete(by, true, noon)
	case Evaluate:
		_, err = p.Evaluate()
	case Close:
		_, err = p.Close(by)
	case Terminate:
		_, err = p.Terminate(by, "理由")
	}
	return err
}

func TestEveryActionInEveryState(t *testing.T) {
	for _, from := range allStates {
		for _, row := range Graph {
			p := at(from)
			err := act(p, row.Action, everybody)
			again := row.Action == Agree && (from == Agreed || from == Running) // Another version is signed.
			switch inGraph := slices.Contains(row.From, from); {
			case again && (err != nil || p.State != from):
				t.Errorf("another version signed in %s: %v, %s", from, err, p.State)
			case again:
			case inGraph && (err != nil || p.State != row.To):
				t.Errorf("%s in %s: %v, leads to %s", row.Action, from, err, p.State)
			case !inGraph && (!errors.Is(err, fault.ErrInvalidStateTransition) || p.State != from):
				t.Errorf("%s in %s: %v, moved to %s", row.Action, from, err, p.State)
			}
		}
	}
}

// Everybody who is not of the row is refused, in whatever state.
func TestNobodyElseActs(t *testing.T) {
	readers := map[string]Reader{
		"desk":           {ID: "x", Desk: true},
		"lead":           {ID: "x", Staff: true, Department: "d"},
		"joint":          {ID: "x", Staff: true, Department: "j"},
		"approver":       {ID: "x", Approver: true, Department: "d"},
		"representative": {ID: "x", Members: []string{"o"}, Writers: []string{"o"}, Represents: []string{"o"}},
		"editor":         {ID: "x", Members: []string{"o"}, Writers: []string{"o"}},
		"another":        {ID: "x", Members: []string{"q"}, Writers: []string{"q"}, Represents: []string{"q"}},
	}
	may := map[Who][]string{
		ByLead: {"desk", "lead"}, ByDesk: {"desk"}, ByEitherSide: {"desk", "lead", "representative"},
	}
	for _, row := range Graph {
		for name, r := range readers {
			if row.By == ByBothSides || row.By == ByPublication {
				continue
			}
			err := act(at(row.From[0]), row.Action, r)
			if want := slices.Contains(may[row.By], name); want != (err == nil) || !want && !errors.Is(err, fault.ErrPermissionDenied) {
				t.Errorf("%s by %s: %v", row.Action, name, err)
			}
		}
	}
}

func TestStartNeedsGoalsWithTargets(t *testing.T) {
	for name, goals := range map[string][]Goal{"none": nil, "no target": {{Indicator: "参加者数"}}} {
		p := at(Agreed)
		p.Goals = goals
		if _, err := p.Start(everybody, noon); !errors.Is(err, ErrGoalsMissing) || p.State != Agreed {
			t.Errorf("%s: %v, %s", name, err, p.State)
		}
	}
	p := at(Running)
	if _, err := p.Complete(everybody, false, noon); !errors.Is(err, ErrFinalReportMissing) || p.State != Running {
		t.Errorf("complete without report: %v, %s", err, p.State)
	}
}

func TestSides(t *testing.T) {
	for name, c := range map[string]struct {
		by     Reader
		side   Side
		inside bool
	}{
		"viewer":            {Reader{Members: []string{"o"}}, None, true},
		"editor":            {Reader{Members: []string{"o"}, Writers: []string{"o"}}, Organization, true},
		"lead staff":        {Reader{Staff: true, Department: "d"}, Ward, true},
		"joint staff":       {Reader{Staff: true, Department: "j"}, Ward, true},
		"approver":          {Reader{Approver: true, Department: "d"}, None, true},
		"desk":              {Reader{Desk: true}, Ward, true},
		"both":              {everybody, Organization, true},
		"staff elsewhere":   {Reader{Staff: true, Department: "e"}, None, false},
		"staff of nothing":  {Reader{Staff: true}, None, false},
		"member of another": {Reader{Members: []string{"q"}, Writers: []string{"q"}}, None, false},
		"everybody":         {Reader{}, None, false},
	} {
		p := at(Preparing)
		if got := c.by.Side(p); got != c.side || c.by.Inside(p) != c.inside || c.by.Sees(p) != c.inside {
			t.Errorf("%s: side %q, inside %v", name, got, c.by.Inside(p))
		}
		if p.Published = true; !c.by.Sees(p) {
			t.Errorf("%s does not see a public project", name)
		}
	}
}

// The README shows the graph as it is; go test -run TestREADME -write writes it.
func TestREADMEShowsGraph(t *testing.T) {
	const file, begin, end = "../../README.md", "<!-- graph -->\n", "<!-- /graph -->\n"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(raw), begin)
	old, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatal("the README has no place for the graph")
	}
	now := "| from | action | by | to |\n| --- | --- | --- | --- |\n"
	for _, row := range Graph {
		from := make([]string, len(row.From))
		for i, s := range row.From {
			from[i] = string(s)
		}
		now += "| " + strings.Join(from, ", ") + " | " + string(row.Action) + " | " + string(row.By) + " | " + string(row.To) + " |\n"
	}
	if old == now {
		return
	}
	if !*write {
		t.Fatal("the README shows another graph: go test ./evaluation/internal/project -run TestREADME -write")
	}
	if err := os.WriteFile(file, []byte(before+begin+now+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}
