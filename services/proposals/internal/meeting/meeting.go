// Package meeting is where organizations and ward examine proposals together
// (検討の場): agenda, attendees of both sides, and minutes that both confirm. It
// does no I/O and has no clock.
package meeting

import (
	"fmt"
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

// State is where a meeting stands; the values are those of the contract.
type State string

// The states, in the order in which a meeting takes them.
const (
	Planned   State = "PLANNED"
	Recorded  State = "RECORDED"
	Confirmed State = "CONFIRMED"
	Published State = "PUBLISHED"
)

// Meeting is a meeting of organizations and the ward with its minutes, which count
// when both sides confirmed one version.
type Meeting struct {
	ID            string
	Title         string
	StartAt       time.Time
	Place         string
	Agenda        []AgendaItem
	Attendees     []Attendee
	State         State
	Minutes       *Minutes // nil before they are written.
	Confirmations []Confirmation
	CreatedBy     string
	CreatedAt     time.Time
	UpdatedAt     time.Time
	Version       int64

	// Names are the present names of the parties by id.
	Names map[string]string
}

// AgendaItem is a proposal, a matter or both.
type AgendaItem struct {
	ProposalID string `json:"proposalId,omitempty"`
	Topic      string `json:"topic,omitempty"`
}

// Party is an organization or a department; exactly one is set.
type Party struct {
	OrganizationID string `json:"organizationId,omitempty"`
	DepartmentID   string `json:"departmentId,omitempty"`
}

// ID is that of the organization or the department.
func (p Party) ID() string { return p.OrganizationID + p.DepartmentID }

func (p Party) valid() bool { return (p.OrganizationID == "") != (p.DepartmentID == "") }

// Attendee is one party at the table; there are no names of persons.
type Attendee struct {
	Party
	Role    string `json:"role,omitempty"`
	Persons int    `json:"persons"`
}

// Minutes are one version of what was agreed.
type Minutes struct {
	Version    int       `json:"version"` // From 1.
	Body       string    `json:"body"`
	Decisions  string    `json:"decisions,omitempty"`
	Roles      []Role    `json:"roles,omitempty"`
	RecordedBy string    `json:"recordedBy"`
	RecordedAt time.Time `json:"recordedAt"`
}

// Role is one row of the table of roles (役割分担).
type Role struct {
	Party
	Matter string  `json:"matter"`
	Duty   string  `json:"duty"`
	DueOn  jp.Date `json:"dueOn,omitzero"`
}

// Confirmation is the word of one organization or of the ward that the present
// version is right.
type Confirmation struct {
	Party           // The department that confirmed for the ward.
	By    string    `json:"by"`
	At    time.Time `json:"at"`
}

// ProposalIDs are the proposals on the agenda.
func (m *Meeting) ProposalIDs() []string {
	ids := []string{}
	for _, a := range m.Agenda {
		if a.ProposalID != "" && !slices.Contains(ids, a.ProposalID) {
			ids = append(ids, a.ProposalID)
		}
	}
	return ids
}

// OrganizationIDs are the organizations that attend.
func (m *Meeting) OrganizationIDs() []string {
	return m.parties(func(a Attendee) string { return a.OrganizationID })
}

// DepartmentIDs are the departments that attend.
func (m *Meeting) DepartmentIDs() []string {
	return m.parties(func(a Attendee) string { return a.DepartmentID })
}

func (m *Meeting) parties(id func(Attendee) string) []string {
	ids := []string{}
	for _, a := range m.Attendees {
		if v := id(a); v != "" && !slices.Contains(ids, v) {
			ids = append(ids, v)
		}
	}
	return ids
}

// Check refuses a plan without title, time or one of the sides. Errors:
// INVALID_FIELD.
func (m *Meeting) Check() error {
	var wrong []fault.Field
	if m.Title == "" {
		wrong = append(wrong, fault.Missing("meeting.title"))
	}
	if m.StartAt.IsZero() {
		wrong = append(wrong, fault.Missing("meeting.startTime"))
	}
	for i, a := range m.Agenda {
		if a.ProposalID == "" && a.Topic == "" {
			wrong = append(wrong, fault.Missing(fmt.Sprintf("meeting.agenda[%d].topic", i)))
		}
	}
	for i, a := range m.Attendees {
		if !a.valid() {
			wrong = append(wrong, oneParty(fmt.Sprintf("meeting.attendees[%d]", i)))
		}
	}
	if len(m.OrganizationIDs()) == 0 || len(m.DepartmentIDs()) == 0 {
		wrong = append(wrong, fault.Wrong("meeting.attendees", "団体と区の担当課の両方を出席者に入れてください。", "Name at least one organization and one department."))
	}
	return fault.ErrInvalidField.OnAny(wrong)
}

func oneParty(path string) fault.Field {
	return fault.Wrong(path, "団体か課のどちらか一方を指定してください。", "Name either an organization or a department.")
}

// Keeps reports whether the reader plans the meeting for the ward: the desk or
// staff of a department that attends.
func (m *Meeting) Keeps(by proposal.Reader) bool {
	return by.Desk || by.Staff && by.Department != "" && slices.Contains(m.DepartmentIDs(), by.Department)
}

// Attends reports whether the reader is a member of an organization that attends.
func (m *Meeting) Attends(by proposal.Reader) bool {
	return slices.ContainsFunc(m.OrganizationIDs(), func(id string) bool { return slices.Contains(by.Members, id) })
}

// Sees reports whether the reader sees the meeting.
func (m *Meeting) Sees(by proposal.Reader) bool {
	return m.State == Published || m.Keeps(by) || m.Attends(by)
}

// Editable refuses changes of a meeting whose minutes are written. Errors:
// PERMISSION_DENIED, MEETING_NOT_EDITABLE.
func (m *Meeting) Editable(by proposal.Reader) error {
	switch {
	case !m.Keeps(by):
		return fault.ErrPermissionDenied
	case m.State != Planned:
		return ErrNotEditable.With("state", string(m.State))
	}
	return nil
}

// Record writes the next version of the minutes; both sides confirm it anew.
// Errors: PERMISSION_DENIED, INVALID_STATE_TRANSITION, INVALID_FIELD,
// NOT_AN_ATTENDEE.
func (m *Meeting) Record(by proposal.Reader, n Minutes, now time.Time) error {
	writes := slices.ContainsFunc(m.OrganizationIDs(), func(id string) bool { return slices.Contains(by.Writers, id) })
	switch {
	case !m.Keeps(by) && !writes:
		return fault.ErrPermissionDenied
	case m.State != Planned && m.State != Recorded:
		return m.refuse(Recorded)
	}
	parties := append(m.OrganizationIDs(), m.DepartmentIDs()...)
	for i, r := range n.Roles {
		if !r.valid() {
			return fault.ErrInvalidField.On(oneParty(fmt.Sprintf("roles[%d]", i)))
		}
		if !slices.Contains(parties, r.ID()) {
			return ErrNotAttendee.With("party", r.ID())
		}
	}
	n.Version = 1
	if m.Minutes != nil {
		n.Version = m.Minutes.Version + 1
	}
	n.RecordedBy, n.RecordedAt = by.ID, now
	m.State, m.Minutes, m.Confirmations = Recorded, &n, nil
	return nil
}

// Confirm says for one side that the minutes are right: for the organization, or
// for the ward when it is empty and the reader keeps the meeting. department is
// that of the reader. It reports whether all have confirmed. Errors:
// PERMISSION_DENIED, INVALID_STATE_TRANSITION, BOTH_SIDES_BY_ONE.
func (m *Meeting) Confirm(by proposal.Reader, organizationID, department string, now time.Time) (*Confirmation, error) {
	side := m.side(by, organizationID, department)
	switch {
	case side == nil:
		return nil, fault.ErrPermissionDenied
	case m.State != Recorded:
		return nil, m.refuse(Confirmed)
	}
	for _, c := range m.Confirmations {
		switch {
		case c.By == by.ID:
			return nil, ErrBothSides
		case c.OrganizationID == side.OrganizationID: // The ward confirms once too.
			return nil, m.refuse(Confirmed)
		}
	}
	c := Confirmation{Party: *side, By: by.ID, At: now}
	m.Confirmations = append(m.Confirmations, c)
	if len(m.Confirmations) == len(m.OrganizationIDs())+1 {
		m.State = Confirmed
	}
	return &c, nil
}

// side is for whom the reader confirms; nil for nobody.
func (m *Meeting) side(by proposal.Reader, organizationID, department string) *Party {
	var own []string
	for _, id := range m.OrganizationIDs() {
		if slices.Contains(by.Represents, id) {
			own = append(own, id)
		}
	}
	switch {
	case organizationID != "" && slices.Contains(own, organizationID):
		return &Party{OrganizationID: organizationID}
	case organizationID != "":
		return nil
	case m.Keeps(by):
		return &Party{DepartmentID: department}
	case len(own) == 1:
		return &Party{OrganizationID: own[0]}
	}
	return nil
}

// Publish opens confirmed minutes to everybody. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION.
func (m *Meeting) Publish(by proposal.Reader) error {
	switch {
	case !m.Keeps(by):
		return fault.ErrPermissionDenied
	case m.State != Confirmed:
		return m.refuse(Published)
	}
	m.State = Published
	return nil
}

var next = map[State][]string{
	Planned: {string(Recorded)}, Recorded: {string(Recorded), string(Confirmed)}, Confirmed: {string(Published)},
}

func (m *Meeting) refuse(to State) error {
	return fault.Transition(string(m.State), string(to), next[m.State]...)
}
