package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/review"
)

const phaseSelect = `
	SELECT h.id, h.call_id, h.no, h.name, h.floor_x100, h.due_on, h.closed, h.venue, h.presentations, h.created_at,
		h.closed_at, h.version, n.assigned, n.submitted, n.recused
	FROM review_phase h
	CROSS JOIN LATERAL (
		SELECT count(*), count(*) FILTER (WHERE r.state IN ('SUBMITTED', 'ABSTAINED')), count(*) FILTER (WHERE r.state = 'RECUSED')
		FROM review r
		JOIN proposal p ON p.id = r.proposal_id AND p.state <> 'WITHDRAWN'
		WHERE r.phase_id = h.id
	) AS n (assigned, submitted, recused)`

func scanPhase(row pgx.CollectableRow) (*review.Phase, error) {
	var (
		p      review.Phase
		due    *jp.Date
		closed *time.Time
	)
	err := row.Scan(&p.ID, &p.CallID, &p.No, &p.Name, &p.FloorX100, &due, &p.Closed, &p.Venue, &p.Presentations, &p.CreatedAt,
		&closed, &p.Version, &p.Counts.Assigned, &p.Counts.Submitted, &p.Counts.Recused)
	p.DueOn, p.ClosedAt = pg.Or(due), pg.Or(closed)
	return &p, err
}

// InsertPhase opens the next phase of a call and sets its number; a phase without
// a name gets one by its number. Errors: PHASE_OPEN.
func InsertPhase(ctx context.Context, tx *pg.Tx, p *review.Phase) error {
	err := tx.QueryRow(ctx, `
		INSERT INTO review_phase (id, call_id, no, name, floor_x100, due_on, closed, venue, presentations, created_at, version)
		SELECT $1, $2, next.no, CASE WHEN $3 = '' THEN '第' || next.no || '次審査' ELSE $3 END, $4, $5, false, '', '[]', $6, $7
		FROM (SELECT coalesce(max(no), 0) + 1 AS no FROM review_phase WHERE call_id = $2) AS next
		RETURNING no, name`,
		p.ID, p.CallID, p.Name, p.FloorX100, pg.Null(p.DueOn), p.CreatedAt, p.Version).Scan(&p.No, &p.Name)
	return pg.Refuse(err, map[string]*fault.Error{
		"review_phase_open_unique": review.ErrPhaseOpen, "review_phase_no_unique": review.ErrPhaseOpen,
	})
}

// FirstPhase opens the first phase of a call that has none.
func FirstPhase(ctx context.Context, tx *pg.Tx, id, callID string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO review_phase (id, call_id, no, name, floor_x100, closed, venue, presentations, created_at, version)
		VALUES ($1, $2, 1, '第1次審査', 0, false, '', '[]', $3, 1)
		ON CONFLICT DO NOTHING`, id, callID, tx.Now)
	return err
}

// UpdatePhase queues the write of a locked phase and counts its version up.
func UpdatePhase(tx *pg.Tx, p *review.Phase) {
	tx.Queue(`
		UPDATE review_phase
		SET closed = $2, closed_at = $3, venue = $4, presentations = $5, version = version + 1
		WHERE id = $1 AND version = $6`, p.ID, p.Closed, pg.Null(p.ClosedAt), p.Venue, pg.List(p.Presentations), p.Version)
	p.Version++
}

// GetPhase reads a phase. Errors: RESOURCE_NOT_FOUND.
func GetPhase(ctx context.Context, r pg.Reader, id string) (*review.Phase, error) {
	return onePhase(ctx, r, `WHERE h.id = $1`, id)
}

// LockPhase reads a phase for a change of it or of what is assigned in it. Errors:
// RESOURCE_NOT_FOUND.
func LockPhase(ctx context.Context, tx *pg.Tx, id string) (*review.Phase, error) {
	if err := lockPhase(ctx, tx, `id = $1`, id); err != nil {
		return nil, err
	}
	return GetPhase(ctx, tx, id)
}

// LockOpenPhase reads the open phase of a call for a change of what is assigned in
// it. Errors: RESOURCE_NOT_FOUND.
func LockOpenPhase(ctx context.Context, tx *pg.Tx, callID string) (*review.Phase, error) {
	if err := lockPhase(ctx, tx, `call_id = $1 AND NOT closed`, callID); err != nil {
		return nil, err
	}
	return onePhase(ctx, tx, `WHERE h.call_id = $1 AND NOT h.closed`, callID)
}

// lockPhase locks before the counts are read, so that they are those after all
// that came before.
func lockPhase(ctx context.Context, tx *pg.Tx, where, id string) error {
	var no int
	return pg.Found(tx.QueryRow(ctx, `SELECT no FROM review_phase WHERE `+where+` FOR UPDATE`, id).Scan(&no))
}

func onePhase(ctx context.Context, r pg.Reader, where, id string) (*review.Phase, error) {
	rows, err := r.Query(ctx, phaseSelect+` `+where, id)
	if err != nil {
		return nil, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanPhase)
	return p, pg.Found(err)
}

const phaseListSQL = phaseSelect + `
	WHERE h.call_id = $1 AND h.no > $2
	ORDER BY h.no
	LIMIT $3`

// ListPhases reads one more than a page of the phases of a call, first one first.
func ListPhases(ctx context.Context, r pg.Reader, callID string, page pg.Page) ([]*review.Phase, error) {
	after, err := page.AfterNumber(0)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, phaseListSQL, callID, after, page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanPhase)
}

// ScheduledPhase reads the newest phase of a call with presentations. Errors:
// RESOURCE_NOT_FOUND.
func ScheduledPhase(ctx context.Context, r pg.Reader, callID string) (*review.Phase, error) {
	return onePhase(ctx, r, `
		WHERE h.call_id = $1 AND h.presentations <> '[]'
		ORDER BY h.no DESC
		LIMIT 1`, callID)
}

// ReviewOf is what the sheets of one proposal in one phase are.
type ReviewOf struct {
	Phase      review.Phase
	ProposalID string
	Number     string
	Criteria   []call.Criterion
	Assigned   int
	Abstained  int
	Recused    int
	Pending    int
	Sheets     []review.Sheet // Counted ones.
	Comments   []string
}

// Result averages the counted sheets.
func (o *ReviewOf) Result() review.Result {
	return review.Average(o.Criteria, o.Phase.FloorX100, o.Sheets)
}

// The sheets and comments are ordered by the random part of the ids, which tells
// no reviewer.
const reviewOfSelect = `
	SELECT h.id, h.no, h.name, h.floor_x100, h.closed, p.id, coalesce(p.number, ''), c.criteria, count(*),
		count(*) FILTER (WHERE r.state = 'ABSTAINED'), count(*) FILTER (WHERE r.state = 'RECUSED'),
		count(*) FILTER (WHERE r.state IN ('ASSIGNED', 'IN_PROGRESS')),
		coalesce(jsonb_agg(r.scores ORDER BY right(r.id::text, 12)) FILTER (WHERE r.state = 'SUBMITTED'), '[]'),
		coalesce(array_agg(r.comment ORDER BY right(r.id::text, 12)) FILTER (WHERE r.state = 'SUBMITTED' AND r.comment <> ''), '{}')
	FROM review r
	JOIN review_phase h ON h.id = r.phase_id
	JOIN proposal p ON p.id = r.proposal_id
	JOIN call c ON c.id = h.call_id`

func reviewsOf(ctx context.Context, r pg.Reader, tail string, args ...any) ([]*ReviewOf, error) {
	rows, err := r.Query(ctx, reviewOfSelect+tail, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*ReviewOf, error) {
		o := &ReviewOf{}
		return o, row.Scan(&o.Phase.ID, &o.Phase.No, &o.Phase.Name, &o.Phase.FloorX100, &o.Phase.Closed, &o.ProposalID, &o.Number,
			&o.Criteria, &o.Assigned, &o.Abstained, &o.Recused, &o.Pending, &o.Sheets, &o.Comments)
	})
}

// ReviewsOfProposal reads the sheets of a proposal by phase, newest first; a call
// has few phases.
func ReviewsOfProposal(ctx context.Context, r pg.Reader, proposalID string) ([]*ReviewOf, error) {
	return reviewsOf(ctx, r, `
	WHERE r.proposal_id = $1
	GROUP BY h.id, p.id, c.id
	ORDER BY h.no DESC
	LIMIT 50`, proposalID)
}

// ReviewsOfPhase reads the sheets of a phase by proposal, up to limit of them, by
// number.
func ReviewsOfPhase(ctx context.Context, r pg.Reader, phaseID string, limit int) ([]*ReviewOf, error) {
	return reviewsOf(ctx, r, `
	WHERE r.phase_id = $1
	GROUP BY h.id, p.id, c.id
	ORDER BY p.fiscal_year, p.serial, p.id
	LIMIT $2`, phaseID, limit)
}

// NewestReview says what the newest review of a proposal came to.
func NewestReview(ctx context.Context, r pg.Reader, proposalID string) (proposal.Review, error) {
	all, err := ReviewsOfProposal(ctx, r, proposalID)
	if err != nil || len(all) == 0 {
		return proposal.Review{}, err
	}
	return proposal.Review{Held: true, Open: !all[0].Phase.Closed, Passed: all[0].Result().Passed}, nil
}

// Reviews reports whether the reader reviews in the phase without a conflict of
// interest.
func Reviews(ctx context.Context, r pg.Reader, phaseID, reviewerID string) (bool, error) {
	var does bool
	err := r.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT
			FROM review
			WHERE phase_id = $1 AND reviewer_id = $2 AND state <> 'RECUSED')`, phaseID, reviewerID).Scan(&does)
	return does, err
}
