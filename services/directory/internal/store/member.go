package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/member"
)

// memberColumns are the columns of member.Member; a member's address and name
// are the person's.
const memberColumns = `
	m.id, m.organization_id, COALESCE(m.person_id::text, '') AS person_id, COALESCE(p.display_name, '') AS display_name,
	COALESCE(p.email, m.email) AS email, m.role, m.state, m.expires_at, m.created_at, m.updated_at, m.version`

// GetMember returns a membership or an open invitation of the organization.
// Errors: RESOURCE_NOT_FOUND.
func GetMember(ctx context.Context, r pg.Reader, organizationID, id string) (*member.Member, error) {
	return one[member.Member](ctx, r, `
		SELECT `+memberColumns+`
		FROM member AS m
		LEFT JOIN person AS p ON p.id = m.person_id
		WHERE m.organization_id = @organization AND m.id = @id AND m.state <> 'REMOVED'`,
		pgx.StrictNamedArgs{"organization": organizationID, "id": id})
}

// ListMembers returns members and invitations that are still open at now, by
// time; one row more than the page holds when there is another page.
func ListMembers(ctx context.Context, r pg.Reader, organizationID string, now time.Time, p pg.Page) ([]*member.Member, error) {
	args := pgx.StrictNamedArgs{"organization": organizationID, "now": now, "limit": p.Size + 1}
	sql := membersByTime.from(`
		SELECT `+memberColumns+`
		FROM member AS m
		LEFT JOIN person AS p ON p.id = m.person_id
		WHERE m.organization_id = @organization
			AND (m.state = 'ACTIVE' OR (m.state = 'INVITED' AND m.expires_at > @now))`, args, p)
	return many[member.Member](ctx, r, sql+membersByTime.by, args)
}

var membersByTime = order{
	after: `
		AND (m.created_at, m.id) > (@after_time::timestamptz, @after_id::uuid)`,
	by: `
		ORDER BY m.created_at, m.id
		LIMIT @limit`,
	names: []string{"after_time", "after_id"},
}

// CountMembers returns how many members and open invitations the organization
// has, and how many representatives. Its row must be locked.
func CountMembers(ctx context.Context, tx *pg.Tx, organizationID string) (all, representatives int, err error) {
	err = tx.QueryRow(ctx, `
		SELECT count(*), count(*) FILTER (WHERE state = 'ACTIVE' AND role = 'REPRESENTATIVE')
		FROM member
		WHERE organization_id = $1 AND state <> 'REMOVED'`, organizationID).Scan(&all, &representatives)
	return all, representatives, err
}

// IsMemberByEmail reports whether a person with the verified address is a
// member of the organization.
func IsMemberByEmail(ctx context.Context, tx *pg.Tx, organizationID, email string) (bool, error) {
	var found bool
	err := tx.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM member AS m
			JOIN person AS p ON p.id = m.person_id
			WHERE m.organization_id = $1 AND m.state = 'ACTIVE' AND p.email_verified AND p.email = $2
		)`, organizationID, email).Scan(&found)
	return found, err
}

// DropExpiredInvitations forgets the organization's invitations that nobody
// can accept any more, so that the address can be invited again.
func DropExpiredInvitations(ctx context.Context, tx *pg.Tx, organizationID string) error {
	_, err := tx.Exec(ctx, `
		UPDATE member
		SET state = 'REMOVED', email = '', expires_at = NULL, updated_at = $2, version = version + 1
		WHERE organization_id = $1 AND state = 'INVITED' AND expires_at <= $2`, organizationID, tx.Now)
	return err
}

// InsertMember adds the membership or invitation. Errors: ALREADY_MEMBER,
// INVITATION_OPEN.
func InsertMember(ctx context.Context, tx *pg.Tx, m *member.Member) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO member (id, organization_id, person_id, email, role, state, expires_at, created_at, updated_at, version)
		VALUES (@id, @organization, @person, @email, @role, @state, @expires_at, @created_at, @updated_at, @version)`,
		pgx.StrictNamedArgs{
			"id": m.ID, "organization": m.OrganizationID, "person": pg.Null(m.PersonID), "email": m.Email, "role": m.Role,
			"state": m.State, "expires_at": m.ExpiresAt, "created_at": m.CreatedAt, "updated_at": m.UpdatedAt, "version": m.Version,
		})
	return refuseMember(err)
}

// UpdateMember writes the membership with the next version; the organization's
// row is locked. Errors: ALREADY_MEMBER.
func UpdateMember(ctx context.Context, tx *pg.Tx, m *member.Member) error {
	m.Version++
	m.UpdatedAt = tx.Now
	_, err := tx.Exec(ctx, `
		UPDATE member
		SET person_id = @person, email = @email, role = @role, state = @state, expires_at = @expires_at,
			updated_at = @updated_at, version = @version
		WHERE id = @id`,
		pgx.StrictNamedArgs{
			"id": m.ID, "person": pg.Null(m.PersonID), "email": emailColumn(m), "role": m.Role, "state": m.State,
			"expires_at": m.ExpiresAt, "updated_at": m.UpdatedAt, "version": m.Version,
		})
	return refuseMember(err)
}

// emailColumn is the address of an invitation; a member's stands in person.
func emailColumn(m *member.Member) string {
	if m.State == member.Invited {
		return m.Email
	}
	return ""
}

func refuseMember(err error) error {
	return pg.Refuse(err, map[string]*fault.Error{
		"member_person_unique":     member.ErrAlreadyMember,
		"member_invitation_unique": member.ErrInvitationOpen,
		"member_person_known":      fault.ErrTokenInvalid,
	})
}

// Invitation is an open invitation as the invited person sees it.
type Invitation struct {
	ID               string      `db:"id"`
	OrganizationID   string      `db:"organization_id"`
	OrganizationName string      `db:"organization_name"`
	Role             member.Role `db:"role"`
	ExpiresAt        time.Time   `db:"expires_at"`
}

// ListInvitations returns at most 50 invitations to the person's verified
// address that are open at now, newest first.
func ListInvitations(ctx context.Context, r pg.Reader, personID string, now time.Time) ([]*Invitation, error) {
	return many[Invitation](ctx, r, `
		SELECT m.id, m.organization_id, o.name AS organization_name, m.role, m.expires_at
		FROM person AS p
		JOIN member AS m ON m.email = p.email AND m.state = 'INVITED'
		JOIN organization AS o ON o.id = m.organization_id
		WHERE p.id = @person AND p.email_verified AND m.expires_at > @now
		ORDER BY m.created_at DESC, m.id DESC
		LIMIT 50`,
		pgx.StrictNamedArgs{"person": personID, "now": now})
}

// LockInvitation returns the organization's membership or invitation that is
// bound to the person's verified address or that the person accepted, and
// holds its organization. Errors: RESOURCE_NOT_FOUND.
func LockInvitation(ctx context.Context, tx *pg.Tx, organizationID, id, personID string) (*member.Member, error) {
	_, err := tx.Exec(ctx, `
		SELECT
		FROM organization
		WHERE id = $1
		FOR NO KEY UPDATE`, organizationID)
	if err != nil {
		return nil, err
	}
	return one[member.Member](ctx, tx, `
		SELECT `+memberColumns+`
		FROM member AS m
		LEFT JOIN person AS p ON p.id = m.person_id
		WHERE m.organization_id = @organization AND m.id = @id
			AND (
				(m.state = 'ACTIVE' AND m.person_id = @person)
				OR (m.state = 'INVITED' AND m.email = (SELECT email FROM person WHERE id = @person AND email_verified))
			)`,
		pgx.StrictNamedArgs{"organization": organizationID, "id": id, "person": personID})
}
