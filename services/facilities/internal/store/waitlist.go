package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/waitlist"
)

const placeColumns = `
	p.id, p.position, p.holder_id, p.organization_id, p.user_class, p.purpose, p.title, p.headcount, p.facility_id,
	p.room_id, p.use_date, p.slot_nos, p.slot_codes, p.atom_ids, p.starts_at, p.state, p.offer_ends_at, p.booking_id,
	p.created_by, p.created_at, p.updated_at, p.version`

func scanPlace(row pgx.CollectableRow) (*waitlist.Place, error) {
	var (
		p                     waitlist.Place
		organization, booking *string
		ends                  *time.Time
	)
	err := row.Scan(&p.ID, &p.Position, &p.HolderID, &organization, &p.UserClass, &p.Purpose, &p.Title, &p.Headcount,
		&p.FacilityID, &p.RoomID, &p.Date, &p.SlotNos, &p.SlotCodes, &p.Atoms, &p.StartsAt, &p.State, &ends, &booking,
		&p.CreatedBy, &p.CreatedAt, &p.UpdatedAt, &p.Version)
	p.OrganizationID, p.BookingID, p.OfferEndsAt = pg.Or(organization), pg.Or(booking), pg.Or(ends)
	return &p, err
}

// SpanOfPlace are the places of the room that somebody waits for.
func SpanOfPlace(p *waitlist.Place) Span {
	return Span{AtomIDs: p.Atoms, Date: p.Date, SlotNos: p.SlotNos}
}

// JoinLine adds a place at the end of the list. Errors: DUPLICATE_PLACE.
func JoinLine(ctx context.Context, tx *pg.Tx, p *waitlist.Place) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO waitlist_place (
			id, holder_id, organization_id, user_class, purpose, title, headcount, facility_id, room_id, use_date, slot_nos,
			slot_codes, atom_ids, starts_at, state, created_by, created_at, updated_at, version)
		VALUES (
			@id, @holder_id, @organization_id::uuid, @user_class, @purpose, @title, @headcount, @facility_id, @room_id,
			@use_date, @slot_nos, @slot_codes, @atom_ids, @starts_at, @state, @created_by, @created_at, @created_at,
			@version)`, pgx.StrictNamedArgs{
		"id": p.ID, "holder_id": p.HolderID, "organization_id": pg.Null(p.OrganizationID), "user_class": p.UserClass,
		"purpose": p.Purpose, "title": p.Title, "headcount": p.Headcount, "facility_id": p.FacilityID, "room_id": p.RoomID,
		"use_date": p.Date, "slot_nos": p.SlotNos, "slot_codes": p.SlotCodes, "atom_ids": p.Atoms, "starts_at": p.StartsAt,
		"state": p.State, "created_by": p.CreatedBy, "created_at": p.CreatedAt, "version": p.Version,
	})
	if err != nil {
		return pg.Refuse(err, map[string]*fault.Error{"waitlist_place_once": waitlist.ErrDuplicate})
	}
	a := atomsOf([]Span{SpanOfPlace(p)})
	_, err = tx.Exec(ctx, `
		INSERT INTO waitlist_atom (atom_room_id, use_date, slot_no, place_id)
		SELECT atom_room_id, use_date, slot_no, $4::uuid
		FROM unnest($1::integer[], $2::date[], $3::smallint[]) AS w (atom_room_id, use_date, slot_no)`,
		a.rooms, a.dates, a.slots, p.ID)
	return err
}

// KeepTaken reports whether somebody holds a place of the span, and keeps it from
// being freed before COMMIT: whoever frees it then sees who waits.
func KeepTaken(ctx context.Context, tx *pg.Tx, s Span) (bool, error) {
	a := atomsOf([]Span{s})
	rows, err := tx.Query(ctx, `
		SELECT true
		FROM booking_atom b
		JOIN unnest($1::integer[], $2::date[], $3::smallint[]) AS w (atom_room_id, use_date, slot_no)
			USING (atom_room_id, use_date, slot_no)
		WHERE b.expires_at IS NULL OR b.expires_at > transaction_timestamp()
		ORDER BY b.atom_room_id, b.use_date, b.slot_no
		FOR SHARE OF b`, a.rooms, a.dates, a.slots)
	if err != nil {
		return false, err
	}
	taken, err := pgx.CollectRows(rows, pgx.RowTo[bool])
	return len(taken) > 0, err
}

// CountPlaces counts the places of a locked holder that wait or have an offer.
func CountPlaces(ctx context.Context, tx *pg.Tx, holderID string) (n int, err error) {
	err = tx.QueryRow(ctx, `
		SELECT count(*)
		FROM waitlist_place
		WHERE holder_id = $1 AND state IN ('WAITING', 'OFFERED') AND starts_at > transaction_timestamp()`, holderID).Scan(&n)
	return n, err
}

// GetPlace reads a place of one of the holders. Errors: RESOURCE_NOT_FOUND.
func GetPlace(ctx context.Context, r pg.Reader, id string, holders []string) (*waitlist.Place, error) {
	return onePlace(ctx, r, `
		SELECT `+placeColumns+`
		FROM waitlist_place p
		WHERE p.id = $1 AND p.holder_id = ANY($2)`, id, pg.List(holders))
}

// LockPlace locks the slots that are held for a place of one of the holders, then
// reads it for a change of it. Errors: RESOURCE_NOT_FOUND.
func LockPlace(ctx context.Context, tx *pg.Tx, id string, holders []string) (*waitlist.Place, error) {
	return lockPlace(ctx, tx, `
		SELECT `+placeColumns+`
		FROM waitlist_place p
		WHERE p.id = $1 AND p.holder_id = ANY($2)
		FOR UPDATE`, id, pg.List(holders))
}

// LockAnyPlace is LockPlace for a place of anybody.
func LockAnyPlace(ctx context.Context, tx *pg.Tx, id string) (*waitlist.Place, error) {
	return lockPlace(ctx, tx, `
		SELECT `+placeColumns+`
		FROM waitlist_place p
		WHERE p.id = $1
		FOR UPDATE`, id)
}

func lockPlace(ctx context.Context, tx *pg.Tx, sql string, id string, more ...any) (*waitlist.Place, error) {
	if _, err := HeldAtoms(ctx, tx, id); err != nil {
		return nil, err
	}
	return onePlace(ctx, tx, sql, append([]any{id}, more...)...)
}

func onePlace(ctx context.Context, r pg.Reader, sql string, args ...any) (*waitlist.Place, error) {
	rows, err := r.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanPlace)
	return p, pg.Found(err)
}

// placeInState are the conditions of the states by the clock of the database.
var placeInState = map[waitlist.State]string{
	"":                `true`,
	waitlist.Waiting:  `p.state = 'WAITING' AND p.starts_at > now()`,
	waitlist.Offered:  `p.state = 'OFFERED' AND p.offer_ends_at > now()`,
	waitlist.Accepted: `p.state = 'ACCEPTED'`,
	waitlist.Expired:  `(p.state = 'EXPIRED' OR p.state = 'OFFERED' AND p.offer_ends_at <= now())`,
	waitlist.Left:     `p.state = 'LEFT'`,
	waitlist.Passed:   `(p.state = 'PASSED' OR p.state = 'WAITING' AND p.starts_at <= now())`,
}

// ListPlaces reads one more than a page of the holders' places, newest first.
func ListPlaces(ctx context.Context, r pg.Reader, state waitlist.State, holders []string, page pg.Page) ([]*waitlist.Place, error) {
	sql, args, err := listPlacesSQL(state, holders, page)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanPlace)
}

func listPlacesSQL(state waitlist.State, holders []string, page pg.Page) (string, []any, error) {
	after, err := page.AfterNumber(1 << 62)
	if err != nil {
		return "", nil, err
	}
	return `
		SELECT ` + placeColumns + `
		FROM waitlist_place p
		WHERE p.holder_id = ANY($1) AND p.position < $2 AND ` + placeInState[state] + `
		ORDER BY p.position DESC
		LIMIT $3`, []any{pg.List(holders), after, page.Size + 1}, nil
}

// UpdatePlace queues the new state of a locked place; one that waits no more
// leaves the line.
func UpdatePlace(tx *pg.Tx, p *waitlist.Place) {
	p.UpdatedAt = tx.Now
	p.Version++
	tx.Queue(`
		UPDATE waitlist_place
		SET state = $2, offer_ends_at = $3, booking_id = $4::uuid, updated_at = $5, version = $6
		WHERE id = $1`, p.ID, p.State, pg.Null(p.OfferEndsAt), pg.Null(p.BookingID), p.UpdatedAt, p.Version)
	if p.State != waitlist.Waiting {
		tx.Queue(`
			DELETE FROM waitlist_atom
			WHERE place_id = $1`, p.ID)
	}
}

const nextInLineSQL = `
	SELECT ` + placeColumns + `
	FROM waitlist_place p
	WHERE p.state = 'WAITING' AND p.starts_at > $4
		AND p.id IN (
			SELECT a.place_id
			FROM waitlist_atom a
			JOIN unnest($1::integer[], $2::date[], $3::smallint[]) AS w (atom_room_id, use_date, slot_no)
				USING (atom_room_id, use_date, slot_no))
		AND NOT EXISTS (
			SELECT
			FROM waitlist_atom a
			JOIN booking_atom b USING (atom_room_id, use_date, slot_no)
			WHERE a.place_id = p.id AND b.holder_id <> $5::uuid
				AND (b.expires_at IS NULL OR b.expires_at > transaction_timestamp()))
		AND NOT EXISTS (
			SELECT
			FROM organization_quota q
			WHERE q.holder_id = p.holder_id AND q.suspended_until > transaction_timestamp())
		AND p.id <> ALL($6::uuid[])
	ORDER BY p.position
	LIMIT 1
	FOR UPDATE OF p`

// NextInLine locks and returns the first place that waits for something of the
// span and could have all it needs, now that the holder gives the span up; nil
// for none. Suspended holders and those in except are passed over. A place that
// somebody else has locked is waited for: whoever asks in that very moment
// whether there is an offer does not lose the turn.
func NextInLine(ctx context.Context, tx *pg.Tx, s Span, holderID string, except []string) (*waitlist.Place, error) {
	a := atomsOf([]Span{s})
	rows, err := tx.Query(ctx, nextInLineSQL, a.rooms, a.dates, a.slots, tx.Now.Add(waitlist.Notice), holderID, pg.List(except))
	if err != nil {
		return nil, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanPlace)
	if pg.IsNoRows(err) {
		return nil, nil
	}
	return p, err
}

const endedOffersSQL = `
	SELECT id::text
	FROM waitlist_place
	WHERE state = 'OFFERED' AND offer_ends_at <= now()
	ORDER BY offer_ends_at, id
	LIMIT 200`

// EndedOffers returns the places whose offers have ended, at most 200.
func EndedOffers(ctx context.Context, r pg.Reader) ([]string, error) {
	rows, err := r.Query(ctx, endedOffersSQL)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// EndPassed ends the waiting for slots that have begun, at most 1,000.
func EndPassed(ctx context.Context, tx *pg.Tx) error {
	_, err := tx.Exec(ctx, `
		WITH passed AS (
			SELECT id
			FROM waitlist_place
			WHERE state = 'WAITING' AND starts_at <= $1
			ORDER BY id
			LIMIT 1000
			FOR UPDATE SKIP LOCKED
		), gone AS (
			DELETE FROM waitlist_atom
			WHERE place_id IN (SELECT id FROM passed)
		)
		UPDATE waitlist_place
		SET state = 'PASSED', updated_at = $1, version = version + 1
		WHERE id IN (SELECT id FROM passed)`, tx.Now)
	return err
}

// MergePlaces moves the places of an organization to another one. Where both
// wait for the same slots, the one with an offer stays, else the earlier one.
func MergePlaces(ctx context.Context, tx *pg.Tx, from, to string) error {
	if _, err := tx.Exec(ctx, `
		WITH twice AS (
			SELECT CASE
				WHEN b.state = 'OFFERED' OR a.state = 'WAITING' AND b.position < a.position THEN a.id
				ELSE b.id
			END AS id
			FROM waitlist_place a
			JOIN waitlist_place b USING (room_id, use_date, slot_nos)
			WHERE a.holder_id = $1 AND b.holder_id = $2
				AND a.state IN ('WAITING', 'OFFERED') AND b.state IN ('WAITING', 'OFFERED')
		), gone AS (
			DELETE FROM waitlist_atom
			WHERE place_id IN (SELECT id FROM twice)
		)
		UPDATE waitlist_place
		SET state = 'LEFT', updated_at = $3, version = version + 1
		WHERE id IN (SELECT id FROM twice)`, from, to, tx.Now); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		UPDATE waitlist_place p
		SET holder_id = $2::text, organization_id = $2::text::uuid, updated_at = $3, version = version + 1
		WHERE p.organization_id = $1::text::uuid`, from, to, tx.Now)
	return err
}
