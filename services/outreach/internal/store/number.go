package store

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// NextSerial takes the next number of a kind and fiscal year. The counter stays
// locked until COMMIT, so that no number is left out or given twice.
func NextSerial(ctx context.Context, tx *pg.Tx, kind string, fiscalYear int) (int, error) {
	var serial int
	err := tx.QueryRow(ctx, `
		INSERT INTO number_counter (fiscal_year, kind, last)
		VALUES ($1, $2, 1)
		ON CONFLICT ON CONSTRAINT number_counter_pkey
		DO UPDATE SET last = number_counter.last + 1
		RETURNING last`, fiscalYear, kind).Scan(&serial)
	return serial, err
}
