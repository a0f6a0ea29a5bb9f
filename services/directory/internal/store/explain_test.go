package store

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

func TestTmpExplain(t *testing.T) {
	db := filled(t)
	walk := `
		SELECT ` + organizationColumns + `
		FROM organization AS o
		WHERE o.state IN ('VERIFIED', 'EXPIRED')
			AND o.search_key LIKE ALL (@words::text[])
			AND @terms::tsquery IS NOT NULL
		ORDER BY o.kana_sort_key, o.name_kana, o.id LIMIT 51`
	union := `
		WITH hits AS MATERIALIZED (
			SELECT o.kana_sort_key, o.name_kana, o.id
			FROM organization AS o
			WHERE o.state IN ('VERIFIED', 'EXPIRED')
				AND o.terms @@ @terms::tsquery
				AND o.search_key LIKE ALL (@words::text[])
			LIMIT 1001
		), few AS (
			SELECT count(*) <= 1000 AS few FROM hits
		), page AS (
			(SELECT kana_sort_key, name_kana, id FROM hits WHERE (SELECT few FROM few) ORDER BY kana_sort_key, name_kana, id LIMIT 51)
			UNION ALL
			(SELECT o.kana_sort_key, o.name_kana, o.id
			FROM organization AS o
			WHERE NOT (SELECT few FROM few)
				AND o.state IN ('VERIFIED', 'EXPIRED')
				AND o.search_key LIKE ALL (@words::text[])
			ORDER BY o.kana_sort_key, o.name_kana, o.id LIMIT 51)
		)
		SELECT ` + organizationColumns + ` FROM page JOIN organization AS o ON o.id = page.id
		ORDER BY o.kana_sort_key, o.name_kana, o.id`
	plain := `
		SELECT ` + organizationColumns + `
		FROM organization AS o
		WHERE o.state IN ('VERIFIED', 'EXPIRED')
			AND o.terms @@ @terms::tsquery
			AND o.search_key LIKE ALL (@words::text[])
		ORDER BY o.kana_sort_key, o.name_kana, o.id LIMIT 51`
	for _, word := range []string{"ひまわり", "まちづくりひまわり", "みどり 防災", "千代田", "清流", "見本", "地域の人々の暮らし"} {
		q, _ := jp.QueryTerms(word)
		for n, sql := range map[string]string{"plain": plain, "union": union, "walk": walk} {
			for i := range 3 {
				st := time.Now()
				pre := "EXPLAIN ANALYZE "
				if i < 2 {
					pre = ""
				}
				rows, err := db.Query(t.Context(), pre+sql, pgx.QueryExecModeExec, pgx.StrictNamedArgs{"terms": q.TSQuery(), "words": q.LikePatterns()})
				if err != nil {
					t.Fatal(err)
				}
				for rows.Next() {
					if i == 2 {
						var s string
						rows.Scan(&s)
						t.Log(s)
					}
				}
				if rows.Err() != nil {
					t.Fatal(rows.Err())
				}
				rows.Close()
				t.Log(word, n, time.Since(st))
			}
		}
	}
	_ = pg.Page{}
}
