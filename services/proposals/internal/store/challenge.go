package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/challenge"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

const challengeColumns = `
	c.id, c.kind, c.title, c.body, c.wish, c.department_id, d.full_name, c.fiscal_year, c.closes_on, c.state, c.outcome,
	c.created_at, c.updated_at, c.published_at, c.version,
	(SELECT count(*) FROM contribution r WHERE r.challenge_id = c.id) AS responses,
	(SELECT count(*) FROM proposal p WHERE p.challenge_id = c.id AND p.submitted_at IS NOT NULL) AS proposals,
	ARRAY(SELECT k.id FROM call k WHERE k.challenge_ids @> ARRAY[c.id] AND k.state <> 'DRAFT' ORDER BY k.id) AS calls`

func scanChallenge(row pgx.CollectableRow) (*challenge.Challenge, error) {
	var (
		c         challenge.Challenge
		name      *string
		closes    *jp.Date
		published *time.Time
	)
	err := row.Scan(&c.ID, &c.Kind, &c.Title, &c.Body, &c.Wish, &c.DepartmentID, &name, &c.FiscalYear, &closes, &c.State,
		&c.Outcome, &c.CreatedAt, &c.UpdatedAt, &published, &c.Version, &c.Responses, &c.Proposals, &c.CallIDs)
	c.DepartmentName, c.ClosesOn, c.PublishedAt = pg.Or(name), pg.Or(closes), pg.Or(published)
	return &c, err
}

func challengeArgs(c *challenge.Challenge) pgx.StrictNamedArgs {
	title, body := jp.SearchKey(c.Title), jp.SearchKey(c.Body)
	return pgx.StrictNamedArgs{
		"id": c.ID, "kind": c.Kind, "title": c.Title, "body": c.Body, "wish": c.Wish, "department_id": c.DepartmentID,
		"closes_on": pg.Null(c.ClosesOn), "state": c.State, "outcome": c.Outcome, "search_key": title + " " + body,
		"terms": pg.List(jp.IndexTerms(title, body)), "updated_at": c.UpdatedAt, "published_at": pg.Null(c.PublishedAt),
		"version": c.Version,
	}
}

// AddChallenge queues a new draft.
func AddChallenge(tx *pg.Tx, c *challenge.Challenge, by string) {
	args := challengeArgs(c)
	args["fiscal_year"], args["created_by"] = c.FiscalYear, by
	tx.Queue(`
		INSERT INTO challenge (
			id, kind, title, body, wish, department_id, fiscal_year, closes_on, state, outcome, search_key, search,
			created_by, created_at, updated_at, published_at, version)
		VALUES (
			@id, @kind, @title, @body, @wish, @department_id, @fiscal_year, @closes_on, @state, @outcome, @search_key,
			array_to_tsvector(@terms), @created_by, @updated_at, @updated_at, @published_at, @version)`, args)
}

// UpdateChallenge queues the write of a locked challenge and counts its version
// up.
func UpdateChallenge(tx *pg.Tx, c *challenge.Challenge) {
	c.UpdatedAt = tx.Now
	tx.Queue(`
		UPDATE challenge
		SET kind = @kind, title = @title, body = @body, wish = @wish, department_id = @department_id,
			closes_on = @closes_on, state = @state, outcome = @outcome, search_key = @search_key,
			search = array_to_tsvector(@terms), updated_at = @updated_at, published_at = @published_at,
			version = version + 1
		WHERE id = @id AND version = @version`, challengeArgs(c))
	c.Version++
}

// GetChallenge reads a challenge that the reader sees. Errors:
// RESOURCE_NOT_FOUND.
func GetChallenge(ctx context.Context, r pg.Reader, id string, by proposal.Reader) (*challenge.Challenge, error) {
	return oneChallenge(ctx, r, id, by, "")
}

// LockChallenge reads a challenge that the reader sees, for a change of it.
// Errors: RESOURCE_NOT_FOUND.
func LockChallenge(ctx context.Context, tx *pg.Tx, id string, by proposal.Reader) (*challenge.Challenge, error) {
	return oneChallenge(ctx, tx, id, by, "FOR UPDATE OF c")
}

// HoldChallenge reads a challenge that must not change before the transaction
// ends. Errors: RESOURCE_NOT_FOUND.
func HoldChallenge(ctx context.Context, tx *pg.Tx, id string, by proposal.Reader) (*challenge.Challenge, error) {
	return oneChallenge(ctx, tx, id, by, "FOR SHARE OF c")
}

// challengeScope holds exactly where Challenge.Sees does.
const challengeScope = `(c.state <> 'DRAFT' OR @desk OR c.department_id = @department)`

func challengeReader(by proposal.Reader, args pgx.StrictNamedArgs) pgx.StrictNamedArgs {
	args["desk"], args["department"] = by.Desk, (*string)(nil)
	if by.Staff {
		args["department"] = pg.Null(by.Department)
	}
	return args
}

func oneChallenge(ctx context.Context, r pg.Reader, id string, by proposal.Reader, lock string) (*challenge.Challenge, error) {
	rows, err := r.Query(ctx, `
		SELECT `+challengeColumns+`
		FROM challenge c
		LEFT JOIN department_ref d ON d.id = c.department_id
		WHERE c.id = @id AND `+challengeScope+`
		`+lock, challengeReader(by, pgx.StrictNamedArgs{"id": id}))
	if err != nil {
		return nil, err
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanChallenge)
	if err == nil && !c.Sees(by) { // Scope and Sees agree; a test says so.
		return nil, fault.ErrNotFound
	}
	return c, pg.Found(err)
}

// RequireChallenges refuses ids of challenges that are not public. A public
// challenge stays so. Errors: CHALLENGE_UNKNOWN.
func RequireChallenges(ctx context.Context, r pg.Reader, ids ...string) error {
	var unknown *string
	err := r.QueryRow(ctx, `
		SELECT min(wanted.id::text)
		FROM unnest($1::uuid[]) AS wanted (id)
		LEFT JOIN challenge c ON c.id = wanted.id AND c.state <> 'DRAFT'
		WHERE c.id IS NULL`, pg.List(ids)).Scan(&unknown)
	if err == nil && unknown != nil {
		return challenge.ErrUnknown.With("challengeId", *unknown)
	}
	return err
}

// ChallengeFilter selects challenges; an empty value selects any.
type ChallengeFilter struct {
	State        challenge.State
	Kind         string
	DepartmentID string
	FiscalYear   int
	Words        *jp.Query
}

// ListChallenges reads one more than a page of the challenges that the reader
// sees, newest first.
func ListChallenges(ctx context.Context, r pg.Reader, by proposal.Reader, f ChallengeFilter, page pg.Page) ([]*challenge.Challenge, error) {
	sql, args := challengeListSQL(by, f, page)
	rows, err := r.Query(ctx, sql, pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanChallenge)
}

func challengeListSQL(by proposal.Reader, f ChallengeFilter, page pg.Page) (string, pgx.StrictNamedArgs) {
	args := challengeReader(by, pgx.StrictNamedArgs{"limit": page.Size + 1})
	where := pg.Filter{Args: args}
	where.Add(f.State != "", `c.state = @state`, "state", f.State)
	where.Add(f.Kind != "", `c.kind = @kind`, "kind", f.Kind)
	where.Add(f.DepartmentID != "", `c.department_id = @of`, "of", f.DepartmentID)
	where.Add(f.FiscalYear != 0, `c.fiscal_year = @fiscal_year`, "fiscal_year", f.FiscalYear)
	if f.Words != nil {
		where.Add(true, `c.search @@ @words::tsquery`, "words", f.Words.TSQuery())
		where.Add(true, `c.search_key LIKE ALL(@patterns::text[])`, "patterns", f.Words.LikePatterns())
	}
	if len(page.After) == 1 {
		where.Add(true, `c.id < @after`, "after", page.After[0])
	}
	return `
		SELECT ` + challengeColumns + `
		FROM challenge c
		LEFT JOIN department_ref d ON d.id = c.department_id
		WHERE ` + challengeScope + where.String() + `
		ORDER BY c.id DESC
		LIMIT @limit`, args
}
