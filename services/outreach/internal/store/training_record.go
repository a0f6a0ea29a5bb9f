package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/training"
)

// InsertDiary adds the diary of a day. Errors: TRAINING_DIARY_WRITTEN.
func InsertDiary(ctx context.Context, tx *pg.Tx, d *training.Diary) error {
	d.CreatedAt = tx.Now
	_, err := tx.Exec(ctx, `
		INSERT INTO training_diary (application_id, day, minutes, body, created_at)
		VALUES ($1, $2, $3, $4, $5)`, d.ApplicationID, d.Day, d.Minutes, d.Body, tx.Now)
	return pg.Refuse(err, map[string]*fault.Error{"training_diary_once": training.ErrDiaryWritten})
}

const listDiary = `
		SELECT application_id, day, minutes, body, created_at
		FROM training_diary
		WHERE application_id = $1 AND day > $2::date
		ORDER BY day
		LIMIT $3`

// ListDiary reads one more than a page of a diary, oldest day first. Errors:
// INVALID_PAGE_TOKEN.
func ListDiary(ctx context.Context, r pg.Reader, applicationID string, page pg.Page) ([]*training.Diary, error) {
	after := jp.NewDate(1, 1, 1)
	if page.After != nil {
		var err error
		if after, err = jp.ParseDate(page.After[0]); err != nil {
			return nil, fault.ErrInvalidPageToken.Because(err)
		}
	}
	rows, err := r.Query(ctx, listDiary, applicationID, after, page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToAddrOfStructByPos[training.Diary])
}

// GetTrainingRecord reads what became of a training; an empty one where nothing
// was written. Its application orders the changes.
func GetTrainingRecord(ctx context.Context, r pg.Reader, applicationID string) (*training.Record, error) {
	t := training.Record{ApplicationID: applicationID}
	var reported, published, told, followed *time.Time
	err := r.QueryRow(ctx, `
		SELECT learned, proposals, summary, summary_state, checked_by, return_reason, reported_at, published_at, experience,
			proposals_to_ward, next_time, feedback_at, changed, followed_up_at
		FROM training_record
		WHERE application_id = $1`, applicationID).Scan(&t.Learned, &t.Proposals, &t.Summary, &t.SummaryState, &t.CheckedBy,
		&t.ReturnReason, &reported, &published, &t.Experience, &t.ProposalsToWard, &t.NextTime, &told, &t.Changed, &followed)
	t.ReportedAt, t.PublishedAt, t.FeedbackAt, t.FollowedUpAt = pg.Or(reported), pg.Or(published), pg.Or(told), pg.Or(followed)
	if pg.IsNoRows(err) {
		err = nil
	}
	return &t, err
}

// PutTrainingRecord queues a record whose application is locked.
func PutTrainingRecord(tx *pg.Tx, t *training.Record) {
	tx.Queue(`
		INSERT INTO training_record (
			application_id, learned, proposals, summary, summary_state, checked_by, return_reason, reported_at, published_at, experience,
			proposals_to_ward, next_time, feedback_at, changed, followed_up_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT ON CONSTRAINT training_record_pkey
		DO UPDATE SET learned = EXCLUDED.learned, proposals = EXCLUDED.proposals, summary = EXCLUDED.summary,
			summary_state = EXCLUDED.summary_state, checked_by = EXCLUDED.checked_by, return_reason = EXCLUDED.return_reason,
			reported_at = EXCLUDED.reported_at, published_at = EXCLUDED.published_at, experience = EXCLUDED.experience,
			proposals_to_ward = EXCLUDED.proposals_to_ward, next_time = EXCLUDED.next_time, feedback_at = EXCLUDED.feedback_at,
			changed = EXCLUDED.changed, followed_up_at = EXCLUDED.followed_up_at`,
		t.ApplicationID, t.Learned, t.Proposals, t.Summary, t.SummaryState, t.CheckedBy, t.ReturnReason, pg.Null(t.ReportedAt),
		pg.Null(t.PublishedAt), t.Experience, t.ProposalsToWard, t.NextTime, pg.Null(t.FeedbackAt), t.Changed, pg.Null(t.FollowedUpAt))
}

// TrainingSummary is what everybody reads of a training.
type TrainingSummary struct {
	ApplicationID    string
	Level            opportunity.Kind
	FiscalYear       int
	OpportunityID    string
	OpportunityTitle string
	HostName         string
	Summary          string
	PublishedAt      time.Time
}

// ListTrainingSummaries reads one more than a page of the published summaries of a
// fiscal year, 0 for all, newest first.
func ListTrainingSummaries(ctx context.Context, r pg.Reader, year int, page pg.Page) ([]TrainingSummary, error) {
	args := pgx.StrictNamedArgs{"limit": page.Size + 1}
	if page.After != nil {
		at, id, err := pg.TimeAfter(page.After)
		if err != nil {
			return nil, err
		}
		args["at"], args["after"] = at, id
	}
	rows, err := r.Query(ctx, trainingSummarySQL(year, args), pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[TrainingSummary])
}

// TrainingSummaryAfter are the sort values of a row, for a page token.
func TrainingSummaryAfter(s TrainingSummary) []string {
	return []string{s.PublishedAt.Format(time.RFC3339Nano), s.ApplicationID}
}

func trainingSummarySQL(year int, args pgx.StrictNamedArgs) string {
	where := `r.summary_state = 'PUBLISHED'`
	if year != 0 {
		where += ` AND t.fiscal_year = @year`
		args["year"] = year
	}
	if args["at"] != nil {
		where += ` AND (r.published_at, r.application_id) < (@at, @after::uuid)`
	}
	return `
		SELECT r.application_id, t.level, t.fiscal_year, t.opportunity_id, p.title,
			coalesce((SELECT name FROM organization_ref WHERE id = p.organization_id),
				(SELECT full_name FROM department_ref WHERE id = p.department_id), ''), r.summary, r.published_at
		FROM training_record r
		JOIN training_application t ON t.id = r.application_id
		JOIN publication p ON p.id = t.opportunity_id
		WHERE ` + where + `
		ORDER BY r.published_at DESC, r.application_id DESC
		LIMIT @limit`
}

// TrainingCount counts one level of a fiscal year.
type TrainingCount struct {
	Level                                                          opportunity.Kind
	Offers, Hosts, Applied, Matched, Completed, SummariesPublished int
}

const countTraining = `
		SELECT l.level, coalesce(o.offers, 0)::integer, coalesce(o.hosts, 0)::integer, coalesce(a.applied, 0)::integer,
			coalesce(a.matched, 0)::integer, coalesce(a.completed, 0)::integer, coalesce(a.summaries, 0)::integer
		FROM unnest(ARRAY['STAFF_LECTURE', 'STAFF_EXCHANGE', 'STAFF_PLACEMENT']) WITH ORDINALITY AS l (level, rank)
		LEFT JOIN LATERAL (
			SELECT count(*) AS offers, count(DISTINCT coalesce(p.organization_id, p.department_id)) AS hosts
			FROM opportunity_place o
			JOIN publication p ON p.id = o.opportunity_id AND p.visible
			WHERE ` + offered + ` AND o.kind = l.level AND o.starts_on BETWEEN $2::date AND $3::date) AS o ON true
		LEFT JOIN LATERAL (
			SELECT count(*) AS applied, count(*) FILTER (WHERE t.state = 'MATCHED') AS matched,
				count(*) FILTER (WHERE t.state = 'MATCHED' AND t.ends_on < $4::date) AS completed,
				count(*) FILTER (
					WHERE (SELECT r.summary_state FROM training_record r WHERE r.application_id = t.id) = 'PUBLISHED') AS summaries
			FROM training_application t
			WHERE t.fiscal_year = $1 AND t.level = l.level) AS a ON true
		ORDER BY l.rank`

// CountTraining counts the three levels of a fiscal year.
func CountTraining(ctx context.Context, r pg.Reader, year int, today jp.Date) ([]TrainingCount, error) {
	rows, err := r.Query(ctx, countTraining, year, jp.FiscalYearStart(year), jp.FiscalYearEnd(year), today)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[TrainingCount])
}

// TrainingCoverage is how many of a department have a place in a fiscal year.
type TrainingCoverage struct {
	DepartmentID, DepartmentName string // The name is that of the last application.
	Lecture, Exchange, Placement int
}

const coverTraining = `
		SELECT t.department_id, (array_agg(t.department_name ORDER BY t.id DESC))[1], count(*) FILTER (WHERE t.level = 'STAFF_LECTURE'),
			count(*) FILTER (WHERE t.level = 'STAFF_EXCHANGE'), count(*) FILTER (WHERE t.level = 'STAFF_PLACEMENT')
		FROM training_application t
		WHERE t.fiscal_year = $1 AND t.state = 'MATCHED'
		GROUP BY t.department_id
		ORDER BY t.department_id`

// CoverTraining counts those with a place a department.
func CoverTraining(ctx context.Context, r pg.Reader, year int) ([]TrainingCoverage, error) {
	rows, err := r.Query(ctx, coverTraining, year)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[TrainingCoverage])
}
