package store

import (
	"context"
	"sync/atomic"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
)

// Rules keeps the catalogue in memory and asks the database on each use whether
// it is still the newest. It is safe for concurrent use.
type Rules struct {
	kept atomic.Pointer[facility.Catalogue]
}

// NewRules returns Rules that know nothing yet.
func NewRules() *Rules { return &Rules{} }

const (
	// holdCatalogue lets bookings side by side, and keeps approvals out.
	holdCatalogue = `SELECT pg_advisory_xact_lock_shared(hashtext('kyodo.facilities.catalogue'), 0)`
	// lockCatalogue waits for the transactions that hold it.
	lockCatalogue = `SELECT pg_advisory_xact_lock(hashtext('kyodo.facilities.catalogue'), 0)`
	readRevision  = `SELECT revision FROM catalogue`
)

// Read returns the catalogue as it is committed now.
func (r *Rules) Read(ctx context.Context, db pg.Reader) (*facility.Catalogue, error) {
	var revision int64
	if err := db.QueryRow(ctx, readRevision).Scan(&revision); err != nil {
		return nil, err
	}
	return r.at(ctx, db, revision)
}

// Ask returns the catalogue as it is committed now, and answers a question that
// is asked by it, in one round trip: ask queues it by the catalogue in memory,
// and again by the newest one where that was old. Errors: those of ask.
func (r *Rules) Ask(ctx context.Context, db pg.Reader, ask func(*facility.Catalogue, *pgx.Batch) error) (*facility.Catalogue, error) {
	c := r.kept.Load()
	for {
		if c == nil {
			var err error
			if c, err = r.Read(ctx, db); err != nil {
				return nil, err
			}
		}
		var (
			b        pgx.Batch
			revision int64
		)
		b.Queue(readRevision).QueryRow(func(row pgx.Row) error { return row.Scan(&revision) })
		refusal := ask(c, &b)
		if err := db.SendBatch(ctx, &b).Close(); err != nil {
			return nil, err
		}
		if revision == c.Revision {
			return c, refusal
		}
		c = nil
	}
}

// Hold returns the catalogue and keeps it as it is until the transaction ends: no
// rule and no closure is approved meanwhile. It comes first in a transaction.
func (r *Rules) Hold(ctx context.Context, tx *pg.Tx) (*facility.Catalogue, error) {
	var b pgx.Batch
	read := r.Queue(ctx, &b, tx)
	if err := tx.SendBatch(ctx, &b).Close(); err != nil {
		return nil, err
	}
	return read()
}

// Queue is Hold as the first statements of a batch; read returns the catalogue
// after the batch was sent and closed.
func (r *Rules) Queue(ctx context.Context, b *pgx.Batch, tx *pg.Tx) (read func() (*facility.Catalogue, error)) {
	var revision int64
	b.Queue(holdCatalogue)
	b.Queue(readRevision).QueryRow(func(row pgx.Row) error { return row.Scan(&revision) })
	return func() (*facility.Catalogue, error) { return r.at(ctx, tx, revision) }
}

// Lock returns the catalogue for a change of it: it waits for the transactions
// that hold it, and keeps others out until the transaction ends.
func (r *Rules) Lock(ctx context.Context, tx *pg.Tx) (*facility.Catalogue, error) {
	if _, err := tx.Exec(ctx, lockCatalogue); err != nil {
		return nil, err
	}
	return r.Read(ctx, tx)
}

// at returns the catalogue of a revision that was read.
func (r *Rules) at(ctx context.Context, db pg.Reader, revision int64) (*facility.Catalogue, error) {
	if kept := r.kept.Load(); kept != nil && kept.Revision == revision {
		return kept, nil
	}
	rows, err := db.Query(ctx, `
		SELECT `+itemColumns+`
		FROM item_version AS v
		JOIN item AS i ON i.id = v.item_id
		LEFT JOIN room AS r ON r.item_id = i.id
		WHERE v.state = 'APPROVED'`)
	if err != nil {
		return nil, err
	}
	approved, err := pgx.CollectRows(rows, scanItem)
	if err != nil {
		return nil, err
	}
	// What was approved between the two statements is in it, and is read once more
	// under its own revision.
	c := facility.NewCatalogue(revision, approved)
	r.kept.Store(c)
	return c, nil
}

// Supersede counts the catalogue's revision up: the transaction approves.
func Supersede(ctx context.Context, tx *pg.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE catalogue SET revision = revision + 1`)
	return err
}
