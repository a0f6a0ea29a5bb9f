package publication

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// maxAhead is how far ahead a publication may be scheduled.
const maxAhead = 366 * 24 * time.Hour

// take refuses a step to who may not take it and in a state that does not have
// it. Errors: PERMISSION_DENIED, INVALID_STATE_TRANSITION.
func (p *Publication) take(a Action, may bool) error {
	if !may {
		return fault.ErrPermissionDenied
	}
	return allow(p.State, a)
}

// Request asks for the approval of complete content. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION, PUBLICATION_INCOMPLETE.
func (p *Publication) Request(by Reader) error {
	if err := p.take(RequestApproval, by.Writes(p)); err != nil {
		return err
	}
	if err := p.incomplete(); err != nil {
		return err
	}
	p.State, p.RequestedBy, p.ApprovedBy, p.ReturnReason, p.WithdrawReason = Pending, by.ID, "", "", ""
	p.Revision++
	return nil
}

// Approve lets it be published. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION, SELF_APPROVAL_FORBIDDEN.
func (p *Publication) Approve(by Reader) error {
	if err := p.take(Approve, by.approves(p)); err != nil {
		return err
	}
	if slices.Contains([]string{p.CreatedBy, p.EditedBy, p.RequestedBy}, by.ID) {
		return fault.ErrSelfApprovalForbidden
	}
	p.State, p.ApprovedBy = Approved, by.ID
	return nil
}

// Return sends it back to its author. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION.
func (p *Publication) Return(by Reader, reason string) error {
	if err := p.take(Return, by.approves(p)); err != nil {
		return err
	}
	p.State, p.ReturnReason, p.ApprovedBy, p.PublishAt = Draft, reason, "", time.Time{}
	return nil
}

// Publish makes it public at a time, or at once for a time that is not after now.
// Errors: PERMISSION_DENIED, INVALID_STATE_TRANSITION, CREDITS_INCOMPLETE,
// CREDITS_UNCONFIRMED, INVALID_FIELD.
func (p *Publication) Publish(by Reader, at, now time.Time) error {
	if err := p.take(Publish, by.publishes(p)); err != nil {
		return err
	}
	if err := p.checkCredits(); err != nil {
		return err
	}
	if at.After(now.Add(maxAhead)) {
		return fault.ErrInvalidField.OnPath("publishTime")
	}
	if at.After(now) {
		p.State, p.PublishAt = Scheduled, at
		return nil
	}
	p.appear(now)
	return nil
}

// AppearAt makes a scheduled publication public once its time has come, and
// reports whether it had.
func (p *Publication) AppearAt(now time.Time) bool {
	if p.State != Scheduled || p.PublishAt.After(now) {
		return false
	}
	p.appear(now)
	return true
}

func (p *Publication) appear(now time.Time) {
	p.State, p.PublishAt, p.WasPublic = Published, now, true
	p.changed(now)
}

// changed counts a change of what the public sees.
func (p *Publication) changed(now time.Time) {
	p.ChangedAt = now
	p.Sequence++
}

// EndAt ends a publication whose last day is over, and reports whether it was.
// It stays readable; that it is over is no change of what it says.
func (p *Publication) EndAt(now time.Time) bool {
	last := p.LastPublicOn()
	if p.State != Published || last.IsZero() || now.Before(last.NextMidnight()) {
		return false
	}
	p.State = Ended
	return true
}

// Withdraw takes it back. Errors: PERMISSION_DENIED, INVALID_STATE_TRANSITION.
func (p *Publication) Withdraw(by Reader, reason string, now time.Time) error {
	if err := p.take(Withdraw, by.Writes(p)); err != nil {
		return err
	}
	if p.Visible() {
		p.changed(now)
	}
	p.State, p.WithdrawReason, p.PublishAt = Withdrawn, reason, time.Time{}
	return nil
}

// Cancel calls an event off. Errors: PERMISSION_DENIED, INVALID_STATE_TRANSITION.
func (p *Publication) Cancel(by Reader, reason string, now time.Time) error {
	if err := p.take(Cancel, by.Writes(p)); err != nil {
		return err
	}
	p.WasPublic = p.State == Published
	if p.WasPublic {
		p.changed(now)
	}
	p.State, p.WithdrawReason = Cancelled, reason
	return nil
}

// Confirm gives the word of an organization for the credits; with none named, of
// the only one that the reader represents there. It reports whether that was news.
// Errors: PERMISSION_DENIED, INVALID_FIELD, INVALID_STATE_TRANSITION.
func (p *Publication) Confirm(by Reader, organizationID string, now time.Time) (bool, error) {
	mine := slices.DeleteFunc(p.Credits.Organizations(), func(id string) bool {
		return !slices.Contains(by.Represents, id) || organizationID != "" && organizationID != id
	})
	switch {
	case len(mine) == 0:
		return false, fault.ErrPermissionDenied
	case len(mine) > 1:
		return false, fault.ErrInvalidField.On(fault.Missing("organizationId"))
	}
	if p.State == Withdrawn || p.State == Cancelled {
		return false, fault.Transition(string(p.State), string(p.State))
	}
	if slices.ContainsFunc(p.Confirmations, func(c Confirmation) bool { return c.OrganizationID == mine[0] }) {
		return false, nil
	}
	p.Confirmations = append(p.Confirmations, Confirmation{OrganizationID: mine[0], By: by.ID, At: now})
	return true, nil
}

// FollowMerge moves what belongs to an organization that lives on in another.
func (p *Publication) FollowMerge(merged, survivor, name string) {
	if p.OrganizationID == merged {
		p.OrganizationID = survivor
	}
	p.Credits = p.Credits.Follow(merged, survivor, name)
	var kept []Confirmation
	for _, c := range p.Confirmations {
		if c.OrganizationID == merged {
			c.OrganizationID = survivor
		}
		if !slices.ContainsFunc(kept, func(k Confirmation) bool { return k.OrganizationID == c.OrganizationID }) {
			kept = append(kept, c)
		}
	}
	p.Confirmations = kept
}
