package store

// evaluationDutiesSQL are the parts of projectDutiesSQL about evaluations,
// improvements and documents. An evaluation waits for the side that has not done
// its step; that the other side has done it is known, what it wrote is not read.
const (
	evaluationOwnSQL = `
	, judged AS MATERIALIZED (
		SELECT e.id, e.state, e.due_on, e.created_at, e.submissions, e.agreements, p.title, p.public_number, p.lead_department_id,
			(SELECT o FROM unnest(p.organization_ids) AS o WHERE o = ANY(@writers::uuid[]) LIMIT 1) AS writes,
			(SELECT o FROM unnest(p.organization_ids) AS o WHERE o = ANY(@represents::uuid[]) LIMIT 1) AS heads,
			p.department_ids @> ARRAY[@department::uuid] AS ward
		FROM evaluation e
		JOIN project p ON p.id = e.project_id
		WHERE e.state IN ('OPEN', 'ONE_SUBMITTED', 'BOTH_SUBMITTED', 'DISCUSSED', 'AGREED')
			AND (p.organization_ids && @writers::uuid[] OR p.department_ids @> ARRAY[@department::uuid])
	)`
	evaluationDutiesSQL = `
		UNION ALL
		SELECT 'submitSheet', j.title, '/v1/evaluations/' || j.id, j.public_number, j.due_on, s.organization_id, j.created_at
		FROM judged j
		CROSS JOIN LATERAL (VALUES ('ORGANIZATION', j.heads, j.heads IS NOT NULL), ('WARD', NULL, j.ward)) AS s (side, organization_id, mine)
		WHERE j.state IN ('OPEN', 'ONE_SUBMITTED') AND s.mine
			AND NOT j.submissions @> jsonb_build_array(jsonb_build_object('side', s.side))
		UNION ALL
		SELECT 'recordDiscussion', j.title, '/v1/evaluations/' || j.id, j.public_number, NULL, j.writes, j.created_at
		FROM judged j
		WHERE j.state = 'BOTH_SUBMITTED' AND (j.writes IS NOT NULL OR j.ward AND @staff::boolean)
		UNION ALL
		SELECT 'agree', j.title, '/v1/evaluations/' || j.id, j.public_number, NULL, s.organization_id, j.created_at
		FROM judged j
		CROSS JOIN LATERAL (VALUES
			('ORGANIZATION', j.heads, j.heads IS NOT NULL),
			('WARD', NULL, @approver::boolean AND j.lead_department_id = @department::uuid)
		) AS s (side, organization_id, mine)
		WHERE j.state = 'DISCUSSED' AND s.mine
			AND NOT j.agreements @> jsonb_build_array(jsonb_build_object('side', s.side))
			AND NOT j.agreements @> jsonb_build_array(jsonb_build_object('by', @id::text))
		UNION ALL
		SELECT 'publish', j.title, '/v1/evaluations/' || j.id, j.public_number, NULL, NULL, j.created_at
		FROM judged j
		WHERE j.state = 'AGREED' AND @approver::boolean AND j.lead_department_id = @department::uuid
		UNION ALL
		(
			SELECT 'publish', p.title, '/v1/evaluations/' || e.id, p.public_number, NULL, NULL, e.created_at
			FROM evaluation e
			JOIN project p ON p.id = e.project_id
			WHERE @desk::boolean AND e.state = 'AGREED'
			ORDER BY e.due_on, e.id
			LIMIT @limit
		)
		UNION ALL
		(
			SELECT 'updateImprovement', p.title, '/v1/improvements/' || i.id, i.public_number, i.due_on,
				(SELECT o FROM unnest(p.organization_ids) AS o WHERE o = ANY(@writers::uuid[]) LIMIT 1), i.created_at
			FROM improvement i
			JOIN project p ON p.id = i.project_id
			WHERE i.state = 'OPEN' AND i.due_on <= @today::date + @ahead::integer
				AND (i.responsible <> 'WARD' AND p.organization_ids && @writers::uuid[]
					OR i.responsible <> 'ORGANIZATION' AND @staff::boolean AND p.department_ids @> ARRAY[@department::uuid])
			ORDER BY i.due_on, i.id
			LIMIT @limit
		)
		UNION ALL
		(
			SELECT 'publishAttachment', p.title, '/v1/projects/' || p.id || '/attachments/' || a.id, p.public_number, NULL, NULL, a.created_at
			FROM project_attachment a
			JOIN project p ON p.id = a.project_id
			WHERE a.visibility = 'PUBLIC' AND NOT a.published AND a.created_by <> @id
				AND (@desk::boolean OR p.department_ids @> ARRAY[@department::uuid])
			ORDER BY a.created_at
			LIMIT @limit
		)`
)
