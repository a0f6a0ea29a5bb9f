package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/penalty"
)

const penaltyColumns = `
	id, holder_id, organization_id, booking_id, kind, half_points, state, note, recorded_on, recorded_by, appeal_by, appeal,
	appealed_by, decision_reason, decided_by, created_at, updated_at, version`

func scanPenalty(row pgx.CollectableRow) (*penalty.Penalty, error) {
	var (
		p                     penalty.Penalty
		organization, decided *string
	)
	err := row.Scan(&p.ID, &p.HolderID, &organization, &p.BookingID, &p.Kind, &p.HalfPoints, &p.State, &p.Note, &p.RecordedOn,
		&p.RecordedBy, &p.AppealBy, &p.Appeal, &p.AppealedBy, &p.DecisionReason, &decided, &p.CreatedAt, &p.UpdatedAt, &p.Version)
	p.OrganizationID, p.DecidedBy = pg.Or(organization), pg.Or(decided)
	return &p, err
}

// InsertPenalty adds a penalty of a locked holder. Errors: PENALTY_RECORDED.
func InsertPenalty(ctx context.Context, tx *pg.Tx, p *penalty.Penalty) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO penalty (
			id, holder_id, organization_id, booking_id, kind, half_points, state, note, recorded_on, recorded_by, appeal_by,
			appeal, appealed_by, decision_reason, created_at, updated_at, version)
		VALUES (
			@id, @holder_id, @organization_id::uuid, @booking_id, @kind, @half_points, @state, @note, @recorded_on,
			@recorded_by, @appeal_by, '', '', '', @created_at, @created_at, @version)`, pgx.StrictNamedArgs{
		"id": p.ID, "holder_id": p.HolderID, "organization_id": pg.Null(p.OrganizationID), "booking_id": p.BookingID,
		"kind": p.Kind, "half_points": p.HalfPoints, "state": p.State, "note": p.Note, "recorded_on": p.RecordedOn,
		"recorded_by": p.RecordedBy, "appeal_by": p.AppealBy, "created_at": p.CreatedAt, "version": p.Version,
	})
	return pg.Refuse(err, map[string]*fault.Error{"penalty_once": penalty.ErrRecorded})
}

// UpdatePenalty writes a locked penalty.
func UpdatePenalty(ctx context.Context, tx *pg.Tx, p *penalty.Penalty) error {
	p.UpdatedAt = tx.Now
	p.Version++
	_, err := tx.Exec(ctx, `
		UPDATE penalty
		SET state = $2, appeal = $3, appealed_by = $4, decision_reason = $5, decided_by = $6, updated_at = $7, version = $8
		WHERE id = $1`, p.ID, p.State, p.Appeal, p.AppealedBy, p.DecisionReason, pg.Null(p.DecidedBy), p.UpdatedAt, p.Version)
	return pg.Refuse(err, map[string]*fault.Error{"penalty_second_person": fault.ErrSelfApprovalForbidden})
}

// PenaltyScope says whose penalties are found: those of the holders, or
// anybody's.
type PenaltyScope struct {
	Holders []string
	Any     bool
}

// GetPenalty reads a penalty. Errors: RESOURCE_NOT_FOUND.
func GetPenalty(ctx context.Context, r pg.Reader, id string, s PenaltyScope) (*penalty.Penalty, error) {
	return onePenalty(ctx, r, `
		SELECT `+penaltyColumns+`
		FROM penalty
		WHERE id = $1 AND ($2 OR holder_id = ANY($3))`, id, s.Any, pg.List(s.Holders))
}

// LockPenalty locks the holder of a penalty in scope, then reads the penalty for
// a change of it. Errors: RESOURCE_NOT_FOUND.
func LockPenalty(ctx context.Context, tx *pg.Tx, id string, s PenaltyScope) (*penalty.Penalty, error) {
	before, err := GetPenalty(ctx, tx, id, s)
	if err != nil {
		return nil, err
	}
	if _, err := LockQuota(ctx, tx, before.HolderID); err != nil {
		return nil, err
	}
	return onePenalty(ctx, tx, `
		SELECT `+penaltyColumns+`
		FROM penalty
		WHERE id = $1
		FOR UPDATE`, id)
}

func onePenalty(ctx context.Context, r pg.Reader, sql string, args ...any) (*penalty.Penalty, error) {
	rows, err := r.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanPenalty)
	return p, pg.Found(err)
}

const penaltiesOfSQL = `
	SELECT ` + penaltyColumns + `
	FROM penalty
	WHERE holder_id = ANY($1)
	ORDER BY id`

// PenaltiesOf reads all penalties of holders; they are few.
func PenaltiesOf(ctx context.Context, r pg.Reader, holders ...string) (map[string][]*penalty.Penalty, error) {
	rows, err := r.Query(ctx, penaltiesOfSQL, pg.List(holders))
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, scanPenalty)
	out := map[string][]*penalty.Penalty{}
	for _, p := range all {
		out[p.HolderID] = append(out[p.HolderID], p)
	}
	return out, err
}

// PenaltyFilter selects penalties; an empty value selects any.
type PenaltyFilter struct {
	HolderID string
	State    penalty.State
}

// ListPenalties reads one more than a page of the penalties in scope, newest
// first.
func ListPenalties(ctx context.Context, r pg.Reader, s PenaltyScope, f PenaltyFilter, page pg.Page) ([]*penalty.Penalty, error) {
	sql, args := listPenaltiesSQL(s, f, page)
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanPenalty)
}

func listPenaltiesSQL(s PenaltyScope, f PenaltyFilter, page pg.Page) (string, pgx.StrictNamedArgs) {
	args := pgx.StrictNamedArgs{"after": page.AfterID(pg.LastID), "limit": page.Size + 1}
	where := `id < @after::uuid`
	if !s.Any {
		where += ` AND holder_id = ANY(@holders)`
		args["holders"] = pg.List(s.Holders)
	}
	if f.HolderID != "" {
		where += ` AND holder_id = @holder_id`
		args["holder_id"] = f.HolderID
	}
	if f.State != "" {
		where += ` AND state = @state`
		args["state"] = f.State
	}
	return `
		SELECT ` + penaltyColumns + `
		FROM penalty
		WHERE ` + where + `
		ORDER BY id DESC
		LIMIT @limit`, args
}

// MergePenalties moves the penalties of an organization to another one.
func MergePenalties(ctx context.Context, tx *pg.Tx, from, to string) error {
	_, err := tx.Exec(ctx, `
		UPDATE penalty
		SET holder_id = $2::text, organization_id = $2::text::uuid, updated_at = $3, version = version + 1
		WHERE organization_id = $1::text::uuid`, from, to, tx.Now)
	return err
}
