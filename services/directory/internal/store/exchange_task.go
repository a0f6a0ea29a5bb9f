package store

// exchangeDuties are what waits in the exchange and in referrals, as rows of
// Duties: for who checks the listings that wait, for their side those that came
// back, introductions to answer and outcomes to record; for the desk outcomes
// that the sides do not settle and referrals that are late; for an intermediary
// the referrals to it. Every branch reads one partial index.
const exchangeDuties = `
	(
		SELECT 'publishListing' AS action, NULL::uuid AS organization_id, '/v1/listings/' || l.id AS path, l.title AS name, NULL::date AS due_on, l.updated_at AS since
		FROM listing AS l
		WHERE l.state = 'PENDING' AND l.written_by <> @actor
			AND (@desk::boolean
				OR (@staff::boolean AND l.department_id = @department::uuid)
				OR (l.organization_id IS NOT NULL AND ` + checks + ` AND NOT EXISTS (
					SELECT FROM member AS m
					WHERE m.organization_id = l.organization_id AND m.person_id = @person::uuid AND m.state = 'ACTIVE'
				)))
		ORDER BY l.updated_at
		LIMIT @limit
	)
	UNION ALL
	(
		SELECT 'correctListing', l.organization_id, '/v1/listings/' || l.id, l.title, NULL, l.updated_at
		FROM listing AS l
		WHERE l.state = 'DRAFT' AND l.correction_reason <> ''
			AND (l.organization_id = ANY(` + acts + `) OR l.department_id = @department::uuid)
		ORDER BY l.updated_at
		LIMIT @limit
	)
	UNION ALL
	(
		SELECT CASE i.state WHEN 'PROPOSED' THEN 'answerIntroduction' ELSE 'recordOutcome' END, i.owner_organization_id,
			'/v1/listings/' || i.listing_id || '/introductions/' || i.id, l.title,
			CASE i.state WHEN 'ACCEPTED' THEN (GREATEST(i.owner_accepted_at, i.partner_accepted_at) AT TIME ZONE 'Asia/Tokyo')::date + @days::integer END, i.created_at
		FROM introduction AS i
		JOIN listing AS l ON l.id = i.listing_id
		WHERE i.state IN ('PROPOSED', 'ACCEPTED')
			AND (i.owner_organization_id = ANY(` + acts + `) OR i.owner_department_id = @department::uuid)
			AND ((i.state = 'PROPOSED' AND i.owner_accepted_at IS NULL) OR (i.state = 'ACCEPTED' AND i.owner_result = ''))
		ORDER BY i.created_at
		LIMIT @limit
	)
	UNION ALL
	(
		SELECT CASE i.state WHEN 'PROPOSED' THEN 'answerIntroduction' ELSE 'recordOutcome' END, i.partner_organization_id,
			'/v1/listings/' || i.listing_id || '/introductions/' || i.id, l.title,
			CASE i.state WHEN 'ACCEPTED' THEN (GREATEST(i.owner_accepted_at, i.partner_accepted_at) AT TIME ZONE 'Asia/Tokyo')::date + @days::integer END, i.created_at
		FROM introduction AS i
		JOIN listing AS l ON l.id = i.listing_id
		WHERE i.state IN ('PROPOSED', 'ACCEPTED')
			AND (i.partner_organization_id = ANY(` + acts + `) OR i.partner_department_id = @department::uuid)
			AND ((i.state = 'PROPOSED' AND i.partner_accepted_at IS NULL) OR (i.state = 'ACCEPTED' AND i.partner_result = ''))
		ORDER BY i.created_at
		LIMIT @limit
	)
	UNION ALL
	(
		SELECT 'settleOutcome', NULL, '/v1/listings/' || i.listing_id || '/introductions/' || i.id, l.title, NULL, i.updated_at
		FROM introduction AS i
		JOIN listing AS l ON l.id = i.listing_id
		WHERE @desk::boolean AND i.state = 'ACCEPTED' AND (i.owner_result <> '' OR i.partner_result <> '')
			AND ((i.owner_result <> '' AND i.partner_result <> '') OR i.updated_at < @now::timestamptz - @days::integer * interval '1 day')
		ORDER BY i.updated_at
		LIMIT @limit
	)
	UNION ALL
	(
		SELECT CASE r.state WHEN 'SENT' THEN 'acceptReferral' ELSE 'reportReferral' END, r.intermediary_id, '/v1/referrals/' || r.id, r.subject, r.due_on, r.created_at
		FROM referral AS r
		WHERE r.state IN ('SENT', 'ACCEPTED') AND r.intermediary_id = ANY(ARRAY(
			SELECT m.organization_id
			FROM member AS m
			JOIN organization AS i ON i.id = m.organization_id AND i.state IN ('VERIFIED', 'EXPIRED')
			WHERE m.person_id = @person::uuid AND m.state = 'ACTIVE' AND m.role IN ('EDITOR', 'REPRESENTATIVE')
		))
		ORDER BY r.due_on
		LIMIT @limit
	)
	UNION ALL
	(
		SELECT 'followUpReferral', NULL, '/v1/referrals/' || r.id, r.subject, r.due_on, r.created_at
		FROM referral AS r
		WHERE @desk::boolean AND r.state IN ('SENT', 'ACCEPTED') AND r.due_on < @today::date
		ORDER BY r.due_on
		LIMIT @limit
	)`

// recordWithin is within how many days after an agreement both sides are to say
// what came of it.
const recordWithin = 30
