package proposal

import (
	"fmt"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
)

// Submission is what a submission needs to know.
type Submission struct {
	Call *call.Call
	Now  time.Time
	// PostmarkOn is the postmark of paper by mail; zero for none.
	PostmarkOn jp.Date
	// Files are the ids of the proposal's attachments.
	Files []string
}

// Submit hands a draft in. The number is given by Numbered in the same
// transaction. Errors: INVALID_STATE_TRANSITION, PERMISSION_DENIED,
// INVALID_FIELD, CALL_NOT_OPEN, CALL_CLOSED and those of Check.
func (p *Proposal) Submit(by Reader, s Submission) (Move, error) {
	if err := p.permit(Submit, by); err != nil {
		return Move{}, err
	}
	if !s.PostmarkOn.IsZero() && (!p.OnBehalf || p.Channel != "MAIL" || s.PostmarkOn.After(jp.DateOf(s.Now))) {
		return Move{}, fault.ErrInvalidField.On(fault.Wrong("postmarkOn",
			"消印の日付は、窓口が郵送の書類を代行入力したときだけ、今日以前の日で指定できます。",
			"A postmark belongs to paper by mail that the desk submits, and is not in the future."))
	}
	if err := s.Call.Open(call.Arrival{At: s.Now, PostmarkOn: s.PostmarkOn}); err != nil {
		return Move{}, err
	}
	if err := p.Content.Check(s.Call, p.OrganizationID, s.Files...); err != nil {
		return Move{}, err
	}
	p.PostmarkOn, p.SubmittedAt = s.PostmarkOn, s.Now
	p.Revision++
	return p.move(Submit, Submitted, s.Now), nil
}

// Numbered gives the public number of the whole chain that follows.
func (p *Proposal) Numbered(serial int) {
	p.Serial = serial
	p.Number = fmt.Sprintf("%s-提-%04d", jp.FiscalYearCode(p.FiscalYear), serial)
}

// Resubmit hands the corrected proposal in again. A late correction is marked
// in its revision, not refused. Errors: INVALID_STATE_TRANSITION,
// PERMISSION_DENIED and those of Check.
func (p *Proposal) Resubmit(by Reader, s Submission) (Move, error) {
	if err := p.permit(Resubmit, by); err != nil {
		return Move{}, err
	}
	if err := p.Content.Check(s.Call, p.OrganizationID, s.Files...); err != nil {
		return Move{}, err
	}
	p.Revision++
	return p.move(Resubmit, Submitted, s.Now), nil
}

// Late reports whether a correction at now comes after its last day.
func (p *Proposal) Late(now time.Time) bool {
	return p.Correction != nil && !now.Before(p.Correction.DueOn.NextMidnight())
}

// Withdraw takes the proposal back. Errors: INVALID_STATE_TRANSITION,
// PERMISSION_DENIED.
func (p *Proposal) Withdraw(by Reader, reason string, now time.Time) (Move, error) {
	if err := p.permit(Withdraw, by); err != nil {
		return Move{}, err
	}
	submitted := !p.SubmittedAt.IsZero()
	m := p.move(Withdraw, Withdrawn, now)
	if !submitted { // Nobody else knew of the draft.
		m.PublicTo = PublicNone
	}
	p.WithdrawReason, m.Reason = reason, reason
	return m, nil
}

// PublicState is the state as everybody sees it; none for what was never
// submitted.
func (p *Proposal) PublicState() PublicState {
	if p.SubmittedAt.IsZero() {
		return PublicNone
	}
	return p.State.Public()
}

// Accept ends the formal check. Errors: INVALID_STATE_TRANSITION,
// PERMISSION_DENIED.
func (p *Proposal) Accept(by Reader, now time.Time) (Move, error) {
	if err := p.permit(Accept, by); err != nil {
		return Move{}, err
	}
	p.Correction = nil
	return p.move(Accept, Accepted, now), nil
}

// Return asks for the correction of named fields until a day. Errors:
// INVALID_STATE_TRANSITION, PERMISSION_DENIED, INVALID_FIELD.
func (p *Proposal) Return(by Reader, c Correction, now time.Time) (Move, error) {
	if err := p.permit(Return, by); err != nil {
		return Move{}, err
	}
	if err := c.check(now); err != nil {
		return Move{}, err
	}
	c.AskedAt, c.Before = now, p.Revision
	p.Correction = &c
	m := p.move(Return, Returned, now)
	m.Reason = c.Message
	return m, nil
}

func (c *Correction) check(now time.Time) error {
	var wrong []fault.Field
	for i, name := range c.Fields {
		if !isField(name) && name != Attachments {
			wrong = append(wrong, fault.Wrong(fmt.Sprintf("fields[%d]", i), "提案書にない項目です。", "The form has no such field."))
		}
	}
	if c.DueOn.Before(jp.DateOf(now)) {
		wrong = append(wrong, fault.Wrong("dueOn", "補正の期限は今日以後の日にしてください。", "The last day must not be past."))
	}
	return fault.ErrInvalidField.OnAny(wrong)
}

// Update changes the named fields: of a draft any, of a returned proposal those
// that the correction names. Errors: PERMISSION_DENIED, PROPOSAL_NOT_EDITABLE,
// FIELD_NOT_IN_CORRECTION.
func (p *Proposal) Update(by Reader, from *Content, names []string) error {
	if !by.Writes(p) {
		return fault.ErrPermissionDenied
	}
	switch p.State {
	case Draft:
	case Returned:
		if err := p.Correction.allows(names); err != nil {
			return err
		}
	default:
		return ErrNotEditable.With("state", string(p.State))
	}
	p.Content.Take(from, names)
	return nil
}

// Repropose makes a new draft of a proposal that came to nothing. Errors:
// INVALID_STATE_TRANSITION, PERMISSION_DENIED, CALL_NOT_OPEN, CALL_CLOSED.
func (p *Proposal) Repropose(by Reader, id string, s Submission) (*Proposal, error) {
	if err := p.permit(Repropose, by); err != nil {
		return nil, err
	}
	if err := s.Call.Drafts(s.Now, false); err != nil {
		return nil, err
	}
	content := p.Content
	content.Declarations, content.JointOrganizationIDs = nil, nil // To be made anew by each.
	return &Proposal{
		ID: id, CallID: s.Call.ID, FiscalYear: s.Call.FiscalYear, OrganizationID: p.OrganizationID,
		State: Draft, Content: content, Channel: "WEB", PredecessorID: p.ID, CreatedBy: by.ID, CreatedAt: s.Now, UpdatedAt: s.Now, Version: 1, Names: p.Names,
	}, nil
}
