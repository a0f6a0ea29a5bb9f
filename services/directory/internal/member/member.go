// Package member is the domain of memberships: who belongs to an organization
// in which role, from the invitation on.
package member

import (
	"time"
)

// Role is what a member may do for the organization; the names are the
// contract's.
type Role string

// The roles. None is the role of somebody who is no member.
const (
	None           Role = ""
	Viewer         Role = "VIEWER"         // Reads.
	Editor         Role = "EDITOR"         // Writes drafts and the profile.
	Representative Role = "REPRESENTATIVE" // Acts for the organization.
)

// Delegate is the role of who acts for an organization as a member of an
// intermediary: no member, and stored nowhere.
const Delegate Role = "DELEGATE"

// State is how far a membership has come.
type State string

// The states.
const (
	Invited State = "INVITED" // Invited, not yet accepted.
	Active  State = "ACTIVE"  // A member.
	Removed State = "REMOVED" // Gone; the row is kept for the history.
)

// invitationLife is how long an invitation can be accepted.
const invitationLife = 72 * time.Hour

// maxMembers bounds members and open invitations of an organization.
const maxMembers = 300

// Member is a membership or an invitation.
type Member struct {
	ID             string     `db:"id"`
	OrganizationID string     `db:"organization_id"`
	PersonID       string     `db:"person_id"`    // Empty while invited.
	DisplayName    string     `db:"display_name"` // Of the person; empty while invited.
	Email          string     `db:"email"`        // Lower case; of the person, or the invited one.
	Role           Role       `db:"role"`
	State          State      `db:"state"`
	ExpiresAt      *time.Time `db:"expires_at"` // End of the invitation.
	CreatedAt      time.Time  `db:"created_at"`
	UpdatedAt      time.Time  `db:"updated_at"`
	Version        int64      `db:"version"`
}

// Found returns the first member of a new organization: its representative.
func Found(id, organizationID, personID string, now time.Time) *Member {
	return &Member{
		ID:             id,
		OrganizationID: organizationID,
		PersonID:       personID,
		Role:           Representative,
		State:          Active,
		CreatedAt:      now,
		UpdatedAt:      now,
		Version:        1,
	}
}

// Invite completes an invitation that has its ids, address and role. count is
// the number of members and invitations before. Errors: TOO_MANY_MEMBERS.
func Invite(m Member, count int, now time.Time) (*Member, error) {
	if count >= maxMembers {
		return nil, ErrTooMany
	}
	until := now.Add(invitationLife)
	m.State, m.ExpiresAt = Invited, &until
	m.CreatedAt, m.UpdatedAt, m.Version = now, now, 1
	return &m, nil
}

// Accept makes the invitation the person's membership. Errors:
// ALREADY_MEMBER, INVITATION_EXPIRED.
func (m *Member) Accept(personID string, now time.Time) error {
	if m.State != Invited {
		return ErrAlreadyMember
	}
	if !now.Before(*m.ExpiresAt) {
		return ErrInvitationExpired
	}
	m.PersonID, m.Email, m.State, m.ExpiresAt = personID, "", Active, nil
	return nil
}

// Expired reports whether it is an invitation that nobody can accept any more.
func (m *Member) Expired(now time.Time) bool {
	return m.State == Invited && !now.Before(*m.ExpiresAt)
}

// ChangeRole gives the member another role. representatives is how many the
// organization has, m included. Errors: LAST_REPRESENTATIVE.
func (m *Member) ChangeRole(to Role, representatives int) error {
	if m.isLast(representatives) && to != Representative {
		return ErrLastRepresentative
	}
	m.Role = to
	return nil
}

// Remove ends the membership or withdraws the invitation and forgets the mail
// address. Errors: LAST_REPRESENTATIVE.
func (m *Member) Remove(representatives int) error {
	if m.isLast(representatives) {
		return ErrLastRepresentative
	}
	m.State, m.Email, m.ExpiresAt = Removed, "", nil
	return nil
}

func (m *Member) isLast(representatives int) bool {
	return m.State == Active && m.Role == Representative && representatives <= 1
}
