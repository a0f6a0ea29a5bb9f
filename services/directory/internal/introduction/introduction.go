// Package introduction is the domain of bringing the owner of a listing and a
// partner together: both agree, both say what came of it.
package introduction

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// State is where an introduction stands; the names are the contract's.
type State string

// The states.
const (
	Proposed     State = "PROPOSED"      // A side has not answered.
	Accepted     State = "ACCEPTED"      // Both sides agreed.
	Declined     State = "DECLINED"      // A side declined.
	Concluded    State = "CONCLUDED"     // Something came of it.
	NotConcluded State = "NOT_CONCLUDED" // Nothing came of it.
)

// The results that a side records.
const (
	Succeeded = "SUCCEEDED"
	Failed    = "FAILED"
)

// Party is a side: an organization or a department.
type Party struct {
	OrganizationID string // Empty for a department.
	DepartmentID   string // Empty for an organization.
	Name           string // Today; read only.
}

// Same reports whether both are the same organization or department.
func (p Party) Same(other Party) bool {
	return p.OrganizationID == other.OrganizationID && p.DepartmentID == other.DepartmentID
}

// Record is what a side says came of it.
type Record struct {
	Result         string // Succeeded or Failed; empty while not recorded.
	Note           string
	PublishConsent bool
	At             *time.Time
}

// Side is one side of an introduction.
type Side struct {
	Party
	AcceptedAt *time.Time
	Contact    []byte // Sealed; nil when none was given or it was erased.
	Record     Record
}

// Introduction is one partner brought together with the owner of a listing.
type Introduction struct {
	ID            string
	ListingID     string
	State         State
	Owner         Side
	Partner       Side
	MatchingID    string // Listing of the partner; empty for none.
	Message       string
	DeclineReason string
	Desk          Record
	CreatedBy     string // Pseudonym.
	EndedAt       *time.Time
	CreatedAt     time.Time
	UpdatedAt     time.Time
	Version       int64
}

// Caller is which sides a caller acts for.
type Caller struct {
	Owner, Partner bool
	Desk           bool
}

// Acts reports whether the caller acts for a side.
func (c Caller) Acts() bool { return c.Owner || c.Partner }

// New proposes an introduction that has its ids, sides and message; who acts for
// the partner agrees with it. Errors: INTRODUCTION_TO_SELF, PERMISSION_DENIED.
func New(i Introduction, by Caller, now time.Time) (*Introduction, error) {
	switch {
	case i.Owner.Same(i.Partner.Party):
		return nil, ErrToSelf
	case !by.Partner && !by.Desk:
		return nil, fault.ErrPermissionDenied
	}
	if by.Partner {
		i.Partner.AcceptedAt = &now
	}
	i.State, i.Message = Proposed, jp.Clean(i.Message)
	i.CreatedAt, i.UpdatedAt, i.Version = now, now, 1
	return &i, nil
}

// Accept agrees for a side of the caller that has not agreed, the owner's first,
// and returns it. Errors: PERMISSION_DENIED, INVALID_STATE_TRANSITION.
func (i *Introduction) Accept(by Caller, now time.Time) (*Side, error) {
	var side *Side
	switch {
	case !by.Acts():
		return nil, fault.ErrPermissionDenied
	case by.Owner && i.Owner.AcceptedAt == nil:
		side = &i.Owner
	case by.Partner && i.Partner.AcceptedAt == nil:
		side = &i.Partner
	}
	if i.State != Proposed || side == nil {
		return nil, fault.Transition(string(i.State), string(Accepted), i.possible()...)
	}
	side.AcceptedAt = &now
	if i.Owner.AcceptedAt != nil && i.Partner.AcceptedAt != nil {
		i.State = Accepted
	}
	return side, nil
}

// Decline ends the introduction before it is accepted. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION.
func (i *Introduction) Decline(by Caller, reason string, now time.Time) error {
	if !by.Acts() && !by.Desk {
		return fault.ErrPermissionDenied
	}
	if i.State != Proposed {
		return fault.Transition(string(i.State), string(Declined), i.possible()...)
	}
	i.DeclineReason = jp.Clean(reason)
	i.end(Declined, now)
	return nil
}

// Record notes what came of an accepted introduction, for every side that the
// caller acts for, or for the desk. It ends when both sides say the same, or by
// the desk. Errors: PERMISSION_DENIED, INVALID_STATE_TRANSITION.
func (i *Introduction) Record(by Caller, r Record, now time.Time) error {
	if !by.Acts() && !by.Desk {
		return fault.ErrPermissionDenied
	}
	if i.State != Accepted {
		return fault.Transition(string(i.State), string(Concluded), i.possible()...)
	}
	r.Note, r.At = jp.Clean(r.Note), &now
	if by.Owner {
		i.Owner.Record = r
	}
	if by.Partner {
		i.Partner.Record = r
	}
	result := ""
	switch {
	case !by.Acts():
		r.PublishConsent = false
		i.Desk, result = r, r.Result
	case i.Owner.Record.Result == i.Partner.Record.Result:
		result = r.Result
	}
	switch result {
	case Succeeded:
		i.end(Concluded, now)
	case Failed:
		i.end(NotConcluded, now)
	}
	return nil
}

// Named reports whether both sides let the partner be told with a success.
func (i *Introduction) Named() bool {
	return i.Owner.Record.PublishConsent && i.Partner.Record.PublishConsent
}

// end ends the introduction and erases the contacts: their purpose is over.
func (i *Introduction) end(s State, now time.Time) {
	i.State, i.EndedAt = s, &now
	i.Owner.Contact, i.Partner.Contact = nil, nil
}

// possible are the states that follow the present one.
func (i *Introduction) possible() []string {
	switch i.State {
	case Proposed:
		return []string{string(Accepted), string(Declined)}
	case Accepted:
		return []string{string(Concluded), string(NotConcluded)}
	default:
		return nil
	}
}
