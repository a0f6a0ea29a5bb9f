package project

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// State is a place in the graph; the values are those of the contract.
type State string

// The states.
const (
	Preparing  State = "PREPARING"
	Agreed     State = "AGREED"
	Running    State = "RUNNING"
	Completed  State = "COMPLETED"
	Evaluated  State = "EVALUATED"
	Closed     State = "CLOSED"
	Terminated State = "TERMINATED"
)

// Action is a step of the graph.
type Action string

// The actions.
const (
	Create    Action = "create" // Not in the graph: before it.
	Agree     Action = "sign"
	Start     Action = "start"
	Complete  Action = "complete"
	Evaluate  Action = "evaluate"
	Close     Action = "close"
	Terminate Action = "terminate"
)

// Who may take a step.
type Who string

// The parties of the graph.
const (
	ByBothSides   Who = "both sides"
	ByLead        Who = "staff of the lead department, or desk"
	ByDesk        Who = "desk"
	ByEitherSide  Who = "representative, staff of the lead department, or desk"
	ByPublication Who = "publication of the final evaluation"
)

// Transition is one row of the graph.
type Transition struct {
	From   []State
	Action Action
	By     Who
	To     State
}

// Graph is the only way from state to state.
var Graph = []Transition{
	{[]State{Preparing}, Agree, ByBothSides, Agreed},
	{[]State{Agreed}, Start, ByLead, Running},
	{[]State{Running}, Complete, ByLead, Completed},
	{[]State{Completed}, Evaluate, ByPublication, Evaluated},
	{[]State{Evaluated}, Close, ByDesk, Closed},
	{[]State{Preparing, Agreed, Running}, Terminate, ByEitherSide, Terminated},
}

// Ended reports whether nothing of the work is to come any more.
func (s State) Ended() bool {
	return s == Completed || s == Evaluated || s == Closed || s == Terminated
}

// Move is one step that was taken.
type Move struct {
	Action   Action
	From, To State
	Reason   string
	// Disclosed is whether the step makes the project public.
	Disclosed bool
}

func (t Transition) admits(r Reader, p *Project) bool {
	switch t.By {
	case ByLead:
		return r.Desk || r.Leads(p)
	case ByDesk:
		return r.Desk
	case ByEitherSide:
		return r.Desk || r.Leads(p) || r.Heads(p)
	default: // Whoever may sign or publish was asked before.
		return true
	}
}

// permit refuses a step that is not the reader's to take, or that the state does
// not have. Errors: PERMISSION_DENIED, INVALID_STATE_TRANSITION.
func (p *Project) permit(action Action, by Reader) (Transition, error) {
	t := Graph[slices.IndexFunc(Graph, func(t Transition) bool { return t.Action == action })]
	if !t.admits(by, p) {
		return t, fault.ErrPermissionDenied.With("by", string(t.By))
	}
	if !slices.Contains(t.From, p.State) {
		return t, fault.Transition(string(p.State), string(t.To), allowed(p.State)...)
	}
	return t, nil
}

// move takes a permitted step.
func (p *Project) move(t Transition) Move {
	m := Move{Action: t.Action, From: p.State, To: t.To}
	p.State = t.To
	return m
}

// allowed are the actions that a state has.
func allowed(from State) []string {
	var out []string
	for _, t := range Graph {
		if slices.Contains(t.From, from) {
			out = append(out, string(t.Action))
		}
	}
	return out
}

// Agree records that a version of the agreement is signed by both sides: a
// project under preparation is agreed and public, another keeps its state.
// Errors: INVALID_STATE_TRANSITION.
func (p *Project) Agree(number string) (Move, error) {
	if p.State == Agreed || p.State == Running {
		p.AgreementOutdated = false
		return Move{Action: Agree, From: p.State, To: p.State}, nil
	}
	t, err := p.permit(Agree, Reader{})
	if err != nil {
		return Move{}, err
	}
	m := p.move(t)
	m.Disclosed = !p.Published
	p.AgreementNumber, p.Published, p.AgreementOutdated = number, true, false
	return m, nil
}

// Start begins the work; from now on the goals stay. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION, GOALS_MISSING.
func (p *Project) Start(by Reader, now time.Time) (Move, error) {
	t, err := p.permit(Start, by)
	if err != nil {
		return Move{}, err
	}
	if len(p.Goals) == 0 || slices.ContainsFunc(p.Goals, func(g Goal) bool { return g.Target == "" }) {
		return Move{}, ErrGoalsMissing
	}
	p.StartedAt = now
	return p.move(t), nil
}

// Complete ends the work, of which the final report is there. Errors:
// PERMISSION_DENIED, INVALID_STATE_TRANSITION, FINAL_REPORT_MISSING.
func (p *Project) Complete(by Reader, reported bool, now time.Time) (Move, error) {
	t, err := p.permit(Complete, by)
	if err != nil {
		return Move{}, err
	}
	if !reported {
		return Move{}, ErrFinalReportMissing
	}
	p.CompletedAt = now
	return p.move(t), nil
}

// Evaluate records that the final evaluation is public. Errors:
// INVALID_STATE_TRANSITION.
func (p *Project) Evaluate() (Move, error) {
	t, err := p.permit(Evaluate, Reader{})
	if err != nil {
		return Move{}, err
	}
	return p.move(t), nil
}

// Close closes the record. Errors: PERMISSION_DENIED, INVALID_STATE_TRANSITION.
func (p *Project) Close(by Reader) (Move, error) {
	t, err := p.permit(Close, by)
	if err != nil {
		return Move{}, err
	}
	return p.move(t), nil
}

// Terminate ends the project before its time. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION.
func (p *Project) Terminate(by Reader, reason string) (Move, error) {
	t, err := p.permit(Terminate, by)
	if err != nil {
		return Move{}, err
	}
	m := p.move(t)
	p.TerminateReason, m.Reason = reason, reason
	return m, nil
}
