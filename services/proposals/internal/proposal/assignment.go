package proposal

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
)

// Part is what a department does in a proposal; the values are those of the
// contract.
type Part string

// The parts.
const (
	Lead     Part = "LEAD"
	Joint    Part = "JOINT"
	Informed Part = "INFORMED"
)

// Response is a department's answer; the values are those of the contract.
type Response string

// The responses.
const (
	Pending    Response = "PENDING"
	AcceptedBy Response = "ACCEPTED"
	DeclinedBy Response = "DECLINED"
)

// Assignment is the part of one department.
type Assignment struct {
	DepartmentID string    `json:"departmentId"`
	Part         Part      `json:"part"`
	Duty         string    `json:"duty,omitempty"`
	Response     Response  `json:"response"`
	Reason       string    `json:"reason,omitempty"` // Why it declined.
	RespondedAt  time.Time `json:"respondedAt,omitzero"`
}

// Assign gives the departments their parts, in place of those before. A
// department that keeps its part keeps its answer; who is only informed need
// not answer. Errors: INVALID_STATE_TRANSITION, PERMISSION_DENIED,
// ASSIGNMENT_INVALID.
func (p *Proposal) Assign(by Reader, to []Assignment, now time.Time) (Move, error) {
	if err := p.permit(Assign, by); err != nil {
		return Move{}, err
	}
	leads, seen := 0, map[string]bool{}
	for i := range to {
		a := &to[i]
		if seen[a.DepartmentID] {
			return Move{}, ErrAssignmentInvalid
		}
		seen[a.DepartmentID] = true
		if a.Part == Lead {
			leads++
		}
		a.Response = Pending
		if a.Part == Informed {
			a.Response = AcceptedBy
		}
		if old := p.assignment(a.DepartmentID); old != nil && old.Part == a.Part {
			a.Response, a.Reason, a.RespondedAt = old.Response, old.Reason, old.RespondedAt
		}
	}
	if leads != 1 {
		return Move{}, ErrAssignmentInvalid
	}
	slices.SortStableFunc(to, func(a, b Assignment) int { return partOrder[a.Part] - partOrder[b.Part] })
	p.Assignments = to
	return p.move(Assign, Assigned, now), nil
}

var partOrder = map[Part]int{Lead: 0, Joint: 1, Informed: 2}

// Respond answers for the reader's department. Errors: INVALID_STATE_TRANSITION,
// PERMISSION_DENIED, INVALID_FIELD, ASSIGNMENT_ANSWERED.
func (p *Proposal) Respond(by Reader, answer Response, reason string, now time.Time) (Move, error) {
	if err := p.permit(Respond, by); err != nil {
		return Move{}, err
	}
	if answer == DeclinedBy && reason == "" {
		return Move{}, fault.ErrInvalidField.On(fault.Missing("reason"))
	}
	a := p.assignment(by.Department)
	if a.Response != Pending {
		return Move{}, ErrAssignmentAnswered.With("response", string(a.Response))
	}
	a.Response, a.Reason, a.RespondedAt = answer, reason, now
	m := p.move(Respond, Assigned, now)
	m.Reason = reason
	return m, nil
}

func (p *Proposal) assignment(departmentID string) *Assignment {
	for i := range p.Assignments {
		if p.Assignments[i].DepartmentID == departmentID {
			return &p.Assignments[i]
		}
	}
	return nil
}

// LeadID is the department in charge; empty before the assignment.
func (p *Proposal) LeadID() string {
	for _, a := range p.Assignments {
		if a.Part == Lead {
			return a.DepartmentID
		}
	}
	return ""
}

// DepartmentIDs are all departments with a part, lead first.
func (p *Proposal) DepartmentIDs() []string {
	ids := make([]string, len(p.Assignments))
	for i, a := range p.Assignments {
		ids[i] = a.DepartmentID
	}
	return ids
}

// Responsible are the departments that stand beside the organization in public:
// the lead and those that share the work, without who declined.
func (p *Proposal) Responsible() []string {
	ids := []string{}
	for _, a := range p.Assignments {
		if a.Part != Informed && a.Response != DeclinedBy {
			ids = append(ids, a.DepartmentID)
		}
	}
	return ids
}

// StartReview begins the review, where the call's steps have it next; a carried
// over proposal is reopened as at the last step. Errors:
// INVALID_STATE_TRANSITION, PERMISSION_DENIED, LEAD_NOT_ACCEPTED,
// STEP_OUT_OF_ORDER.
func (p *Proposal) StartReview(by Reader, of *call.Call, now time.Time) (Move, error) {
	if err := p.permit(StartReview, by); err != nil {
		return Move{}, err
	}
	if p.State == CarriedOver {
		p.Step = len(of.Steps)
		return p.move(StartReview, UnderReview, now), nil
	}
	if err := p.next(of, call.Review); err != nil {
		return Move{}, err
	}
	return p.move(StartReview, UnderReview, now), nil
}

// Negotiate begins the talks, where the call's steps have them next. Errors:
// INVALID_STATE_TRANSITION, PERMISSION_DENIED, LEAD_NOT_ACCEPTED,
// STEP_OUT_OF_ORDER.
func (p *Proposal) Negotiate(by Reader, of *call.Call, now time.Time) (Move, error) {
	if err := p.permit(Negotiate, by); err != nil {
		return Move{}, err
	}
	if err := p.next(of, call.Negotiation); err != nil {
		return Move{}, err
	}
	return p.move(Negotiate, InNegotiation, now), nil
}

// next enters a step of the call.
func (p *Proposal) next(of *call.Call, step call.Step) error {
	if lead := p.assignment(p.LeadID()); lead == nil || lead.Response != AcceptedBy {
		return ErrLeadNotAccepted
	}
	if p.Step >= len(of.Steps) {
		return ErrStepOutOfOrder.With("next", string(DraftDecision))
	}
	if of.Steps[p.Step] != step {
		return ErrStepOutOfOrder.With("next", string(of.Steps[p.Step]))
	}
	p.Step++
	return nil
}
