package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/referral"
)

const selectReferral = `
	SELECT r.id, r.state, r.intermediary_id, i.name AS intermediary_name, COALESCE(r.consultation_id::text, '') AS consultation_id,
		r.consultation_number, COALESCE(r.organization_id::text, '') AS organization_id, COALESCE(o.name, '') AS organization_name,
		r.subject, r.message, r.contact, r.due_on, r.reason, r.outcome, r.report, r.created_by, r.accepted_at, r.ended_at,
		r.created_at, r.updated_at, r.version,
		COALESCE((
			SELECT m.role
			FROM member AS m
			WHERE m.organization_id = r.intermediary_id AND m.person_id = @person::uuid AND m.state = 'ACTIVE'
		), '') AS caller_role
	FROM referral AS r
	JOIN organization AS i ON i.id = r.intermediary_id
	LEFT JOIN organization AS o ON o.id = r.organization_id`

// referralScope holds for the referrals that a viewer may know of: the desk all,
// members those to their own intermediary while it is in the directory.
func referralScope(v Viewer) string {
	if v.Desk {
		return `true`
	}
	return `
		i.state IN ('VERIFIED', 'EXPIRED') AND r.intermediary_id = ANY(ARRAY(
			SELECT m.organization_id
			FROM member AS m
			WHERE m.person_id = @person::uuid AND m.state = 'ACTIVE'
		))`
}

// GetReferral returns the referral. Errors: RESOURCE_NOT_FOUND, also when the
// viewer may not know of it.
func GetReferral(ctx context.Context, r pg.Reader, id string, v Viewer) (*referral.Referral, error) {
	return one[referral.Referral](ctx, r, selectReferral+`
		WHERE r.id = @id AND `+referralScope(v), pgx.StrictNamedArgs{"id": id, "person": pg.Null(v.PersonID)})
}

// LockReferral holds the row until the end of the transaction and is GetReferral
// then.
func LockReferral(ctx context.Context, tx *pg.Tx, id string, v Viewer) (*referral.Referral, error) {
	if _, err := tx.Exec(ctx, `
		SELECT FROM referral
		WHERE id = $1
		FOR UPDATE`, id); err != nil {
		return nil, err
	}
	return GetReferral(ctx, tx, id, v)
}

// ReferralFilter selects referrals; zero values select everything.
type ReferralFilter struct {
	State          string
	IntermediaryID string
	ConsultationID string
	OrganizationID string
}

// ListReferrals returns those that the viewer may know of, the newest first; one
// row more than the page holds when there is another page.
func ListReferrals(ctx context.Context, r pg.Reader, v Viewer, f ReferralFilter, p pg.Page) ([]*referral.Referral, error) {
	args := pgx.StrictNamedArgs{
		"person": pg.Null(v.PersonID), "state": f.State, "intermediary": pg.Null(f.IntermediaryID), "consultation": pg.Null(f.ConsultationID),
		"organization": pg.Null(f.OrganizationID), "limit": p.Size + 1,
	}
	filter := referralsNewest.from(`
			AND (@state = '' OR r.state = @state)
			AND (@intermediary::uuid IS NULL OR r.intermediary_id = @intermediary::uuid)
			AND (@consultation::uuid IS NULL OR r.consultation_id = @consultation::uuid)
			AND (@organization::uuid IS NULL OR r.organization_id = @organization::uuid)`, args, p)
	sql := selectReferral + `
		WHERE true` + filter
	if !v.Desk {
		sql = ownReferrals(filter)
	}
	return many[referral.Referral](ctx, r, sql+referralsNewest.by, pgx.QueryExecModeExec, args)
}

// ownReferrals reads those to the intermediaries of which the viewer is a member
// while they are in the directory; each one's are walked by their own index, as
// far as a page.
func ownReferrals(filter string) string {
	return `
		WITH mine AS MATERIALIZED (
			SELECT r.id
			FROM member AS m
			JOIN organization AS i ON i.id = m.organization_id AND i.state IN ('VERIFIED', 'EXPIRED')
			CROSS JOIN LATERAL (
				SELECT r.id
				FROM referral AS r
				WHERE r.intermediary_id = i.id` + filter + referralsNewest.by + `
			) AS r
			WHERE m.person_id = @person::uuid AND m.state = 'ACTIVE'` + referralsNewest.by + `
		)` + selectReferral + `
		JOIN mine ON mine.id = r.id`
}

var referralsNewest = order{
	after: `
		AND r.id < @after_id::uuid`,
	by: `
		ORDER BY r.id DESC
		LIMIT @limit`,
	names: []string{"after_id"},
}

// InsertReferral adds the referral.
func InsertReferral(ctx context.Context, tx *pg.Tx, r *referral.Referral) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO referral (id, state, intermediary_id, consultation_id, consultation_number, organization_id, subject, message,
			contact, due_on, reason, outcome, report, created_by, created_at, updated_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', '', '', $11, $12, $13, $14)`,
		r.ID, r.State, r.IntermediaryID, pg.Null(r.ConsultationID), r.ConsultationNumber, pg.Null(r.OrganizationID), r.Subject, r.Message,
		r.Contact, r.DueOn, r.CreatedBy, r.CreatedAt, r.UpdatedAt, r.Version)
	return err
}

// UpdateReferral writes what changes after it was sent, with the next version and
// the transaction's time; the row is locked.
func UpdateReferral(ctx context.Context, tx *pg.Tx, r *referral.Referral) error {
	r.Version++
	r.UpdatedAt = tx.Now
	_, err := tx.Exec(ctx, `
		UPDATE referral
		SET state = $2, contact = $3, reason = $4, outcome = $5, report = $6, accepted_at = $7, ended_at = $8, updated_at = $9,
			version = $10
		WHERE id = $1`,
		r.ID, r.State, r.Contact, r.Reason, r.Outcome, r.Report, r.AcceptedAt, r.EndedAt, r.UpdatedAt, r.Version)
	return err
}
