package store

import (
	"context"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
)

const callColumns = `
	id, title, summary, guideline_url, fiscal_year, round, mode, opens_on, closes_on, postmark_rule, theme_kind, steps,
	release_together, fields, criteria, declarations, max_proposals, note, state, created_at, updated_at, published_at, version,
	challenge_ids`

func scanCall(row pgx.CollectableRow) (*call.Call, error) {
	var (
		c             call.Call
		opens, closes *jp.Date
		published     *time.Time
	)
	err := row.Scan(&c.ID, &c.Title, &c.Summary, &c.GuidelineURL, &c.FiscalYear, &c.Round, &c.Mode, &opens, &closes,
		&c.PostmarkRule, &c.ThemeKind, &c.Steps, &c.ReleaseTogether, &c.Fields, &c.Criteria, &c.Declarations,
		&c.MaxProposals, &c.Note, &c.State, &c.CreatedAt, &c.UpdatedAt, &published, &c.Version, &c.ChallengeIDs)
	c.OpensOn, c.ClosesOn, c.PublishedAt = pg.Or(opens), pg.Or(closes), pg.Or(published)
	return &c, err
}

func callArgs(c *call.Call) pgx.StrictNamedArgs {
	return pgx.StrictNamedArgs{
		"id": c.ID, "title": c.Title, "summary": c.Summary, "guideline_url": c.GuidelineURL, "fiscal_year": c.FiscalYear,
		"round": c.Round, "mode": c.Mode, "opens_on": pg.Null(c.OpensOn), "closes_on": pg.Null(c.ClosesOn),
		"postmark_rule": c.PostmarkRule, "theme_kind": c.ThemeKind, "steps": pg.List(c.Steps),
		"release_together": c.ReleaseTogether, "fields": pg.List(c.Fields), "criteria": pg.List(c.Criteria),
		"declarations": pg.List(c.Declarations), "max_proposals": c.MaxProposals, "note": c.Note, "state": c.State,
		"updated_at": c.UpdatedAt, "published_at": pg.Null(c.PublishedAt), "version": c.Version,
		"challenge_ids": pg.List(c.ChallengeIDs),
	}
}

var callConstraints = map[string]*fault.Error{"call_round_unique": call.ErrRoundTaken}

// InsertCall adds a call. Errors: ROUND_TAKEN.
func InsertCall(ctx context.Context, tx *pg.Tx, c *call.Call) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO call (
			id, title, summary, guideline_url, fiscal_year, round, mode, opens_on, closes_on, postmark_rule, theme_kind,
			steps, release_together, fields, criteria, declarations, max_proposals, note, state, created_at, updated_at,
			published_at, version, challenge_ids)
		VALUES (
			@id, @title, @summary, @guideline_url, @fiscal_year, @round, @mode, @opens_on, @closes_on, @postmark_rule,
			@theme_kind, @steps, @release_together, @fields, @criteria, @declarations, @max_proposals, @note, @state,
			@updated_at, @updated_at, @published_at, @version, @challenge_ids)`, callArgs(c))
	return pg.Refuse(err, callConstraints)
}

// UpdateCall writes a locked call and counts its version up. Errors:
// ROUND_TAKEN.
func UpdateCall(ctx context.Context, tx *pg.Tx, c *call.Call) error {
	c.UpdatedAt = tx.Now
	_, err := tx.Exec(ctx, `
		UPDATE call
		SET title = @title, summary = @summary, guideline_url = @guideline_url, fiscal_year = @fiscal_year, round = @round,
			mode = @mode, opens_on = @opens_on, closes_on = @closes_on, postmark_rule = @postmark_rule,
			theme_kind = @theme_kind, steps = @steps, release_together = @release_together, fields = @fields,
			criteria = @criteria, declarations = @declarations, max_proposals = @max_proposals, note = @note,
			state = @state, updated_at = @updated_at, published_at = @published_at,
			challenge_ids = @challenge_ids, version = version + 1
		WHERE id = @id AND version = @version`, callArgs(c))
	if err != nil {
		return pg.Refuse(err, callConstraints)
	}
	c.Version++
	return nil
}

// GetCall reads a call; a draft only where drafts are visible. Errors:
// RESOURCE_NOT_FOUND.
func GetCall(ctx context.Context, r pg.Reader, id string, drafts bool) (*call.Call, error) {
	return oneCall(ctx, r, `
		SELECT `+callColumns+`
		FROM call
		WHERE id = $1 AND (state <> 'DRAFT' OR $2)`, id, drafts)
}

// LockCall reads a call for a change of it. Errors: RESOURCE_NOT_FOUND.
func LockCall(ctx context.Context, tx *pg.Tx, id string) (*call.Call, error) {
	return oneCall(ctx, tx, `
		SELECT `+callColumns+`
		FROM call
		WHERE id = $1
		FOR UPDATE`, id)
}

// HoldCall reads a call that must not change before the transaction ends.
func HoldCall(ctx context.Context, tx *pg.Tx, id string) (*call.Call, error) {
	return oneCall(ctx, tx, `
		SELECT `+callColumns+`
		FROM call
		WHERE id = $1
		FOR SHARE`, id)
}

func oneCall(ctx context.Context, r pg.Reader, sql string, args ...any) (*call.Call, error) {
	rows, err := r.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanCall)
	return c, pg.Found(err)
}

// CallFilter selects calls.
type CallFilter struct {
	State      call.State // Any when empty.
	Mode       call.Mode  // Any when empty.
	FiscalYear int        // Any when 0.
	Drafts     bool       // Whether drafts are visible.
}

// ListCalls reads one more than a page of calls, newest fiscal year and round
// first.
func ListCalls(ctx context.Context, r pg.Reader, f CallFilter, page pg.Page) ([]*call.Call, error) {
	year, round, id := math.MaxInt32, math.MaxInt32, pg.LastID
	if page.After != nil {
		var err error
		if year, round, id, err = pg.SerialAfter(page.After); err != nil {
			return nil, err
		}
	}
	rows, err := r.Query(ctx, `
		SELECT `+callColumns+`
		FROM call
		WHERE (fiscal_year, round, id) < ($1, $2, $3)
			AND ($4 = '' OR state = $4)
			AND ($5 = 0 OR fiscal_year = $5)
			AND (state <> 'DRAFT' OR $6)
			AND ($8 = '' OR mode = $8)
		ORDER BY fiscal_year DESC, round DESC, id DESC
		LIMIT $7`, year, round, id, f.State, f.FiscalYear, f.Drafts, page.Size+1, f.Mode)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanCall)
}

// OverdueCalls returns the published calls whose last day is before today.
func OverdueCalls(ctx context.Context, r pg.Reader, today jp.Date) ([]string, error) {
	rows, err := r.Query(ctx, `
		SELECT id
		FROM call
		WHERE state = 'PUBLISHED' AND closes_on < $1
		ORDER BY closes_on, id
		LIMIT 100`, today)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
