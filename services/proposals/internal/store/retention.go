package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// askersDueSQL locks consultations whose vault may be emptied, the oldest first;
// those that somebody else holds come with the next run.
const askersDueSQL = `
	SELECT id
	FROM consultation
	WHERE asker_erased_at IS NULL AND state IN ('ANSWERED', 'CLOSED', 'REFERRED') AND updated_at < $1
	ORDER BY updated_at, id
	LIMIT $2
	FOR UPDATE SKIP LOCKED`

// EraseAskers empties the vault of at most limit consultations whose last step was
// before a time. It returns how many it looked at, and of which it erased
// something.
func EraseAskers(ctx context.Context, tx *pg.Tx, before time.Time, limit int) (seen int, erased []string, err error) {
	rows, err := tx.Query(ctx, askersDueSQL, before, limit)
	if err != nil {
		return 0, nil, err
	}
	due, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(due) == 0 {
		return 0, nil, err
	}
	tx.Queue(`
		UPDATE consultation
		SET asker_erased_at = $2
		WHERE id = ANY($1::uuid[])`, due, tx.Now)
	rows, err = tx.Query(ctx, `
		DELETE FROM consultation_person
		WHERE consultation_id = ANY($1::uuid[])
		RETURNING consultation_id::text`, due)
	if err != nil {
		return 0, nil, err
	}
	erased, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return len(due), erased, err
}
