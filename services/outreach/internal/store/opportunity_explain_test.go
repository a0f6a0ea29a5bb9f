package store

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// manyOpportunities fills a schema with 100,000 opportunities of 2,000
// organizations and 40 departments in ten years, each with two shifts, and 100,000
// applications: 10,000 for one, the rest for others, with hours.
const manyOpportunities = `
	SET statement_timeout = 0;
	INSERT INTO publication (
		id, kind, state, organization_id, department_id, title, summary, body, plain_ja, topics, opportunity, facets, starts_on, last_on, occurs, credits,
		named, confirmations, collaboration, confirmed, visible, was_public, created_by, edited_by, requested_by, approved_by,
		return_reason, withdraw_reason, publish_at, ends_on, revision, search_key, search, created_at, updated_at, changed_at,
		sequence, version)
	SELECT ('b0000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'OPPORTUNITY',
		CASE WHEN i % 10 > 2 THEN 'ENDED' WHEN i % 10 > 0 THEN 'PUBLISHED' WHEN i % 100 = 0 THEN 'PENDING' ELSE 'DRAFT' END,
		CASE WHEN i % 5 > 0 THEN ('a0000000-0000-7000-8000-' || lpad((i % 2000)::text, 12, '0'))::uuid END,
		CASE WHEN i % 5 = 0 THEN ('d0000000-0000-7000-8000-' || lpad((i % 40)::text, 12, '0'))::uuid END, '題' || i, '', '', '',
		'{common}', '{"kind":"VOLUNTEER"}', ARRAY['kind:VOLUNTEER', 'field:' || (1 + i % 20), CASE WHEN i % 1000 = 0 THEN 'trial' ELSE 'beginners' END],
		date '2017-01-01' + i % 3650, date '2017-01-31' + i % 3650, datemultirange(daterange(date '2017-01-01' + i % 3650, date '2017-01-31' + i % 3650, '[]')),
		'[{"part":"ORGANIZER","name":"x"}]', '{}', '[]', false, true, i % 10 > 0, i % 10 > 0, 'x', '', 'x', 'y', '', '',
		CASE WHEN i % 10 > 0 THEN now() - i * interval '1 minute' END, NULL, 1, '題' || i, ''::tsvector, now(), now() - i * interval '1 minute',
		CASE WHEN i % 10 > 0 THEN now() - i * interval '1 minute' END, 1, 1
	FROM generate_series(1, 100000) AS i;
	INSERT INTO opportunity_place (opportunity_id, kind, selection, activity_field, starts_on, last_on, closes_at, open, headcount, accepted, requested,
		waiting, declined, trial_places, trial_accepted, last_place)
	SELECT id, 'VOLUNTEER', 'FIRST_COME', 1, starts_on, last_on, last_on, true, 10, 5, 0, 0, 0, 0, 0, 0 FROM publication;
	INSERT INTO shift (id, opportunity_id, starts_at, ends_at, capacity, accepted, cancelled, created_at, version)
	SELECT gen_random_uuid(), id, starts_on + n, starts_on + n + interval '1 hour', 5, 0, false, now(), 1
	FROM publication CROSS JOIN generate_series(1, 2) AS n;
	INSERT INTO application (id, opportunity_id, kind, account, entered_by, identity_hash, channel, state, place, heads, group_kind, minors, trial,
		max_shifts, agrees, message, erase_on, created_at, updated_at, version)
	SELECT gen_random_uuid(), ('b0000000-0000-7000-8000-' || lpad((CASE WHEN i <= 10000 THEN 1 ELSE i END)::text, 12, '0'))::uuid, 'VOLUNTEER',
		'person' || i % 5000, '', sha256(i::text::bytea), 'WEB',
		CASE WHEN i <= 10000 THEN 'WAITLISTED' WHEN i % 100 = 0 THEN 'REQUESTED' ELSE 'ACCEPTED' END, i, CASE WHEN i < 9900 THEN 7 ELSE 1 END, '',
		false, false, 1, i % 10 = 0, '', current_date + i % 400, now(), now(), 1
	FROM generate_series(1, 100000) AS i;
	INSERT INTO application_shift (application_id, shift_id, rank, accepted)
	SELECT a.id, s.id, row_number() OVER (PARTITION BY a.id), false
	FROM application a JOIN shift s USING (opportunity_id);
	INSERT INTO person (id, name, name_kana, email, phone_number, note, created_at)
	SELECT id, 'x', '', 'x', '', '', now() FROM application;
	UPDATE application SET person_id = id;
	INSERT INTO hours (id, opportunity_id, application_id, worked_on, minutes, heads, state, logged_by, decided_by, return_reason, created_at, version)
	SELECT gen_random_uuid(), opportunity_id, id, current_date - place % 30, 60, 1, CASE WHEN place % 100 = 0 THEN 'LOGGED' ELSE 'CONFIRMED' END, 'x', 'y', '',
		now(), 1
	FROM application;
	ANALYZE publication, opportunity_place, shift, application, application_shift, person, hours;`

// Every question about opportunities finds its answer by an index at 100,000 rows.
func TestOpportunitiesUseIndexes(t *testing.T) {
	t.Parallel()
	urls := pgtest.Service(t, "outreach", func(ctx context.Context, url string) error {
		return pg.Migrate(ctx, url, "outreach", "schema_version", Migrations())
	})
	db, err := pg.Open(t.Context(), pg.Config{URL: urls.Admin, Schema: "outreach"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if _, err := db.Pool().Exec(t.Context(), manyOpportunities); err != nil {
		t.Fatal(err)
	}
	for name, q := range opportunityQuestions(t) {
		plan := explainPublication(t, db, q.sql, q.args)
		for _, n := range strings.FieldsFunc(plan, func(r rune) bool { return r == '\n' }) {
			if strings.Contains(n, "Seq Scan on ") && !strings.Contains(n, "never executed") && !strings.Contains(n, "_ref") {
				t.Errorf("%s reads a table: %s\n%s", name, n, plan)
			}
			if strings.Contains(n, "Rows Removed by Filter: ") && len(n[strings.LastIndexByte(n, ' ')+1:]) > 4 {
				t.Errorf("%s reads too much: %s\n%s", name, n, plan)
			}
		}
	}
}

func opportunityQuestions(t *testing.T) map[string]question {
	t.Helper()
	const (
		organization, department = "a0000000-0000-7000-8000-000000000007", "d0000000-0000-7000-8000-000000000005"
		first, other             = "b0000000-0000-7000-8000-000000000001", "b0000000-0000-7000-8000-000000050001"
	)
	out := map[string]question{}
	for name, c := range map[string]struct {
		by publication.Reader
		f  PublicationFilter
	}{
		"public":                     {publication.Reader{}, PublicationFilter{}},
		"public, a common facet":     {publication.Reader{}, PublicationFilter{Facets: []string{"kind:VOLUNTEER", "beginners"}}},
		"public, a rare facet":       {publication.Reader{}, PublicationFilter{Facets: []string{"trial"}}},
		"public, facets of a month":  {publication.Reader{}, PublicationFilter{Facets: []string{"field:3"}, From: jp.NewDate(2026, 12, 1), To: jp.NewDate(2026, 12, 31), Order: ByStart}},
		"coordinator, what to check": {publication.Reader{ID: "c", Intermediary: true}, PublicationFilter{State: publication.Pending, Order: ByUpdate}},
	} {
		c.f.Kind = publication.Opportunity
		sql, args, err := listSQL(c.by, c.f, pg.Page{Size: 50})
		if err != nil {
			t.Fatal(err)
		}
		out[name] = question{sql, []any{args}}
	}
	for name, by := range map[string]publication.Reader{
		"duties of a host": {ID: "x", Writers: []string{organization}}, "duties of a department": {ID: "x", Staff: true, Department: department},
		"duties of the desk": {ID: "d", Desk: true}, "duties of a coordinator": {ID: "c", Intermediary: true},
		"duties of an approver": {ID: "c", Approver: true},
	} {
		source := opportunityDuties
		if by.Desk || by.Approver {
			source = publicationDuties
		}
		sql, args := dutySQL(DutyReader{Reader: by}, 101, source)
		out[name] = question{sql, []any{args}}
	}
	args := pgx.StrictNamedArgs{"from": time.Now(), "limit": 1000}
	out["calendar of shifts"] = question{publicShiftsSQL(FeedFilter{}, args), []any{args}}
	for name, f := range map[string]HoursFilter{
		"hours": {OpportunityID: first}, "own hours": {OpportunityID: first, Account: "person7"}, "hours of one": {OpportunityID: other, ApplicationID: other},
	} {
		args := pgx.StrictNamedArgs{"opportunity": f.OpportunityID, "limit": 51}
		out[name] = question{hoursSQL(f, args), []any{args}}
	}
	out["next to move up"] = question{firstFitting, []any{first, time.Now()}}
	out["applications"] = question{listApplications, []any{other, 0, "", 51}}
	out["own applications"] = question{ownApplications, []any{"person7", pg.LastID, 51}}
	out["to be forgotten"] = question{erasable, []any{jp.DateOf(time.Now())}}
	out["earlier volunteers"] = question{inviteSQL, []any{other, "x", 1, maxInvitations}}
	out["unmet demand"] = question{unmetDemand, []any{jp.NewDate(2026, 4, 1), jp.NewDate(2027, 4, 1), nil}}
	return out
}
