package store

import "github.com/jackc/pgx/v5"

// dutyOfTraining is what an application with a place shows as a duty that is due on
// a day.
const dutyOfTraining = `, '/v1/trainingApplications/' || t.id || '/record', '', p.title, `

// trainingDuties are applications of the staff to approve, reports to write and to
// check, feedback and follow-ups.
func trainingDuties(d *duties, by DutyReader) {
	const over = ` AND t.state = 'MATCHED' AND t.applicant IS NOT NULL AND t.ends_on <= @today::date`
	if by.Department != "" {
		const mine = ` FROM training_application t
			JOIN publication p ON p.id = t.opportunity_id
			LEFT JOIN training_record r ON r.application_id = t.id
			WHERE t.applicant = @me` + over
		args := pgx.StrictNamedArgs{"me": by.ID, "today": by.Today}
		d.ask(`SELECT 'reportTraining'`+dutyOfTraining+`'', t.report_due_on, t.updated_at`+mine+` AND coalesce(r.summary_state, '') IN ('', 'RETURNED')`, args)
		d.ask(`SELECT 'followUpTraining'`+dutyOfTraining+`'', t.follow_up_due_on, t.updated_at`+mine+`
			AND t.follow_up_on <= @today::date AND r.followed_up_at IS NULL`, args)
	}
	const submitted = `SELECT 'checkTrainingSummary'` + dutyOfTraining + `'', NULL::date, r.reported_at
		FROM training_record r
		JOIN training_application t ON t.id = r.application_id
		JOIN publication p ON p.id = t.opportunity_id
		WHERE r.summary_state = 'SUBMITTED' AND t.applicant <> @me`
	superior := by.Approver && by.Department != ""
	switch {
	case by.Desk:
		d.ask(submitted, pgx.StrictNamedArgs{"me": by.ID})
	case superior:
		d.ask(submitted+` AND t.department_id = @department::uuid`, pgx.StrictNamedArgs{"me": by.ID, "department": by.Department})
	}
	if superior {
		d.ask(`SELECT 'approveTraining', '/v1/trainingApplications/' || t.id, '', p.title, '', NULL::date, t.created_at
			FROM training_application t
			JOIN publication p ON p.id = t.wishes[1]
			WHERE t.state = 'REQUESTED' AND t.department_id = @department::uuid AND t.applicant <> @me`,
			pgx.StrictNamedArgs{"me": by.ID, "department": by.Department})
	}
	const hosted = `SELECT 'giveTrainingFeedback'` + dutyOfTraining + `coalesce(p.organization_id::text, ''), t.report_due_on, t.updated_at
		FROM publication p
		JOIN training_application t ON t.opportunity_id = p.id
		LEFT JOIN training_record r ON r.application_id = t.id
		WHERE p.kind = 'OPPORTUNITY' AND r.feedback_at IS NULL` + over + ` AND `
	if by.Staff && by.Department != "" {
		d.ask(hosted+`p.department_id = @department::uuid`, pgx.StrictNamedArgs{"department": by.Department, "today": by.Today})
	}
	if len(by.Writers) > 0 {
		d.ask(hosted+`p.organization_id = ANY(@writers::uuid[])`, pgx.StrictNamedArgs{"writers": by.Writers, "today": by.Today})
	}
}
