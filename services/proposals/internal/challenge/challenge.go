// Package challenge is what the ward wants to work on (区の課題) and what
// organizations answer to it. It does no I/O and has no clock.
package challenge

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

// State is where a challenge stands; the values are those of the contract.
type State string

// The states, in the order in which a challenge takes them.
const (
	Draft     State = "DRAFT"
	Published State = "PUBLISHED"
	Closed    State = "CLOSED"
)

// Challenge is a challenge of the ward (区の課題), to which organizations answer. Its
// row is locked for every change of it.
type Challenge struct {
	ID             string
	Kind           string // PROBLEM or FOCUS.
	Title          string
	Body           string
	Wish           string
	DepartmentID   string
	DepartmentName string // Present full name.
	FiscalYear     int
	ClosesOn       jp.Date // Last day for answers, inclusive; zero for no end.
	State          State
	Outcome        string
	Responses      int      // Answers of organizations.
	Proposals      int      // Submitted ones that name it.
	CallIDs        []string // Public calls that name it.
	CreatedAt      time.Time
	UpdatedAt      time.Time
	PublishedAt    time.Time // Zero for a draft.
	Version        int64
}

// Keeps reports whether the reader acts for the ward in the challenge: the desk or
// staff of its department.
func (c *Challenge) Keeps(by proposal.Reader) bool {
	return by.Desk || by.Staff && by.Department != "" && by.Department == c.DepartmentID
}

// Sees reports whether the reader sees the challenge.
func (c *Challenge) Sees(by proposal.Reader) bool { return c.State != Draft || c.Keeps(by) }

// Editable refuses changes that the reader or the state does not have; fields are
// their JSON names. Errors: PERMISSION_DENIED, CHALLENGE_NOT_EDITABLE.
func (c *Challenge) Editable(by proposal.Reader, fields []string) error {
	if !c.Keeps(by) {
		return fault.ErrPermissionDenied
	}
	if c.State == Draft {
		return nil
	}
	for _, f := range fields {
		if f != "outcome" && (f != "closes_on" || c.State == Closed) {
			return ErrNotEditable.With("state", string(c.State))
		}
	}
	return nil
}

// Publish makes a complete draft public. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION, CHALLENGE_INCOMPLETE.
func (c *Challenge) Publish(by proposal.Reader, now time.Time) error {
	switch {
	case !c.Keeps(by):
		return fault.ErrPermissionDenied
	case c.State != Draft:
		return c.refuse(Published)
	}
	var missing []fault.Field
	for _, f := range []struct {
		path  string
		empty bool
	}{
		{"title", c.Title == ""},
		{"body", c.Body == ""},
		{"closesOn", !c.ClosesOn.IsZero() && c.ClosesOn.Before(jp.DateOf(now))}, // To be set anew.
	} {
		if f.empty {
			missing = append(missing, fault.Missing(f.path))
		}
	}
	if len(missing) > 0 {
		return ErrIncomplete.On(missing...)
	}
	c.State, c.PublishedAt = Published, now
	return nil
}

// Close takes no more answers; an outcome replaces the one before. Errors:
// PERMISSION_DENIED, INVALID_STATE_TRANSITION.
func (c *Challenge) Close(by proposal.Reader, outcome string) error {
	switch {
	case !c.Keeps(by):
		return fault.ErrPermissionDenied
	case c.State != Published:
		return c.refuse(Closed)
	}
	c.State = Closed
	if outcome != "" {
		c.Outcome = outcome
	}
	return nil
}

var next = map[State]State{Draft: Published, Published: Closed}

func (c *Challenge) refuse(to State) error {
	var allowed []string
	if n, ok := next[c.State]; ok {
		allowed = append(allowed, string(n))
	}
	return fault.Transition(string(c.State), string(to), allowed...)
}

// Takes refuses answers to a challenge that is not open at now. Errors:
// CHALLENGE_CLOSED, RESOURCE_NOT_FOUND.
func (c *Challenge) Takes(now time.Time) error {
	switch {
	case c.State == Draft:
		return fault.ErrNotFound
	case c.State == Closed, !c.ClosesOn.IsZero() && !now.Before(c.ClosesOn.NextMidnight()):
		return ErrClosed
	}
	return nil
}
