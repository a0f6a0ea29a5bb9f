// Package application is who takes part in an opportunity: places, shifts,
// wait-list, attendance and hours. It does no I/O and has no clock.
package application

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
)

// How long the host may know who applied, in days.
const (
	KeepDays       = 30  // After the last day, or after a refusal or withdrawal.
	KeepAgreedDays = 365 // After the last day, of who agreed to be told of later ones and had a place.
)

// State is where an application stands; the values are those of the contract.
type State string

// The states.
const (
	Requested  State = "REQUESTED"
	Accepted   State = "ACCEPTED"
	Waitlisted State = "WAITLISTED"
	Declined   State = "DECLINED"
	Withdrawn  State = "WITHDRAWN"
	Cancelled  State = "CANCELLED"
)

// Live reports whether it has a place or waits for one.
func (s State) Live() bool { return s == Requested || s == Accepted || s == Waitlisted }

// GroupKind is who applies together; "" for one person. The values are those of
// the contract.
type GroupKind string

// The kinds of groups.
const (
	Family  GroupKind = "FAMILY"
	School  GroupKind = "SCHOOL"
	Company GroupKind = "COMPANY"
)

// Web is the channel of who applies for themselves; others are the desk's.
const Web = "WEB"

// Person is who applies, of a group the leader; personal data.
type Person struct {
	ID              string
	Name            string
	NameKana        string
	Email           string // In lower case; "" for none.
	PhoneNumber     string
	Note            string
	GroupName       string
	GuardianConsent string
	PaperNote       string
}

// Wish is a wished shift.
type Wish struct {
	ShiftID  string
	Accepted bool
	Attended *int // People who came; nil when nothing was recorded.
}

// Application is one for an opportunity, by one person or for one group.
type Application struct {
	ID               string
	OpportunityID    string
	Kind             opportunity.Kind
	OpportunityTitle string
	PersonID         string // "" after the deletion.
	Account          string // Pseudonym of who applied; "" for none.
	EnteredBy        string // Pseudonym of the desk that entered it; "" for none.
	Channel          string
	State            State
	Place            int // In the order of application, from 1.
	Position         int // On the wait-list, from 1; 0 for none.
	Heads            int
	Group            GroupKind
	Minors           bool
	Trial            bool
	Wishes           []Wish // Most wished first.
	MaxShifts        int
	Attended         *int // Where there are no shifts; nil when nothing was recorded.
	Agrees           bool // To be told of later opportunities.
	Message          string
	EraseOn          jp.Date
	CreatedAt        time.Time
	UpdatedAt        time.Time
	Version          int64
}

// Check refuses an application that the opportunity does not take. Errors:
// INVALID_FIELD, GROUP_NOT_ADMITTED, GUARDIAN_CONSENT_REQUIRED, PLEDGE_REQUIRED,
// TRIAL_NOT_OFFERED.
func (a *Application) Check(t *opportunity.Details, p Person, pledged bool) error {
	switch a.Group {
	case "":
		if a.Heads > 1 {
			return fault.ErrInvalidField.On(fault.Wrong("application.heads", "2人以上で申し込むときは、団体の種類を選んでください。", "For more than one person, say what kind of group it is."))
		}
	case Family:
		if !t.ParentChild {
			return ErrGroup.OnPath("application.groupKind")
		}
	default:
		if a.Group == School && !t.SchoolGroups || a.Group == Company && !t.CompanyGroups {
			return ErrGroup.OnPath("application.groupKind")
		}
		if p.GroupName == "" {
			return fault.ErrInvalidField.On(fault.Missing("application.applicant.groupName"))
		}
	}
	if a.Minors && p.GuardianConsent == "" {
		return ErrConsent.OnPath("application.applicant.guardianConsent")
	}
	if t.Needs(opportunity.Pledge) && !pledged {
		return ErrPledge.OnPath("application.pledged")
	}
	if a.Trial && t.TrialPlaces == 0 {
		return ErrTrial.OnPath("application.trial")
	}
	return nil
}

// ShiftIDs are the shifts in which it has a place.
func (a *Application) ShiftIDs() []string {
	var ids []string
	for _, w := range a.Wishes {
		if w.Accepted {
			ids = append(ids, w.ShiftID)
		}
	}
	return ids
}

// Attend records how many came to a shift, or without one to the opportunity.
// Errors: INVALID_FIELD, INVALID_STATE_TRANSITION, SHIFT_REQUIRED, SHIFT_UNKNOWN,
// ATTENDANCE_TOO_EARLY.
func (a *Application) Attend(p *Places, shiftID string, heads int, now time.Time) error {
	if a.State != Accepted {
		return a.transition(a.State)
	}
	if heads > a.Heads {
		return fault.ErrInvalidField.OnPath("heads")
	}
	if shiftID == "" {
		if len(a.ShiftIDs()) > 0 {
			return ErrShiftRequired.OnPath("shiftId")
		}
		if now.Before(p.StartsOn.StartOfDay()) {
			return ErrTooEarly
		}
		a.Attended = &heads
		return nil
	}
	i := slices.IndexFunc(a.Wishes, func(w Wish) bool { return w.ShiftID == shiftID && w.Accepted })
	s := p.Shift(shiftID)
	if i < 0 || s == nil {
		return ErrShiftUnknown.With("shiftId", shiftID)
	}
	if now.Before(s.StartsAt) {
		return ErrTooEarly
	}
	a.Wishes[i].Attended = &heads
	return nil
}

// StopInvitations ends the agreement to be told of later opportunities, and the
// longer keeping with it. It reports whether that was news.
func (a *Application) StopInvitations(lastOn jp.Date) bool {
	if !a.Agrees {
		return false
	}
	a.Agrees = false
	if a.State.Live() {
		a.EraseOn = lastOn.AddDays(KeepDays + 1)
	}
	return true
}

func (a *Application) transition(to State) error {
	var allowed []string
	switch a.State {
	case Requested:
		allowed = []string{"accept", "waitlist", "decline", "withdraw"}
	case Waitlisted:
		allowed = []string{"accept", "decline", "withdraw"}
	case Accepted:
		allowed = []string{"decline", "withdraw", "recordAttendance"}
	}
	return fault.Transition(string(a.State), string(to), allowed...)
}
