package pg

import (
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// rows gives its connection back when it is closed or read to the end.
type rows struct {
	pgx.Rows
	release func()
}

func (r *rows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.release()
	return false
}

func (r *rows) Close() {
	r.Rows.Close()
	r.release()
}

// row reads the only row of rows and closes them.
type row struct {
	rows pgx.Rows
	err  error
}

func (r row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}

// batch gives its connection back when it is closed.
type batch struct {
	pgx.BatchResults
	release func()
}

func (b *batch) Close() error {
	defer b.release()
	return b.BatchResults.Close()
}

// failedBatch answers every read of a batch that got no connection.
type failedBatch struct {
	pgx.BatchResults // nil: every method that is called is answered below
	err              error
}

func (b failedBatch) Exec() (pgconn.CommandTag, error) { return pgconn.CommandTag{}, b.err }
func (b failedBatch) Query() (pgx.Rows, error)         { return nil, b.err }
func (b failedBatch) QueryRow() pgx.Row                { return row{err: b.err} }
func (b failedBatch) Close() error                     { return b.err }
