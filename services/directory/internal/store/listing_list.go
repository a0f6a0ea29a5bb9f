package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/listing"
)

// ListingFilter selects listings; zero values select everything.
type ListingFilter struct {
	Kind           string
	Category       string
	State          string
	ActivityField  int32
	Town           string // Beginning of the town.
	OrganizationID string
	DepartmentID   string
	SourceID       string
	Mine           bool
}

// filterListings are the conditions of lists; planned for each call with its values, as those of
// organizations.
const filterListings = `
		AND (@kind = '' OR l.kind = @kind)
		AND (@category = '' OR l.category = @category)
		AND (@state = '' OR l.state = @state)
		AND (@field::integer = 0 OR l.activity_fields @> ARRAY[@field::integer])
		AND (@town = '' OR (l.town >= @town AND l.town < @until_town))
		AND (@organization::uuid IS NULL OR l.organization_id = @organization::uuid)
		AND (@office::uuid IS NULL OR l.department_id = @office::uuid)
		AND (@source::uuid IS NULL OR l.source_id = @source::uuid)`

// listingsNewest is the order of identifiers, which grow with time.
var listingsNewest = order{
	after: `
		AND l.id < @after_id::uuid`,
	by: `
		ORDER BY l.id DESC
		LIMIT @limit`,
	names: []string{"after_id"},
}

// ListListings returns those that the partner may know of, the newest first; one
// row more than the page holds when there is another page.
func ListListings(ctx context.Context, r pg.Reader, v Partner, f ListingFilter, p pg.Page) ([]*SeenListing, error) {
	filter := pgx.StrictNamedArgs{
		"kind": f.Kind, "category": f.Category, "state": f.State, "field": f.ActivityField, "town": f.Town,
		"until_town": f.Town + "\U0010FFFF", "organization": pg.Null(f.OrganizationID), "office": pg.Null(f.DepartmentID),
		"source": pg.Null(f.SourceID), "limit": p.Size + 1,
	}
	sql := selectListing + `
		WHERE ` + listingsNewest.from(listingScope(v)+filterListings, filter, p)
	if f.Mine {
		sql = ownListings(listingsNewest.from(filterListings, filter, p))
	}
	sql += listingsNewest.by
	return many[SeenListing](ctx, r, sql, pgx.QueryExecModeExec, v.args(sql, filter))
}

// ownListings reads those of the organizations that the partner reads and of the
// department; the partner may know of all of them. Each owner's are walked by
// their own index, as far as a page.
func ownListings(filter string) string {
	return `
		WITH mine AS MATERIALIZED (
			SELECT id
			FROM (
				SELECT x.id
				FROM unnest(` + reads + `) AS own (id)
				CROSS JOIN LATERAL (
					SELECT l.id
					FROM listing AS l
					WHERE l.organization_id = own.id` + filter + listingsNewest.by + `
				) AS x
				UNION ALL
				(
					SELECT l.id
					FROM listing AS l
					WHERE l.department_id = @department::uuid` + filter + listingsNewest.by + `
				)
			) AS l` + listingsNewest.by + `
		)` + selectListing + `
		JOIN mine ON mine.id = l.id`
}

// openListing holds for the open listings of owners that everybody may know of.
const openListing = `
	l.state = 'PUBLISHED' AND (l.organization_id IS NULL OR EXISTS (
		SELECT FROM organization AS p
		WHERE p.id = l.organization_id AND p.state IN ('VERIFIED', 'EXPIRED')
	))`

// SearchListings returns open listings that hold all words of q, the newest
// first, as SearchOrganizations finds organizations.
func SearchListings(ctx context.Context, r pg.Reader, q jp.Query, f ListingFilter, p pg.Page) ([]*SeenListing, error) {
	args := pgx.StrictNamedArgs{
		"terms": q.TSQuery(), "words": q.LikePatterns(), "kind": f.Kind, "category": f.Category, "field": f.ActivityField,
		"limit": p.Size + 1, "few": fewHits,
	}
	match := listingsNewest.from(openListing+`
		AND l.search_key LIKE ALL (@words::text[])
		AND (@kind = '' OR l.kind = @kind)
		AND (@category = '' OR l.category = @category)
		AND (@field::integer = 0 OR l.activity_fields @> ARRAY[@field::integer])`, args, p)
	return many[SeenListing](ctx, r, searched(`listing AS l`, `l.id`, match, listingsNewest)+selectOpenListing+`
		JOIN page ON page.id = l.id`+listingsNewest.by,
		pgx.QueryExecModeExec, args)
}

// Bounds of what is looked at for suggestions.
const (
	sameCategory = 500
	anyCategory  = 2000
)

// Candidates returns open listings of the opposite side and other owners: the
// newest 500 of the category, and of the newest 2,000 those of other categories
// that share an activity field.
func Candidates(ctx context.Context, r pg.Reader, l *listing.Listing) ([]*listing.Candidate, error) {
	const candidate = `
			SELECT l.id, l.category, l.activity_fields, l.town, l.available_from, l.available_until, l.published_at
			FROM listing AS l
			WHERE l.kind = @kind AND l.organization_id IS DISTINCT FROM @organization::uuid
				AND l.department_id IS DISTINCT FROM @office::uuid AND ` + openListing
	opposite := listing.Need
	if l.Kind == listing.Need {
		opposite = listing.Offer
	}
	// A listing without an organization is of no organization, not of the same one.
	organization, office := l.OrganizationID, l.DepartmentID
	if organization == "" {
		organization = pg.NilID
	}
	if office == "" {
		office = pg.NilID
	}
	return many[listing.Candidate](ctx, r, `
		(`+candidate+` AND l.category = @category
			ORDER BY l.published_at DESC, l.id
			LIMIT @same)
		UNION ALL
		SELECT *
		FROM (`+candidate+`
			ORDER BY l.published_at DESC, l.id
			LIMIT @any) AS newest
		WHERE newest.category <> @category AND newest.activity_fields && @fields::integer[]`,
		pgx.QueryExecModeExec,
		pgx.StrictNamedArgs{
			"kind": opposite, "category": l.Category, "organization": organization, "office": office, "fields": l.ActivityFields,
			"same": sameCategory, "any": anyCategory,
		})
}

// ListingsByID returns those of the listings that are open.
func ListingsByID(ctx context.Context, r pg.Reader, ids []string) ([]*SeenListing, error) {
	return many[SeenListing](ctx, r, selectOpenListing+`
		WHERE l.id = ANY(@ids::uuid[]) AND `+openListing, pgx.StrictNamedArgs{"ids": ids})
}

// ExpiredListings returns the ids of at most limit published listings whose last
// day is before today.
func ExpiredListings(ctx context.Context, r pg.Reader, today jp.Date, limit int) ([]string, error) {
	rows, err := r.Query(ctx, `
		SELECT id::text
		FROM listing
		WHERE state = 'PUBLISHED' AND expires_on < $1
		ORDER BY expires_on, id
		LIMIT $2`, today, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
