package proposal

import "slices"

// State is a place in the graph; the values are those of the contract.
type State string

// The states.
const (
	Draft                State = "DRAFT"
	Submitted            State = "SUBMITTED"
	Returned             State = "RETURNED"
	Accepted             State = "ACCEPTED"
	Assigned             State = "ASSIGNED"
	UnderReview          State = "UNDER_REVIEW"
	InNegotiation        State = "IN_NEGOTIATION"
	DecisionDrafted      State = "DECISION_DRAFTED"
	DecisionApproved     State = "DECISION_APPROVED"
	Adopted              State = "ADOPTED"
	ConditionallyAdopted State = "CONDITIONALLY_ADOPTED"
	Rejected             State = "REJECTED"
	CarriedOver          State = "CARRIED_OVER"
	Withdrawn            State = "WITHDRAWN"
)

// Action is a step of the graph; the values are the verbs of the contract.
type Action string

// The actions.
const (
	Submit            Action = "submit"
	Accept            Action = "accept"
	Return            Action = "return"
	Resubmit          Action = "resubmit"
	Assign            Action = "assign"
	Respond           Action = "respondToAssignment"
	StartReview       Action = "startReview"
	Negotiate         Action = "negotiate"
	DraftDecision     Action = "draftDecision"
	ApproveDecision   Action = "approveDecision"
	ReturnDecision    Action = "returnDecision"
	Release           Action = "releaseDecisions"
	ConfirmConditions Action = "confirmConditions"
	Withdraw          Action = "withdraw"
	Repropose         Action = "repropose"
	// Leave changes the parties and no state; it is no step of the graph.
	Leave Action = "leave"
)

// Who may take a step.
type Who string

// The parties of the graph.
const (
	ByRepresentative Who = "representative, or desk on behalf"
	ByDesk           Who = "desk"
	ByDepartment     Who = "staff of that department"
	ByLead           Who = "staff of the lead department"
	ByApprover       Who = "approver, not the drafter"
)

// Transition is one row of the graph.
type Transition struct {
	From   []State
	Action Action
	By     Who
	To     []State // More than one where the call or the decision says which.
}

// Graph is the only way from state to state.
var Graph = []Transition{
	{[]State{Draft}, Submit, ByRepresentative, []State{Submitted}},
	{[]State{Submitted}, Accept, ByDesk, []State{Accepted}},
	{[]State{Submitted}, Return, ByDesk, []State{Returned}},
	{[]State{Returned}, Resubmit, ByRepresentative, []State{Submitted}},
	{[]State{Accepted, Assigned}, Assign, ByDesk, []State{Assigned}},
	{[]State{Assigned}, Respond, ByDepartment, []State{Assigned}},
	{[]State{Assigned, InNegotiation, CarriedOver}, StartReview, ByDesk, []State{UnderReview}},
	{[]State{Assigned, UnderReview}, Negotiate, ByLead, []State{InNegotiation}},
	{[]State{UnderReview, InNegotiation}, DraftDecision, ByLead, []State{DecisionDrafted}},
	{[]State{DecisionDrafted}, ApproveDecision, ByApprover, append([]State{DecisionApproved}, outcomes...)},
	{[]State{DecisionDrafted}, ReturnDecision, ByApprover, []State{UnderReview, InNegotiation}},
	{[]State{DecisionApproved}, Release, ByDesk, outcomes},
	{[]State{ConditionallyAdopted}, ConfirmConditions, ByLead, []State{Adopted}},
	{[]State{Draft, Submitted, Returned, Accepted, Assigned, UnderReview, InNegotiation, DecisionDrafted}, Withdraw, ByRepresentative, []State{Withdrawn}},
	{[]State{Rejected, Withdrawn, CarriedOver}, Repropose, ByRepresentative, []State{Draft}},
}

var outcomes = []State{Adopted, ConditionallyAdopted, Rejected, CarriedOver}

// IsOutcome reports whether the state is a published result.
func (s State) IsOutcome() bool { return slices.Contains(outcomes, s) }

// Public is the state as everybody sees it.
func (s State) Public() PublicState {
	switch s {
	case Draft:
		return PublicNone
	case Submitted, Returned, Accepted, Assigned:
		return PublicReceived
	case UnderReview, DecisionDrafted, DecisionApproved:
		return PublicInExamination
	default: // The others have the same name for everybody.
		return PublicState(s)
	}
}

// PublicState is a state as everybody sees it; the values are those of the
// contract.
type PublicState string

// The public states that are no outcomes.
const (
	PublicNone          PublicState = ""
	PublicReceived      PublicState = "RECEIVED"
	PublicInExamination PublicState = "IN_EXAMINATION"
	PublicInNegotiation PublicState = "IN_NEGOTIATION"
	PublicWithdrawn     PublicState = "WITHDRAWN"
)

// find returns the row for an action in a state, or the actions that the state
// has.
func find(from State, action Action) (Transition, []string, bool) {
	var allowed []string
	for _, t := range Graph {
		if !slices.Contains(t.From, from) {
			continue
		}
		if t.Action == action {
			return t, nil, true
		}
		allowed = append(allowed, string(t.Action))
	}
	return Transition{}, allowed, false
}

// target is where an action would have led; the first of several.
func target(action Action) State {
	for _, t := range Graph {
		if t.Action == action {
			return t.To[0]
		}
	}
	return ""
}

// actor is who takes an action; it is the same in all rows of the action.
func actor(action Action) Who {
	for _, t := range Graph {
		if t.Action == action {
			return t.By
		}
	}
	return ""
}
