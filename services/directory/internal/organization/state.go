package organization

import (
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// State is where a registration stands; the names are the contract's.
type State string

// The states.
const (
	Draft     State = "DRAFT"     // Being written.
	Pending   State = "PENDING"   // Handed in.
	Verified  State = "VERIFIED"  // Checked, published.
	Expired   State = "EXPIRED"   // Validity ran out, published.
	Suspended State = "SUSPENDED" // Taken out by the desk.
	Closed    State = "CLOSED"    // Ended for good.
	Merged    State = "MERGED"    // Lives on in another one.
)

// Action is a step of a registration.
type Action string

// The actions.
const (
	Update         Action = "update"
	Amend          Action = "amend"
	Submit         Action = "submit"
	Verify         Action = "verify"
	Return         Action = "return"
	Renew          Action = "renew"
	Suspend        Action = "suspend"
	Lift           Action = "liftSuspension"
	Expire         Action = "expire"
	Confirm        Action = "confirmCurrent"
	Close          Action = "close"
	Merge          Action = "merge"
	Enclose        Action = "enclose"
	RequestRenewal Action = "requestRenewal"
)

// transition is one line of the state graph. Who takes the step is declared in
// the contract; by is for the reader.
type transition struct {
	from   State
	action Action
	to     State
	by     string
}

// transitions is the whole graph: there is no other way to a state.
var transitions = []transition{
	{Draft, Update, Draft, "editor, representative"},
	{Verified, Update, Verified, "editor, representative"},
	{Expired, Update, Expired, "editor, representative"},
	{Draft, Amend, Draft, "desk"},
	{Pending, Amend, Pending, "desk"},
	{Verified, Amend, Verified, "desk"},
	{Expired, Amend, Expired, "desk"},
	{Suspended, Amend, Suspended, "desk"},
	{Draft, Submit, Pending, "representative, desk"},
	{Pending, Verify, Verified, "desk"},
	{Pending, Return, Draft, "desk"},
	{Verified, Renew, Verified, "desk"},
	{Expired, Renew, Verified, "desk"},
	{Verified, Suspend, Suspended, "desk"},
	{Expired, Suspend, Suspended, "desk"},
	{Suspended, Lift, Verified, "desk"},
	{Verified, Expire, Expired, "daily job"},
	{Verified, Confirm, Verified, "representative"},
	{Expired, Confirm, Expired, "representative"},
	{Verified, RequestRenewal, Verified, "representative"},
	{Expired, RequestRenewal, Expired, "representative"},
	{Draft, Enclose, Draft, "representative, desk"},
	{Pending, Enclose, Pending, "representative, desk"},
	{Verified, Enclose, Verified, "representative, desk"},
	{Expired, Enclose, Expired, "representative, desk"},
	{Draft, Close, Closed, "representative, desk"},
	{Pending, Close, Closed, "representative, desk"},
	{Verified, Close, Closed, "representative, desk"},
	{Expired, Close, Closed, "representative, desk"},
	{Suspended, Close, Closed, "representative, desk"},
	{Draft, Merge, Merged, "desk"},
	{Pending, Merge, Merged, "desk"},
	{Verified, Merge, Merged, "desk"},
	{Expired, Merge, Merged, "desk"},
	{Suspended, Merge, Merged, "desk"},
}

// Published reports whether everybody may see an organization in this state.
func (s State) Published() bool { return s == Verified || s == Expired }

// After returns the state that the action leads to. Errors:
// INVALID_STATE_TRANSITION with the states that are possible.
func (s State) After(a Action) (State, error) {
	var to string
	var possible []string
	for _, t := range transitions {
		if t.from == s && t.action == a {
			return t.to, nil
		}
		if t.action == a && to == "" {
			to = string(t.to)
		}
		if t.from == s && t.to != s && !slices.Contains(possible, string(t.to)) {
			possible = append(possible, string(t.to))
		}
	}
	return s, fault.Transition(string(s), to, possible...)
}
