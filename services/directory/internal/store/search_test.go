package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
)

// organizationsInTest is how many lists and the search are measured on.
const organizationsInTest = 50_000

// filled is a database with 50,000 published organizations. In their names
// 見本 stands in all, 千代田 in a third, 清流 in 50.
func filled(t *testing.T) *pg.DB {
	t.Helper()
	urls := pgtest.Service(t, "directory", func(ctx context.Context, url string) error {
		return pg.Migrate(ctx, url, "directory", "schema_version", Migrations())
	})
	db, err := pg.Open(t.Context(), pg.Config{URL: urls.Runtime, Schema: "directory"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	const seeds = 1000
	_, err = pg.InTx(t.Context(), db, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		for i := range seeds {
			if err := InsertOrganization(ctx, tx, generated(i, tx.Now)); err != nil {
				return struct{}{}, err
			}
		}
		return struct{}{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	multiply(t, urls.Owner, organizationsInTest/seeds)
	return db
}

// multiply copies the rows under new ids and readings.
func multiply(t *testing.T, url string, times int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(t.Context()))
	columns := strings.ReplaceAll(organizationColumns+", o.name_key, o.search_key, o.terms", "o.", "")
	columns = strings.TrimPrefix(strings.TrimSpace(columns), "id, ")
	for _, sql := range []string{
		fmt.Sprintf(`
			INSERT INTO organization (id, kana_sort_key, gojuon_row, %s)
			SELECT gen_random_uuid(), chr(12449 + (n * 7919 + length(kana_sort_key) * 31 + ascii(md5(id::text)) * 17) %% 80) || kana_sort_key, gojuon_row, %s
			FROM organization, generate_series(2, %d) AS n`, columns, columns, times),
		`ANALYZE organization`,
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
}

func generated(i int, now time.Time) *organization.Organization {
	r := rand.New(rand.NewPCG(1, uint64(i)))
	words := []string{"青空", "みどり", "ひまわり", "つばさ", "かけはし", "ふれあい", "まちづくり", "福祉", "子育て", "防災", "環境", "文化", "国際", "学び", "音楽"}
	pick := func() string { return words[r.IntN(len(words))] }
	name := "見本" + pick() + pick() + fmt.Sprintf("第%d", i)
	if i%3 == 0 {
		name = "千代田" + name
	}
	if i == 77 {
		name = "清流" + name
	}
	day := jp.DateOf(now)
	return &organization.Organization{
		ID: fmt.Sprintf("01900000-0000-7000-8000-%012d", i), State: organization.Verified,
		Profile: organization.Profile{
			Name: name, NameKana: "ミホン" + []string{"アオ", "カキ", "サクラ", "タケ", "ナミ", "ハナ", "マツ", "ヤマ", "ランプ", "ワカバ"}[i%10],
			Kind: "NPO_CORPORATION", Purpose: pick() + "と" + pick() + "を通じて、" + pick() + "の活動を広げ、地域の人々の暮らしに役立つことを目的とします。",
			ActivityFields: []int32{int32(i%20 + 1)}, Capabilities: []string{},
			Address: organization.Address{City: jp.ChiyodaName, Town: fmt.Sprintf("見本町%d", i%100)},
		},
		VerifiedOn: &day, ValidUntil: &day, CorrectionFields: []string{}, Period: 1, CreatedAt: now, UpdatedAt: now.Add(time.Duration(i) * time.Second), Version: 1,
	}
}

// recorder runs EXPLAIN ANALYZE before each query and notes the plan.
type recorder struct {
	*pg.DB
	plan string
}

// Query implements pg.Reader.
func (r *recorder) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	explained, err := r.DB.Query(ctx, "EXPLAIN (ANALYZE, FORMAT JSON) "+sql, args...)
	if err != nil {
		return nil, err
	}
	if r.plan, err = pgx.CollectExactlyOneRow(explained, pgx.RowTo[string]); err != nil {
		return nil, err
	}
	return r.DB.Query(ctx, sql, args...)
}

// node is a part of a plan.
type node struct {
	Type    string  `json:"Node Type"`
	Table   string  `json:"Relation Name"`
	Index   string  `json:"Index Name"`
	Loops   float64 `json:"Actual Loops"`
	Rows    float64 `json:"Actual Rows"`
	Removed float64 `json:"Rows Removed by Filter"`
	Plans   []node  `json:"Plans"`
}

// read returns how many rows of organization the plan read at most in one scan,
// and which indexes it used.
func (r *recorder) read(t *testing.T) (rows int, indexes []string) {
	t.Helper()
	var explained []struct {
		Plan node `json:"Plan"`
	}
	if err := json.Unmarshal([]byte(r.plan), &explained); err != nil {
		t.Fatal(err)
	}
	var walk func(node)
	walk = func(n node) {
		if n.Loops > 0 && n.Table == "organization" {
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

// TestPlans proves on 50,000 organizations that no list and no search, of a
// rare or a common word, reads more than a part of the table.
func TestPlans(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 50,000 rows")
	}
	db := &recorder{DB: filled(t)}
	pagesJoin(t, db)
	identitiesAreIndexed(t, db)
	for word, want := range map[string]struct {
		found int
		index string
	}{
		"見本": {51, "organization_by_kana"}, "千代田": {51, "organization_by_kana"}, "ひまわり": {51, "organization_by_kana"},
		"地域の人々の暮らし": {51, "organization_by_kana"}, "清流": {50, "organization_terms"}, "存在しない語": {0, "organization_terms"},
		"みどり 防災": {51, ""}, "まちづくりひまわり": {51, "organization_terms"}, "清流 見本": {50, "organization_terms"},
	} {
		t.Run(word, func(t *testing.T) {
			q, err := jp.QueryTerms(word)
			if err != nil {
				t.Fatal(err)
			}
			found, err := SearchOrganizations(t.Context(), db, q, OrganizationFilter{}, pg.Page{Size: 50})
			check(t, err)
			rows, indexes := db.read(t)
			if len(found) != want.found || rows > 7000 || (want.index != "" && !slices.Contains(indexes, want.index)) {
				t.Errorf("%d found, %d rows read by %v; want %d by %s", len(found), rows, indexes, want.found, want.index)
			}
		})
	}
	for name, f := range map[string]OrganizationFilter{
		"organization_by_kana":         {},
		"organization_by_update":       {Order: "updateTime"},
		"organization_by_disclosure":   {Order: "disclosure"},
		"organization_by_row":          {GojuonRow: "ワ"},
		"organization_by_town":         {Town: "見本町42"},
		"organization_activity_fields": {ActivityField: 7, Town: "見本町6"},
		"organization_by_state":        {State: "PENDING"},
		"organization_by_kind":         {Kind: "UNIVERSITY"},
	} {
		t.Run(name, func(t *testing.T) {
			v := Viewer{Desk: f.State != ""}
			_, err := ListOrganizations(t.Context(), db, v, f, pg.Page{Size: 50})
			check(t, err)
			if rows, indexes := db.read(t); rows > 3000 || !slices.Contains(indexes, name) {
				t.Errorf("%d rows read by %v", rows, indexes)
			}
		})
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// pagesJoin proves that the pages of a search join without gap or repeat.
func pagesJoin(t *testing.T, db *recorder) {
	t.Helper()
	q, err := jp.QueryTerms("清流 見本")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	p := pg.Page{Size: 20}
	for {
		found, err := SearchOrganizations(t.Context(), db, q, OrganizationFilter{}, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range found[:min(len(found), 20)] {
			if seen[o.ID] {
				t.Fatalf("%s twice", o.ID)
			}
			seen[o.ID] = true
		}
		if len(found) <= 20 {
			break
		}
		p.After = KanaToken(found[19])
	}
	if len(seen) != 50 {
		t.Errorf("%d found on all pages, want 50", len(seen))
	}
}
