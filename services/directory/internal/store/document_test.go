package store

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
)

// documentsInTest are the documents of 200 organizations.
const documentsInTest = 20_000

// registrationDocuments adds them as the owner of the schema.
func registrationDocuments(t *testing.T, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	check(t, err)
	defer conn.Close(context.WithoutCancel(t.Context()))
	_, err = conn.Exec(t.Context(), fmt.Sprintf(`
		INSERT INTO directory.registration_document (id, organization_id, registration_period, kind, file_name, media_type, size, sha256, created_by, created_at)
		SELECT gen_random_uuid(), o.id, n %% 10 + 1, (ARRAY['BYLAWS', 'OFFICERS', 'MEMBERS'])[n %% 3 + 1], 'x.pdf', 'application/pdf', 1, repeat('0', 64), '', now()
		FROM (SELECT id FROM directory.organization ORDER BY id LIMIT 200) AS o
		CROSS JOIN generate_series(1, %d) AS n`, documentsInTest/200))
	check(t, err)
	_, err = conn.Exec(t.Context(), `VACUUM ANALYZE directory.registration_document`)
	check(t, err)
}

// TestDocumentPlans proves that the documents of an organization are found by
// their index.
func TestDocumentPlans(t *testing.T) {
	urls := pgtest.Service(t, "directory", func(ctx context.Context, url string) error {
		return pg.Migrate(ctx, url, "directory", "schema_version", Migrations())
	})
	opened, err := pg.Open(t.Context(), pg.Config{URL: urls.Runtime, Schema: "directory"})
	check(t, err)
	t.Cleanup(opened.Close)
	db := &recorder{DB: opened}
	var of *organization.Organization
	_, err = pg.InTx(t.Context(), opened, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		var all []*organization.Organization
		for i := range 200 {
			all = append(all, generated(i, tx.Now))
		}
		of = all[3]
		return struct{}{}, InsertOrganizations(ctx, tx, all)
	})
	check(t, err)
	registrationDocuments(t, urls.Owner)
	for name, query := range map[string]func() (int, error){
		"the documents of an organization": func() (int, error) {
			found, err := ListDocuments(t.Context(), db, of.ID, 0, pg.Page{Size: 50})
			return len(found), err
		},
		"those of a period": func() (int, error) {
			found, err := ListDocuments(t.Context(), db, of.ID, 2, pg.Page{Size: 50})
			return len(found), err
		},
		"the checklist": func() (int, error) { found, err := Checklist(t.Context(), db, of); return len(found), err },
	} {
		found, err := query()
		check(t, err)
		if _, indexes := db.read(t); found == 0 || !slices.Contains(indexes, "registration_document_oldest") {
			t.Errorf("%s: %d found by %v", name, found, indexes)
		}
	}
}

// identitiesAreIndexed proves that an import asks by indexes who is there already.
func identitiesAreIndexed(t *testing.T, db *recorder) {
	t.Helper()
	names := make([]string, 250)
	for i := range names {
		names[i] = fmt.Sprintf("会%d", i)
	}
	_, err := FindIdentities(t.Context(), db, names, names)
	check(t, err)
	rows, indexes := db.read(t)
	if rows > 1000 || !slices.Contains(indexes, "organization_by_name_key") || !slices.Contains(indexes, "organization_corporate_number_unique") {
		t.Errorf("%d rows read by %v", rows, indexes)
	}
}
