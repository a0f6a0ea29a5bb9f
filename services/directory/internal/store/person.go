package store

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/department"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/person"
)

const personColumns = `
	p.id, p.issuer, p.subject, p.email, p.email_verified, p.display_name, p.version`

// FindPerson returns the person with the identity. Errors: RESOURCE_NOT_FOUND.
func FindPerson(ctx context.Context, r pg.Reader, issuer, subject string) (*person.Person, error) {
	return one[person.Person](ctx, r, `
		SELECT `+personColumns+`
		FROM person AS p
		WHERE p.issuer = @issuer AND p.subject = @subject`,
		pgx.StrictNamedArgs{"issuer": issuer, "subject": subject})
}

// GetPerson returns the person. Errors: RESOURCE_NOT_FOUND.
func GetPerson(ctx context.Context, r pg.Reader, id string) (*person.Person, error) {
	return one[person.Person](ctx, r, `
		SELECT `+personColumns+`
		FROM person AS p
		WHERE p.id = @id`, pgx.StrictNamedArgs{"id": id})
}

// SavePerson makes the person known, or brings address and name up to date;
// the id is p's only for a new one. It returns the person as stored and
// whether it is new.
func SavePerson(ctx context.Context, tx *pg.Tx, p person.Person) (*person.Person, bool, error) {
	saved, err := one[person.Person](ctx, tx, `
		INSERT INTO person AS p (id, issuer, subject, email, email_verified, display_name, version, created_at, updated_at)
		VALUES (@id, @issuer, @subject, @email, @email_verified, @display_name, 1, @now, @now)
		ON CONFLICT ON CONSTRAINT person_identity_unique
		DO UPDATE SET email = @email, email_verified = @email_verified, display_name = @display_name, updated_at = @now
		RETURNING `+personColumns,
		pgx.StrictNamedArgs{
			"id": p.ID, "issuer": p.Issuer, "subject": p.Subject, "email": p.Email, "email_verified": p.EmailVerified,
			"display_name": p.DisplayName, "now": tx.Now,
		})
	if err != nil {
		return nil, false, err
	}
	return saved, saved.ID == p.ID, nil
}

// TouchPerson notes that memberships or assignments of the person changed.
func TouchPerson(tx *pg.Tx, id string) {
	tx.Queue(`
		UPDATE person
		SET version = version + 1, updated_at = $2
		WHERE id = $1`, id, tx.Now)
}

// PersonByEmail returns the one person with the verified address. Errors:
// PERSON_UNKNOWN, PERSON_AMBIGUOUS.
func PersonByEmail(ctx context.Context, r pg.Reader, email string) (*person.Person, error) {
	found, err := many[person.Person](ctx, r, `
		SELECT `+personColumns+`
		FROM person AS p
		WHERE p.email = @email AND p.email_verified
		ORDER BY p.id
		LIMIT 2`, pgx.StrictNamedArgs{"email": strings.ToLower(email)})
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, department.ErrPersonUnknown
	case len(found) > 1:
		return nil, department.ErrPersonAmbiguous
	}
	return found[0], nil
}

// Standing returns what the person is today: the assignment in force and the
// memberships of organizations that are not closed, with what is delegated to
// them. Three statements in one round trip.
func Standing(ctx context.Context, r pg.Reader, p *person.Person, today jp.Date) (person.Standing, error) {
	s := person.Standing{Person: *p}
	var b pgx.Batch
	b.Queue(`
		SELECT department_id::text, roles
		FROM staff_assignment
		WHERE person_id = $1 AND removed_at IS NULL AND valid_from <= $2 AND COALESCE(valid_to, 'infinity') >= $2`, p.ID, today,
	).QueryRow(func(row pgx.Row) error {
		err := row.Scan(&s.DepartmentID, &s.StaffRoles)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return err
	})
	b.Queue(`
		SELECT m.organization_id, m.role, o.kind = 'INTERMEDIARY' AND o.state IN ('VERIFIED', 'EXPIRED') AS intermediary
		FROM member AS m
		JOIN organization AS o ON o.id = m.organization_id
		WHERE m.person_id = $1 AND m.state = 'ACTIVE' AND o.state <> 'CLOSED'
		ORDER BY m.organization_id`, p.ID,
	).Query(func(rows pgx.Rows) (err error) {
		s.Memberships, err = pgx.CollectRows(rows, pgx.RowToStructByName[person.Membership])
		return err
	})
	b.Queue(`
		SELECT d.organization_id, d.intermediary_id, d.ends_at
		FROM member AS m
		JOIN organization AS i ON i.id = m.organization_id AND i.kind = 'INTERMEDIARY' AND i.state IN ('VERIFIED', 'EXPIRED')
		JOIN delegation AS d ON d.intermediary_id = i.id AND d.revoked_at IS NULL AND d.ends_at > now()
		WHERE m.person_id = $1 AND m.state = 'ACTIVE'
		ORDER BY d.organization_id, d.intermediary_id`, p.ID,
	).Query(func(rows pgx.Rows) (err error) {
		s.Delegations, err = pgx.CollectRows(rows, pgx.RowToStructByName[person.Delegation])
		return err
	})
	err := r.SendBatch(ctx, &b).Close()
	return s, err
}

// InsertSession adds a session. Errors: RESOURCE_NOT_FOUND for an unknown
// person.
func InsertSession(ctx context.Context, tx *pg.Tx, s person.Session, tokenHash []byte) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO session (id, token_hash, person_id, created_at, used_at)
		VALUES ($1, $2, $3, $4, $5)`, s.ID, tokenHash, s.PersonID, s.CreatedAt, s.UsedAt)
	return pg.Refuse(err, map[string]*fault.Error{"session_person_known": fault.ErrNotFound})
}

// FindSession returns the session that is not revoked. Errors: SESSION_ENDED.
func FindSession(ctx context.Context, r pg.Reader, tokenHash []byte) (*person.Session, error) {
	s, err := one[person.Session](ctx, r, `
		SELECT id, person_id, created_at, used_at
		FROM session
		WHERE token_hash = @hash AND revoked_at IS NULL`, pgx.StrictNamedArgs{"hash": tokenHash})
	if errors.Is(err, fault.ErrNotFound) {
		return nil, person.ErrSessionEnded
	}
	return s, err
}

// UseSession notes the use of a session at the transaction's time.
func UseSession(ctx context.Context, tx *pg.Tx, id string) error {
	_, err := tx.Exec(ctx, `
		UPDATE session
		SET used_at = greatest(used_at, $2)
		WHERE id = $1`, id, tx.Now)
	return err
}

// RevokeSession ends the session and returns it; nil when it had ended.
func RevokeSession(ctx context.Context, tx *pg.Tx, tokenHash []byte) (*person.Session, error) {
	s, err := one[person.Session](ctx, tx, `
		UPDATE session
		SET revoked_at = @now
		WHERE token_hash = @hash AND revoked_at IS NULL
		RETURNING id, person_id, created_at, used_at`, pgx.StrictNamedArgs{"hash": tokenHash, "now": tx.Now})
	if errors.Is(err, fault.ErrNotFound) {
		return nil, nil
	}
	return s, err
}

// DropSessions deletes sessions that were last used before a time.
func DropSessions(ctx context.Context, tx *pg.Tx, days int) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM session
		WHERE used_at < $1::timestamptz - make_interval(days => $2)`, tx.Now, days)
	return err
}
