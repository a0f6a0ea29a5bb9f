// Package number counts what the services number for the public: proposals,
// projects, agreements and others, each service in the table number_counter of its
// own schema.
package number

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// Next takes the next number of a kind in a fiscal year; year 0 is for numbers that
// do not begin anew. The counter's row stays locked until the transaction ends, so
// that no number is left out or given twice; it is taken as late as possible.
func Next(ctx context.Context, tx *pg.Tx, kind string, fiscalYear int) (int, error) {
	var n int
	err := tx.QueryRow(ctx, `
		INSERT INTO number_counter (fiscal_year, kind, last)
		VALUES ($1, $2, 1)
		ON CONFLICT ON CONSTRAINT number_counter_pkey
		DO UPDATE SET last = number_counter.last + 1
		RETURNING last`, fiscalYear, kind).Scan(&n)
	return n, err
}
