package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/lottery"
)

const entrySelect = `
	SELECT e.id, e.lottery_id, e.holder_id, e.organization_id, e.user_class, e.priority, e.purpose, e.title, e.headcount,
		e.uses, e.state, e.booking_ids::text[], e.paper_note, e.created_by, e.created_at, e.updated_at, e.version, o.name,
		t.id, r.rank, r.outcome
	FROM lottery_entry e
	LEFT JOIN organization_ref o ON o.id = e.organization_id
	LEFT JOIN lottery_ticket t ON t.entry_id = e.id
	LEFT JOIN lottery_result r ON r.lottery_id = t.lottery_id AND r.ticket_id = t.id`

func scanEntry(row pgx.CollectableRow) (*lottery.Entry, error) {
	var (
		e                                   lottery.Entry
		organization, name, ticket, outcome *string
		rank                                *int
	)
	err := row.Scan(&e.ID, &e.LotteryID, &e.HolderID, &organization, &e.UserClass, &e.Priority, &e.Purpose, &e.Title,
		&e.Headcount, &e.Uses, &e.State, &e.BookingIDs, &e.PaperNote, &e.CreatedBy, &e.CreatedAt, &e.UpdatedAt, &e.Version,
		&name, &ticket, &rank, &outcome)
	e.OrganizationID, e.OrganizationName = pg.Or(organization), pg.Or(name)
	e.TicketID, e.Rank, e.Outcome = pg.Or(ticket), pg.Or(rank), pg.Or(outcome)
	return &e, err
}

// SpanOfUse are the places of a use.
func SpanOfUse(u lottery.Use) Span {
	return Span{AtomIDs: u.Atoms, Date: u.Date, SlotNos: u.SlotNos}
}

// InsertEntry adds an entry to a locked lottery. Errors: DUPLICATE_ENTRY.
func InsertEntry(ctx context.Context, tx *pg.Tx, e *lottery.Entry) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO lottery_entry (
			id, lottery_id, holder_id, organization_id, user_class, priority, purpose, title, headcount, uses, state,
			booking_ids, paper_note, created_by, created_at, updated_at, version)
		VALUES (
			@id, @lottery_id, @holder_id, @organization_id::uuid, @user_class, @priority, @purpose, @title, @headcount,
			@uses, @state, '{}', @paper_note, @created_by, @created_at, @created_at, @version)`, pgx.StrictNamedArgs{
		"id": e.ID, "lottery_id": e.LotteryID, "holder_id": e.HolderID, "organization_id": pg.Null(e.OrganizationID),
		"user_class": e.UserClass, "priority": e.Priority, "purpose": e.Purpose, "title": e.Title,
		"headcount": e.Headcount, "uses": e.Uses, "state": e.State, "paper_note": e.PaperNote, "created_by": e.CreatedBy,
		"created_at": e.CreatedAt, "version": e.Version,
	})
	if err != nil {
		return err
	}
	var (
		rooms []string
		dates []string
		slots []int
	)
	for _, u := range e.Uses {
		for _, no := range u.SlotNos {
			rooms, dates, slots = append(rooms, u.RoomID), append(dates, u.Date.String()), append(slots, no)
		}
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO lottery_entry_slot (lottery_id, holder_id, room_id, use_date, slot_no, entry_id)
		SELECT $1::uuid, $2, room_id, use_date, slot_no, $3::uuid
		FROM unnest($4::uuid[], $5::date[], $6::smallint[]) AS w (room_id, use_date, slot_no)`,
		e.LotteryID, e.HolderID, e.ID, rooms, dates, slots)
	return pg.Refuse(err, map[string]*fault.Error{"lottery_entry_slot_pkey": lottery.ErrDuplicate})
}

// CountEntriesOf counts the entries of a holder in a locked lottery.
func CountEntriesOf(ctx context.Context, tx *pg.Tx, lotteryID, holderID string) (n int, err error) {
	err = tx.QueryRow(ctx, `
		SELECT count(*)
		FROM lottery_entry
		WHERE lottery_id = $1 AND holder_id = $2 AND state = 'ENTERED'`, lotteryID, holderID).Scan(&n)
	return n, err
}

// EntryScope says whose entries are found: those of the holders, or anybody's.
type EntryScope struct {
	Holders []string
	Any     bool
}

// GetEntry reads an entry of a lottery. Errors: RESOURCE_NOT_FOUND.
func GetEntry(ctx context.Context, r pg.Reader, lotteryID, id string, s EntryScope) (*lottery.Entry, error) {
	return oneEntry(ctx, r, entrySelect+`
		WHERE e.id = $1 AND e.lottery_id = $2 AND ($3 OR e.holder_id = ANY($4))`, id, lotteryID, s.Any, pg.List(s.Holders))
}

// LockEntry reads an entry for a change of it. Errors: RESOURCE_NOT_FOUND.
func LockEntry(ctx context.Context, tx *pg.Tx, lotteryID, id string, s EntryScope) (*lottery.Entry, error) {
	return oneEntry(ctx, tx, entrySelect+`
		WHERE e.id = $1 AND e.lottery_id = $2 AND ($3 OR e.holder_id = ANY($4))
		FOR UPDATE OF e`, id, lotteryID, s.Any, pg.List(s.Holders))
}

func oneEntry(ctx context.Context, r pg.Reader, sql string, args ...any) (*lottery.Entry, error) {
	rows, err := r.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	e, err := pgx.CollectExactlyOneRow(rows, scanEntry)
	return e, pg.Found(err)
}

const listEntriesSQL = entrySelect + `
	WHERE e.lottery_id = $1 AND e.holder_id = ANY($2) AND e.id < $3::uuid
	ORDER BY e.id DESC
	LIMIT $4`

// ListEntries reads one more than a page of the holders' entries in a lottery,
// newest first.
func ListEntries(ctx context.Context, r pg.Reader, lotteryID string, holders []string, page pg.Page) ([]*lottery.Entry, error) {
	rows, err := r.Query(ctx, listEntriesSQL, lotteryID, pg.List(holders), page.AfterID(pg.LastID), page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanEntry)
}

// UpdateEntry queues the new state of a locked entry.
func UpdateEntry(tx *pg.Tx, e *lottery.Entry) {
	tx.Queue(`
		UPDATE lottery_entry
		SET state = $2, booking_ids = $3::uuid[], updated_at = $4, version = version + 1
		WHERE id = $1`, e.ID, e.State, pg.List(e.BookingIDs), tx.Now)
	e.UpdatedAt = tx.Now
	e.Version++
}

// FreeEntrySlots queues that the holder can enter for the slots of an entry again.
func FreeEntrySlots(tx *pg.Tx, entryID string) {
	tx.Queue(`
		DELETE FROM lottery_entry_slot
		WHERE entry_id = $1`, entryID)
}

// Unconfirmed is a win whose last moment has passed.
type Unconfirmed struct{ LotteryID, EntryID string }

const unconfirmedSQL = `
	SELECT e.lottery_id::text, e.id::text
	FROM lottery_entry e
	JOIN lottery l ON l.id = e.lottery_id
	WHERE e.state = 'WON' AND l.confirm_by <= now()
	ORDER BY e.id
	LIMIT 200`

// UnconfirmedWins returns wins that were not confirmed in time, at most 200.
func UnconfirmedWins(ctx context.Context, r pg.Reader) ([]Unconfirmed, error) {
	rows, err := r.Query(ctx, unconfirmedSQL)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Unconfirmed])
}

// MergeEntries moves the entries of an organization to another one. An entry for
// a slot that the survivor has entered for too stays in the lottery: both were
// made in good faith, and the draw counts them as one group from its closing on.
func MergeEntries(ctx context.Context, tx *pg.Tx, from, to string) error {
	if _, err := tx.Exec(ctx, `
		UPDATE lottery_entry
		SET holder_id = $2::text, organization_id = $2::text::uuid, updated_at = $3, version = version + 1
		WHERE organization_id = $1::text::uuid`, from, to, tx.Now); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `
		UPDATE lottery_entry_slot s
		SET holder_id = $2
		WHERE s.holder_id = $1
			AND NOT EXISTS (
				SELECT
				FROM lottery_entry_slot o
				WHERE o.lottery_id = s.lottery_id AND o.holder_id = $2 AND o.room_id = s.room_id AND o.use_date = s.use_date
					AND o.slot_no = s.slot_no)`, from, to)
	return err
}
