package proposal

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
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
)

var write = flag.Bool("write", false, "write the graph into the README")

var allStates = []State{
	Draft, Submitted, Returned, Accepted, Assigned, UnderReview, InNegotiation, DecisionDrafted, DecisionApproved, Adopted,
	ConditionallyAdopted, Rejected, CarriedOver, Withdrawn,
}

var noon = time.Date(2026, 7, 15, 3, 0, 0, 0, time.UTC)

// everybody may take every step: what is refused is refused by the state.
var everybody = Reader{
	ID: "x", Members: []string{"o"}, Writers: []string{"o"}, Represents: []string{"o"}, Department: "d", Staff: true, Desk: true,
	Approver: true,
}

func openCall(steps ...call.Step) *call.Call {
	c := &call.Call{
		ID: "c", FiscalYear: 2026, State: call.Published, OpensOn: jp.Date{Year: 2026, Month: 7, Day: 1},
		ClosesOn: jp.Date{Year: 2026, Month: 8, Day: 10}, Steps: steps,
		Declarations: []call.Declaration{{Code: "nonProfit"}},
	}
	c.Complete()
	return c
}

func full() Content {
	return Content{
		Title: "題", ContactName: "担当", ContactPhone: "03", Purpose: "目的", Activities: "内容", Necessity: "必要",
		Declarations: []string{"nonProfit"},
	}
}

// at is a proposal in a state with what belongs to it. Its call has the review
// as its only step, which is done where the state comes after it.
func at(s State) *Proposal {
	p := &Proposal{
		ID: "p", CallID: "c", FiscalYear: 2026, OrganizationID: "o", State: s, Content: full(), Channel: "WEB",
		SubmittedAt: noon, PublicSince: noon, Revision: 1,
		Assignments: []Assignment{{DepartmentID: "d", Part: Lead, Response: AcceptedBy}},
		Correction:  &Correction{Fields: []string{"title"}, DueOn: jp.DateOf(noon), Before: 1},
		Decision:    &Decision{Outcome: Adopted, DraftedBy: "y", DraftedFrom: UnderReview},
	}
	if s == Draft {
		p.SubmittedAt, p.PublicSince, p.Revision = time.Time{}, time.Time{}, 0
	}
	if s == UnderReview {
		p.Step = 1
	}
	return p
}

// act takes an action with valid arguments.
func act(p *Proposal, a Action) error {
	of, cost := openCall(call.Review), int64(1)
	if p.State == UnderReview && a == Negotiate {
		of.Steps = []call.Step{call.Review, call.Negotiation}
	}
	if a == Negotiate && p.State == Assigned {
		of.Steps = []call.Step{call.Negotiation}
	}
	s := Submission{Call: of, Now: noon}
	var err error
	switch a {
	case Submit:
		_, err = p.Submit(everybody, s)
	case Accept:
		_, err = p.Accept(everybody, noon)
	case Return:
		_, err = p.Return(everybody, Correction{Fields: []string{"title"}, DueOn: jp.DateOf(noon)}, noon)
	case Resubmit:
		_, err = p.Resubmit(everybody, s)
	case Assign:
		_, err = p.Assign(everybody, []Assignment{{DepartmentID: "d", Part: Lead}}, noon)
	case Respond:
		p.Assignments[0].Response = Pending
		_, err = p.Respond(everybody, AcceptedBy, "", noon)
	case StartReview:
		_, err = p.StartReview(everybody, of, noon)
	case Negotiate:
		_, err = p.Negotiate(everybody, of, noon)
	case DraftDecision:
		of.Steps = of.Steps[:p.Step]
		_, err = p.DraftDecision(everybody, DecisionDraft{Outcome: Adopted, Cost: &cost}, of, noon)
	case ApproveDecision:
		_, err = p.ApproveDecision(everybody, of, noon)
	case ReturnDecision:
		_, err = p.ReturnDecision(everybody, "理由", noon)
	case Release:
		_, err = p.Release(everybody, noon)
	case ConfirmConditions:
		_, err = p.ConfirmConditions(everybody, "確認", noon)
	case Withdraw:
		_, err = p.Withdraw(everybody, "理由", noon)
	case Repropose:
		_, err = p.Repropose(everybody, "q", s)
	}
	return err
}

func actions() []Action {
	var out []Action
	for _, t := range Graph {
		if !slices.Contains(out, t.Action) {
			out = append(out, t.Action)
		}
	}
	return out
}

func TestEveryActionInEveryState(t *testing.T) {
	for _, from := range allStates {
		for _, a := range actions() {
			row, _, inGraph := find(from, a)
			p := at(from)
			err := act(p, a)
			switch {
			case inGraph && err != nil:
				t.Errorf("%s in %s: %v", a, from, err)
			case inGraph && a != Repropose && !slices.Contains(row.To, p.State):
				t.Errorf("%s in %s leads to %s", a, from, p.State)
			case !inGraph && !errors.Is(err, fault.ErrInvalidStateTransition):
				t.Errorf("%s in %s: %v, want a refusal", a, from, err)
			case !inGraph && p.State != from:
				t.Errorf("%s in %s moved to %s though refused", a, from, p.State)
			}
		}
	}
}

// Everybody who is not of the row is refused, in whatever state.
func TestNobodyElseActs(t *testing.T) {
	is := map[Who]Reader{
		ByRepresentative: {ID: "x", Members: []string{"o"}, Represents: []string{"o"}},
		ByDesk:           {ID: "x", Desk: true},
		ByDepartment:     {ID: "x", Staff: true, Department: "d"},
		ByLead:           {ID: "x", Staff: true, Department: "d"},
		ByApprover:       {ID: "x", Approver: true},
	}
	for _, row := range Graph {
		for who, r := range is {
			want := who == row.By || r.Staff && (row.By == ByLead || row.By == ByDepartment)
			err := at(row.From[0]).permit(row.Action, r)
			if got := err == nil; got != want {
				t.Errorf("%s by %s: %v", row.Action, who, err)
			}
		}
	}
}

func TestTransitionNamesWhatIsPossible(t *testing.T) {
	_, err := at(Accepted).Accept(everybody, noon)
	f, _ := fault.As(err)
	if f == nil || f.Metadata["from"] != "ACCEPTED" || f.Metadata["to"] != "ACCEPTED" || f.Metadata["allowed"] != "assign,withdraw" {
		t.Errorf("refusal = %v", err)
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
		now += "| " + join(row.From) + " | " + string(row.Action) + " | " + string(row.By) + " | " + join(row.To) + " |\n"
	}
	if old == now {
		return
	}
	if !*write {
		t.Fatal("the README shows another graph: go test ./proposals/internal/proposal -run TestREADME -write")
	}
	if err := os.WriteFile(file, []byte(before+begin+now+end+after), 0o644); err != nil {
		t.Fatal(err)
	}
}

func join(states []State) string {
	var out []string
	for _, s := range states {
		out = append(out, string(s))
	}
	return strings.Join(out, ", ")
}
