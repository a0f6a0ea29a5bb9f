package newsletter

import (
	"fmt"
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// NumberKind stands in the numbers of issues: R8-信-0001.
const NumberKind = "信"

// The limits of issues.
const (
	ItemLimit    = 100
	PeriodDays   = 92               // From the first day to the last at most.
	RecallWindow = 10 * time.Minute // From :send to the first mail.
)

// State is where an issue stands; the values are those of the contract.
type State string

// The states of issues.
const (
	Draft     State = "DRAFT"
	Pending   State = "PENDING"
	Approved  State = "APPROVED"
	Scheduled State = "SCHEDULED"
	Sending   State = "SENDING"
	Paused    State = "PAUSED"
	Sent      State = "SENT"
	Cancelled State = "CANCELLED"
)

// Issue is an issue of the mail magazine, from the draft to the end of its sending.
type Issue struct {
	ID     string
	Number string // From the begin of the sending.
	State  State
	Content
	Publisher    string // Section of the ward.
	Items        []Item
	Source       string // What a job drafted it for; "" for a person's.
	CreatedBy    string
	EditedBy     string // Who changed it last.
	RequestedBy  string // Who put it forward last.
	ApprovedBy   string
	ReturnReason string
	CancelReason string
	SendAt       time.Time
	StartedAt    time.Time
	FinishedAt   time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
	Version      int64
}

// Content is what the editor writes beside the items.
type Content struct {
	Title        string
	Introduction string
	Contact      string
	From, To     jp.Date // Period of what it tells, inclusive.
	Topics       []string
}

// Check refuses a period that is none or too long. Errors: INVALID_FIELD.
func (c *Content) Check() error {
	if c.To.Before(c.From) || c.From.AddDays(PeriodDays).Before(c.To) {
		return fault.ErrInvalidField.On(fault.Wrong("issue.periodTo", "期間は、始まりの日から92日以内の日で終わるように指定してください。", "The period ends on its first day or within 92 days from it."))
	}
	return nil
}

// Public reports whether everybody may read the issue.
func (i *Issue) Public() bool { return !i.StartedAt.IsZero() && i.State != Cancelled }

// Editable refuses changes of anything but a draft. Errors: ISSUE_NOT_EDITABLE.
func (i *Issue) Editable() error {
	if i.State != Draft {
		return ErrNotEditable.With("state", string(i.State))
	}
	return nil
}

// Edit puts new content in. Errors: INVALID_FIELD, ISSUE_NOT_EDITABLE.
func (i *Issue) Edit(by string, c Content, items []Item) error {
	if err := i.Editable(); err != nil {
		return err
	}
	if err := c.Check(); err != nil {
		return err
	}
	order(items)
	i.Content, i.Items, i.EditedBy = c, items, by
	return nil
}

// RequestApproval puts a draft forward, with its items as they are public now.
// Errors: INVALID_STATE_TRANSITION, ISSUE_INCOMPLETE.
func (i *Issue) RequestApproval(by string, now []Source) error {
	if err := i.step(Pending, Draft); err != nil {
		return err
	}
	i.Refresh(now)
	var missing []fault.Field
	for path, empty := range map[string]bool{"issue.title": i.Title == "", "issue.contact": i.Contact == "", "issue.items": len(i.Items) == 0} {
		if empty {
			missing = append(missing, fault.Missing(path))
		}
	}
	for n, item := range i.Items {
		if len(item.Topics) == 0 {
			missing = append(missing, fault.Missing(fmt.Sprintf("issue.items[%d].topics", n)))
		}
	}
	if len(missing) > 0 {
		slices.SortFunc(missing, func(a, b fault.Field) int { return len(a.Path) - len(b.Path) })
		return ErrIncomplete.On(missing...)
	}
	i.State, i.RequestedBy, i.ApprovedBy, i.ReturnReason = Pending, by, "", ""
	return nil
}

// Refresh takes the items as they are public now and drops those that are not any
// more.
func (i *Issue) Refresh(now []Source) {
	kept := []Item{}
	for _, item := range i.Items {
		at := slices.IndexFunc(now, func(s Source) bool { return s.ID == item.ID })
		if at >= 0 {
			item.Source = now[at]
			kept = append(kept, item)
		}
	}
	i.Items = kept
}

// Keep drops the items that are not public any more and changes none of the others:
// they are as they were approved.
func (i *Issue) Keep(now []Source) {
	i.Items = slices.DeleteFunc(i.Items, func(item Item) bool {
		return !slices.ContainsFunc(now, func(s Source) bool { return s.ID == item.ID })
	})
}

// authors are who may not approve.
func (i *Issue) authors() []string { return []string{i.CreatedBy, i.EditedBy, i.RequestedBy} }

// Approve approves what others wrote. Errors: INVALID_STATE_TRANSITION,
// SELF_APPROVAL_FORBIDDEN.
func (i *Issue) Approve(by string) error {
	if err := i.step(Approved, Pending); err != nil {
		return err
	}
	if slices.Contains(i.authors(), by) {
		return fault.ErrSelfApprovalForbidden
	}
	i.State, i.ApprovedBy = Approved, by
	return nil
}

// Return sends the issue back. Errors: INVALID_STATE_TRANSITION.
func (i *Issue) Return(reason string) error {
	if err := i.step(Draft, Pending, Approved); err != nil {
		return err
	}
	i.State, i.ApprovedBy, i.ReturnReason = Draft, "", reason
	return nil
}

// Schedule has the sending begin after the time in which it can be recalled. Errors:
// INVALID_STATE_TRANSITION.
func (i *Issue) Schedule(now time.Time) error {
	if err := i.step(Scheduled, Approved); err != nil {
		return err
	}
	i.State, i.SendAt = Scheduled, now.Add(RecallWindow)
	return nil
}

// Start begins the sending of what is scheduled and due. Errors:
// INVALID_STATE_TRANSITION.
func (i *Issue) Start(serial int, now time.Time) error {
	if err := i.step(Sending, Scheduled); err != nil {
		return err
	}
	i.State, i.StartedAt = Sending, now
	i.Number = fmt.Sprintf("%s-%s-%04d", jp.FiscalYearCode(jp.FiscalYear(jp.DateOf(now))), NumberKind, serial)
	return nil
}

// Pause stops the sending. Errors: INVALID_STATE_TRANSITION.
func (i *Issue) Pause() error {
	if err := i.step(Paused, Scheduled, Sending); err != nil {
		return err
	}
	i.State = Paused
	return nil
}

// Resume goes on with the sending, or waits for its begin again. Errors:
// INVALID_STATE_TRANSITION.
func (i *Issue) Resume() error {
	to := Sending
	if i.StartedAt.IsZero() {
		to = Scheduled
	}
	if err := i.step(to, Paused); err != nil {
		return err
	}
	i.State = to
	return nil
}

// Cancel ends the issue for good. Errors: INVALID_STATE_TRANSITION.
func (i *Issue) Cancel(reason string) error {
	if err := i.step(Cancelled, Draft, Pending, Approved, Scheduled, Sending, Paused); err != nil {
		return err
	}
	i.State, i.CancelReason = Cancelled, reason
	return nil
}

// Finish notes that every mail is decided. Errors: INVALID_STATE_TRANSITION.
func (i *Issue) Finish(now time.Time) error {
	if err := i.step(Sent, Sending); err != nil {
		return err
	}
	i.State, i.FinishedAt = Sent, now
	return nil
}

var actions = map[State][]string{
	Draft: {"requestApproval", "cancel"}, Pending: {"approve", "return", "cancel"}, Approved: {"send", "return", "cancel"},
	Scheduled: {"pause", "cancel"}, Sending: {"pause", "cancel"}, Paused: {"resume", "cancel"},
}

func (i *Issue) step(to State, from ...State) error {
	if !slices.Contains(from, i.State) {
		return fault.Transition(string(i.State), string(to), actions[i.State]...)
	}
	return nil
}
