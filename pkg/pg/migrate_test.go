package pg_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
)

// TestMigrateAtOnce: replicas that start together wait for each other.
func TestMigrateAtOnce(t *testing.T) {
	t.Parallel()
	urls := pgtest.Service(t, "empty", func(context.Context, string) error { return nil })
	files := fstest.MapFS{
		"00001_a.sql": {Data: []byte("-- +goose Up\nCREATE TABLE a (id integer);\nINSERT INTO a (id) VALUES (1);")},
		"00002_b.sql": {Data: []byte("-- +goose Up\nINSERT INTO a (id) VALUES (2);")},
	}
	var done sync.WaitGroup
	for range 3 {
		done.Go(func() {
			if err := pg.Migrate(t.Context(), urls.Owner, "empty", "schema_version", files); err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	db, err := pg.Open(t.Context(), pg.Config{URL: urls.Runtime, Schema: "empty"})
	must(t, err)
	defer db.Close()
	var n int
	must(t, db.QueryRow(t.Context(), `SELECT count(*) FROM a`).Scan(&n))
	wantEqual(t, "rows", 2, n)
}

func TestMigrateFails(t *testing.T) {
	urls := pgtest.Service(t, "empty", func(context.Context, string) error { return nil })
	bad := fstest.MapFS{"00001_a.sql": {Data: []byte("-- +goose Up\nCREATE TABLE a (id integer);\nSELECT FROM nothing;")}}
	err := pg.Migrate(t.Context(), urls.Owner, "empty", "schema_version", bad)
	var pe *pgconn.PgError
	if !errors.As(err, &pe) || !strings.Contains(err.Error(), "migrate empty (schema_version)") {
		t.Fatal(err)
	}
	good := fstest.MapFS{"00001_a.sql": {Data: []byte("-- +goose Up\nCREATE TABLE a (id integer);")}}
	must(t, pg.Migrate(t.Context(), urls.Owner, "empty", "schema_version", good)) // the half is not left
}

// TestRuntimeRole: the role that serves changes neither schema nor history.
func TestRuntimeRole(t *testing.T) {
	db := open(t, 1)
	for _, sql := range []string{
		`CREATE TABLE more (id integer)`,
		`ALTER TABLE entry ADD COLUMN more integer`,
		`DROP TABLE entry`,
		`UPDATE audit_entry SET actor = 'nobody'`,
		`DELETE FROM audit_entry`,
		`TRUNCATE audit_entry`,
		`UPDATE audit_seal SET hash = ''`,
		`DELETE FROM audit_seal`,
		`UPDATE event_log SET data = ''`,
		`DELETE FROM event_log`,
	} {
		var pe *pgconn.PgError
		if err := db.QueryRow(t.Context(), sql).Scan(); !errors.As(err, &pe) || pe.Code != "42501" {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// TestAsRole: a folder with a blank is a legal home of the server's socket.
func TestAsRole(t *testing.T) {
	const address = "postgres://admin@/kyodo?host=%2Fhome%2Fthe%20ward%2B%2Frun&port=5432"
	got, err := pg.AsRole(address, "kyodo_ledger")
	must(t, err)
	cfg, err := pgconn.ParseConfig(got)
	must(t, err)
	wantEqual(t, "host", "/home/the ward+/run", cfg.Host)
	wantEqual(t, "role", "kyodo_ledger", cfg.RuntimeParams["role"])
	if _, err := pg.AsRole("postgres://%", "kyodo_ledger"); err == nil {
		t.Error("no error for a malformed address")
	}
}

func TestSession(t *testing.T) {
	db := open(t, 1)
	for name, want := range map[string]string{
		"search_path": "ledger", "timezone": "UTC", "statement_timeout": "5s", "lock_timeout": "2s",
		"idle_in_transaction_session_timeout": "10s", "application_name": "kyodo/ledger",
		"default_transaction_isolation": "read committed",
	} {
		var got string
		must(t, db.QueryRow(t.Context(), `SELECT current_setting($1)`, name).Scan(&got))
		wantEqual(t, name, want, got)
	}
	wantEqual(t, "schema", "ledger", db.Schema())
	if _, err := pg.Open(t.Context(), pg.Config{URL: "postgres://%", Schema: "ledger"}); err == nil {
		t.Error("opened a malformed address")
	}
}
