package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/training"
)

const trainingColumns = `
	t.id, t.level, t.fiscal_year, coalesce(t.applicant, ''), t.department_id, t.department_name, t.screens, t.motive, t.wishes::text[], t.conflicts,
	t.state, t.decided_by, t.decline_reason, coalesce(t.opportunity_id::text, ''), coalesce(t.matching_id::text, ''), t.starts_on, t.ends_on,
	t.report_due_on, t.follow_up_on, t.erase_on, t.created_at, t.updated_at, t.version,
	coalesce((SELECT p.title FROM publication p WHERE p.id = t.opportunity_id), '')`

func scanTraining(row pgx.CollectableRow) (*training.Application, error) {
	var (
		a                         training.Application
		starts, ends, due, follow *jp.Date
	)
	err := row.Scan(&a.ID, &a.Level, &a.FiscalYear, &a.Applicant, &a.DepartmentID, &a.DepartmentName, &a.Screens, &a.Motive, &a.Wishes,
		&a.Conflicts, &a.State, &a.DecidedBy, &a.DeclineReason, &a.OpportunityID, &a.MatchingID, &starts, &ends, &due, &follow, &a.EraseOn,
		&a.CreatedAt, &a.UpdatedAt, &a.Version, &a.OpportunityTitle)
	a.StartsOn, a.EndsOn, a.ReportDueOn, a.FollowUpOn = pg.Or(starts), pg.Or(ends), pg.Or(due), pg.Or(follow)
	return &a, err
}

// InsertTraining adds an application. Errors: TRAINING_ALREADY_APPLIED.
func InsertTraining(ctx context.Context, tx *pg.Tx, a *training.Application) error {
	a.CreatedAt, a.UpdatedAt, a.Version = tx.Now, tx.Now, 1
	_, err := tx.Exec(ctx, `
		INSERT INTO training_application (
			id, level, fiscal_year, applicant, department_id, department_name, screens, motive, wishes, conflicts, state, decided_by,
			decline_reason, erase_on, created_at, updated_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', '', $12, $13, $13, 1)`,
		a.ID, a.Level, a.FiscalYear, a.Applicant, a.DepartmentID, a.DepartmentName, a.Screens, a.Motive, a.Wishes, pg.List(a.Conflicts), a.State,
		a.EraseOn, tx.Now)
	return pg.Refuse(err, map[string]*fault.Error{"training_application_once": training.ErrAlreadyApplied})
}

// UpdateTraining queues what changed of a locked application, and counts its
// version up.
func UpdateTraining(tx *pg.Tx, a *training.Application) {
	a.UpdatedAt = tx.Now
	a.Version++
	tx.Queue(`
		UPDATE training_application
		SET conflicts = $2, state = $3, decided_by = $4, decline_reason = $5, opportunity_id = $6, matching_id = $7, starts_on = $8,
			ends_on = $9, report_due_on = $10, follow_up_on = $11, erase_on = $12, updated_at = $13, version = $14, follow_up_due_on = $15
		WHERE id = $1`,
		a.ID, pg.List(a.Conflicts), a.State, a.DecidedBy, a.DeclineReason, pg.Null(a.OpportunityID), pg.Null(a.MatchingID), pg.Null(a.StartsOn),
		pg.Null(a.EndsOn), pg.Null(a.ReportDueOn), pg.Null(a.FollowUpOn), a.EraseOn, tx.Now, a.Version, pg.Null(a.FollowUpDueOn()))
}

// GetTraining reads an application. Errors: RESOURCE_NOT_FOUND.
func GetTraining(ctx context.Context, r pg.Reader, id string) (*training.Application, error) {
	return oneTraining(ctx, r, id, "")
}

// LockTraining is GetTraining for a change of it. Errors: RESOURCE_NOT_FOUND.
func LockTraining(ctx context.Context, tx *pg.Tx, id string) (*training.Application, error) {
	return oneTraining(ctx, tx, id, "FOR UPDATE OF t")
}

func oneTraining(ctx context.Context, r pg.Reader, id, lock string) (*training.Application, error) {
	rows, err := r.Query(ctx, `
		SELECT `+trainingColumns+`
		FROM training_application t
		WHERE t.id = $1
		`+lock, id)
	if err != nil {
		return nil, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanTraining)
	return a, pg.Found(err)
}

// TrainingFilter selects applications; an empty value selects any.
type TrainingFilter struct {
	Applicant     string
	DepartmentID  string
	OpportunityID string // With a place there.
	State         training.State
	FiscalYear    int
	Level         opportunity.Kind
}

// ListTraining reads one more than a page of applications, newest first.
func ListTraining(ctx context.Context, r pg.Reader, f TrainingFilter, page pg.Page) ([]*training.Application, error) {
	args := pgx.StrictNamedArgs{"before": page.AfterID(pg.LastID), "limit": page.Size + 1}
	rows, err := r.Query(ctx, trainingSQL(f, args), pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTraining)
}

func trainingSQL(f TrainingFilter, args pgx.StrictNamedArgs) string {
	where := pg.Filter{Args: args}
	where.Add(f.Applicant != "", `t.applicant = @applicant`, "applicant", f.Applicant)
	where.Add(f.DepartmentID != "", `t.department_id = @department`, "department", f.DepartmentID)
	where.Add(f.OpportunityID != "", `t.opportunity_id = @opportunity AND t.state = 'MATCHED'`, "opportunity", f.OpportunityID)
	where.Add(f.State != "", `t.state = @state`, "state", f.State)
	where.Add(f.FiscalYear != 0, `t.fiscal_year = @year`, "year", f.FiscalYear)
	where.Add(f.Level != "", `t.level = @level`, "level", f.Level)
	return `
		SELECT ` + trainingColumns + `
		FROM training_application t
		WHERE t.id < @before` + where.String() + `
		ORDER BY t.id DESC
		LIMIT @limit`
}

const trainingToMatch = `
		SELECT ` + trainingColumns + `
		FROM training_application t
		WHERE t.fiscal_year = $1 AND t.level = $2 AND t.state IN ('REQUESTED', 'APPROVED', 'UNMATCHED')
		ORDER BY t.id
		LIMIT $3
		FOR UPDATE OF t`

// TrainingToMatch locks the applications that a matching takes, by id, at most
// training.MaxEntries.
func TrainingToMatch(ctx context.Context, tx *pg.Tx, m *training.Matching) ([]*training.Application, error) {
	rows, err := tx.Query(ctx, trainingToMatch, m.FiscalYear, m.Level, training.MaxEntries)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTraining)
}

const cancelTraining = `
		UPDATE training_application
		SET state = 'CANCELLED', updated_at = transaction_timestamp(), version = version + 1
		WHERE opportunity_id = $1 AND state = 'MATCHED'`

// CancelTraining queues the end of the places of an offer that was called off.
func CancelTraining(tx *pg.Tx, opportunityID string) { tx.Queue(cancelTraining, opportunityID) }

const erasableTraining = `
			SELECT id
			FROM training_application
			WHERE erase_on <= $1 AND applicant IS NOT NULL
			ORDER BY erase_on
			LIMIT 500
			FOR UPDATE SKIP LOCKED`

// EraseTrainees forgets up to 500 applicants whose time is over: who they are, the
// diary, and all texts but the published summary. It returns how many.
func EraseTrainees(ctx context.Context, tx *pg.Tx, today jp.Date) (int64, error) {
	tag, err := tx.Exec(ctx, `
		WITH due AS (`+erasableTraining+`), diary AS (
			DELETE FROM training_diary
			WHERE application_id IN (SELECT id FROM due)
		), record AS (
			UPDATE training_record
			SET learned = '', proposals = '', checked_by = '', return_reason = '', experience = '', proposals_to_ward = '', next_time = '',
				changed = '', summary = CASE WHEN summary_state = 'PUBLISHED' THEN summary ELSE '' END
			WHERE application_id IN (SELECT id FROM due)
		)
		UPDATE training_application
		SET applicant = NULL, motive = '', conflicts = '[]', decided_by = '', decline_reason = '', screens = false, version = version + 1
		WHERE id IN (SELECT id FROM due)`, today)
	return tag.RowsAffected(), err
}
