package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/credit"
)

// SearchEntry is something public as the one search shows it. Nothing that the
// public may not read is ever entered: the search asks nobody again.
type SearchEntry struct {
	Kind        string // ARTICLE, EVENT, OPPORTUNITY or ITEM.
	ID          string
	Title       string
	Summary     string       // Plain text; shown up to 200 characters.
	Credits     credit.Lines // Shown with every hit and searched.
	Topics      []string
	URL         string // Where to read it.
	SourceName  string // Of an item; shown and searched.
	PublishedAt time.Time
	StartsAt    time.Time // Zero for none.
	EndsAt      time.Time // Zero for none.

	// Text is searched and never shown: body, place, reading.
	Text []string
}

const summaryLength = 200

// PutSearchEntry queues an entry, or its new version.
func PutSearchEntry(tx *pg.Tx, e SearchEntry) {
	key, terms := searchKeys(append([]string{e.Title, e.Summary, e.SourceName}, append(e.Credits.Names(), e.Text...)...)...)
	tx.Queue(`
		INSERT INTO search_entry (
			kind, id, title, summary, credits, topics, url, source_name, published_at, starts_at, ends_at, search_key, terms)
		VALUES (
			@kind, @id, @title, @summary, @credits, @topics, @url, @source_name, @published_at, @starts_at, @ends_at,
			@search_key, array_to_tsvector(@terms::text[]))
		ON CONFLICT ON CONSTRAINT search_entry_pkey
		DO UPDATE SET kind = EXCLUDED.kind, title = EXCLUDED.title, summary = EXCLUDED.summary, credits = EXCLUDED.credits,
			topics = EXCLUDED.topics, url = EXCLUDED.url, source_name = EXCLUDED.source_name,
			published_at = EXCLUDED.published_at, starts_at = EXCLUDED.starts_at, ends_at = EXCLUDED.ends_at,
			search_key = EXCLUDED.search_key, terms = EXCLUDED.terms`,
		pgx.StrictNamedArgs{
			"kind": e.Kind, "id": e.ID, "title": e.Title, "summary": first(e.Summary, summaryLength), "credits": pg.List(e.Credits),
			"topics": pg.List(e.Topics), "url": e.URL, "source_name": e.SourceName, "published_at": e.PublishedAt,
			"starts_at": pg.Null(e.StartsAt), "ends_at": pg.Null(e.EndsAt), "search_key": key, "terms": terms,
		})
}

// DropSearchEntry queues the removal of an entry; one that is not there is none.
func DropSearchEntry(tx *pg.Tx, id string) {
	tx.Queue(`DELETE FROM search_entry WHERE id = $1`, id)
}

// searchKeys are the search keys of texts, one a line, and their bigrams.
func searchKeys(texts ...string) (key string, terms []string) {
	var keys []string
	for _, t := range texts {
		if k := jp.SearchKey(t); k != "" {
			keys = append(keys, k)
		}
	}
	return strings.Join(keys, "\n"), pg.List(jp.IndexTerms(keys...))
}

// first is the beginning of a text, at most n characters.
func first(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

const newest = `
		ORDER BY t.published_at DESC, t.id DESC
		LIMIT @limit`

// newestWith is a search in a table whose rows are called t, newest first; where
// holds conditions on them.
func newestWith(table, where string) pg.Search {
	return pg.Search{Table: table + ` AS t`, Terms: `terms`, Sorted: `t.published_at`, Where: where, Tail: newest}
}

// newestAfter adds the place after which a list by publication goes on to its
// conditions.
func newestAfter(where string, args pgx.StrictNamedArgs, page pg.Page) (string, error) {
	args["limit"] = page.Size + 1
	if page.After == nil {
		return where, nil
	}
	at, id, err := pg.TimeAfter(page.After)
	args["after"], args["after_id"] = at, id
	return where + ` AND (t.published_at, t.id) < (@after::timestamptz, @after_id::uuid)`, err
}

// Search reads one more than a page of the entries in which all words stand,
// newest first; an empty kind is any.
func Search(ctx context.Context, r pg.Reader, words jp.Query, kind string, page pg.Page) ([]*SearchEntry, error) {
	sql, args, err := searchSQL(words, kind, page)
	if err != nil {
		return nil, err
	}
	// A plan for these words: a common word and a rare one want different ones.
	rows, err := r.Query(ctx, sql, pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanEntry)
}

func searchSQL(words jp.Query, kind string, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	args, where := pgx.StrictNamedArgs{}, `true`
	if kind != "" {
		args["kind"], where = kind, `t.kind = @kind`
	}
	where, err := newestAfter(where, args, page)
	return `
		SELECT t.kind, t.id, t.title, t.summary, t.credits, t.topics, t.url, t.source_name, t.published_at, t.starts_at, t.ends_at
		` + newestWith("search_entry", where).From(&words, args) + newest, args, err
}

func scanEntry(row pgx.CollectableRow) (*SearchEntry, error) {
	var (
		e            SearchEntry
		starts, ends *time.Time
	)
	err := row.Scan(&e.Kind, &e.ID, &e.Title, &e.Summary, &e.Credits, &e.Topics, &e.URL, &e.SourceName, &e.PublishedAt, &starts, &ends)
	e.StartsAt, e.EndsAt = pg.Or(starts), pg.Or(ends)
	return &e, err
}

// After are the sort values of the entry, for a page token.
func (e *SearchEntry) After() []string {
	return []string{e.PublishedAt.UTC().Format(time.RFC3339Nano), e.ID}
}
