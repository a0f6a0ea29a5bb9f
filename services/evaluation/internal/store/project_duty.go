package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/task"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

const (
	// reportWithin is how many days after its last day a project is to be reported.
	reportWithin = 30
	// improvementAhead is how many days before its due day an improvement is a task.
	improvementAhead = 14
)

// ProjectDuties returns what waits for the reader, the earliest due first, at most
// limit: agreements that the other side has signed, or that are not drafted yet,
// change requests of the other side, reports and completions, courses with entries
// to approve, sheets, talks and agreements of evaluations, publications, improvements
// and documents, and for the desk comments to answer.
func ProjectDuties(ctx context.Context, r pg.Reader, by project.Reader, today jp.Date, limit int) ([]task.Duty, error) {
	rows, err := r.Query(ctx, projectDutiesSQL, pgx.QueryExecModeExec, projectDutyArgs(by, today, limit))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (d task.Duty, err error) {
		var organization *string
		err = row.Scan(&d.Action, &d.Subject, &d.Path, &d.Number, &d.DueOn, &organization, &d.Since)
		d.OrganizationID = pg.Or(organization)
		return d, err
	})
}

func projectDutyArgs(by project.Reader, today jp.Date, limit int) pgx.StrictNamedArgs {
	return pgx.StrictNamedArgs{
		"writers": pg.List(by.Writers), "represents": pg.List(by.Represents), "department": pg.Null(by.Department), "approver": by.Approver,
		"staff": by.Staff, "desk": by.Desk, "id": by.ID, "within": reportWithin, "ahead": improvementAhead, "today": today, "limit": limit,
	}
}

const projectDutiesSQL = `
	WITH own AS MATERIALIZED (
		SELECT p.id, p.title, p.public_number, p.state, p.lead_department_id, p.period_to, p.updated_at,
			(SELECT o FROM unnest(p.organization_ids) AS o WHERE o = ANY(@writers::uuid[]) LIMIT 1) AS writes,
			(SELECT o FROM unnest(p.organization_ids) AS o WHERE o = ANY(@represents::uuid[]) LIMIT 1) AS heads,
			p.department_ids @> ARRAY[@department::uuid] AS ward,
			EXISTS (SELECT FROM project_report f WHERE f.project_id = p.id AND f.kind = 'FINAL') AS reported
		FROM project p
		WHERE p.state IN ('PREPARING', 'AGREED', 'RUNNING')
			AND (p.organization_ids && @writers::uuid[] OR p.department_ids @> ARRAY[@department::uuid])
	)` + evaluationOwnSQL + `, duty AS (
		SELECT 'signAgreement' AS action, o.title, '/v1/projects/' || o.id || '/agreement' AS path, o.public_number,
			NULL::date AS due_on, o.heads AS organization_id, a.updated_at AS since
		FROM own o
		JOIN agreement a ON a.project_id = o.id AND a.state = 'PARTLY_SIGNED'
		WHERE o.heads IS NOT NULL AND NOT EXISTS (
				SELECT FROM agreement_signature s
				WHERE s.project_id = o.id AND s.version = a.version AND s.organization_id = o.heads)
			OR @approver::boolean AND o.lead_department_id = @department::uuid AND NOT EXISTS (
				SELECT FROM agreement_signature s
				WHERE s.project_id = o.id AND s.version = a.version AND s.side = 'WARD')
		UNION ALL
		SELECT 'draftAgreement', o.title, '/v1/projects/' || o.id, o.public_number, NULL, NULL, o.updated_at
		FROM own o
		WHERE @staff::boolean AND o.lead_department_id = @department::uuid AND o.state = 'PREPARING' AND NOT EXISTS (
			SELECT FROM agreement a
			WHERE a.project_id = o.id)
		UNION ALL
		SELECT 'answerChange', o.title, '/v1/projects/' || o.id || '/changes/' || c.id, o.public_number, NULL, o.heads, c.asked_at
		FROM own o
		JOIN project_change c ON c.project_id = o.id AND c.state = 'REQUESTED'
		WHERE c.side = 'WARD' AND o.heads IS NOT NULL OR c.side = 'ORGANIZATION' AND o.ward AND @staff::boolean
		UNION ALL
		SELECT 'fileReport', o.title, '/v1/projects/' || o.id || '/reports', o.public_number, o.period_to + @within::integer, o.writes,
			o.period_to::timestamp AT TIME ZONE 'Asia/Tokyo'
		FROM own o
		WHERE o.writes IS NOT NULL AND o.state = 'RUNNING' AND o.period_to < @today::date AND NOT o.reported
		UNION ALL
		SELECT 'completeProject', o.title, '/v1/projects/' || o.id, o.public_number, NULL, NULL, o.updated_at
		FROM own o
		WHERE @staff::boolean AND o.lead_department_id = @department::uuid AND o.state = 'RUNNING' AND o.reported
		UNION ALL
		SELECT 'approveProgress', o.title, '/v1/projects/' || o.id || '/progress', o.public_number, NULL, NULL, e.created_at
		FROM own o
		CROSS JOIN LATERAL (
			SELECT min(d.created_at) AS created_at
			FROM project_progress d
			WHERE d.project_id = o.id AND NOT d.published AND d.created_by <> @id
		) AS e
		WHERE o.ward AND e.created_at IS NOT NULL
		UNION ALL
		(
			SELECT 'answerComment', v.title, '/v1/rulebook/versions/' || v.id || '/clauses/' || c.clause_no || '/comments', '', NULL, NULL,
				c.created_at
			FROM rulebook_comment c
			JOIN rulebook_version v ON v.id = c.version_id
			WHERE @desk::boolean AND c.answered_at IS NULL
			LIMIT @limit
		)` + evaluationDutiesSQL + `
	)
	SELECT action, title, path, public_number, due_on, organization_id::text, since
	FROM duty
	ORDER BY due_on NULLS LAST, since, path
	LIMIT @limit`
