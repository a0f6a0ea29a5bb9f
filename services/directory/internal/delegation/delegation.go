// Package delegation is the consent of an organization that an intermediary acts
// for it, until a day.
package delegation

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
)

const (
	maxYears = 2
	maxHeld  = 50 // Of an intermediary: tokens carry them.
)

// Delegation is the consent of an organization that the members of an intermediary
// edit its profile, until a day or its revocation.
type Delegation struct {
	ID               string     `db:"id"`
	OrganizationID   string     `db:"organization_id"`
	OrganizationName string     `db:"organization_name"`
	IntermediaryID   string     `db:"intermediary_id"`
	IntermediaryName string     `db:"intermediary_name"`
	Published        bool       `db:"published"` // Whether the intermediary is.
	EndsAt           time.Time  `db:"ends_at"`   // Exclusive: the end of the last day in Tokyo.
	GrantedBy        string     `db:"granted_by"`
	CreatedAt        time.Time  `db:"created_at"`
	RevokedAt        *time.Time `db:"revoked_at"`
}

// Standing is what there is already when a delegation is granted.
type Standing struct {
	Between bool // Whether one between the two holds.
	Held    int  // How many the intermediary holds in all.
}

// Grant gives the consent of o that intermediary acts until the end of a day.
// Both rows are locked. Errors: INVALID_STATE_TRANSITION, NOT_AN_INTERMEDIARY,
// DELEGATION_PERIOD_INVALID, DELEGATION_EXISTS, TOO_MANY_DELEGATIONS.
func Grant(o, intermediary *organization.Organization, endsOn jp.Date, s Standing, now time.Time) (*Delegation, error) {
	today := jp.DateOf(now)
	switch {
	case o.ID == intermediary.ID, intermediary.Kind != organization.Intermediary, !intermediary.State.Published():
		return nil, ErrNotAnIntermediary.OnPath("intermediaryId")
	case endsOn.Before(today), endsOn.After(today.AddMonths(12 * maxYears)):
		return nil, ErrPeriodInvalid.OnPath("endsOn")
	case s.Between:
		return nil, ErrExists
	case s.Held >= maxHeld:
		return nil, ErrTooMany
	}
	return &Delegation{
		OrganizationID: o.ID, OrganizationName: o.Name, IntermediaryID: intermediary.ID, IntermediaryName: intermediary.Name,
		Published: true, EndsAt: endsOn.NextMidnight(), CreatedAt: now,
	}, nil
}

// EndsOn is the last day in Tokyo.
func (d *Delegation) EndsOn() jp.Date { return jp.DateOf(d.EndsAt.Add(-time.Nanosecond)) }

// Active reports whether the intermediary may act at now.
func (d *Delegation) Active(now time.Time) bool {
	return d.Published && d.RevokedAt == nil && now.Before(d.EndsAt)
}

// Revoke ends the delegation; false when it had ended.
func (d *Delegation) Revoke(now time.Time) bool {
	if d.RevokedAt != nil || !now.Before(d.EndsAt) {
		return false
	}
	d.RevokedAt = &now
	return true
}
