package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/review"
)

const reviewSelect = `
	SELECT r.id, r.phase_id, r.call_id, r.proposal_id, r.reviewer_id, r.state, r.scores, r.comment, r.reason, r.created_at,
		r.updated_at, r.version, h.closed, h.due_on, coalesce(p.number, ''), p.title,
		p.organization_id || p.joint_organization_ids, p.department_ids
	FROM review r
	JOIN review_phase h ON h.id = r.phase_id
	JOIN proposal p ON p.id = r.proposal_id`

func scanReview(row pgx.CollectableRow) (*review.Review, error) {
	var (
		r   review.Review
		due *jp.Date
	)
	err := row.Scan(&r.ID, &r.PhaseID, &r.CallID, &r.ProposalID, &r.ReviewerID, &r.State, &r.Scores, &r.Comment, &r.Reason,
		&r.CreatedAt, &r.UpdatedAt, &r.Version, &r.PhaseClosed, &due, &r.ProposalNumber, &r.ProposalTitle, &r.Parties,
		&r.DepartmentIDs)
	r.DueOn = pg.Or(due)
	return &r, err
}

// InsertReview assigns a proposal to a reviewer; the phase is locked. Errors:
// REVIEWER_ASSIGNED.
func InsertReview(ctx context.Context, tx *pg.Tx, r *review.Review, by string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO review (
			id, phase_id, call_id, proposal_id, reviewer_id, state, scores, comment, reason, created_by, created_at, updated_at,
			version)
		VALUES ($1, $2, $3, $4, $5, $6, '[]', '', '', $7, $8, $8, $9)`,
		r.ID, r.PhaseID, r.CallID, r.ProposalID, r.ReviewerID, r.State, by, r.CreatedAt, r.Version)
	return pg.Refuse(err, map[string]*fault.Error{"review_once": review.ErrAssigned})
}

// AddReviews queues many assignments; the phase is locked.
func AddReviews(tx *pg.Tx, all []*review.Review, by string) {
	for _, r := range all {
		tx.Queue(`
			INSERT INTO review (
				id, phase_id, call_id, proposal_id, reviewer_id, state, scores, comment, reason, created_by, created_at,
				updated_at, version)
			VALUES ($1, $2, $3, $4, $5, $6, '[]', '', '', $7, $8, $8, $9)`,
			r.ID, r.PhaseID, r.CallID, r.ProposalID, r.ReviewerID, r.State, by, r.CreatedAt, r.Version)
	}
}

// UpdateReview queues the write of a locked sheet and counts its version up.
func UpdateReview(tx *pg.Tx, r *review.Review) {
	r.UpdatedAt = tx.Now
	tx.Queue(`
		UPDATE review
		SET state = $2, scores = $3, comment = $4, reason = $5, updated_at = $6, version = version + 1
		WHERE id = $1 AND version = $7`, r.ID, r.State, pg.List(r.Scores), r.Comment, r.Reason, r.UpdatedAt, r.Version)
	r.Version++
}

// reviewScope holds where a reader may know of a sheet: the desk, the reviewer,
// the departments of the proposal, and who reviews the proposal too, as soon as
// the phase is closed.
const reviewScope = `(@desk::boolean OR r.reviewer_id = @me
	OR (@staff::boolean AND p.department_ids @> ARRAY[@department::uuid])
	OR (h.closed AND EXISTS (
		SELECT FROM review o
		WHERE o.proposal_id = r.proposal_id AND o.reviewer_id = @me
		HAVING bool_and(o.state <> 'RECUSED'))))`

func reviewReader(by proposal.Reader, args pgx.StrictNamedArgs) pgx.StrictNamedArgs {
	args["desk"], args["me"], args["department"] = by.Desk, by.ID, pg.Null(by.Department)
	args["staff"] = by.Staff && by.Department != ""
	return args
}

// GetReview reads a sheet that the reader may know of. Errors:
// RESOURCE_NOT_FOUND.
func GetReview(ctx context.Context, r pg.Reader, id string, by proposal.Reader) (*review.Review, error) {
	return oneReview(ctx, r, id, by, "")
}

// LockReview reads a sheet that the reader may know of, for a change of it; its
// phase stays as it is. Errors: RESOURCE_NOT_FOUND.
func LockReview(ctx context.Context, tx *pg.Tx, id string, by proposal.Reader) (*review.Review, error) {
	// The phase first, as who closes it does.
	_, err := tx.Exec(ctx, `
		SELECT
		FROM review_phase h
		WHERE h.id = (SELECT phase_id FROM review WHERE id = $1)
		FOR SHARE`, id)
	if err != nil {
		return nil, err
	}
	return oneReview(ctx, tx, id, by, "FOR UPDATE OF r")
}

func oneReview(ctx context.Context, r pg.Reader, id string, by proposal.Reader, lock string) (*review.Review, error) {
	rows, err := r.Query(ctx, reviewSelect+`
		WHERE r.id = @id AND `+reviewScope+`
		`+lock, reviewReader(by, pgx.StrictNamedArgs{"id": id}))
	if err != nil {
		return nil, err
	}
	v, err := pgx.CollectExactlyOneRow(rows, scanReview)
	return v, pg.Found(err)
}

// ReviewFilter selects sheets; an empty value selects any.
type ReviewFilter struct {
	Pending    bool // Neither handed in nor left.
	Done       bool // Handed in or left.
	CallID     string
	ProposalID string
}

// ListReviews reads one more than a page of sheets, oldest first: the reader's
// own, or all for the desk.
func ListReviews(ctx context.Context, r pg.Reader, by proposal.Reader, f ReviewFilter, page pg.Page) ([]*review.Review, error) {
	sql, args := reviewListSQL(by, f, page)
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanReview)
}

func reviewListSQL(by proposal.Reader, f ReviewFilter, page pg.Page) (string, pgx.StrictNamedArgs) {
	args := pgx.StrictNamedArgs{"limit": page.Size + 1, "after": page.AfterID(pg.NilID)}
	where := pg.Filter{Args: args}
	where.Add(!by.Desk, `r.reviewer_id = @me`, "me", by.ID)
	where.Add(f.CallID != "", `r.call_id = @call_id`, "call_id", f.CallID)
	where.Add(f.ProposalID != "", `r.proposal_id = @proposal_id`, "proposal_id", f.ProposalID)
	state := ""
	if f.Pending {
		state += ` AND r.state IN ('ASSIGNED', 'IN_PROGRESS')`
	}
	if f.Done {
		state += ` AND r.state NOT IN ('ASSIGNED', 'IN_PROGRESS')`
	}
	return reviewSelect + `
		WHERE r.id > @after` + where.String() + state + `
		ORDER BY r.id
		LIMIT @limit`, args
}

// Recusals returns the pairs of a call that were left for a conflict of interest,
// in any phase.
func Recusals(ctx context.Context, r pg.Reader, callID string) (map[review.Pair]bool, error) {
	return reviewPairs(ctx, r, `call_id = $1 AND state = 'RECUSED'`, callID)
}

// AssignedIn returns the pairs of a phase that are not left.
func AssignedIn(ctx context.Context, r pg.Reader, phaseID string) (map[review.Pair]bool, error) {
	return reviewPairs(ctx, r, `phase_id = $1 AND state <> 'RECUSED'`, phaseID)
}

func reviewPairs(ctx context.Context, r pg.Reader, where, id string) (map[review.Pair]bool, error) {
	rows, err := r.Query(ctx, `
		SELECT proposal_id, reviewer_id
		FROM review
		WHERE `+where, id)
	if err != nil {
		return nil, err
	}
	pairs := map[review.Pair]bool{}
	var p review.Pair
	_, err = pgx.ForEachRow(rows, []any{&p.ProposalID, &p.ReviewerID}, func() error {
		pairs[p] = true
		return nil
	})
	return pairs, err
}

// Reviewable is a proposal that can be reviewed.
type Reviewable struct {
	ID, Number, Title string
	Parties           []string
	DepartmentIDs     []string
}

// UnderReview returns up to limit proposals of a call that are under review, by
// number.
func UnderReview(ctx context.Context, r pg.Reader, callID string, limit int) ([]Reviewable, error) {
	rows, err := r.Query(ctx, `
		SELECT id, number, title, organization_id || joint_organization_ids, department_ids
		FROM proposal
		WHERE call_id = $1 AND state = 'UNDER_REVIEW'
		ORDER BY fiscal_year, serial, id
		LIMIT $2`, callID, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (p Reviewable, err error) {
		return p, row.Scan(&p.ID, &p.Number, &p.Title, &p.Parties, &p.DepartmentIDs)
	})
}
