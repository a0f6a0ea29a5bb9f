package proposal

import (
	"fmt"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// Concealed stands for what may not be named to everybody.
const Concealed = "（非公開）"

// Entry is one dated entry of a public course (検討経過).
type Entry struct {
	ID               string
	CallID           string
	ProposalID       string // Empty for an entry of the call itself.
	Date             jp.Date
	Stage            PublicState
	Title            string
	Body             string
	DepartmentNames  []string // Full names as valid on the day.
	OrganizationName string
	CorrectsID       string // Of a correction (訂正); else empty.
	Published        bool
	CreatedBy        string
	CreatedAt        time.Time
	ApprovedBy       string // Empty for what a step wrote itself.
}

// LogEntry is one record of the talks.
type LogEntry struct {
	ID           string
	ProposalID   string
	HeldOn       jp.Date
	Subject      string
	Body         string
	Attendees    string
	Visibility   string // BOTH_SIDES, WARD_ONLY or PUBLIC.
	Side         string // ORGANIZATION or WARD.
	DepartmentID string
	CreatedBy    string
	CreatedAt    time.Time
}

// Enter writes the public entry of a step that everybody sees.
func (p *Proposal) Enter(id string, m Move, by string, now time.Time) *Entry {
	e := p.entry(id, by, now)
	e.Stage, e.Published = m.PublicTo, true
	e.Title, e.Body = p.tell(m)
	return e
}

// entry is dated today and names the parties as they are called today.
func (p *Proposal) entry(id, by string, now time.Time) *Entry {
	e := &Entry{
		ID: id, CallID: p.CallID, ProposalID: p.ID, Date: jp.DateOf(now), Stage: p.PublicState(),
		OrganizationName: p.OrganizationName(), CreatedBy: by, CreatedAt: now,
	}
	for _, d := range p.Responsible() {
		if name := p.Names.Departments[d]; name != "" {
			e.DepartmentNames = append(e.DepartmentNames, name)
		}
	}
	return e
}

// tell says in public what a step means.
func (p *Proposal) tell(m Move) (title, body string) {
	switch m.PublicTo {
	case PublicReceived:
		return "受付", fmt.Sprintf("提案を受け付けました（受付番号 %s）。", p.Number)
	case PublicInExamination:
		return "審査中", "提案の審査を行っています。"
	case PublicInNegotiation:
		return "協議中", "提案団体と区の担当課が協議を行っています。"
	case PublicWithdrawn:
		return "取下げ", "提案団体が提案を取り下げました。"
	}
	if m.Action == ConfirmConditions {
		return "採択", "採択の条件が満たされたことを確認しました。"
	}
	d := p.Decision
	var b strings.Builder
	switch d.Outcome {
	case Adopted:
		title = "採択"
		fmt.Fprintf(&b, "採択を決定しました（決定者：%s）。\n区の負担額：%s円\n", d.DecidedBy, grouped(d.Cost))
	case ConditionallyAdopted:
		title = "条件付採択"
		fmt.Fprintf(&b, "条件を付けて採択することを決定しました（決定者：%s）。\n区の負担額：%s円\n", d.DecidedBy, grouped(d.Cost))
		for _, c := range d.Conditions {
			b.WriteString("条件：" + c + "\n")
		}
	case Rejected:
		title = "不採択"
		fmt.Fprintf(&b, "採択しないことを決定しました（決定者：%s）。\n", d.DecidedBy)
	case CarriedOver:
		title = "継続検討"
		fmt.Fprintf(&b, "引き続き検討することを決定しました（決定者：%s）。\n", d.DecidedBy)
	}
	b.WriteString("理由：" + d.Reason)
	return title, b.String()
}

// grouped writes yen with commas.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Announcement is what the ward wants to tell in public.
type Announcement struct {
	Title, Body string
	Date        jp.Date // Today when zero.
	Corrects    *Entry  // The entry that it corrects, or nil.
}

// Announce drafts an entry; another person approves it. Errors:
// PERMISSION_DENIED, INVALID_FIELD, PROGRESS_NOT_CORRECTABLE.
func (p *Proposal) Announce(id string, by Reader, a Announcement, now time.Time) (*Entry, error) {
	if !by.InWard(p) {
		return nil, fault.ErrPermissionDenied
	}
	if p.SubmittedAt.IsZero() { // A draft on behalf has no course.
		return nil, fault.ErrNotFound
	}
	e := p.entry(id, by.ID, now)
	e.Title, e.Body = a.Title, a.Body
	if !a.Date.IsZero() {
		if a.Date.After(e.Date) {
			return nil, fault.ErrInvalidField.On(future("date"))
		}
		e.Date = a.Date
	}
	if c := a.Corrects; c != nil {
		if !c.Published {
			return nil, ErrNotCorrectable
		}
		e.CorrectsID = c.ID
	}
	return e, nil
}

func future(path string) fault.Field {
	return fault.Wrong(path, "未来の日付は指定できません。", "The day must not be in the future.")
}

// Approve publishes a drafted entry. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION, SELF_APPROVAL_FORBIDDEN.
func (e *Entry) Approve(of *Proposal, by Reader) error {
	switch {
	case !by.InWard(of) && !by.Approver:
		return fault.ErrPermissionDenied
	case e.Published:
		return fault.Transition("PUBLISHED", "PUBLISHED")
	case e.CreatedBy == by.ID:
		return fault.ErrSelfApprovalForbidden
	}
	e.Published, e.ApprovedBy = true, by.ID
	return nil
}

// Log records a talk. Errors: PERMISSION_DENIED, INVALID_FIELD.
func (p *Proposal) Log(by Reader, e LogEntry, now time.Time) (*LogEntry, error) {
	ward := by.InWard(p)
	if !ward && !by.Writes(p) {
		return nil, fault.ErrPermissionDenied
	}
	today := jp.DateOf(now)
	if e.HeldOn.IsZero() {
		e.HeldOn = today
	}
	if e.HeldOn.After(today) {
		return nil, fault.ErrInvalidField.On(future("heldOn"))
	}
	if e.Visibility == "" {
		e.Visibility = "BOTH_SIDES"
	}
	e.Side = "WARD"
	if !ward {
		e.Side = "ORGANIZATION"
		if e.Visibility != "BOTH_SIDES" {
			return nil, fault.ErrInvalidField.On(fault.Wrong("visibility", "団体が書く記録は、団体と区の双方が読める記録（BOTH_SIDES）にしてください。", "An organization's entry is for both sides."))
		}
	}
	e.ProposalID, e.CreatedBy, e.CreatedAt = p.ID, by.ID, now
	if ward {
		e.DepartmentID = by.Department
	}
	return &e, nil
}
