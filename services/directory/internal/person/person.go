// Package person is the domain of people who sign in: what their assignments
// and memberships make them, and how long their browser sessions last.
package person

import (
	"slices"
	"time"
)

// Person is somebody whom an issuer vouched for.
type Person struct {
	ID            string `db:"id"`
	Issuer        string `db:"issuer"`
	Subject       string `db:"subject"`
	Email         string `db:"email"` // Lower case.
	EmailVerified bool   `db:"email_verified"`
	DisplayName   string `db:"display_name"`
	Version       int64  `db:"version"`
}

// Same reports whether the issuer says of the person what is known.
func (p Person) Same(claimed Person) bool {
	return p.Email == claimed.Email && p.EmailVerified == claimed.EmailVerified && p.DisplayName == claimed.DisplayName
}

// Membership is a role in one organization.
type Membership struct {
	OrganizationID string `db:"organization_id"`
	Role           string `db:"role"`         // VIEWER, EDITOR or REPRESENTATIVE.
	Intermediary   bool   `db:"intermediary"` // Whether it is a published intermediary.
}

// Delegation lets the person act for an organization.
type Delegation struct {
	OrganizationID string    `db:"organization_id"`
	IntermediaryID string    `db:"intermediary_id"`
	EndsAt         time.Time `db:"ends_at"` // Exclusive.
}

// Standing is what directory knows of a person today.
type Standing struct {
	Person
	DepartmentID string       // Of the assignment in force; empty for none.
	StaffRoles   []string     // Of the assignment in force; names in the contract.
	Memberships  []Membership // By organization.
	Delegations  []Delegation // That hold now, by organization.
}

// Staff reports whether the person works for the ward today.
func (s Standing) Staff() bool { return s.DepartmentID != "" }

// Roles returns the roles without the prefix ROLE_, each once. Staff have the
// roles of their assignment only, so that nobody decides on an application of
// their own organization by way of two hats. An intermediary's members are
// coordinators; its representative acts for it as well.
func (s Standing) Roles() []string {
	if s.Staff() {
		return s.StaffRoles
	}
	roles := []string{"RESIDENT"}
	for _, m := range s.Memberships {
		if m.Intermediary {
			roles = append(roles, "COORDINATOR")
		}
		if !m.Intermediary || m.Role == "REPRESENTATIVE" {
			roles = append(roles, m.Role)
		}
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

// Session is a browser's session.
type Session struct {
	ID        string    `db:"id"`
	PersonID  string    `db:"person_id"`
	CreatedAt time.Time `db:"created_at"`
	UsedAt    time.Time `db:"used_at"` // At most noteEvery behind the last use.
}

// noteEvery is how often the use of a session is written down.
const noteEvery = time.Minute

// Limits are how long a session lasts.
type Limits struct {
	Idle     time.Duration // Without use.
	Absolute time.Duration // In all.
}

// SessionLimits returns the limits for staff and for everybody else.
func SessionLimits(staff bool) Limits {
	if staff {
		return Limits{Idle: 30 * time.Minute, Absolute: 12 * time.Hour}
	}
	return Limits{Idle: 12 * time.Hour, Absolute: 30 * 24 * time.Hour}
}

// Live reports whether the session has not ended at now.
func (s Session) Live(l Limits, now time.Time) bool {
	return now.Before(s.UsedAt.Add(l.Idle)) && now.Before(s.CreatedAt.Add(l.Absolute))
}

// Stale reports whether the use at now is to be written down.
func (s Session) Stale(now time.Time) bool { return !now.Before(s.UsedAt.Add(noteEvery)) }
