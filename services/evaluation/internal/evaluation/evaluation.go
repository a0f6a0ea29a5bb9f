// Package evaluation is the evaluation of a project by both sides (相互評価): its
// states, the sheets, their comparison, the talk, the agreement and the published
// report. It does no I/O and has no clock; verbs change a locked aggregate.
package evaluation

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// Kind is which evaluation it is; the values are those of the contract.
type Kind string

// The kinds.
const (
	Interim Kind = "INTERIM"
	Final   Kind = "FINAL"
)

// Label is the kind in Japanese.
func (k Kind) Label() string {
	if k == Interim {
		return "中間評価"
	}
	return "最終評価"
}

// State is a place in the graph; the values are those of the contract.
type State string

// The states, in the order in which an evaluation takes them.
const (
	Preparing     State = "PREPARING"
	Open          State = "OPEN"
	OneSubmitted  State = "ONE_SUBMITTED"
	BothSubmitted State = "BOTH_SUBMITTED"
	Discussed     State = "DISCUSSED"
	Agreed        State = "AGREED"
	Published     State = "PUBLISHED"
)

// next are the states that follow a state.
var next = map[State][]string{
	Preparing:     {string(Open)},
	Open:          {string(OneSubmitted)},
	OneSubmitted:  {string(BothSubmitted), string(Published)},
	BothSubmitted: {string(Discussed)},
	Discussed:     {string(Agreed)},
	Agreed:        {string(Published)},
}

// Evaluation is the aggregate. Drafts of sheets are not a part of it: nothing of
// it changes when one is saved.
type Evaluation struct {
	ID              string
	ProjectID       string
	Kind            Kind
	State           State
	OpensOn, DueOn  jp.Date
	TemplateVersion int
	Criteria        []Criterion
	Submissions     []Submission // In their order.
	Discussion      *Discussion  // nil before.
	Agreements      []Agreement  // In their order.
	ThirdParty      *Comment     // nil without one.
	CommentatorIDs  []string
	Redactions      []string // Texts that reports leave out.
	LateReason      string   // Decision to publish one sheet; empty otherwise.
	CorrectedBy     string   // Who corrected a sheet since the last publication; empty for nobody.
	ReportVersion   int      // 0 before the publication.
	CreatedAt       time.Time
	PublishedAt     time.Time // Of the newest report; zero before.
	Version         int64
}

// Submission is what is known of a submitted sheet.
type Submission struct {
	Side       project.Side `json:"side"`
	At         time.Time    `json:"at"`
	By         string       `json:"by"`
	Commitment string       `json:"commitment"`
}

// Agreement is the agreement of one side.
type Agreement struct {
	Side project.Side `json:"side"`
	By   string       `json:"by,omitempty"`
	On   jp.Date      `json:"on"`
}

// Comment is the comment of a third party.
type Comment struct {
	Text      string  `json:"text"`
	DecidedOn jp.Date `json:"decidedOn"`
}

// Begin makes a new evaluation of a project: in preparation until its first day,
// else open. Errors: PROJECT_NOT_EVALUABLE, INVALID_FIELD.
func (e *Evaluation) Begin(p *project.Project, now time.Time) error {
	needed := project.Running
	if e.Kind == Final {
		needed = project.Completed
	}
	if p.State != needed {
		return ErrNotEvaluable.With("state", string(p.State)).With("needed", string(needed))
	}
	today := jp.DateOf(now)
	if e.OpensOn.Before(today) {
		e.OpensOn = today
	}
	if e.DueOn.Before(e.OpensOn) || e.DueOn.After(e.OpensOn.AddMonths(24)) {
		return invalid("evaluation.dueOn", "提出期限は、記入の開始日から2年以内の日にしてください。", "The due day is within two years from the first day.")
	}
	e.ProjectID, e.State, e.CreatedAt, e.Version = p.ID, Open, now, 1
	if e.OpensOn.After(today) {
		e.State = Preparing
	}
	return nil
}

// Open lets both sides fill in their sheets. Errors: INVALID_STATE_TRANSITION.
func (e *Evaluation) Open(now time.Time) error {
	if e.State != Preparing {
		return e.refuse(Open)
	}
	e.State = Open
	if today := jp.DateOf(now); e.OpensOn.After(today) {
		e.OpensOn = today
	}
	return nil
}

func (e *Evaluation) refuse(to State) error {
	return fault.Transition(string(e.State), string(to), next[e.State]...)
}

// Submitted returns the submission of a side; nil before.
func (e *Evaluation) Submitted(side project.Side) *Submission {
	at := slices.IndexFunc(e.Submissions, func(s Submission) bool { return s.Side == side })
	if at < 0 {
		return nil
	}
	return &e.Submissions[at]
}

// Unsealed reports whether both sides have submitted: only then anybody reads more
// than the own side's sheet.
func (e *Evaluation) Unsealed() bool { return len(e.Submissions) == 2 }

// Readable reports whether a side's sheet is open: once both have submitted, or
// published alone.
func (e *Evaluation) Readable(side project.Side) bool {
	return e.Unsealed() || e.State == Published && e.Submitted(side) != nil
}

// Writable refuses changes of a side's draft. Errors: SHEET_NOT_EDITABLE,
// INVALID_STATE_TRANSITION.
func (e *Evaluation) Writable(side project.Side) error {
	if e.Submitted(side) != nil {
		return ErrNotEditable
	}
	if e.State != Open && e.State != OneSubmitted {
		return e.refuse(OneSubmitted)
	}
	return nil
}

// Submit takes a side's complete sheet in. Errors: as Writable.
func (e *Evaluation) Submit(s Submission) error {
	if err := e.Writable(s.Side); err != nil {
		return err
	}
	e.Submissions = append(e.Submissions, s)
	e.State = OneSubmitted
	if e.Unsealed() {
		e.State = BothSubmitted
	}
	return nil
}

// Correct records that a side's sheet was corrected: an evaluation that is not
// public goes back to the talk. Errors: SHEET_SEALED.
func (e *Evaluation) Correct(by string) error {
	if !e.Unsealed() {
		return ErrSealed
	}
	e.CorrectedBy = by
	if e.State != Published {
		e.State, e.Agreements = BothSubmitted, nil
	}
	return nil
}

// Agree records the agreement of a side. Errors: INVALID_STATE_TRANSITION,
// AGREEMENT_REPEATED.
func (e *Evaluation) Agree(a Agreement) error {
	if slices.ContainsFunc(e.Agreements, func(o Agreement) bool { return o.Side == a.Side || o.By == a.By }) {
		return ErrAgreementRepeated
	}
	if e.State != Discussed {
		return e.refuse(Agreed)
	}
	e.Agreements = append(e.Agreements, a)
	if len(e.Agreements) == 2 {
		e.State = Agreed
	}
	return nil
}

// Assign names who may comment. Errors: INVALID_STATE_TRANSITION.
func (e *Evaluation) Assign(ids []string) error {
	if e.State == Published {
		return e.refuse(Published)
	}
	e.CommentatorIDs = ids
	return nil
}

// Comment takes a third party's comment in. Errors: INVALID_STATE_TRANSITION.
func (e *Evaluation) Comment(c Comment) error {
	if !slices.Contains([]State{BothSubmitted, Discussed, Agreed}, e.State) {
		return e.refuse(Published)
	}
	e.ThirdParty = &c
	return nil
}

// TakesSurvey refuses a survey of a published evaluation. Errors:
// INVALID_STATE_TRANSITION.
func (e *Evaluation) TakesSurvey() error {
	if e.State == Published {
		return e.refuse(Published)
	}
	return nil
}

// lateDays is how long after the due day the late side may still submit.
const lateDays = 30

// LateFrom is the first day on which one sheet alone can be published.
func (e *Evaluation) LateFrom() jp.Date { return e.DueOn.AddDays(lateDays + 1) }

// Publish makes the evaluation public, with both agreements or, after the late
// side's time, with its decision as the reason. Errors: AGREEMENTS_MISSING,
// LATE_SIDE_MAY_SUBMIT, SELF_APPROVAL_FORBIDDEN, INVALID_FIELD,
// INVALID_STATE_TRANSITION.
func (e *Evaluation) Publish(by, reason string, now time.Time) error {
	switch e.State {
	case Agreed:
	case BothSubmitted, Discussed:
		return ErrAgreementsMissing.With("missing", e.missingAgreements())
	case OneSubmitted:
		if jp.DateOf(now).Before(e.LateFrom()) {
			return ErrLateSideMaySubmit.With("from", e.LateFrom().String())
		}
		if reason == "" {
			return fault.ErrInvalidField.On(fault.Missing("reason"))
		}
		if e.Submissions[0].By == by {
			return fault.ErrSelfApprovalForbidden
		}
		e.LateReason = reason
	default:
		return e.refuse(Published)
	}
	e.State, e.ReportVersion, e.PublishedAt = Published, 1, now
	return nil
}

func (e *Evaluation) missingAgreements() string {
	var out string
	for _, side := range []project.Side{project.Organization, project.Ward} {
		if !slices.ContainsFunc(e.Agreements, func(a Agreement) bool { return a.Side == side }) {
			if out != "" {
				out += ","
			}
			out += string(side)
		}
	}
	return out
}

// CorrectReport begins the next version of a published report. Errors:
// INVALID_STATE_TRANSITION, SELF_APPROVAL_FORBIDDEN.
func (e *Evaluation) CorrectReport(by string, now time.Time) error {
	if e.State != Published {
		return e.refuse(Published)
	}
	if e.CorrectedBy == by {
		return fault.ErrSelfApprovalForbidden
	}
	e.ReportVersion, e.PublishedAt, e.CorrectedBy = e.ReportVersion+1, now, ""
	return nil
}
