package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// Duty is something in the directory that waits for a person.
type Duty struct {
	Action         string    `db:"action"`          // From the list in the README.
	OrganizationID string    `db:"organization_id"` // Empty for none.
	MemberID       string    `db:"member_id"`       // Of an invitation; empty for others.
	Path           string    `db:"path"`            // Of what is no organization and no invitation; else empty.
	Name           string    `db:"name"`            // Of the organization, or the title of the other thing.
	DueOn          *jp.Date  `db:"due_on"`
	Since          time.Time `db:"since"`
}

// renewWithin is how many days before its end a registration is to be renewed.
const renewWithin = 60

// confirmAfter is after how many days a representative is to state again that the
// published data are correct.
const confirmAfter = 365

// Duties returns what waits for the viewer, the earliest due first, at most
// limit: applications and renewals for the desk; for members corrections that the
// desk asked for, registrations that end, data that nobody confirmed for a year,
// and invitations; for everybody what waits in the exchange and in referrals.
func Duties(ctx context.Context, r pg.Reader, v Partner, now time.Time, limit int) ([]*Duty, error) {
	sql := `
		SELECT action, COALESCE(organization_id::text, '') AS organization_id, member_id, path, name, due_on, since
		FROM (
			SELECT action, organization_id, member_id, '' AS path, name, due_on, since
			FROM (` + registrationDuties + `) AS registration
			UNION ALL
			SELECT action, organization_id, '', path, name, due_on, since
			FROM (` + exchangeDuties + `) AS exchange
		) AS duty
		ORDER BY due_on NULLS LAST, since, organization_id, path
		LIMIT @limit`
	return many[Duty](ctx, r, sql, pgx.QueryExecModeExec, v.args(sql, pgx.StrictNamedArgs{
		"now": now, "renew": jp.DateOf(now).AddDays(renewWithin), "confirm": confirmAfter, "confirmed": jp.DateOf(now).AddDays(-confirmAfter),
		"today": jp.DateOf(now), "days": recordWithin,
		"actor": v.Actor, "staff": v.Staff, "limit": limit,
	}))
}

// registrationDuties are what waits around registrations and memberships.
const registrationDuties = `
			(
				SELECT 'verify' AS action, o.id AS organization_id, '' AS member_id, o.name, NULL::date AS due_on, o.updated_at AS since
				FROM organization AS o
				WHERE @desk::boolean AND o.state = 'PENDING'
				ORDER BY o.updated_at
				LIMIT @limit
			)
			UNION ALL
			(
				SELECT 'decideRenewal', o.id, '', o.name, o.valid_until, o.renewal_requested_on::timestamptz
				FROM organization AS o
				WHERE @desk::boolean AND o.renewal_requested_on IS NOT NULL AND o.state IN ('VERIFIED', 'EXPIRED')
				ORDER BY o.renewal_requested_on
				LIMIT @limit
			)
			UNION ALL
			SELECT CASE o.state WHEN 'DRAFT' THEN 'correct' ELSE 'renew' END, o.id, '', o.name,
				CASE o.state WHEN 'DRAFT' THEN NULL ELSE o.valid_until END, o.updated_at
			FROM member AS m
			JOIN organization AS o ON o.id = m.organization_id
			WHERE m.person_id = @person::uuid AND m.state = 'ACTIVE' AND m.role = 'REPRESENTATIVE'
				AND ((o.state = 'DRAFT' AND o.returned_on IS NOT NULL)
					OR (o.state IN ('VERIFIED', 'EXPIRED') AND o.valid_until < @renew::date AND o.renewal_requested_on IS NULL))
			UNION ALL
			SELECT 'confirm', o.id, '', o.name, o.last_confirmed_on + @confirm::integer, o.updated_at
			FROM member AS m
			JOIN organization AS o ON o.id = m.organization_id
			WHERE m.person_id = @person::uuid AND m.state = 'ACTIVE' AND m.role = 'REPRESENTATIVE'
				AND o.state IN ('VERIFIED', 'EXPIRED') AND o.last_confirmed_on < @confirmed::date
			UNION ALL
			SELECT 'accept', o.id, m.id::text, o.name, (m.expires_at AT TIME ZONE 'Asia/Tokyo')::date, m.created_at
			FROM person AS p
			JOIN member AS m ON m.email = p.email AND m.state = 'INVITED' AND m.expires_at > @now
			JOIN organization AS o ON o.id = m.organization_id
			WHERE p.id = @person::uuid AND p.email_verified`
