// Package store is the SQL of the evaluation service: one function a question,
// beside the statement that it runs. Reads take any pg.Reader; what is written
// with a step is queued and runs in one round trip before COMMIT.
package store

import (
	"context"
	"embed"
	"io/fs"

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
