package project

import (
	"fmt"
	"strconv"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// MaxMilestones bounds the milestones of a project.
const MaxMilestones = 100

// Milestone is a step of the plan.
type Milestone struct {
	ID        string
	ProjectID string
	Title     string
	DueOn     jp.Date
	DoneOn    jp.Date // Zero before.
	Note      string
	CreatedAt time.Time
	Version   int64
}

// Write refuses a milestone of who writes for no side, of a project that has
// ended, and one whose fields are missing or in the future. Errors:
// PERMISSION_DENIED, PROJECT_ENDED, INVALID_FIELD.
func (m *Milestone) Write(p *Project, by Reader, now time.Time) error {
	if err := p.writable(by); err != nil {
		return err
	}
	var wrong []fault.Field
	if m.Title == "" {
		wrong = append(wrong, fault.Missing("milestone.title"))
	}
	if m.DueOn.IsZero() {
		wrong = append(wrong, fault.Missing("milestone.dueOn"))
	}
	if m.DoneOn.After(jp.DateOf(now)) {
		wrong = append(wrong, fault.Wrong("milestone.doneOn", "達成した日は、今日以前の日にしてください。", "The day must not be in the future."))
	}
	return fault.ErrInvalidField.OnAny(wrong)
}

func (p *Project) writable(by Reader) error {
	if by.Side(p) == None {
		return fault.ErrPermissionDenied
	}
	if p.State.Ended() {
		return ErrEnded.With("state", string(p.State))
	}
	return nil
}

// Entry is one dated entry of the public course.
type Entry struct {
	ID         string
	ProjectID  string
	Date       jp.Date
	State      State
	Title      string
	Body       string
	Side       Side // None for what a step wrote itself.
	Credits    []Credit
	Published  bool
	CreatedBy  string
	CreatedAt  time.Time
	ApprovedBy string // Empty for what a step wrote itself and before the approval.
}

// Announce drafts an entry for either side; no date is today. Errors:
// PERMISSION_DENIED, PROJECT_ENDED, INVALID_FIELD.
func (p *Project) Announce(by Reader, e *Entry, now time.Time) error {
	if err := p.writable(by); err != nil {
		return err
	}
	today := jp.DateOf(now)
	if e.Date.IsZero() {
		e.Date = today
	}
	if e.Date.After(today) {
		return fault.ErrInvalidField.On(fault.Wrong("date", "今日以前の日を指定してください。", "The day must not be in the future."))
	}
	e.ProjectID, e.State, e.Side, e.Credits, e.CreatedBy, e.CreatedAt = p.ID, p.State, by.Side(p), p.Credits(), by.ID, now
	return nil
}

// Approve publishes a drafted entry, by another person of the ward. Errors:
// PERMISSION_DENIED, INVALID_STATE_TRANSITION, SELF_APPROVAL_FORBIDDEN.
func (e *Entry) Approve(p *Project, by Reader) error {
	switch {
	case !by.Desk && !p.hasDepartment(by.Department):
		return fault.ErrPermissionDenied
	case e.Published:
		return fault.Transition("PUBLISHED", "PUBLISHED")
	case e.CreatedBy == by.ID:
		return fault.ErrSelfApprovalForbidden
	}
	e.Published, e.ApprovedBy, e.State, e.Credits = true, by.ID, p.State, p.Credits()
	return nil
}

// Enter is the entry that a step writes itself.
func (p *Project) Enter(id string, m Move, by string, now time.Time) *Entry {
	e := &Entry{
		ID: id, ProjectID: p.ID, Date: jp.DateOf(now), State: p.State, Credits: p.Credits(), Published: true,
		CreatedBy: by, CreatedAt: now,
	}
	e.Title, e.Body = p.words(m)
	return e
}

func (p *Project) words(m Move) (title, body string) {
	switch m.Action {
	case Create:
		return "事業の準備", fmt.Sprintf("「%s」を協働事業として進める準備を始めました。", p.Title)
	case Agree:
		return "協定の締結", fmt.Sprintf("団体と区が協定（%s）を結びました。", p.AgreementNumber)
	case Start:
		return "事業の開始", "事業を開始しました。"
	case Complete:
		return "事業の完了", "実績報告を受け、事業を完了しました。団体と区がそれぞれ評価を行います。"
	case Evaluate:
		return "評価の公表", "団体と区による評価の結果を公表しました。"
	case Close:
		return "記録の完結", "評価と改善の記録を終えました。"
	default:
		return "事業の中止", "事業を中止しました。理由：" + m.Reason
	}
}

// EnterReport is the entry of a filed report.
func (p *Project) EnterReport(id string, r *Report, now time.Time) *Entry {
	e := &Entry{
		ID: id, ProjectID: p.ID, Date: jp.DateOf(now), State: p.State, Credits: p.Credits(), Published: true,
		CreatedBy: r.FiledBy, CreatedAt: now, Title: "中間報告", Body: "中間報告が提出されました。",
	}
	if r.Kind == Final {
		e.Title, e.Body = "実績報告", "実績報告が提出されました。"
	}
	return e
}

// RoomForMilestone refuses another milestone beside n. Errors: MILESTONE_LIMIT.
func (p *Project) RoomForMilestone(n int) error {
	if n >= MaxMilestones {
		return ErrMilestoneLimit.With("limit", strconv.Itoa(MaxMilestones))
	}
	return nil
}

// Take takes the named fields over from another milestone.
func (m *Milestone) Take(fields []Field, from *Milestone) {
	for _, f := range fields {
		switch f {
		case "title":
			m.Title = from.Title
		case "due_on":
			m.DueOn = from.DueOn
		case "done_on":
			m.DoneOn = from.DoneOn
		case "note":
			m.Note = from.Note
		}
	}
}
