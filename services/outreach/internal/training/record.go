package training

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// SummaryState is where a public summary stands; "" without a report. The values
// are those of the contract.
type SummaryState string

// The states of a summary.
const (
	Submitted SummaryState = "SUBMITTED"
	Returned  SummaryState = "RETURNED"
	Published SummaryState = "PUBLISHED"
)

// Diary is that of one day.
type Diary struct {
	ApplicationID string
	Day           jp.Date
	Minutes       int
	Body          string
	CreatedAt     time.Time
}

// Report is what the participant writes afterwards.
type Report struct {
	Learned, Proposals, Summary string
}

// Feedback is what the host writes of the training, not of the person.
type Feedback struct {
	Experience, ProposalsToWard, NextTime string
}

// Record is what became of a training.
type Record struct {
	Report
	Feedback
	ApplicationID string
	SummaryState  SummaryState
	CheckedBy     string // Who published or returned the summary.
	ReturnReason  string
	ReportedAt    time.Time // First; zero before.
	PublishedAt   time.Time
	FeedbackAt    time.Time
	Changed       string // The follow-up.
	FollowedUpAt  time.Time
}

// Submit takes the report of a training that is over. Errors:
// INVALID_STATE_TRANSITION, TRAINING_TOO_EARLY.
func (r *Record) Submit(a *Application, report Report, now time.Time) error {
	if err := a.Ready(jp.DateOf(now)); err != nil {
		return err
	}
	if r.SummaryState != "" && r.SummaryState != Returned {
		return fault.Transition(string(r.SummaryState), string(Submitted))
	}
	r.Report, r.SummaryState, r.ReturnReason = report, Submitted, ""
	if r.ReportedAt.IsZero() {
		r.ReportedAt = now
	}
	return nil
}

// Late reports whether the report came after its day.
func (r *Record) Late(a *Application) bool {
	return !r.ReportedAt.IsZero() && jp.DateOf(r.ReportedAt).After(a.ReportDueOn)
}

// Publish publishes the summary. Errors: SELF_APPROVAL_FORBIDDEN,
// INVALID_STATE_TRANSITION.
func (r *Record) Publish(a *Application, by string, now time.Time) error {
	if err := r.check(a, Published, by); err != nil {
		return err
	}
	r.PublishedAt = now
	return nil
}

// Return sends the report back. Errors: SELF_APPROVAL_FORBIDDEN,
// INVALID_STATE_TRANSITION.
func (r *Record) Return(a *Application, by, reason string) error {
	if err := r.check(a, Returned, by); err != nil {
		return err
	}
	r.ReturnReason = reason
	return nil
}

func (r *Record) check(a *Application, to SummaryState, by string) error {
	if by == a.Applicant {
		return fault.ErrSelfApprovalForbidden
	}
	if r.SummaryState != Submitted {
		return fault.Transition(string(r.SummaryState), string(to))
	}
	r.SummaryState, r.CheckedBy = to, by
	return nil
}

// Tell takes the host's feedback, once. Errors: INVALID_STATE_TRANSITION,
// TRAINING_TOO_EARLY.
func (r *Record) Tell(a *Application, f Feedback, now time.Time) error {
	if err := a.Ready(jp.DateOf(now)); err != nil {
		return err
	}
	if !r.FeedbackAt.IsZero() {
		return a.transition(a.State)
	}
	r.Feedback, r.FeedbackAt = f, now
	return nil
}

// FollowUp takes what changed, once. Errors: INVALID_STATE_TRANSITION,
// TRAINING_TOO_EARLY.
func (r *Record) FollowUp(a *Application, changed string, now time.Time) error {
	if err := a.Ready(jp.DateOf(now)); err != nil {
		return err
	}
	if jp.DateOf(now).Before(a.FollowUpOn) {
		return ErrTooEarly
	}
	if !r.FollowedUpAt.IsZero() {
		return a.transition(a.State)
	}
	r.Changed, r.FollowedUpAt = changed, now
	return nil
}
