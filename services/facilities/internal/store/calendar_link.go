package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// CalendarLink is a secret address at which a person's bookings are read. The secret
// itself is not kept.
type CalendarLink struct {
	ID        string
	PersonID  string
	CreatedAt time.Time
}

// SetCalendarLink writes the address of a person in place of an earlier one.
func SetCalendarLink(ctx context.Context, tx *pg.Tx, l CalendarLink, tokenHash []byte) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO calendar_link (person_id, id, token_hash, created_at)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT ON CONSTRAINT calendar_link_pkey
		DO UPDATE SET id = $2, token_hash = $3, created_at = $4`, l.PersonID, l.ID, tokenHash, l.CreatedAt)
	return err
}

// DeleteCalendarLink removes the address of a person. Errors: RESOURCE_NOT_FOUND.
func DeleteCalendarLink(ctx context.Context, tx *pg.Tx, personID string) (id string, err error) {
	err = tx.QueryRow(ctx, `
		DELETE FROM calendar_link
		WHERE person_id = $1
		RETURNING id`, personID).Scan(&id)
	return id, pg.Found(err)
}

// CalendarLinkOf reads the address of a person. Errors: RESOURCE_NOT_FOUND.
func CalendarLinkOf(ctx context.Context, r pg.Reader, personID string) (CalendarLink, error) {
	return calendarLink(ctx, r, `person_id = $1`, personID)
}

// CalendarLinkBy reads the address that has a secret. Errors: RESOURCE_NOT_FOUND.
func CalendarLinkBy(ctx context.Context, r pg.Reader, tokenHash []byte) (CalendarLink, error) {
	return calendarLink(ctx, r, `token_hash = $1`, tokenHash)
}

func calendarLink(ctx context.Context, r pg.Reader, where string, arg any) (CalendarLink, error) {
	rows, err := r.Query(ctx, `
		SELECT id, person_id, created_at
		FROM calendar_link
		WHERE `+where, arg)
	if err != nil {
		return CalendarLink{}, err
	}
	l, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[CalendarLink])
	return l, pg.Found(err)
}
