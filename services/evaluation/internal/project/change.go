package project

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// ChangeState is where a change request stands; the values are those of the
// contract.
type ChangeState string

// The states of a change request.
const (
	Requested ChangeState = "REQUESTED"
	Accepted  ChangeState = "ACCEPTED"
	Declined  ChangeState = "DECLINED"
	Withdrawn ChangeState = "WITHDRAWN"
)

// Change is what one side asks the other to change.
type Change struct {
	ID         string
	ProjectID  string
	State      ChangeState
	Side       Side // That asks.
	Fields     []Field
	Before     Terms // The fields alone.
	After      Terms // The fields alone.
	Reason     string
	Answer     string
	AskedBy    string // Pseudonym.
	AskedAt    time.Time
	AnsweredBy string    // Pseudonym; empty before.
	AnsweredAt time.Time // Zero before.
}

// Ask begins a change request of the reader's side, for an agreed or running
// project. The project as it would be is checked. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION, INVALID_FIELD.
func (p *Project) Ask(by Reader, c *Change, now time.Time) error {
	side := by.Side(p)
	if side == None {
		return fault.ErrPermissionDenied
	}
	if err := p.changeable(); err != nil {
		return err
	}
	would := *p
	would.Take(c.Fields, c.After)
	if err := would.Check(); err != nil {
		return err
	}
	c.ProjectID, c.State, c.Side, c.AskedBy, c.AskedAt = p.ID, Requested, side, by.ID, now
	c.Before, c.After = p.Only(c.Fields), c.After.Only(c.Fields)
	return nil
}

func (p *Project) changeable() error {
	if p.State != Agreed && p.State != Running {
		return fault.Transition(string(p.State), string(p.State), allowed(p.State)...)
	}
	return nil
}

// answers refuses who does not answer for the other side. Errors:
// PERMISSION_DENIED, CHANGE_OF_OWN_SIDE, INVALID_STATE_TRANSITION.
func (c *Change) answers(p *Project, by Reader) error {
	organization, ward := by.Heads(p), by.Desk || by.Staff && p.hasDepartment(by.Department)
	switch {
	case !organization && !ward:
		return fault.ErrPermissionDenied
	case by.ID == c.AskedBy, c.Side == Organization && !ward, c.Side == Ward && !organization:
		return ErrChangeOfOwnSide
	case c.State != Requested:
		return fault.Transition(string(c.State), string(Accepted))
	}
	return nil
}

func (c *Change) answer(to ChangeState, by Reader, words string, now time.Time) {
	c.State, c.Answer, c.AnsweredBy, c.AnsweredAt = to, words, by.ID, now
}

// Accept changes the project; what the agreement says is outdated by it. Errors: INVALID_STATE_TRANSITION, PERMISSION_DENIED,
// CHANGE_OF_OWN_SIDE, INVALID_FIELD.
func (c *Change) Accept(p *Project, by Reader, words string, now time.Time) error {
	if err := c.answers(p, by); err != nil {
		return err
	}
	if err := p.changeable(); err != nil {
		return err
	}
	c.Before = p.Only(c.Fields)
	p.Take(c.Fields, c.After)
	p.settleYear()
	if err := p.Check(); err != nil {
		return err
	}
	p.AgreementOutdated = true
	c.answer(Accepted, by, words, now)
	return nil
}

// Decline leaves the project as it is. Errors: INVALID_STATE_TRANSITION,
// PERMISSION_DENIED, CHANGE_OF_OWN_SIDE.
func (c *Change) Decline(p *Project, by Reader, words string, now time.Time) error {
	if err := c.answers(p, by); err != nil {
		return err
	}
	c.answer(Declined, by, words, now)
	return nil
}

// Withdraw takes the request back, for the side that asked. Errors:
// INVALID_STATE_TRANSITION, PERMISSION_DENIED, CHANGE_OF_OTHER_SIDE.
func (c *Change) Withdraw(p *Project, by Reader, now time.Time) error {
	switch side := by.Side(p); {
	case side == None:
		return fault.ErrPermissionDenied
	case side != c.Side:
		return ErrChangeOfOtherSide
	case c.State != Requested:
		return fault.Transition(string(c.State), string(Withdrawn))
	}
	c.answer(Withdrawn, by, "", now)
	return nil
}
