// Package training is how staff of the ward are trained by those who are active:
// application, the superior's word, conflicts of interest, matching, and what is
// written afterwards. It does no I/O and has no clock.
package training

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
)

// What follows when, and how long the applicant is known.
const (
	reportDays     = 14 // After the last day; then the next office day.
	followUpMonths = 6
	followUpDays   = 14 // In which the follow-up is due.
	keepYears      = 3  // After the last day, or after the application.
	maxConflicts   = 10
)

// State is where an application stands; the values are those of the contract.
type State string

// The states.
const (
	Requested State = "REQUESTED"
	Approved  State = "APPROVED"
	Declined  State = "DECLINED"
	Withdrawn State = "WITHDRAWN"
	Matched   State = "MATCHED"
	Unmatched State = "UNMATCHED"
	Cancelled State = "CANCELLED"
)

// Conflict is a declared conflict of interest.
type Conflict struct {
	OrganizationID string `json:"organizationId"`
	Reason         string `json:"reason"`
}

// Offer is a public offer of training as the applications need it.
type Offer struct {
	ID             string
	Level          opportunity.Kind
	OrganizationID string // "" for a department's.
	StartsOn       jp.Date
	LastOn         jp.Date
	Open           bool // Takes applications now.
}

// FiscalYear is that of its first day.
func (o Offer) FiscalYear() int { return jp.FiscalYear(o.StartsOn) }

// Application is that of one member of the staff.
type Application struct {
	ID               string
	Level            opportunity.Kind
	FiscalYear       int
	Applicant        string // Person id; "" after the deletion.
	DepartmentID     string
	DepartmentName   string // On the day of the application.
	Screens          bool   // Whether the applicant works in the screening of proposals.
	Motive           string
	Wishes           []string // Offers, the most wished first.
	Conflicts        []Conflict
	State            State
	DecidedBy        string // Superior; "" before.
	DeclineReason    string
	OpportunityID    string // With which it was matched; "" for none.
	OpportunityTitle string
	MatchingID       string // "" where it was placed by hand.
	StartsOn         jp.Date
	EndsOn           jp.Date
	ReportDueOn      jp.Date
	FollowUpOn       jp.Date
	EraseOn          jp.Date
	CreatedAt        time.Time
	UpdatedAt        time.Time
	Version          int64
}

// Apply takes level and fiscal year from the wished offers, in their order.
// Errors: TRAINING_WISH_CLOSED, TRAINING_WISHES_MIXED.
func (a *Application) Apply(offers []Offer, today jp.Date) error {
	for i, id := range a.Wishes {
		at := slices.IndexFunc(offers, func(o Offer) bool { return o.ID == id })
		if at < 0 || !offers[at].Open {
			return ErrWishClosed.With("opportunityId", id)
		}
		if o := offers[at]; i == 0 {
			a.Level, a.FiscalYear = o.Level, o.FiscalYear()
		} else if err := a.fits(o); err != nil {
			return err
		}
	}
	a.State, a.EraseOn = Requested, today.AddMonths(12*keepYears)
	return nil
}

func (a *Application) fits(o Offer) error {
	if o.Level != a.Level || o.FiscalYear() != a.FiscalYear {
		return ErrWishesMixed.With("opportunityId", o.ID)
	}
	return nil
}

// Approve is the superior's yes. Errors: SELF_APPROVAL_FORBIDDEN,
// INVALID_STATE_TRANSITION.
func (a *Application) Approve(by string) error { return a.decide(Approved, by, "") }

// Decline is the superior's no. Errors: SELF_APPROVAL_FORBIDDEN,
// INVALID_STATE_TRANSITION.
func (a *Application) Decline(by, reason string) error { return a.decide(Declined, by, reason) }

func (a *Application) decide(to State, by, reason string) error {
	if by == a.Applicant {
		return fault.ErrSelfApprovalForbidden
	}
	if a.State != Requested {
		return a.transition(to)
	}
	a.State, a.DecidedBy, a.DeclineReason = to, by, reason
	return nil
}

// Withdraw takes it back. Errors: INVALID_STATE_TRANSITION, TRAINING_BEGUN.
func (a *Application) Withdraw(today jp.Date) error {
	switch a.State {
	case Requested, Approved, Unmatched:
	case Matched:
		if !today.Before(a.StartsOn) {
			return ErrBegun
		}
	default:
		return a.transition(Withdrawn)
	}
	a.State = Withdrawn
	return nil
}

// Declare adds a conflict of interest, or changes its reason. Errors:
// INVALID_STATE_TRANSITION, INVALID_FIELD.
func (a *Application) Declare(c Conflict) error {
	if a.State != Requested && a.State != Approved && a.State != Unmatched {
		return a.transition(a.State)
	}
	for i := range a.Conflicts {
		if a.Conflicts[i].OrganizationID == c.OrganizationID {
			a.Conflicts[i] = c
			return nil
		}
	}
	if len(a.Conflicts) == maxConflicts {
		return fault.ErrInvalidField.OnPath("organizationId")
	}
	a.Conflicts = append(a.Conflicts, c)
	return nil
}

// Give gives it a place of an offer, which is free.
func (a *Application) Give(o Offer, matchingID string) {
	a.State, a.OpportunityID, a.MatchingID = Matched, o.ID, matchingID
	a.StartsOn, a.EndsOn = o.StartsOn, o.LastOn
	a.ReportDueOn = jp.NextOfficeDay(o.LastOn.AddDays(reportDays))
	a.FollowUpOn = o.LastOn.AddMonths(followUpMonths)
	a.EraseOn = o.LastOn.AddMonths(12 * keepYears)
}

// FollowUpDueOn is the last day for the follow-up; zero before the matching.
func (a *Application) FollowUpDueOn() jp.Date {
	if a.FollowUpOn.IsZero() {
		return jp.Date{}
	}
	return jp.NextOfficeDay(a.FollowUpOn.AddDays(followUpDays))
}

// Ready refuses what comes after the training before its last day. Errors:
// INVALID_STATE_TRANSITION, TRAINING_TOO_EARLY.
func (a *Application) Ready(today jp.Date) error {
	if a.State != Matched {
		return a.transition(a.State)
	}
	if today.Before(a.EndsOn) {
		return ErrTooEarly
	}
	return nil
}

// DiaryOn refuses the diary of a day that has none. Errors:
// INVALID_STATE_TRANSITION, TRAINING_DIARY_OUTSIDE.
func (a *Application) DiaryOn(day, today jp.Date) error {
	if a.State != Matched {
		return a.transition(a.State)
	}
	if day.Before(a.StartsOn) || day.After(a.EndsOn) || day.After(today) {
		return ErrDiaryOutside
	}
	return nil
}

func (a *Application) transition(to State) error {
	var allowed []string
	switch a.State {
	case Requested:
		allowed = []string{"approveBySuperior", "declineBySuperior", "declareConflict", "withdraw"}
	case Approved:
		allowed = []string{"place", "declareConflict", "withdraw"}
	case Unmatched:
		allowed = []string{"place", "declareConflict", "withdraw"}
	case Matched:
		allowed = []string{"withdraw", "submitReport", "giveFeedback", "followUp"}
	}
	return fault.Transition(string(a.State), string(to), allowed...)
}
