// Package referral is the domain of matters that the general desk hands to an
// intermediary, with a due day in office days and a report.
package referral

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/member"
)

// State is where a referral stands; the names are the contract's.
type State string

// The states.
const (
	Sent      State = "SENT"      // Not answered.
	Accepted  State = "ACCEPTED"  // Taken on.
	Declined  State = "DECLINED"  // Given back.
	Reported  State = "REPORTED"  // Ended with a report.
	Withdrawn State = "WITHDRAWN" // Taken back by the desk.
)

// officeDays is how long an intermediary has when nobody says.
const officeDays = 10

// Referral is a matter that the general desk handed to an intermediary, with what
// became of it.
type Referral struct {
	ID                 string      `db:"id"`
	State              State       `db:"state"`
	IntermediaryID     string      `db:"intermediary_id"`
	IntermediaryName   string      `db:"intermediary_name"` // Today; read only.
	ConsultationID     string      `db:"consultation_id"`   // Empty for none.
	ConsultationNumber string      `db:"consultation_number"`
	OrganizationID     string      `db:"organization_id"`   // Empty for a resident's matter.
	OrganizationName   string      `db:"organization_name"` // Today; read only.
	Subject            string      `db:"subject"`
	Message            string      `db:"message"`
	Contact            []byte      `db:"contact"` // Sealed; nil when none was given or it was erased.
	DueOn              jp.Date     `db:"due_on"`  // An office day.
	Reason             string      `db:"reason"`
	Outcome            string      `db:"outcome"` // Name in the contract; empty before.
	Report             string      `db:"report"`
	CreatedBy          string      `db:"created_by"` // Pseudonym.
	AcceptedAt         *time.Time  `db:"accepted_at"`
	EndedAt            *time.Time  `db:"ended_at"`
	CreatedAt          time.Time   `db:"created_at"`
	UpdatedAt          time.Time   `db:"updated_at"`
	Version            int64       `db:"version"`
	CallerRole         member.Role `db:"caller_role"` // In the intermediary, by the rows.
}

// New sends a referral that has its ids and texts; days are office days, 0 for
// the usual ones.
func New(r Referral, days int, now time.Time) *Referral {
	if days == 0 {
		days = officeDays
	}
	r.DueOn = jp.AddOfficeDays(jp.DateOf(now), days)
	r.State, r.Subject, r.Message = Sent, jp.Clean(r.Subject), jp.Clean(r.Message)
	r.CreatedAt, r.UpdatedAt, r.Version = now, now, 1
	return &r
}

// Open reports whether the intermediary has something to do.
func (r *Referral) Open() bool { return r.State == Sent || r.State == Accepted }

// Overdue reports whether the due day has passed without an end.
func (r *Referral) Overdue(today jp.Date) bool { return r.Open() && r.DueOn.Before(today) }

// acts refuses who only reads for the intermediary. Errors: PERMISSION_DENIED.
func (r *Referral) acts() error {
	if r.CallerRole != member.Editor && r.CallerRole != member.Representative {
		return fault.ErrPermissionDenied
	}
	return nil
}

// Reads refuses the contact to who may not have it, or not any more. Errors:
// PERMISSION_DENIED, INVALID_STATE_TRANSITION.
func (r *Referral) Reads() error {
	if err := r.acts(); err != nil {
		return err
	}
	if r.State != Accepted {
		return r.refuse(Accepted)
	}
	return nil
}

// Accept takes the matter on. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION.
func (r *Referral) Accept(now time.Time) error {
	if err := r.acts(); err != nil {
		return err
	}
	if r.State != Sent {
		return r.refuse(Accepted)
	}
	r.State, r.AcceptedAt = Accepted, &now
	return nil
}

// Decline gives the matter back. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION.
func (r *Referral) Decline(reason string, now time.Time) error {
	if err := r.acts(); err != nil {
		return err
	}
	r.Reason = jp.Clean(reason)
	return r.end(Declined, now)
}

// Tell reports what became of the matter. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION.
func (r *Referral) Tell(outcome, report string, now time.Time) error {
	if err := r.acts(); err != nil {
		return err
	}
	if r.State != Accepted {
		return r.refuse(Reported)
	}
	r.Outcome, r.Report = outcome, jp.Clean(report)
	return r.end(Reported, now)
}

// Withdraw takes the referral back. Errors: INVALID_STATE_TRANSITION.
func (r *Referral) Withdraw(reason string, now time.Time) error {
	r.Reason = jp.Clean(reason)
	return r.end(Withdrawn, now)
}

// end ends the referral and erases the contact: its purpose is over.
func (r *Referral) end(s State, now time.Time) error {
	if !r.Open() {
		return r.refuse(s)
	}
	r.State, r.EndedAt, r.Contact = s, &now, nil
	return nil
}

func (r *Referral) refuse(to State) error {
	switch r.State {
	case Sent:
		return fault.Transition(string(r.State), string(to), string(Accepted), string(Declined), string(Withdrawn))
	case Accepted:
		return fault.Transition(string(r.State), string(to), string(Reported), string(Declined), string(Withdrawn))
	default:
		return fault.Transition(string(r.State), string(to))
	}
}
