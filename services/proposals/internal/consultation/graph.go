package consultation

import (
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// State is where a consultation stands; the values are those of the contract.
type State string

// The states.
const (
	Received   State = "RECEIVED"
	Routed     State = "ROUTED"
	InProgress State = "IN_PROGRESS"
	Answered   State = "ANSWERED"
	Closed     State = "CLOSED"
	Referred   State = "REFERRED"
)

// States are all states in their order.
var States = []State{Received, Routed, InProgress, Answered, Closed, Referred}

// Action is a step of the graph; the values are the verbs of the contract.
type Action string

// The actions.
const (
	Route   Action = "route"
	Refer   Action = "refer"
	Start   Action = "start"
	Reply   Action = "reply"
	Close   Action = "close"
	Reopen  Action = "reopen"
	Convert Action = "convert"
	Promote Action = "promoteToFaq"
)

// Who may take a step.
type Who string

// The parties of the graph.
const (
	ByDesk   Who = "desk"
	ByHolder Who = "desk, or staff of the department that holds it"
	ByAsker  Who = "who asked, desk, or staff of the department that holds it"
)

// Transition is one row of the graph.
type Transition struct {
	From   []State
	Action Action
	By     Who
	To     []State
}

// Graph is the only way from state to state.
var Graph = []Transition{
	{[]State{Received, Routed, InProgress, Answered, Referred}, Route, ByHolder, []State{Routed}},
	{[]State{Received, Routed, InProgress, Answered}, Refer, ByDesk, []State{Referred}},
	{[]State{Received, Routed}, Start, ByHolder, []State{InProgress}},
	{[]State{Received, Routed, InProgress, Answered, Referred}, Reply, ByHolder, []State{Answered, InProgress}},
	{[]State{Answered, Referred}, Close, ByHolder, []State{Closed}},
	{[]State{Answered, Closed, Referred}, Reopen, ByAsker, []State{InProgress, Received}},
	{[]State{Received, Routed, InProgress, Answered}, Convert, ByDesk, []State{Answered}},
	{[]State{Answered, Closed}, Promote, ByDesk, []State{Answered, Closed}},
}

// permit refuses an action that is not the reader's to take, or that the state
// does not have. Errors: PERMISSION_DENIED, INVALID_STATE_TRANSITION.
func (c *Consultation) permit(action Action, by Reader) error {
	row := Graph[slices.IndexFunc(Graph, func(t Transition) bool { return t.Action == action })]
	if !by.is(row.By, c) {
		return fault.ErrPermissionDenied.With("by", string(row.By))
	}
	if slices.Contains(row.From, c.State) {
		return nil
	}
	var allowed []string
	for _, t := range Graph {
		if slices.Contains(t.From, c.State) {
			allowed = append(allowed, string(t.Action))
		}
	}
	return fault.Transition(string(c.State), string(row.To[0]), allowed...)
}
