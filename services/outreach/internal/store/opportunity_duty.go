package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// OpportunityDuty is what waits for somebody at an opportunity.
type OpportunityDuty struct {
	Action         string // approve, decideApplications or confirmHours.
	OpportunityID  string
	Title          string
	OrganizationID string // For which it is done; "" for none.
	Since          time.Time
}

// OpportunityDuties returns what waits for the reader at opportunities, longest
// first, up to limit: drafts to check, applications to decide, hours to confirm.
func OpportunityDuties(ctx context.Context, r pg.Reader, by publication.Reader, limit int) ([]OpportunityDuty, error) {
	sql, args := opportunityDutySQL(by, limit)
	if sql == "" {
		return nil, nil
	}
	rows, err := r.Query(ctx, sql, pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[OpportunityDuty])
}

// opportunityDutySQL asks one bounded question a duty; no text where the reader
// has none.
func opportunityDutySQL(by publication.Reader, limit int) (string, pgx.StrictNamedArgs) {
	args := pgx.StrictNamedArgs{"limit": limit}
	var parts []string
	add := func(may bool, action, since, from string) {
		if may {
			parts = append(parts, `(SELECT '`+action+`' AS action, p.id, p.title, coalesce(p.organization_id::text, '') AS organization_id, `+
				since+` AS since FROM publication p `+from+` ORDER BY since, p.id LIMIT @limit)`)
		}
	}
	const pending = `WHERE p.kind = 'OPPORTUNITY' AND p.state = 'PENDING' AND @me NOT IN (p.created_by, p.edited_by, p.requested_by)`
	checks := by.Desk || by.Approver || by.Intermediary
	if checks {
		args["me"] = by.ID
	}
	add(by.Desk, "approve", "p.updated_at", pending)
	add(by.Approver && !by.Desk, "approve", "p.updated_at", pending+` AND p.department_id IS NOT NULL`)
	add(by.Intermediary && !by.Desk, "approve", "p.updated_at", pending+` AND p.organization_id IS NOT NULL AND p.opportunity->>'kind' NOT LIKE 'STAFF%'`)
	var owners []string
	if by.Staff && by.Department != "" {
		args["department"] = by.Department
		owners = append(owners, `p.department_id = @department::uuid`)
	}
	if len(by.Writers) > 0 {
		args["writers"] = by.Writers
		owners = append(owners, `p.organization_id = ANY(@writers::uuid[])`)
	}
	for _, owned := range owners {
		add(true, "decideApplications", "w.created_at", `
			CROSS JOIN LATERAL (
				SELECT a.created_at
				FROM application a
				WHERE a.opportunity_id = p.id AND a.state = 'REQUESTED'
				ORDER BY a.place
				LIMIT 1) AS w
			WHERE p.kind = 'OPPORTUNITY' AND `+owned)
		add(true, "confirmHours", "w.created_at", `
			CROSS JOIN LATERAL (
				SELECT h.created_at
				FROM hours h
				WHERE h.opportunity_id = p.id AND h.state = 'LOGGED'
				ORDER BY h.created_at
				LIMIT 1) AS w
			WHERE p.kind = 'OPPORTUNITY' AND `+owned)
	}
	sql := ""
	for i, part := range parts {
		if i > 0 {
			sql += ` UNION `
		}
		sql += part
	}
	if sql == "" {
		return "", nil
	}
	return `SELECT * FROM (` + sql + `) AS duty ORDER BY since, id, action LIMIT @limit`, args
}
