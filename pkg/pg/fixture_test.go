package pg_test

import (
	"context"
	"net/url"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
)

// tables is a service's migration.
var tables = fstest.MapFS{"00001_tables.sql": {Data: []byte(`
-- +goose Up
CREATE TABLE entry (
  id   bigint GENERATED ALWAYS AS IDENTITY,
  text text NOT NULL,
  CONSTRAINT entry_pkey PRIMARY KEY (id),
  CONSTRAINT entry_text_unique UNIQUE (text),
  CONSTRAINT entry_text_not_empty CHECK (text <> '')
);
CREATE TABLE counter (
  id    integer,
  value bigint NOT NULL,
  CONSTRAINT counter_pkey PRIMARY KEY (id)
);
INSERT INTO counter (id, value)
VALUES (1, 0), (2, 0);
`)}}

func migrate(ctx context.Context, ownerURL string) error {
	if err := pg.Migrate(ctx, ownerURL, "ledger", "platform_version", os.DirFS("../service/platform")); err != nil {
		return err
	}
	return pg.Migrate(ctx, ownerURL, "ledger", "schema_version", tables)
}

func service(t testing.TB) pgtest.URLs {
	t.Helper()
	return pgtest.Service(t, "ledger", migrate)
}

// open opens a database of the test's own as the runtime role.
func open(t testing.TB, conns int32) *pg.DB {
	t.Helper()
	return openURL(t, service(t).Runtime, conns)
}

func openURL(t testing.TB, address string, conns int32) *pg.DB {
	t.Helper()
	db, err := pg.Open(t.Context(), pg.Config{URL: address, Schema: "ledger", MaxConns: conns})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

// with adds a setting to an address.
func with(t testing.TB, address, key, value string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set(key, value)
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20")
	return u.String()
}

// texts returns the committed entries in the order of their writing.
func texts(t testing.TB, db *pg.DB) []string {
	t.Helper()
	rows, err := db.Query(t.Context(), `SELECT text FROM entry ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return all
}

const insertEntry = `INSERT INTO entry (text) VALUES ($1)`

// write is a transaction that writes one entry at once.
func write(ctx context.Context, db *pg.DB, text string) error {
	_, err := pg.InTx(ctx, db, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		_, err := tx.Exec(ctx, insertEntry, text)
		return struct{}{}, err
	})
	return err
}

// reason returns the reason with which err is answered, or what it is.
func reason(err error) string {
	if err == nil {
		return ""
	}
	if f, ok := fault.As(pg.Translate(err)); ok {
		return f.Reason
	}
	return "no fault: " + err.Error()
}

func wantReason(t testing.TB, err error, want *fault.Error) {
	t.Helper()
	if diff := cmp.Diff(want.Reason, reason(err)); diff != "" {
		t.Errorf("refusal (-want +got):\n%s\n%v", diff, err)
	}
}

func wantEqual[T any](t testing.TB, what string, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits until condition holds.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-ctx.Done():
			t.Fatalf("did not happen: %s", what)
		case <-tick.C:
		}
	}
}
