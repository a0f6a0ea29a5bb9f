package store

import (
	"context"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
)

// AddPublishedReport queues a published version.
func AddPublishedReport(tx *pg.Tx, r *evaluation.Report, changes []string, by string) {
	tx.Queue(`
		INSERT INTO published_report (evaluation_id, version, content, changes, reason, published_by, published_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		r.EvaluationID, r.Version, r, pg.List(changes), r.CorrectionReason, by, r.PublishedAt)
}

// GetPublishedReport reads a published version, or the newest for 0. Errors:
// RESOURCE_NOT_FOUND.
func GetPublishedReport(ctx context.Context, r pg.Reader, evaluationID string, version int) (*evaluation.Report, error) {
	var report *evaluation.Report
	err := r.QueryRow(ctx, `
		SELECT content
		FROM published_report
		WHERE evaluation_id = $1 AND (version = $2 OR $2 = 0)
		ORDER BY version DESC
		LIMIT 1`, evaluationID, version).Scan(&report)
	return report, pg.Found(err)
}

// ReportVersion tells of one published version.
type ReportVersion struct {
	Version     int
	Reason      string
	Changes     []string
	PublishedAt time.Time
}

// ListReportVersions reads one more than a page of the published versions, newest
// first.
func ListReportVersions(ctx context.Context, r pg.Reader, evaluationID string, page pg.Page) ([]ReportVersion, error) {
	before, err := page.AfterNumber(math.MaxInt32)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, `
		SELECT version, reason, changes, published_at
		FROM published_report
		WHERE evaluation_id = $1 AND version < $2
		ORDER BY version DESC
		LIMIT $3`, evaluationID, before, page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[ReportVersion])
}
