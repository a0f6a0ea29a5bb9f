package publication

import (
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// State is a place in the graph; the values are those of the contract.
type State string

// The states.
const (
	Draft     State = "DRAFT"
	Pending   State = "PENDING"
	Approved  State = "APPROVED"
	Scheduled State = "SCHEDULED"
	Published State = "PUBLISHED"
	Ended     State = "ENDED"
	Withdrawn State = "WITHDRAWN"
	Cancelled State = "CANCELLED"
)

// Action is a step of the graph; the values are the verbs of the contract.
type Action string

// The actions.
const (
	RequestApproval Action = "requestApproval"
	Approve         Action = "approve"
	Return          Action = "return"
	Publish         Action = "publish"
	Appear          Action = "appear" // A scheduled publication at its time.
	End             Action = "end"
	Withdraw        Action = "withdraw"
	Cancel          Action = "cancel"
)

// Who may take a step.
type Who string

// The parties of the graph.
const (
	ByWriter    Who = "its organization, by delegation, its department, or desk"
	ByApprover  Who = "desk; for the ward's also approver; for an organization's opportunity also coordinator; none of its authors"
	ByPublisher Who = "desk; for the ward's also its department and approver; for an organization's opportunity also coordinator"
	ByTime      Who = "the service at its time"
)

// Transition is one row of the graph.
type Transition struct {
	From   []State
	Action Action
	By     Who
	To     []State // More than one where the time says which.
}

// Graph is the only way from state to state.
var Graph = []Transition{
	{[]State{Draft, Withdrawn}, RequestApproval, ByWriter, []State{Pending}},
	{[]State{Pending}, Approve, ByApprover, []State{Approved}},
	{[]State{Pending, Approved, Scheduled}, Return, ByApprover, []State{Draft}},
	{[]State{Approved, Scheduled}, Publish, ByPublisher, []State{Published, Scheduled}},
	{[]State{Scheduled}, Appear, ByTime, []State{Published}},
	{[]State{Published}, End, ByTime, []State{Ended}},
	{[]State{Draft, Pending, Approved, Scheduled, Published}, Cancel, ByWriter, []State{Cancelled}},
	{[]State{Draft, Pending, Approved, Scheduled, Published, Ended}, Withdraw, ByWriter, []State{Withdrawn}},
}

// allow refuses an action that the state does not have. Errors:
// INVALID_STATE_TRANSITION.
func allow(from State, action Action) error {
	var allowed []string
	var to State
	for _, t := range Graph {
		if t.Action == action {
			to = t.To[0]
		}
		if !slices.Contains(t.From, from) {
			continue
		}
		if t.Action == action {
			return nil
		}
		if t.By != ByTime {
			allowed = append(allowed, string(t.Action))
		}
	}
	return fault.Transition(string(from), string(to), allowed...)
}
