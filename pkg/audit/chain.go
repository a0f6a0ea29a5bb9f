package audit

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

const (
	sealEvery = 500 * time.Millisecond
	sealBatch = 1000

	verifyBatch = 5000
)

// columns of a Record, in the order of its fields.
const columns = `e.id, e.at, e.actor, e.roles, e.department, e.action, e.object_type, e.object_id, e.reason, e.detail, e.trace`

func (r *Record) fields() []any {
	return []any{&r.ID, &r.At, &r.Actor, &r.Roles, &r.Department, &r.Action, &r.ObjectType, &r.ObjectID, &r.Reason, &r.Detail, &r.Trace}
}

// next returns the seal of r behind the seal before it: SHA-256 over the
// previous seal and the canonical entry.
func next(previous []byte, r Record) ([]byte, error) {
	raw, err := r.canonical()
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	h.Write(previous)
	h.Write(raw)
	return h.Sum(nil), nil
}

// RunSealer chains new entries until ctx ends. Of several replicas one seals at
// a time; the others find nothing to do.
func RunSealer(ctx context.Context, db *pg.DB, log *slog.Logger) {
	tick := time.NewTicker(sealEvery)
	defer tick.Stop()
	healthy := true
	for {
		n, err := sealIfAny(ctx, db)
		if err != nil && ctx.Err() == nil && healthy {
			log.Warn("audit sealer waits", "schema", db.Schema(), "error", err)
		}
		healthy = err == nil
		if n == sealBatch {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// sealIfAny looks before it opens a transaction: most of the time nothing waits.
func sealIfAny(ctx context.Context, db *pg.DB) (int, error) {
	var waits bool
	if err := db.QueryRow(ctx, `SELECT EXISTS (SELECT FROM audit_pending)`).Scan(&waits); err != nil || !waits {
		return 0, err
	}
	return Seal(ctx, db)
}

// Seal chains at most 1,000 pending entries and returns how many.
func Seal(ctx context.Context, db *pg.DB) (int, error) {
	return pg.InTx(ctx, db, func(ctx context.Context, tx *pg.Tx) (int, error) {
		var mine bool
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(hashtext('kyodo audit seal ' || current_schema()))`).Scan(&mine); err != nil || !mine {
			return 0, err
		}
		pending, err := pendingRecords(ctx, tx)
		if err != nil || len(pending) == 0 {
			return 0, err
		}
		number, hash, err := head(ctx, tx)
		if err != nil {
			return 0, err
		}
		ids, hashes := make([]int64, len(pending)), make([][]byte, len(pending))
		for i, r := range pending {
			if hash, err = next(hash, r); err != nil {
				return 0, err
			}
			ids[i], hashes[i] = r.ID, hash
		}
		tx.Queue(`
			INSERT INTO audit_seal (number, entry_id, hash, sealed_at)
			SELECT $1 + n, id, hash, $4
			FROM unnest($2::bigint[], $3::bytea[]) WITH ORDINALITY AS s (id, hash, n)`,
			number, ids, hashes, tx.Now)
		tx.Queue(`DELETE FROM audit_pending WHERE entry_id = ANY ($1)`, ids)
		return len(pending), nil
	})
}

func pendingRecords(ctx context.Context, r pg.Reader) ([]Record, error) {
	rows, err := r.Query(ctx, `
		SELECT `+columns+`
		FROM audit_pending p
		JOIN audit_entry e ON e.id = p.entry_id
		ORDER BY p.entry_id
		LIMIT $1`, sealBatch)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (rec Record, err error) {
		return rec, row.Scan(rec.fields()...)
	})
}

func head(ctx context.Context, r pg.Reader) (number int64, hash []byte, err error) {
	err = r.QueryRow(ctx, `
		SELECT number, hash
		FROM audit_seal
		ORDER BY number DESC
		LIMIT 1`).Scan(&number, &hash)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, nil, nil
	}
	return number, hash, err
}

// Chain is the result of verifying one service's log.
type Chain struct {
	Service  string
	Entries  int64  // Sealed entries that were checked.
	Head     string // Newest seal in hexadecimal.
	BrokenAt int64  // Number of the first seal that does not hold; 0 when all do.
}

// Verify recomputes every seal from the first, verifyBatch at a time, so that
// memory stays flat and no statement runs long.
func Verify(ctx context.Context, db pg.Reader, service string) (Chain, error) {
	c := Chain{Service: service}
	var hash []byte
	for {
		before := c.Entries
		var err error
		if hash, err = c.extend(ctx, db, hash); err != nil {
			return c, fmt.Errorf("verify audit of %s: %w", service, err)
		}
		if c.BrokenAt > 0 {
			return c, nil
		}
		if c.Entries == before {
			break
		}
	}
	// An entry that is neither sealed nor waiting lost its seal at the chain's
	// end, where no later seal misses it, or was slipped in.
	var loose bool
	err := db.QueryRow(ctx, `
		SELECT EXISTS (
		  SELECT
		  FROM audit_entry e
		  LEFT JOIN audit_seal s ON s.entry_id = e.id
		  LEFT JOIN audit_pending p ON p.entry_id = e.id
		  WHERE s.entry_id IS NULL
		    AND p.entry_id IS NULL
		)`).Scan(&loose)
	if err != nil {
		return c, fmt.Errorf("verify audit of %s: %w", service, err)
	}
	if loose {
		c.BrokenAt = c.Entries + 1
	}
	return c, nil
}

// extend checks the next seals behind hash and returns the newest good one.
func (c *Chain) extend(ctx context.Context, db pg.Reader, hash []byte) ([]byte, error) {
	rows, err := db.Query(ctx, `
		SELECT s.number, s.hash, `+columns+`
		FROM audit_seal s
		JOIN audit_entry e ON e.id = s.entry_id
		WHERE s.number > $1
		ORDER BY s.number
		LIMIT $2`, c.Entries, verifyBatch)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var number int64
		var sealed []byte
		var r Record
		if err := rows.Scan(append([]any{&number, &sealed}, r.fields()...)...); err != nil {
			return nil, err
		}
		if hash, err = next(hash, r); err != nil {
			return nil, err
		}
		if number != c.Entries+1 || !bytes.Equal(hash, sealed) {
			c.BrokenAt = c.Entries + 1
			return hash, nil
		}
		c.Entries, c.Head = number, hex.EncodeToString(hash)
	}
	return hash, rows.Err()
}
