// Package store is the SQL of the evaluation service: one function a question,
// beside the statement that it runs. Reads take any pg.Reader; what is written
// with a step is queued and runs in one round trip before COMMIT.
package store

import (
	"context"
	"embed"
	"io/fs"
	"strconv"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the goose files of the service's tables.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil { // The folder is embedded.
		panic(err)
	}
	return sub
}

// NextSerial takes the next number of a kind in a fiscal year; year 0 is for
// numbers that do not begin anew. The counter's row stays locked until the
// transaction ends, so it is taken as late as possible.
func NextSerial(ctx context.Context, tx *pg.Tx, fiscalYear int, kind string) (int, error) {
	var n int
	err := tx.QueryRow(ctx, `
		INSERT INTO number_counter (fiscal_year, kind, last)
		VALUES ($1, $2, 1)
		ON CONFLICT ON CONSTRAINT number_counter_pkey
		DO UPDATE SET last = number_counter.last + 1
		RETURNING last`, fiscalYear, kind).Scan(&n)
	return n, err
}

// found turns the absence of a row into RESOURCE_NOT_FOUND.
func found(err error) error {
	if pg.IsNoRows(err) {
		return fault.ErrNotFound
	}
	return err
}

// null gives NULL for the zero value of a type.
func null[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// or gives the zero value for NULL.
func or[T any](v *T) T {
	if v == nil {
		var zero T
		return zero
	}
	return *v
}

// list gives an empty array for none, which a NOT NULL column takes.
func list[T any](v []T) []T {
	if v == nil {
		return []T{}
	}
	return v
}

// dateAfter reads the place in a list by day after which a page goes on.
func dateAfter(after []string) (jp.Date, string, error) {
	if after == nil {
		return jp.Date{Year: 1, Month: time.January, Day: 1}, nilID, nil
	}
	if len(after) != 2 {
		return jp.Date{}, "", fault.ErrInvalidPageToken
	}
	d, err := jp.ParseDate(after[0])
	if err != nil {
		return jp.Date{}, "", fault.ErrInvalidPageToken.Because(err)
	}
	return d, after[1], nil
}

// numberAfter reads the number after which a page goes on.
func numberAfter(after []string) (int, error) {
	if len(after) == 0 {
		return 0, nil
	}
	n, err := strconv.ParseInt(after[0], 10, 32)
	if err != nil {
		return 0, fault.ErrInvalidPageToken.Because(err)
	}
	return int(n), nil
}

// idAfter reads the identifier after which a page goes on; first is before all.
func idAfter(after []string, first string) string {
	if len(after) == 0 {
		return first
	}
	return after[0]
}

// nilID sorts before every identifier, lastID after.
const (
	nilID  = "00000000-0000-0000-0000-000000000000"
	lastID = "ffffffff-ffff-ffff-ffff-ffffffffffff"
)
