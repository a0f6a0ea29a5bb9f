package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/task"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

// Duties returns what waits for the reader, the earliest due first, at most limit.
func Duties(ctx context.Context, r pg.Reader, by proposal.Reader, limit int) ([]task.Duty, error) {
	sql, args := dutySQL(by, limit)
	if sql == "" {
		return nil, nil
	}
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[task.Duty])
}

const (
	dutyOfProposal = `, '/v1/proposals/' || p.id AS path, coalesce(p.number, '') AS number, p.title AS subject,
			'' AS organization_id, NULL::date AS due_on, p.updated_at AS since
		FROM proposal p
		WHERE p.`
	dutyOfConsultation = `, '/v1/consultations/' || c.id, c.number, c.subject, '', c.due_on, c.updated_at
		FROM consultation c
		WHERE c.`
)

// dutySQL asks one bounded question a duty; no text where the reader has none.
func dutySQL(by proposal.Reader, limit int) (string, pgx.StrictNamedArgs) {
	args := pgx.StrictNamedArgs{"limit": limit}
	var parts []string
	if by.Desk {
		parts = append(parts,
			`SELECT 'accept' AS action`+dutyOfProposal+`state = 'SUBMITTED'`,
			`SELECT 'assign' AS action`+dutyOfProposal+`state = 'ACCEPTED'`,
			`SELECT 'route' AS action`+dutyOfConsultation+`state = 'RECEIVED'`)
	}
	if by.Staff && by.Department != "" {
		args["department"] = by.Department
		parts = append(parts,
			`SELECT 'respondToAssignment' AS action`+dutyOfProposal+`department_ids @> ARRAY[@department::uuid] AND p.state = 'ASSIGNED'
				AND p.assignments @> jsonb_build_array(jsonb_build_object('departmentId', @department::text, 'response', 'PENDING'))`,
			`SELECT 'reply' AS action`+dutyOfConsultation+`department_id = @department::uuid AND c.state IN ('ROUTED', 'IN_PROGRESS')`,
			`SELECT 'answer' AS action, '/v1/challenges/' || c.id || '/responses/' || r.id, '', c.title, '', NULL::date, r.created_at
				FROM challenge c
				JOIN contribution r ON r.challenge_id = c.id AND r.answered_on IS NULL
				WHERE c.department_id = @department::uuid AND c.state <> 'DRAFT'`,
			`SELECT 'confirmMinutes' AS action`+dutyOfMeeting(`department_ids @> ARRAY[@department::uuid]`, `'ward'`, `''`))
	}
	if by.Approver {
		args["me"] = by.ID
		parts = append(parts, `SELECT 'approveDecision' AS action`+dutyOfProposal+`state = 'DECISION_DRAFTED' AND p.decision->>'draftedBy' <> @me`)
	}
	if by.Reviewer {
		args["reviewer"] = by.ID
		parts = append(parts, `SELECT 'submit' AS action, '/v1/reviews/' || r.id, coalesce(p.number, ''), p.title, '', h.due_on, r.created_at
			FROM review r
			JOIN review_phase h ON h.id = r.phase_id AND NOT h.closed
			JOIN proposal p ON p.id = r.proposal_id
			WHERE r.reviewer_id = @reviewer AND r.state IN ('ASSIGNED', 'IN_PROGRESS')`)
	}
	if len(by.Represents) > 0 {
		args["represents"] = by.Represents
		parts = append(parts,
			`SELECT 'resubmit' AS action, '/v1/proposals/' || p.id, coalesce(p.number, ''), p.title, p.organization_id::text,
				(p.correction->>'dueOn')::date, p.updated_at
				FROM proposal p
				WHERE p.organization_id = ANY(@represents::uuid[]) AND p.state = 'RETURNED'`,
			`SELECT 'confirmMinutes' AS action`+dutyOfMeeting(`organization_ids && @represents::uuid[]`,
				`own.id::text`, `own.id::text`))
	}
	for i, p := range parts {
		parts[i] = `(SELECT * FROM (` + p + `) AS d (action, path, number, subject, organization_id, due_on, since) ORDER BY due_on NULLS LAST, since LIMIT @limit)`
	}
	if parts == nil {
		return "", nil
	}
	return `
		SELECT action, path, number, subject, organization_id, due_on, since
		FROM (` + strings.Join(parts, " UNION ALL ") + `) AS duty
		ORDER BY due_on NULLS LAST, since, path
		LIMIT @limit`, args
}

// dutyOfMeeting is minutes that a party has not confirmed; the texts are constants
// of dutySQL.
func dutyOfMeeting(attends, party, organization string) string {
	own := ``
	if organization != `''` {
		own = ` JOIN unnest(@represents::uuid[]) AS own (id) ON own.id = ANY(m.organization_ids)`
	}
	return `, '/v1/meetings/' || m.id, '', m.title, ` + organization + `, NULL::date, m.updated_at
		FROM meeting m` + own + `
		WHERE m.state = 'RECORDED' AND m.` + attends + ` AND NOT EXISTS (
			SELECT
			FROM meeting_confirmation c
			WHERE c.meeting_id = m.id AND c.minutes_version = (m.minutes->>'version')::integer AND c.party = ` + party + `)`
}
