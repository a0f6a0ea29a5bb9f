package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/source"
)

const itemColumns = `
	t.id, t.source_id, t.organization_id, t.title, t.summary, t.url, t.location, t.published_at, t.starts_at, t.ends_at,
	t.all_day, t.hidden, t.public, t.created_at, t.updated_at, s.name, s.site_url`

func scanItem(row pgx.CollectableRow) (*source.Item, error) {
	var (
		i            source.Item
		organization *string
		starts, ends *time.Time
	)
	err := row.Scan(&i.ID, &i.SourceID, &organization, &i.Title, &i.Summary, &i.URL, &i.Location, &i.PublishedAt, &starts, &ends,
		&i.AllDay, &i.Hidden, &i.Public, &i.CreatedAt, &i.UpdatedAt, &i.SourceName, &i.SourceSiteURL)
	i.OrganizationID, i.StartsAt, i.EndsAt = pg.Or(organization), pg.Or(starts), pg.Or(ends)
	return &i, err
}

func itemArgs(i *source.Item) pgx.StrictNamedArgs {
	key, terms := searchKeys(i.Title, i.Summary, i.Location)
	return pgx.StrictNamedArgs{
		"id": i.ID, "title": i.Title, "summary": i.Summary, "url": i.URL, "location": i.Location,
		"starts_at": pg.Null(i.StartsAt), "ends_at": pg.Null(i.EndsAt), "all_day": i.AllDay, "search_key": key, "terms": terms,
		"updated_at": i.UpdatedAt,
	}
}

// KeepItems writes the entries of one reading of a locked source: new ones are
// added, changed ones rewritten, what another source or an earlier reading has
// already is there once. Of a source the newest source.MaxItems stay.
func KeepItems(ctx context.Context, tx *pg.Tx, s *source.Source, entries []source.Entry, newID func() string) error {
	if len(entries) == 0 {
		return nil
	}
	known, err := itemsByKey(ctx, tx, s, entries)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if i := known[e.Key()]; i != nil {
			if i.Rewrite(e, s, tx.Now) {
				err = rewriteItem(ctx, tx, i)
			}
		} else {
			err = insertItem(ctx, tx, e.Of(s, newID(), tx.Now), e)
		}
		if err != nil {
			return err
		}
	}
	if err := forgetItems(ctx, tx, s); err != nil {
		return err
	}
	return enterItems(ctx, tx, s, `t.updated_at = @now`, pgx.StrictNamedArgs{"now": tx.Now})
}

func itemsByKey(ctx context.Context, tx *pg.Tx, s *source.Source, entries []source.Entry) (map[string]*source.Item, error) {
	keys := make([]string, len(entries))
	for i, e := range entries {
		keys[i] = e.Key()
	}
	rows, err := tx.Query(ctx, `
		SELECT `+itemColumns+`, t.key
		FROM item AS t
		JOIN source AS s ON s.id = t.source_id
		WHERE t.source_id = $1 AND t.key = ANY($2::text[])`, s.ID, keys)
	if err != nil {
		return nil, err
	}
	known := map[string]*source.Item{}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		var key string
		i, err := scanItem(keyed{row, &key})
		known[key] = i
		return struct{}{}, err
	})
	return known, err
}

// keyed is a row with one more column.
type keyed struct {
	pgx.CollectableRow
	key *string
}

// Scan implements pgx.CollectableRow.
func (k keyed) Scan(dest ...any) error { return k.CollectableRow.Scan(append(dest, k.key)...) }

func insertItem(ctx context.Context, tx *pg.Tx, i *source.Item, e source.Entry) error {
	args := itemArgs(i)
	args["source_id"], args["organization_id"], args["key"], args["same_key"] = i.SourceID, pg.Null(i.OrganizationID), e.Key(), e.SameKey()
	args["published_at"], args["public"] = i.PublishedAt, i.Public
	_, err := tx.Exec(ctx, `
		INSERT INTO item (
			id, source_id, organization_id, key, same_key, title, summary, url, location, published_at, starts_at, ends_at,
			all_day, hidden, public, search_key, terms, created_at, updated_at)
		VALUES (
			@id, @source_id, @organization_id, @key, @same_key, @title, @summary, @url, @location, @published_at, @starts_at,
			@ends_at, @all_day, false, @public, @search_key, array_to_tsvector(@terms::text[]), @updated_at, @updated_at)
		ON CONFLICT DO NOTHING`, args)
	return err
}

func rewriteItem(ctx context.Context, tx *pg.Tx, i *source.Item) error {
	_, err := tx.Exec(ctx, `
		UPDATE item
		SET title = @title, summary = @summary, url = @url, location = @location, starts_at = @starts_at, ends_at = @ends_at,
			all_day = @all_day, search_key = @search_key, terms = array_to_tsvector(@terms::text[]), updated_at = @updated_at
		WHERE id = @id`, itemArgs(i))
	return err
}

// forgetItems removes what is older than the newest items of a source.
func forgetItems(ctx context.Context, tx *pg.Tx, s *source.Source) error {
	_, err := tx.Exec(ctx, `
		WITH old AS (
			DELETE FROM item
			WHERE id IN (
				SELECT id
				FROM (
					SELECT id, row_number() OVER (ORDER BY published_at DESC, id DESC) AS place
					FROM item
					WHERE source_id = $1
				) AS placed
				WHERE place > $2
			)
			RETURNING id
		)
		DELETE FROM search_entry
		WHERE id IN (SELECT id FROM old)`, s.ID, source.MaxItems)
	return err
}

// enterItems puts the public items of a source under a condition into the search
// and takes the others out of it.
func enterItems(ctx context.Context, tx *pg.Tx, s *source.Source, where string, args pgx.StrictNamedArgs) error {
	args["source_id"] = s.ID
	if _, err := tx.Exec(ctx, `
		DELETE FROM search_entry
		WHERE id IN (SELECT t.id FROM item AS t WHERE t.source_id = @source_id AND NOT t.public AND `+where+`)`, args); err != nil {
		return err
	}
	args["source_name"], args["length"] = s.Name, summaryLength
	_, err := tx.Exec(ctx, `
		INSERT INTO search_entry (
			kind, id, title, summary, credits, topics, url, source_name, published_at, starts_at, ends_at, search_key, terms)
		SELECT 'ITEM', t.id, t.title, left(t.summary, @length), '[]', '{}', t.url, @source_name, t.published_at, t.starts_at,
			t.ends_at, t.search_key, t.terms
		FROM item AS t
		WHERE t.source_id = @source_id AND t.public AND `+where+`
		ON CONFLICT ON CONSTRAINT search_entry_pkey
		DO UPDATE SET title = EXCLUDED.title, summary = EXCLUDED.summary, url = EXCLUDED.url,
			source_name = EXCLUDED.source_name, starts_at = EXCLUDED.starts_at, ends_at = EXCLUDED.ends_at,
			search_key = EXCLUDED.search_key, terms = EXCLUDED.terms`, args)
	return err
}

// showItems makes the items of a source public or not, as the source is now.
func showItems(ctx context.Context, tx *pg.Tx, s *source.Source) error {
	if _, err := tx.Exec(ctx, `
		UPDATE item
		SET public = ($2 AND NOT hidden), organization_id = $3
		WHERE source_id = $1 AND (public, organization_id) IS DISTINCT FROM ($2 AND NOT hidden, $3::uuid)`,
		s.ID, s.State == source.Active, pg.Null(s.OrganizationID)); err != nil {
		return err
	}
	return enterItems(ctx, tx, s, `true`, pgx.StrictNamedArgs{})
}

// HideItem hides a locked item or shows it again.
func HideItem(ctx context.Context, tx *pg.Tx, i *source.Item, hidden bool) error {
	s, err := oneSource(ctx, tx, selectSource+` WHERE s.id = @id`, pgx.StrictNamedArgs{"id": i.SourceID})
	if err != nil {
		return err
	}
	i.Hidden, i.Public = hidden, !hidden && s.State == source.Active
	if _, err := tx.Exec(ctx, `UPDATE item SET hidden = $2, public = $3 WHERE id = $1`, i.ID, i.Hidden, i.Public); err != nil {
		return err
	}
	return enterItems(ctx, tx, s, `t.id = @id`, pgx.StrictNamedArgs{"id": i.ID})
}

// itemScope returns the conditions that hold for public items and exactly where
// Reader.Inside does.
func itemScope(by source.Reader) scope {
	s := scope{args: pgx.StrictNamedArgs{}}
	if by.Desk {
		s.branches = []string{`true`}
		return s
	}
	s.branches = []string{`t.public`}
	if len(by.Members) > 0 {
		s.args["members"] = by.Members
		s.branches = append(s.branches, `t.organization_id = ANY(@members::uuid[])`)
	}
	return s
}

// GetItem reads an item that the reader sees. Errors: RESOURCE_NOT_FOUND.
func GetItem(ctx context.Context, r pg.Reader, id string, by source.Reader) (*source.Item, error) {
	return oneItem(ctx, r, id, by, "")
}

// LockItem is GetItem for a change; it locks the source first, as a reading does.
// Errors: RESOURCE_NOT_FOUND.
func LockItem(ctx context.Context, tx *pg.Tx, id string, by source.Reader) (*source.Item, error) {
	return oneItem(ctx, tx, id, by, ` FOR UPDATE OF s, t`)
}

func oneItem(ctx context.Context, r pg.Reader, id string, by source.Reader, lock string) (*source.Item, error) {
	s := itemScope(by)
	s.args["id"] = id
	rows, err := r.Query(ctx, `
		SELECT `+itemColumns+`
		FROM source AS s
		JOIN item AS t ON t.source_id = s.id
		WHERE t.id = @id AND (`+s.any()+`)`+lock, s.args)
	if err != nil {
		return nil, err
	}
	i, err := pgx.CollectExactlyOneRow(rows, scanItem)
	return i, pg.Found(err)
}

// ItemFilter selects items; an empty value selects any.
type ItemFilter struct {
	SourceID       string
	OrganizationID string
	Words          *jp.Query
}

// ItemAfter are the sort values of the item, for a page token.
func ItemAfter(i *source.Item) []string {
	return []string{i.PublishedAt.UTC().Format(time.RFC3339Nano), i.ID}
}

// ListItems reads one more than a page of the items that the reader sees, newest
// first.
func ListItems(ctx context.Context, r pg.Reader, by source.Reader, f ItemFilter, page pg.Page) ([]*source.Item, error) {
	sql, args, err := itemSQL(by, f, page)
	if err != nil {
		return nil, err
	}
	mode := pgx.QueryExecModeCacheStatement
	if f.Words != nil { // A plan for these words.
		mode = pgx.QueryExecModeCacheDescribe
	}
	rows, err := r.Query(ctx, sql, mode, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanItem)
}

func itemSQL(by source.Reader, f ItemFilter, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	s, where := itemScope(by), `true`
	if f.SourceID != "" {
		where, s.args["source"] = where+` AND t.source_id = @source`, f.SourceID
	}
	if f.OrganizationID != "" {
		where, s.args["organization"] = where+` AND t.organization_id = @organization`, f.OrganizationID
	}
	where, err := newestAfter(where, s.args, page)
	var from string
	if f.Words != nil {
		from = newestWith("item", `(`+s.any()+`) AND `+where).From(f.Words, s.args)
	} else {
		for i, b := range s.branches {
			s.branches[i] = `(SELECT t.id FROM item AS t WHERE ` + b + ` AND ` + where + newest + `)`
		}
		from = `FROM (` + strings.Join(s.branches, " UNION ") + `) AS page
	JOIN item AS t USING (id)`
	}
	return `
		SELECT ` + itemColumns + `
		` + from + `
	JOIN source AS s ON s.id = t.source_id` + newest, s.args, err
}
