package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/credit"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/newsletter"
)

// What an issue can tell is what the one search shows, but for partners' items, and the
// course of proposals: whatever writes a search entry is in it, and nothing else.
const (
	sourceColumns = `
		SELECT e.id, CASE
				WHEN e.kind = 'EVENT' THEN 'EVENT'
				WHEN e.kind = 'OPPORTUNITY' THEN 'VOLUNTEER'
				WHEN p.source LIKE 'call:%' THEN 'CALL'
				ELSE 'NOTICE'
			END AS section, e.title, e.summary, e.url, e.credits, e.starts_at, e.topics, e.published_at AS at
		FROM search_entry AS e
		LEFT JOIN publication AS p ON p.id = e.id
		WHERE e.kind <> 'ITEM'`
	progressColumns = `
		SELECT i.id, 'PROGRESS', i.title, i.body, coalesce('/proposals/' || i.proposal_id, '/calls'), jsonb_build_array(jsonb_build_object(
				'part', 'ORGANIZER', 'name', array_to_string(i.department_names || nullif(i.organization_name, ''), '／'))),
			NULL::timestamptz, '{}'::text[], i.at
		FROM progress_item AS i
		WHERE true`
	sourceLimit = 400
)

// Span is a time, from an instant to before another.
type Span struct{ From, To time.Time }

// SourcesBetween reads what became public in a span and has not ended by now, oldest
// first.
func SourcesBetween(ctx context.Context, tx *pg.Tx, origin string, in Span) ([]newsletter.Source, error) {
	return sources(ctx, tx, origin, sourcesBetween, in.From, in.To, tx.Now, sourceLimit)
}

const sourcesBetween = `
		(` + sourceColumns + ` AND e.published_at >= $1 AND e.published_at < $2 AND (e.ends_at IS NULL OR e.ends_at > $3)
		ORDER BY e.published_at, e.id
		LIMIT $4)
		UNION ALL
		(` + progressColumns + ` AND i.at >= $1 AND i.at < $2
		ORDER BY i.at, i.id
		LIMIT $4)
		ORDER BY at, id`

// SourcesOf reads what is public now of the ids.
func SourcesOf(ctx context.Context, r pg.Reader, origin string, ids []string) ([]newsletter.Source, error) {
	return sources(ctx, r, origin, sourcesOf, pg.List(ids))
}

const sourcesOf = `
		(` + sourceColumns + ` AND e.id = ANY($1::uuid[]))
		UNION ALL
		(` + progressColumns + ` AND i.id = ANY($1::uuid[]))
		ORDER BY at, id`

func sources(ctx context.Context, r pg.Reader, origin, sql string, args ...any) ([]newsletter.Source, error) {
	rows, err := r.Query(ctx, sql, append([]any{pgx.QueryExecModeCacheDescribe}, args...)...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (newsletter.Source, error) {
		var (
			s       newsletter.Source
			credits credit.Lines
			starts  *time.Time
			at      time.Time
		)
		err := row.Scan(&s.ID, &s.Section, &s.Title, &s.Summary, &s.URL, &credits, &starts, &s.Codes, &at)
		s.Credits = credits.Text()
		if s.Section == newsletter.Progress {
			s.URL, s.Credits = origin+s.URL, credits[0].Name
		}
		if s.Section == newsletter.Event && starts != nil {
			s.StartsOn = jp.DateOf(*starts)
		}
		return s, err
	})
}
