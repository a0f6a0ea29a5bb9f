package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// TrainingDuty is what waits for somebody at an application for training.
type TrainingDuty struct {
	Action         string
	ApplicationID  string
	Title          string // Of the offer; of the most wished one before the matching.
	OrganizationID string // For which it is done; "" for none.
	Since          time.Time
	DueOn          *jp.Date
}

// TrainingDuties returns what waits for the reader in the training of the staff,
// the earliest due first, up to limit: applications to approve, summaries to check,
// report, feedback and follow-up to write.
func TrainingDuties(ctx context.Context, r pg.Reader, by publication.Reader, today jp.Date, limit int) ([]TrainingDuty, error) {
	sql, args := trainingDutySQL(by, today, limit)
	if sql == "" {
		return nil, nil
	}
	rows, err := r.Query(ctx, sql, pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[TrainingDuty])
}

// trainingDutySQL asks one bounded question a duty; no text where the reader has
// none.
func trainingDutySQL(by publication.Reader, today jp.Date, limit int) (string, pgx.StrictNamedArgs) {
	args := pgx.StrictNamedArgs{"limit": limit}
	set := func(name string, value any) string {
		args[name] = value
		return "@" + name
	}
	var parts []string
	add := func(action, title, organization, since, due, from string) {
		parts = append(parts, `(SELECT '`+action+`' AS action, t.id, coalesce(`+title+`, '') AS title, `+organization+` AS organization_id, `+
			since+` AS since, `+due+` AS due_on `+from+` ORDER BY due_on, since, t.id LIMIT @limit)`)
	}
	const (
		own  = `(SELECT p.title FROM publication p WHERE p.id = t.opportunity_id)`
		over = ` AND t.state = 'MATCHED' AND t.ends_on <= `
	)
	if by.Department != "" {
		mine := `FROM training_application t LEFT JOIN training_record r ON r.application_id = t.id WHERE t.applicant = ` + set("me", by.ID) +
			over + set("today", today) + `::date`
		add("reportTraining", own, `''`, `t.updated_at`, `t.report_due_on`, mine+` AND coalesce(r.summary_state, '') IN ('', 'RETURNED')`)
		add("followUpTraining", own, `''`, `t.updated_at`, `t.follow_up_on + 14`, mine+` AND t.follow_up_on <= @today::date AND r.followed_up_at IS NULL`)
	}
	checks := `FROM training_record r JOIN training_application t ON t.id = r.application_id WHERE r.summary_state = 'SUBMITTED'
		AND t.applicant <> `
	switch {
	case by.Desk:
		add("checkTrainingSummary", own, `''`, `r.reported_at`, `NULL::date`, checks+set("me", by.ID))
	case by.Approver && by.Department != "":
		add("checkTrainingSummary", own, `''`, `r.reported_at`, `NULL::date`, checks+set("me", by.ID)+` AND t.department_id = `+set("department", by.Department)+`::uuid`)
	}
	if by.Approver && by.Department != "" {
		add("approveTraining", `(SELECT p.title FROM publication p WHERE p.id = t.wishes[1])`, `''`, `t.created_at`, `NULL::date`,
			`FROM training_application t WHERE t.state = 'REQUESTED' AND t.department_id = `+set("department", by.Department)+`::uuid AND t.applicant <> `+set("me", by.ID))
	}
	hosts := func(owned string) {
		add("giveTrainingFeedback", `p.title`, `coalesce(p.organization_id::text, '')`, `t.updated_at`, `t.report_due_on`,
			`FROM publication p JOIN training_application t ON t.opportunity_id = p.id LEFT JOIN training_record r ON r.application_id = t.id
			WHERE p.kind = 'OPPORTUNITY' AND `+owned+` AND t.applicant IS NOT NULL`+over+set("today", today)+`::date AND r.feedback_at IS NULL`)
	}
	if by.Staff && by.Department != "" {
		hosts(`p.department_id = ` + set("department", by.Department) + `::uuid`)
	}
	if len(by.Writers) > 0 {
		hosts(`p.organization_id = ANY(` + set("writers", by.Writers) + `::uuid[])`)
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
	return `SELECT * FROM (` + sql + `) AS duty ORDER BY due_on, since, id, action LIMIT @limit`, args
}
