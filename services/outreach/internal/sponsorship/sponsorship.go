// Package sponsorship is the ward's name in support of an organization's event
// (後援名義): application, decision by two persons, report. It does no I/O and has no
// clock.
package sponsorship

import (
	"fmt"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// State is where an application stands; the values are those of the contract.
type State string

// The states.
const (
	Applied   State = "APPLIED"
	Drafted   State = "DECISION_DRAFTED"
	Approved  State = "APPROVED"
	Rejected  State = "REJECTED"
	Reported  State = "REPORTED"
	Withdrawn State = "WITHDRAWN"
)

// NumberKind stands in the numbers of decisions: R8-後-0001.
const NumberKind = "後"

// ReportDays are the days after the last day by which the report is due.
const ReportDays = 30

// Sponsorship is an application for the ward's name (後援名義) with its decision and
// report.
type Sponsorship struct {
	ID             string
	Number         string // Of the decision.
	State          State
	OrganizationID string
	DepartmentID   string // In charge; empty until somebody names it.
	EventID        string
	Text           Text
	Decision       *Decision
	DraftedBy      string // Who drafted the present decision.
	DecidedBy      string // Who approved it.
	Report         *Report
	ReportDueOn    jp.Date // Zero unless approved.
	WithdrawReason string
	CreatedBy      string
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Version        int64

	OrganizationName string // Today.
	DepartmentName   string // Today.
}

// Text is what the organization writes.
type Text struct {
	Title         string
	Purpose       string
	Description   string
	StartsOn      jp.Date
	EndsOn        jp.Date
	Place         string
	Expected      int   // Participants.
	Fee           int64 // Of a participant, in yen.
	OtherSponsors string
	NameUse       string
	ContactName   string
	ContactPhone  string
}

// Decision is the ward's decision, drafted or made.
type Decision struct {
	Approved     bool     `json:"approved"`
	Conditions   []string `json:"conditions,omitempty"`
	Reason       string   `json:"reason,omitempty"`
	DecidedBy    string   `json:"decidedBy"` // By name of the post.
	DecidedOn    string   `json:"decidedOn,omitempty"`
	ReturnReason string   `json:"returnReason,omitempty"` // Why the last draft was sent back.
}

// Report is the organization's report after the event.
type Report struct {
	Participants int       `json:"participants"`
	Summary      string    `json:"summary"`
	Income       int64     `json:"income"`
	Expense      int64     `json:"expense"`
	NameUse      string    `json:"nameUse,omitempty"`
	ReportedAt   time.Time `json:"reportedAt"`
	Late         bool      `json:"late,omitempty"`
}

// Complete fills what the applicant left open.
func (t *Text) Complete() {
	if t.EndsOn.IsZero() {
		t.EndsOn = t.StartsOn
	}
}

// Check refuses an application that lacks something or is for days that are past.
// Errors: INVALID_FIELD.
func (s *Sponsorship) Check(today jp.Date) error {
	var wrong []fault.Field
	for _, f := range []struct {
		path  string
		empty bool
	}{
		{"sponsorship.title", s.Text.Title == ""},
		{"sponsorship.purpose", s.Text.Purpose == ""},
		{"sponsorship.description", s.Text.Description == ""},
		{"sponsorship.startsOn", s.Text.StartsOn.IsZero()},
		{"sponsorship.place", s.Text.Place == ""},
		{"sponsorship.nameUse", s.Text.NameUse == ""},
		{"sponsorship.contactName", s.Text.ContactName == ""},
		{"sponsorship.contactPhone", s.Text.ContactPhone == ""},
	} {
		if f.empty {
			wrong = append(wrong, fault.Missing(f.path))
		}
	}
	add := func(path, ja, en string) {
		wrong = append(wrong, fault.Wrong(path, ja, en))
	}
	if !s.Text.StartsOn.IsZero() && s.Text.StartsOn.Before(today) {
		add("sponsorship.startsOn", "開催の初日は今日以後の日にしてください。", "The first day must not be past.")
	}
	if s.Text.EndsOn.Before(s.Text.StartsOn) {
		add("sponsorship.endsOn", "開催の末日は初日以後の日にしてください。", "The last day must not be before the first.")
	}
	return fault.ErrInvalidField.OnAny(wrong)
}

// Replace makes s the new text of an application whose decision is not drafted;
// department is the full name of the section where it names another. Errors:
// SPONSORSHIP_NOT_EDITABLE.
func (s *Sponsorship) Replace(old *Sponsorship, department string) error {
	if old.State != Applied {
		return ErrNotEditable
	}
	text := *s
	*s = *old
	s.Text, s.EventID = text.Text, text.EventID
	if s.DepartmentID != text.DepartmentID {
		s.DepartmentID, s.DepartmentName = text.DepartmentID, department
	}
	return nil
}

// Assign names the section in charge of an undecided application. Errors:
// INVALID_STATE_TRANSITION.
func (s *Sponsorship) Assign(departmentID, name string) error {
	if s.State != Applied && s.State != Drafted {
		return s.refuse(s.State)
	}
	s.DepartmentID, s.DepartmentName = departmentID, name
	return nil
}

// Draft drafts the decision. Errors: PERMISSION_DENIED, INVALID_STATE_TRANSITION,
// DEPARTMENT_MISSING, INVALID_FIELD, CONDITIONS_WITHOUT_APPROVAL.
func (s *Sponsorship) Draft(by Reader, d Decision) error {
	switch {
	case !by.Drafts(s):
		return fault.ErrPermissionDenied
	case s.State != Applied && s.State != Drafted:
		return s.refuse(Drafted)
	case s.DepartmentID == "":
		return ErrDepartmentMissing
	case !d.Approved && d.Reason == "":
		return fault.ErrInvalidField.On(fault.Missing("reason"))
	case !d.Approved && len(d.Conditions) > 0:
		return ErrConditionsWithoutApproval
	}
	s.State, s.Decision, s.DraftedBy = Drafted, &d, by.ID
	return nil
}

// Decide approves the drafted decision of another person. Errors:
// INVALID_STATE_TRANSITION, SELF_APPROVAL_FORBIDDEN.
func (s *Sponsorship) Decide(by Reader, now time.Time) error {
	switch {
	case s.State != Drafted:
		return s.refuse(Approved)
	case s.DraftedBy == by.ID:
		return fault.ErrSelfApprovalForbidden
	}
	s.State, s.DecidedBy = Rejected, by.ID
	if s.Decision.Approved {
		s.State, s.ReportDueOn = Approved, s.Text.EndsOn.AddDays(ReportDays)
	}
	s.Decision.DecidedOn, s.Decision.ReturnReason = jp.DateOf(now).String(), ""
	return nil
}

// Numbered gives the number of the decision made at now.
func (s *Sponsorship) Numbered(serial int, now time.Time) {
	s.Number = fmt.Sprintf("%s-%s-%04d", jp.FiscalYearCode(jp.FiscalYear(jp.DateOf(now))), NumberKind, serial)
}

// Return sends the drafted decision of another person back. Errors:
// INVALID_STATE_TRANSITION, SELF_APPROVAL_FORBIDDEN.
func (s *Sponsorship) Return(by Reader, reason string) error {
	switch {
	case s.State != Drafted:
		return s.refuse(Applied)
	case s.DraftedBy == by.ID:
		return fault.ErrSelfApprovalForbidden
	}
	s.State, s.DraftedBy, s.Decision.ReturnReason = Applied, "", reason
	return nil
}

// File files the report of an approved application after its last day. Errors:
// PERMISSION_DENIED, INVALID_STATE_TRANSITION, REPORT_TOO_EARLY.
func (s *Sponsorship) File(by Reader, r Report, now time.Time) error {
	today := jp.DateOf(now)
	switch {
	case !by.Writes(s):
		return fault.ErrPermissionDenied
	case s.State != Approved:
		return s.refuse(Reported)
	case today.Before(s.Text.EndsOn):
		return ErrTooEarly.With("endsOn", s.Text.EndsOn.String())
	}
	r.ReportedAt, r.Late = now, today.After(s.ReportDueOn)
	s.State, s.Report = Reported, &r
	return nil
}

// Withdraw takes an undecided application back. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION.
func (s *Sponsorship) Withdraw(by Reader, reason string) error {
	switch {
	case !by.Writes(s):
		return fault.ErrPermissionDenied
	case s.State != Applied && s.State != Drafted:
		return s.refuse(Withdrawn)
	}
	s.State, s.WithdrawReason = Withdrawn, reason
	return nil
}

// Decided reports whether there is a decision to be written in a letter.
func (s *Sponsorship) Decided() bool { return s.DecidedBy != "" }

func (s *Sponsorship) refuse(to State) error {
	allowed := map[State][]string{
		Applied:  {string(Drafted), string(Withdrawn)},
		Drafted:  {string(Applied), string(Drafted), string(Approved), string(Rejected), string(Withdrawn)},
		Approved: {string(Reported)},
	}
	return fault.Transition(string(s.State), string(to), allowed[s.State]...)
}
