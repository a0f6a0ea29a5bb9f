package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

const nextSerials = `
	SELECT nextval('booking_serial') - base
	FROM number_base, generate_series(1, $2::integer)
	WHERE fiscal_year = $1`

// NextSerials gives so many public numbers of a fiscal year, ascending. None is
// given twice; those of a transaction that fails are missing. Nobody waits for
// the other's COMMIT, except for the first one of a year.
func NextSerials(ctx context.Context, tx *pg.Tx, fiscalYear, count int) ([]int, error) {
	take := func() ([]int, error) {
		rows, err := tx.Query(ctx, nextSerials, fiscalYear, count)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowTo[int])
	}
	if serials, err := take(); err != nil || len(serials) > 0 {
		return serials, err
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO number_base (fiscal_year, base)
		VALUES ($1, nextval('booking_serial'))
		ON CONFLICT DO NOTHING`, fiscalYear); err != nil {
		return nil, err
	}
	return take()
}
