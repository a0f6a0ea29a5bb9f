// Package consultation is a matter that somebody brings to the general desk
// (総合窓口への相談): who holds it, until when it is answered, and who reads what of
// it. It does no I/O and has no clock; verbs change a locked aggregate.
package consultation

import (
	"fmt"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

// AnswerDays is how many office days after the day of receipt an answer is due.
const AnswerDays = 5

// MaxEntries bounds steps, answers and notes of one consultation.
const MaxEntries = 200

// Consultation is a question to the general desk with where it stands. Name and
// contact of who asked are not in it.
type Consultation struct {
	ID         string
	Number     string // R8-相-0001.
	Serial     int    // Of the number within its fiscal year.
	FiscalYear int    // Of the day of receipt.
	Channel    string // WEB, PHONE, COUNTER, FAX or MAIL.
	State      State
	Subject    string
	Body       string
	// AskerID is the pseudonym of who asked signed in; empty else.
	AskerID        string
	OrganizationID string // That asks; empty for a person.
	DepartmentID   string // That holds it; empty while it is at the desk.
	// DepartmentIDs are all departments that hold or held it.
	DepartmentIDs          []string
	ReferredOrganizationID string
	ReceivedOn             jp.Date
	DueOn                  jp.Date
	AnsweredOn             jp.Date // Of the first full answer; zero before.
	// AnsweredInTime is whether the first full answer came by its due day.
	AnsweredInTime bool
	Entries        int    // How many there are.
	CodeHash       []byte // SHA-256 of the access code.
	ProposalID     string
	ChallengeID    string
	ContributionID string
	FaqID          string
	CreatedBy      string
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Version        int64

	// Names are the present names of the parties, as far as they are known.
	Names Names
}

// Names are present names by id.
type Names struct {
	Organizations map[string]string
	Departments   map[string]string // Full names (部＋課).
}

// Open completes a new consultation: the day of receipt, today when zero, and the
// day until which the answer is due. Errors: INVALID_FIELD.
func (c *Consultation) Open(receivedOn jp.Date, now time.Time) error {
	today := jp.DateOf(now)
	if receivedOn.IsZero() {
		receivedOn = today
	}
	if receivedOn.After(today) {
		return fault.ErrInvalidField.On(fault.Wrong("receivedOn", "受付日は今日以前の日にしてください。", "The day of receipt must not be in the future."))
	}
	c.State, c.ReceivedOn, c.DueOn = Received, receivedOn, Due(receivedOn)
	c.FiscalYear, c.CreatedAt, c.UpdatedAt, c.Version = jp.FiscalYear(receivedOn), now, now, 1
	return nil
}

// Due is the office day until which what was received on a day is answered.
func Due(receivedOn jp.Date) jp.Date { return jp.AddOfficeDays(receivedOn, AnswerDays) }

// Numbered gives the public number.
func (c *Consultation) Numbered(serial int) {
	c.Serial = serial
	c.Number = fmt.Sprintf("%s-相-%04d", jp.FiscalYearCode(c.FiscalYear), serial)
}

// Handover is where a consultation goes.
type Handover struct {
	DepartmentID, DepartmentName string
	Note                         string  // Internal; may be empty.
	DueOn                        jp.Date // The present one when zero.
}

// Route hands the consultation to a department. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION, INVALID_FIELD, CONSULTATION_FULL.
func (c *Consultation) Route(by Reader, to Handover, now time.Time) ([]Entry, error) {
	if err := c.permit(Route, by); err != nil {
		return nil, err
	}
	if !to.DueOn.IsZero() {
		if to.DueOn.Before(jp.DateOf(now)) || !jp.IsOfficeDay(to.DueOn) {
			return nil, fault.ErrInvalidField.On(fault.Wrong("dueOn", "期限は今日以後の開庁日にしてください。", "The due day must be an office day from today on."))
		}
		c.DueOn = to.DueOn
	}
	step := Entry{
		Kind: StepRouted, FromDepartmentID: c.DepartmentID, FromDepartmentName: c.Names.Departments[c.DepartmentID],
		ToDepartmentID: to.DepartmentID, ToDepartmentName: to.DepartmentName,
	}
	c.State, c.ReferredOrganizationID = Routed, ""
	c.hold(to.DepartmentID, to.DepartmentName)
	entries := []Entry{step}
	if to.Note != "" {
		entries = append(entries, Entry{Kind: KindNote, Body: to.Note})
	}
	return c.add(by, entries...)
}

// hold makes the department the holder.
func (c *Consultation) hold(id, name string) {
	c.DepartmentID = id
	held := false
	for _, d := range c.DepartmentIDs {
		held = held || d == id
	}
	if !held {
		c.DepartmentIDs = append(c.DepartmentIDs, id)
	}
	if c.Names.Departments == nil {
		c.Names.Departments = map[string]string{}
	}
	c.Names.Departments[id] = name
}

// Referral is to whom a consultation is referred.
type Referral struct {
	OrganizationID, OrganizationName string
	Message                          string // To who asked.
}

// Refer refers the consultation to an intermediary. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION, CONSULTATION_FULL.
func (c *Consultation) Refer(by Reader, to Referral) ([]Entry, error) {
	if err := c.permit(Refer, by); err != nil {
		return nil, err
	}
	step := Entry{
		Kind: StepReferred, Body: to.Message, FromDepartmentID: c.DepartmentID, FromDepartmentName: c.Names.Departments[c.DepartmentID],
		OrganizationID: to.OrganizationID, OrganizationName: to.OrganizationName,
	}
	c.State, c.DepartmentID, c.ReferredOrganizationID = Referred, "", to.OrganizationID
	if c.Names.Organizations == nil {
		c.Names.Organizations = map[string]string{}
	}
	c.Names.Organizations[to.OrganizationID] = to.OrganizationName
	return c.add(by, step)
}

// Start begins the work. Errors: PERMISSION_DENIED, INVALID_STATE_TRANSITION,
// CONSULTATION_FULL.
func (c *Consultation) Start(by Reader) ([]Entry, error) {
	if err := c.permit(Start, by); err != nil {
		return nil, err
	}
	c.State = InProgress
	return c.add(by, c.here(StepStarted))
}

// Reply answers who asked; an interim answer leaves the consultation in
// progress. Errors: PERMISSION_DENIED, INVALID_STATE_TRANSITION,
// CONSULTATION_FULL.
func (c *Consultation) Reply(by Reader, body string, interim bool, now time.Time) ([]Entry, error) {
	if err := c.permit(Reply, by); err != nil {
		return nil, err
	}
	if interim {
		if c.State == Answered || c.State == Referred {
			return nil, fault.Transition(string(c.State), string(InProgress), string(Reply), string(Reopen))
		}
		c.State = InProgress
		return c.add(by, Entry{Kind: KindInterim, Body: body})
	}
	c.answer(now)
	e := c.here(StepAnswered)
	e.Body = body
	return c.add(by, e)
}

// answer is the full answer; the first one counts in the figures.
func (c *Consultation) answer(now time.Time) {
	c.State = Answered
	if c.AnsweredOn.IsZero() {
		c.AnsweredOn = jp.DateOf(now)
		c.AnsweredInTime = !c.AnsweredOn.After(c.DueOn)
	}
}

// Note adds an internal note. Errors: PERMISSION_DENIED, CONSULTATION_FULL.
func (c *Consultation) Note(by Reader, body string) ([]Entry, error) {
	if by.View(c) != ForWard {
		return nil, fault.ErrPermissionDenied
	}
	return c.add(by, Entry{Kind: KindNote, Body: body})
}

// Close ends an answered or referred consultation. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION, CONSULTATION_FULL.
func (c *Consultation) Close(by Reader) ([]Entry, error) {
	if err := c.permit(Close, by); err != nil {
		return nil, err
	}
	c.State = Closed
	return c.add(by, c.here(StepClosed))
}

// Reopen takes the consultation up again; a new answer is due. Errors:
// PERMISSION_DENIED, INVALID_STATE_TRANSITION, CONSULTATION_FULL.
func (c *Consultation) Reopen(by Reader, message string, now time.Time) ([]Entry, error) {
	if err := c.permit(Reopen, by); err != nil {
		return nil, err
	}
	c.State, c.ReferredOrganizationID = InProgress, ""
	if c.DepartmentID == "" {
		c.State = Received
	}
	c.DueOn = Due(jp.DateOf(now))
	e := c.here(StepReopened)
	e.Body = message
	return c.add(by, e)
}

// Target is what a consultation was turned into.
type Target struct{ ProposalID, ChallengeID, ContributionID string }

// Convertible refuses a conversion that Convert would refuse. Errors:
// PERMISSION_DENIED, INVALID_STATE_TRANSITION, ALREADY_CONVERTED.
func (c *Consultation) Convertible(by Reader) error {
	if err := c.permit(Convert, by); err != nil {
		return err
	}
	if c.ProposalID != "" || c.ContributionID != "" {
		return proposal.ErrConverted
	}
	return nil
}

// Convert turns the consultation into something else, which answers it. Errors:
// those of Convertible, CONSULTATION_FULL.
func (c *Consultation) Convert(by Reader, to Target, now time.Time) ([]Entry, error) {
	if err := c.Convertible(by); err != nil {
		return nil, err
	}
	c.ProposalID, c.ChallengeID, c.ContributionID = to.ProposalID, to.ChallengeID, to.ContributionID
	c.answer(now)
	return c.add(by, c.here(StepConverted))
}

// Promote links the public FAQ that was made of the consultation. Errors:
// PERMISSION_DENIED, INVALID_STATE_TRANSITION, ALREADY_PROMOTED,
// CONSULTATION_FULL.
func (c *Consultation) Promote(by Reader, faqID string) ([]Entry, error) {
	if err := c.permit(Promote, by); err != nil {
		return nil, err
	}
	if c.FaqID != "" {
		return nil, ErrPromoted
	}
	c.FaqID = faqID
	return c.add(by, Entry{Kind: KindNote, Body: "よくある質問として公開しました。"})
}
