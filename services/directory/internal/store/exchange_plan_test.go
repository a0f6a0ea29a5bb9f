package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/listing"
)

// manyListings are 2,000 organizations, every tenth an intermediary with one
// member each, 40 departments, 50,000 listings of 20 years, of which 4,000 are
// open, 50 wait and 50 came back, and as many introductions and referrals.
const manyListings = `
	SET statement_timeout = 0;
	INSERT INTO person (id, issuer, subject, email, email_verified, display_name, version, created_at, updated_at)
	SELECT ('c0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'x', i::text, i || '@x.example.com', true, 'x', 1, now(), now()
	FROM generate_series(0, 1999) AS i;
	INSERT INTO member (id, organization_id, person_id, email, role, state, created_at, updated_at, version)
	SELECT gen_random_uuid(), ('01900000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid,
		('c0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, '', 'REPRESENTATIVE', 'ACTIVE', now(), now(), 1
	FROM generate_series(0, 1999) AS i;
	UPDATE organization
	SET kind = 'INTERMEDIARY'
	WHERE right(id::text, 1) = '0';
	INSERT INTO delegation (id, organization_id, intermediary_id, ends_at, granted_by, created_at)
	SELECT gen_random_uuid(), ('01900000-0000-7000-8000-' || lpad((i + 1)::text, 12, '0'))::uuid,
		('01900000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, now() + interval '1 year', '', now()
	FROM generate_series(0, 1990, 10) AS i;
	INSERT INTO department (id, name, kind, created_at, updated_at, version)
	SELECT ('d0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'x', 'SECTION', now(), now(), 1
	FROM generate_series(0, 39) AS i;
	INSERT INTO listing (
		id, state, kind, category, organization_id, department_id, title, description, conditions, quantity, activity_fields,
		town, expires_on, source_id, source_name, source_url, correction_reason, outcome, outcome_note, written_by, published_by,
		published_at, created_at, updated_at, version, search_key, terms)
	SELECT ('a0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid,
		CASE WHEN i >= 46000 THEN 'PUBLISHED' WHEN i % 1000 = 1 THEN 'PENDING' WHEN i % 1000 = 2 THEN 'DRAFT' WHEN i % 2 = 0 THEN 'CLOSED' ELSE 'EXPIRED' END,
		(ARRAY['NEED', 'OFFER'])[1 + i % 2], (ARRAY['PEOPLE', 'SKILL', 'PLACE', 'GOODS', 'MONEY', 'OTHER'])[1 + i / 2 % 6],
		CASE WHEN i % 10 > 0 THEN ('01900000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid END,
		CASE WHEN i % 10 = 0 THEN ('d0000000-0000-7000-8000-' || lpad((i / 10 % 40)::text, 12, '0'))::uuid END,
		'x', 'x', '', '', ARRAY[1 + i % 20], '見本町' || i % 500, CASE WHEN i >= 49990 THEN current_date - 2 ELSE current_date + 30 END,
		CASE WHEN i % 100 = 3 THEN ('01900000-0000-7000-8000-' || lpad((i % 200 * 10)::text, 12, '0'))::uuid END, '', '',
		CASE WHEN i % 1000 = 2 THEN '直す' ELSE '' END, '', '', 'author', CASE WHEN i % 1000 NOT IN (1, 2) OR i >= 46000 THEN 'desk' ELSE '' END,
		CASE WHEN i % 1000 NOT IN (1, 2) OR i >= 46000 THEN now() - (50000 - i) * interval '1 minute' END,
		now(), now() - (50000 - i) * interval '1 minute', 1, CASE WHEN i % 100 = 1 THEN '食堂協働' ELSE '協働' END,
		array_to_tsvector(CASE WHEN i % 100 = 1 THEN ARRAY['食堂', '堂協', '協働'] ELSE ARRAY['協働'] END)
	FROM generate_series(0, 49999) AS i;
	INSERT INTO introduction (
		id, listing_id, state, owner_organization_id, owner_department_id, owner_accepted_at, owner_result, owner_note,
		owner_publish_consent, partner_organization_id, partner_department_id, partner_accepted_at, partner_result, partner_note,
		partner_publish_consent, desk_result, desk_note, message, decline_reason, created_by, created_at, updated_at, version)
	SELECT l.id, l.id, CASE WHEN right(l.id::text, 3) = '001' THEN 'PROPOSED' WHEN right(l.id::text, 3) = '002' THEN 'ACCEPTED' ELSE 'CONCLUDED' END,
		l.organization_id, l.department_id, now(), CASE WHEN right(l.id::text, 4) = '0002' THEN 'SUCCEEDED' ELSE '' END, '', false,
		('01900000-0000-7000-8000-' || lpad((right(l.id::text, 4)::integer * 7 % 2000)::text, 12, '0'))::uuid, NULL, now(), '', '', false, '', '', 'x',
		'', 'x', now(), l.updated_at, 1
	FROM listing AS l;
	INSERT INTO referral (
		id, state, intermediary_id, consultation_id, consultation_number, organization_id, subject, message, due_on, reason, outcome,
		report, created_by, created_at, updated_at, version)
	SELECT l.id, CASE WHEN right(l.id::text, 3) = '001' THEN 'SENT' WHEN right(l.id::text, 3) = '002' THEN 'ACCEPTED' ELSE 'REPORTED' END,
		('01900000-0000-7000-8000-' || lpad((right(l.id::text, 4)::integer % 200 * 10)::text, 12, '0'))::uuid, l.id, '', l.organization_id, 'x', 'x',
		current_date - 1, '', CASE WHEN right(l.id::text, 3) IN ('001', '002') THEN '' ELSE 'RESOLVED' END, '', 'x', now(), now(), 1
	FROM listing AS l;
	ANALYZE;`

func filledExchange(t *testing.T) *pg.DB {
	t.Helper()
	urls := pgtest.Service(t, "directory", func(ctx context.Context, url string) error {
		return pg.Migrate(ctx, url, "directory", "schema_version", Migrations())
	})
	db, err := pg.Open(t.Context(), pg.Config{URL: urls.Admin, Schema: "directory"})
	check(t, err)
	t.Cleanup(db.Close)
	_, err = pg.InTx(t.Context(), db, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		for i := range 2000 {
			if err := InsertOrganization(ctx, tx, generated(i, tx.Now)); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, nil
	})
	check(t, err)
	_, err = db.Pool().Exec(t.Context(), manyListings)
	check(t, err)
	return db
}

// readOf returns how many rows of the tables the plan read at most in one scan,
// and which indexes it used.
func (r *recorder) readOf(t *testing.T, tables ...string) (rows int, indexes []string) {
	t.Helper()
	var explained []struct {
		Plan node `json:"Plan"`
	}
	check(t, json.Unmarshal([]byte(r.plan), &explained))
	var walk func(node)
	walk = func(n node) {
		if n.Loops > 0 && slices.Contains(tables, n.Table) {
			rows = max(rows, int(n.Loops*(n.Rows+n.Removed)))
		}
		if n.Loops > 0 && n.Index != "" {
			indexes = append(indexes, n.Index)
		}
		for _, p := range n.Plans {
			walk(p)
		}
	}
	walk(explained[0].Plan)
	return rows, indexes
}

// exchangePlan is one list or search with the rows that it may read.
type exchangePlan struct {
	run   func(context.Context, pg.Reader) (int, error)
	found int // Rows that are expected; negative for any.
	most  int // Rows that it may read of a table.
	index string
}

// TestExchangePlans proves on 50,000 listings, introductions and referrals that no
// list, search, suggestion and list of duties reads more than a part of them.
func TestExchangePlans(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 150,000 rows")
	}
	db := &recorder{DB: filledExchange(t)}
	for name, p := range exchangePlans(t) {
		t.Run(name, func(t *testing.T) {
			n, err := p.run(t.Context(), db)
			check(t, err)
			rows, indexes := db.readOf(t, "listing", "introduction", "referral")
			if (p.found >= 0 && n != p.found) || rows > p.most || (p.index != "" && !slices.Contains(indexes, p.index)) {
				t.Errorf("%d found, %d rows read by %v; want %d and at most %d by %s", n, rows, indexes, p.found, p.most, p.index)
			}
		})
	}
}

func exchangePlans(t *testing.T) map[string]exchangePlan {
	t.Helper()
	department, organization := "d0000000-0000-7000-8000-000000000007", "01900000-0000-7000-8000-000000000041"
	public, desk := Partner{}, Partner{Viewer: Viewer{Desk: true}, Actor: "desk"}
	member := Partner{Viewer: Viewer{PersonID: "c0000000-0000-7000-8000-000000000041"}}
	coordinator := Partner{Viewer: Viewer{PersonID: "c0000000-0000-7000-8000-000000000040"}}
	staff := Partner{DepartmentID: department, Staff: true, Actor: "staff"}
	list := func(v Partner, f ListingFilter, p pg.Page) func(context.Context, pg.Reader) (int, error) {
		return func(ctx context.Context, r pg.Reader) (int, error) {
			found, err := ListListings(ctx, r, v, f, p)
			return len(found), err
		}
	}
	search := func(words string, f ListingFilter) func(context.Context, pg.Reader) (int, error) {
		return func(ctx context.Context, r pg.Reader) (int, error) {
			q, err := jp.QueryTerms(words)
			check(t, err)
			found, err := SearchListings(ctx, r, q, f, pg.Page{Size: 50})
			return len(found), err
		}
	}
	introduced := func(v Partner, listingID, state string) func(context.Context, pg.Reader) (int, error) {
		return func(ctx context.Context, r pg.Reader) (int, error) {
			found, err := ListIntroductions(ctx, r, v, IntroductionFilter{ListingID: listingID, State: state}, pg.Page{Size: 50})
			return len(found), err
		}
	}
	referred := func(v Partner, f ReferralFilter) func(context.Context, pg.Reader) (int, error) {
		return func(ctx context.Context, r pg.Reader) (int, error) {
			found, err := ListReferrals(ctx, r, v.Viewer, f, pg.Page{Size: 50})
			return len(found), err
		}
	}
	duties := func(v Partner) func(context.Context, pg.Reader) (int, error) {
		return func(ctx context.Context, r pg.Reader) (int, error) {
			found, err := Duties(ctx, r, v, time.Now(), 101)
			return len(found), err
		}
	}
	suggest := func(kind, category string, fields ...int32) func(context.Context, pg.Reader) (int, error) {
		return func(ctx context.Context, r pg.Reader) (int, error) {
			found, err := Candidates(ctx, r, &listing.Listing{Text: listing.Text{Kind: kind, Category: category, ActivityFields: fields}, OrganizationID: organization})
			return len(found), err
		}
	}
	first, later := pg.Page{Size: 50}, pg.Page{Size: 50, After: []string{"a0000000-0000-7000-8000-000000020000"}}
	one := fmt.Sprintf("a0000000-0000-7000-8000-%012d", 40041)
	return map[string]exchangePlan{
		"newest":                  {list(public, ListingFilter{}, first), 51, 500, "listing_pkey"},
		"later":                   {list(public, ListingFilter{}, later), 51, 500, "listing_pkey"},
		"of a member":             {list(member, ListingFilter{}, first), 51, 500, "listing_pkey"},
		"of a coordinator":        {list(coordinator, ListingFilter{}, first), 51, 500, "listing_pkey"},
		"open needs of people":    {list(public, ListingFilter{Kind: "NEED", Category: "PEOPLE", State: "PUBLISHED"}, first), 51, 1000, ""},
		"that wait":               {list(desk, ListingFilter{State: "PENDING"}, first), 46, 100, ""},
		"of an organization":      {list(public, ListingFilter{OrganizationID: organization}, first), 25, 100, "listing_by_organization"},
		"of a department":         {list(public, ListingFilter{DepartmentID: department}, first), 51, 300, ""},
		"from a list":             {list(public, ListingFilter{SourceID: "01900000-0000-7000-8000-000000000030"}, first), 51, 1000, ""},
		"in a town":               {list(public, ListingFilter{Town: "見本町42"}, first), 51, 2500, ""},
		"of an activity field":    {list(public, ListingFilter{ActivityField: 7}, first), 51, 3000, ""},
		"mine":                    {list(member, ListingFilter{Mine: true}, first), 25, 200, "listing_by_organization"},
		"of a coordinator's":      {list(coordinator, ListingFilter{Mine: true}, first), 25, 300, "listing_by_organization"},
		"of the staff":            {list(staff, ListingFilter{Mine: true}, first), 51, 400, ""},
		"search, common":          {search("協働", ListingFilter{}), 51, 4000, ""},
		"search, rare":            {search("食堂", ListingFilter{}), 40, 1100, "listing_terms"},
		"search, none":            {search("存在しない語", ListingFilter{}), 0, 100, "listing_terms"},
		"suggest":                 {suggest("NEED", "SKILL", 4, 7), -1, 2500, "listing_open"},
		"suggest without fields":  {suggest("OFFER", "OTHER"), -1, 2500, "listing_open"},
		"introductions":           {introduced(desk, "", ""), 51, 200, "introduction_pkey"},
		"of a listing":            {introduced(member, one, ""), 1, 10, ""},
		"proposed":                {introduced(desk, "", "PROPOSED"), 50, 100, "introduction_by_state"},
		"own introductions":       {introduced(member, "", ""), -1, 200, "introduction_by_partner_organization"},
		"own of the staff":        {introduced(staff, "", ""), 51, 400, ""},
		"referrals":               {referred(desk, ReferralFilter{}), 51, 200, "referral_pkey"},
		"referrals to me":         {referred(coordinator, ReferralFilter{}), 51, 600, ""},
		"referrals of a matter":   {referred(desk, ReferralFilter{ConsultationID: one}), 1, 10, "referral_by_consultation"},
		"referrals about one":     {referred(desk, ReferralFilter{OrganizationID: organization}), 25, 100, "referral_by_organization"},
		"referrals not answered":  {referred(desk, ReferralFilter{State: "SENT"}), 50, 200, ""},
		"duties of the desk":      {duties(desk), 101, 400, ""},
		"duties of a member":      {duties(member), -1, 200, ""},
		"duties of a coordinator": {duties(coordinator), -1, 200, ""},
		"duties of the staff":     {duties(staff), -1, 200, ""},
		"what expires": {func(ctx context.Context, r pg.Reader) (int, error) {
			ids, err := ExpiredListings(ctx, r, jp.DateOf(time.Now()), 100)
			return len(ids), err
		}, 10, 20, "listing_expires_on"},
	}
}
