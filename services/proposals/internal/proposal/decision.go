package proposal

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
)

// Decision is what the ward decides.
type Decision struct {
	Outcome    State    `json:"outcome"`
	Reason     string   `json:"reason"`
	Cost       int64    `json:"cost"` // To the ward in yen; 0 where not adopted.
	Conditions []string `json:"conditions,omitempty"`
	// DecidedBy is the title of the deciding post, never a name.
	DecidedBy       string    `json:"decidedBy"`
	DraftedBy       string    `json:"draftedBy"` // Pseudonym.
	DraftedAt       time.Time `json:"draftedAt"`
	DraftedFrom     State     `json:"draftedFrom"`
	ApprovedBy      string    `json:"approvedBy,omitempty"`
	DecidedOn       jp.Date   `json:"decidedOn,omitzero"`
	ConditionsMetOn jp.Date   `json:"conditionsMetOn,omitzero"`
	ReturnReason    string    `json:"returnReason,omitempty"`
}

// DecisionDraft is a decision as the lead department writes it.
type DecisionDraft struct {
	Outcome    State
	Reason     string
	Cost       *int64 // nil when not given.
	Conditions []string
	DecidedBy  string
	Review     Review // Of the proposal.
}

// Review is what the newest review of a proposal came to; the zero value where no
// reviewer was assigned.
type Review struct {
	Held   bool // Whether reviewers were assigned.
	Open   bool // Whether sheets are still taken.
	Passed bool
}

// admits refuses a decision before the review is closed, and the adoption of what
// did not pass. Errors: REVIEWS_PENDING, REVIEW_NOT_PASSED.
func (r Review) admits(outcome State) error {
	switch {
	case !r.Held:
		return nil
	case r.Open:
		return ErrReviewsPending
	case !r.Passed && (outcome == Adopted || outcome == ConditionallyAdopted):
		return ErrNotPassed
	}
	return nil
}

// DraftDecision drafts a decision at the last step of the call. Errors:
// INVALID_STATE_TRANSITION, PERMISSION_DENIED, STEP_OUT_OF_ORDER, INVALID_FIELD,
// REVIEWS_PENDING, REVIEW_NOT_PASSED.
func (p *Proposal) DraftDecision(by Reader, d DecisionDraft, of *call.Call, now time.Time) (Move, error) {
	if err := p.permit(DraftDecision, by); err != nil {
		return Move{}, err
	}
	if p.Step < len(of.Steps) {
		return Move{}, ErrStepOutOfOrder.With("next", string(of.Steps[p.Step]))
	}
	if err := d.check(); err != nil {
		return Move{}, err
	}
	if err := d.Review.admits(d.Outcome); err != nil {
		return Move{}, err
	}
	p.Decision = &Decision{
		Outcome: d.Outcome, Reason: d.Reason, Conditions: d.Conditions, DecidedBy: d.DecidedBy,
		DraftedBy: by.ID, DraftedAt: now, DraftedFrom: p.State,
	}
	if d.Cost != nil {
		p.Decision.Cost = *d.Cost
	}
	return p.move(DraftDecision, DecisionDrafted, now), nil
}

func (d *DecisionDraft) check() error {
	var wrong []fault.Field
	adopts := d.Outcome == Adopted || d.Outcome == ConditionallyAdopted
	if adopts && d.Cost == nil {
		wrong = append(wrong, fault.Missing("cost"))
	}
	if !adopts && d.Cost != nil && *d.Cost != 0 {
		wrong = append(wrong, fault.Wrong("cost", "採択しない場合、区の負担額は入力できません。", "There is no cost where nothing is adopted."))
	}
	if conditional := d.Outcome == ConditionallyAdopted; conditional && len(d.Conditions) == 0 {
		wrong = append(wrong, fault.Missing("conditions"))
	} else if !conditional && len(d.Conditions) > 0 {
		wrong = append(wrong, fault.Wrong("conditions", "条件は、条件付採択のときだけ入力できます。", "Conditions belong to a conditional adoption."))
	}
	return fault.ErrInvalidField.OnAny(wrong)
}

// ApproveDecision approves the draft; the outcome is public at once unless the
// call releases together. Errors: INVALID_STATE_TRANSITION, PERMISSION_DENIED,
// SELF_APPROVAL_FORBIDDEN.
func (p *Proposal) ApproveDecision(by Reader, of *call.Call, now time.Time) (Move, error) {
	if err := p.judges(ApproveDecision, by); err != nil {
		return Move{}, err
	}
	p.Decision.ApprovedBy, p.Decision.DecidedOn = by.ID, jp.DateOf(now)
	p.Decision.ReturnReason = ""
	if of.ReleaseTogether {
		return p.move(ApproveDecision, DecisionApproved, now), nil
	}
	m := p.move(ApproveDecision, p.Decision.Outcome, now)
	p.publish()
	return m, nil
}

// ReturnDecision sends the draft back to the step before. Errors:
// INVALID_STATE_TRANSITION, PERMISSION_DENIED, SELF_APPROVAL_FORBIDDEN.
func (p *Proposal) ReturnDecision(by Reader, reason string, now time.Time) (Move, error) {
	if err := p.judges(ReturnDecision, by); err != nil {
		return Move{}, err
	}
	p.Decision.ReturnReason = reason
	m := p.move(ReturnDecision, p.Decision.DraftedFrom, now)
	m.Reason = reason
	return m, nil
}

func (p *Proposal) judges(action Action, by Reader) error {
	if err := p.permit(action, by); err != nil {
		return err
	}
	if p.Decision.DraftedBy == by.ID {
		return fault.ErrSelfApprovalForbidden
	}
	return nil
}

// Release makes an approved decision public. Errors: INVALID_STATE_TRANSITION,
// PERMISSION_DENIED.
func (p *Proposal) Release(by Reader, now time.Time) (Move, error) {
	if err := p.permit(Release, by); err != nil {
		return Move{}, err
	}
	m := p.move(Release, p.Decision.Outcome, now)
	p.publish()
	return m, nil
}

// publish opens the proposal to everybody, a rejected one with consent only.
// What was public once stays so.
func (p *Proposal) publish() {
	p.Published = p.Published || p.State != Rejected || p.Content.PublishConsent
}

// ConfirmConditions turns a conditional adoption into an adoption. Errors:
// INVALID_STATE_TRANSITION, PERMISSION_DENIED.
func (p *Proposal) ConfirmConditions(by Reader, note string, now time.Time) (Move, error) {
	if err := p.permit(ConfirmConditions, by); err != nil {
		return Move{}, err
	}
	p.Decision.ConditionsMetOn = jp.DateOf(now)
	m := p.move(ConfirmConditions, Adopted, now)
	m.Reason = note
	return m, nil
}
