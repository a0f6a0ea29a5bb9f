package store

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
)

// many organizations are what lists and the search are measured on.
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
		VerifiedOn: &day, ValidUntil: &day, CorrectionFields: []string{}, CreatedAt: now, UpdatedAt: now.Add(time.Duration(i) * time.Second), Version: 1,
	}
}

func TestSearchUsesIndexes(t *testing.T) {
	if testing.Short() {
		t.Skip("makes 50,000 rows")
	}
	db := filled(t)
	for word, want := range map[string]int{
		"見本": 51, "千代田": 51, "清流": 50, "ひまわり": 51, "まちづくりひまわり": 51, "みどり 防災": 51, "地域の人々の暮らし": 51, "存在しない語": 0, "清流 千代田": 0, "見木": 0,
	} {
		q, err := jp.QueryTerms(word)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		found, err := SearchOrganizations(t.Context(), db, q, OrganizationFilter{}, pg.Page{Size: 50})
		if err != nil {
			t.Fatal(err)
		}
		took := time.Since(start)
		t.Logf("%s: %d in %v", word, len(found), took)
		if len(found) != want {
			t.Errorf("%s: %d found, want %d", word, len(found), want)
		}
	}
}
