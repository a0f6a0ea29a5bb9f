package booking

import "slices"

// State is a place in the graph; the values are those of the contract.
type State string

// The states.
const (
	Tentative State = "TENTATIVE"
	Approved  State = "APPROVED"
	Used      State = "USED"
	NoShow    State = "NO_SHOW"
	Expired   State = "EXPIRED"
	Rejected  State = "REJECTED"
	Cancelled State = "CANCELLED"
)

// Action is a step of the graph; the values are the verbs of the contract.
type Action string

// The actions.
const (
	Create             Action = "create"
	Approve            Action = "approve"
	RequestInformation Action = "requestInformation"
	AnswerInformation  Action = "answerInformation"
	Reject             Action = "reject"
	Cancel             Action = "cancel"
	Amend              Action = "amend"
	CheckIn            Action = "checkIn"
	RecordNoShow       Action = "recordNoShow"
	RecordPayment      Action = "recordPayment"
	RecordRefund       Action = "recordRefund"
	ReduceFee          Action = "reduceFee"
	DecideReduction    Action = "decideReduction"
	Expire             Action = "expire"
)

// Who may take a step.
type Who string

// The parties of the graph.
const (
	ByHolder   Who = "whose booking it is, desk or clerk"
	ByDeskSide Who = "desk or clerk"
	ByDecider  Who = "clerk or approver, not who entered it"
	ByApprover Who = "approver, not the drafter"
	BySystem   Who = "job"
)

// Transition is one row of the graph.
type Transition struct {
	From []State
	By   Who
	// Target is the state after; empty where the step leaves it as it is.
	Target State
	// Approves tells that the step may also lead to Approved.
	Approves bool
}

// Graph is the only way from state to state.
var Graph = map[Action]Transition{
	Approve:            {From: []State{Tentative}, By: ByDecider, Target: Approved},
	RequestInformation: {From: []State{Tentative}, By: ByDeskSide},
	AnswerInformation:  {From: []State{Tentative}, By: ByHolder},
	Reject:             {From: []State{Tentative}, By: ByDecider, Target: Rejected},
	Cancel:             {From: []State{Tentative, Approved}, By: ByHolder, Target: Cancelled},
	Amend:              {From: []State{Tentative, Approved}, By: ByHolder, Approves: true},
	CheckIn:            {From: []State{Approved}, By: ByDeskSide, Target: Used},
	RecordNoShow:       {From: []State{Approved}, By: ByDeskSide, Target: NoShow},
	RecordPayment:      {From: []State{Tentative, Approved, Used, NoShow}, By: ByDeskSide, Approves: true},
	RecordRefund:       {From: []State{Tentative, Approved, Used, NoShow, Expired, Rejected, Cancelled}, By: ByDeskSide},
	ReduceFee:          {From: []State{Tentative, Approved}, By: ByDeskSide},
	DecideReduction:    {From: []State{Tentative, Approved}, By: ByApprover, Approves: true},
	Expire:             {From: []State{Tentative}, By: BySystem, Target: Expired},
}

func (t Transition) leavesFrom(s State) bool { return slices.Contains(t.From, s) }

// To is the state after the step from a state.
func (t Transition) To(from State) State {
	if t.Target == "" {
		return from
	}
	return t.Target
}

// allowed are the steps that people can take in a state, in alphabetic order.
func allowed(s State) []string {
	var out []string
	for a, t := range Graph {
		if t.leavesFrom(s) && t.By != BySystem {
			out = append(out, string(a))
		}
	}
	slices.Sort(out)
	return out
}

// Holds reports whether a booking in the state has its slots.
func (s State) Holds() bool { return s == Tentative || s == Approved || s == Used || s == NoShow }
