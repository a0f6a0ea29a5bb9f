package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/draw"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/lottery"
)

// EnteredEntries reads the entries of a locked lottery that are not withdrawn.
func EnteredEntries(ctx context.Context, tx *pg.Tx, lotteryID string) ([]*lottery.Entry, error) {
	rows, err := tx.Query(ctx, entrySelect+`
		WHERE e.lottery_id = $1 AND e.state = 'ENTERED'`, lotteryID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanEntry)
}

// Ticket is an entry under the name that the ballot gives it.
type Ticket struct {
	draw.Ticket
	EntryID string
}

// AddClosing queues the end of the entries with the ballot. A second one breaks
// the primary key.
func AddClosing(tx *pg.Tx, l *lottery.Lottery, tickets []Ticket) {
	tx.Queue(`
		INSERT INTO lottery_closing (lottery_id, root, ballot, entries, closed_at)
		VALUES ($1, $2, $3, $4, $5)`, l.ID, l.Closing.Root, l.Closing.Ballot, l.Closing.Entries, l.Closing.At)
	var (
		ids, entries, groups, places []string
		priorities, slots            []int
	)
	for _, t := range tickets {
		ids, entries, groups = append(ids, t.ID), append(entries, t.EntryID), append(groups, t.Group)
		priorities, slots = append(priorities, t.Priority), append(slots, t.Slots)
		places = append(places, strings.Join(t.Places, ","))
	}
	tx.Queue(`
		INSERT INTO lottery_ticket (lottery_id, id, entry_id, grp, priority, slots, places)
		SELECT $1::uuid, id, entry_id, grp, priority, slots, string_to_array(places, ',')
		FROM unnest($2::text[], $3::uuid[], $4::text[], $5::smallint[], $6::smallint[], $7::text[])
			AS w (id, entry_id, grp, priority, slots, places)`, l.ID, ids, entries, groups, priorities, slots, places)
}

// AddEntropy queues the public value. A second one breaks the primary key.
func AddEntropy(tx *pg.Tx, lotteryID, value, by string) {
	tx.Queue(`
		INSERT INTO lottery_entropy (lottery_id, value, recorded_by, recorded_at)
		VALUES ($1, $2, $3, $4)`, lotteryID, value, by, tx.Now)
}

// ListTickets reads the ballot of a lottery: in the order of the draw where there
// was one, else by id. It is bounded by the entries that a lottery takes.
func ListTickets(ctx context.Context, r pg.Reader, lotteryID string) ([]draw.Drawn, error) {
	rows, err := r.Query(ctx, `
		SELECT t.id, t.grp, t.priority, t.slots, t.places, COALESCE(w.outcome, '')
		FROM lottery_ticket t
		LEFT JOIN lottery_result w ON w.lottery_id = t.lottery_id AND w.ticket_id = t.id
		WHERE t.lottery_id = $1
		ORDER BY w.rank, t.id`, lotteryID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (d draw.Drawn, err error) {
		var outcome string
		err = row.Scan(&d.ID, &d.Group, &d.Priority, &d.Slots, &d.Places, &outcome)
		d.Outcome = outcomes[outcome]
		return d, err
	})
}

// outcomes are the results as they are stored.
var outcomes = map[string]draw.Outcome{"WON": draw.Won, "LOST_CAP": draw.LostCap, "LOST_TAKEN": draw.LostTaken}

var outcomeNames = map[draw.Outcome]string{draw.Won: "WON", draw.LostCap: "LOST_CAP", draw.LostTaken: "LOST_TAKEN"}

// LotterySpans reads the places of a lottery.
func LotterySpans(ctx context.Context, r pg.Reader, lotteryID string) ([]Span, error) {
	rows, err := r.Query(ctx, `
		SELECT atom_room_id, use_date, slot_no
		FROM lottery_atom
		WHERE lottery_id = $1`, lotteryID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Span, error) {
		var a Atom
		err := row.Scan(&a.Room, &a.Date, &a.SlotNo)
		return Span{AtomIDs: []int32{a.Room}, Date: a.Date, SlotNos: []int{a.SlotNo}}, err
	})
}

// TakenPlaces locks the places of a lottery, and returns the names of those that
// it does not hold: booked or blocked before it opened.
func TakenPlaces(ctx context.Context, tx *pg.Tx, lotteryID string) ([]string, error) {
	if _, err := HeldAtoms(ctx, tx, lotteryID); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, `
		SELECT l.atom_room_id, l.use_date, l.slot_no
		FROM lottery_atom l
		LEFT JOIN booking_atom b USING (atom_room_id, use_date, slot_no)
		WHERE l.lottery_id = $1 AND b.holder_id IS DISTINCT FROM $1
		ORDER BY l.atom_room_id, l.use_date, l.slot_no`, lotteryID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (string, error) {
		var a Atom
		err := row.Scan(&a.Room, &a.Date, &a.SlotNo)
		return lottery.PlaceName(a.Room, a.Date, a.SlotNo), err
	})
}

// TicketedEntries reads the entries of a lottery's ballot, by ticket.
func TicketedEntries(ctx context.Context, tx *pg.Tx, lotteryID string) (map[string]*lottery.Entry, error) {
	rows, err := tx.Query(ctx, entrySelect+`
		WHERE e.lottery_id = $1 AND t.id IS NOT NULL
		ORDER BY e.id
		FOR UPDATE OF e`, lotteryID)
	if err != nil {
		return nil, err
	}
	entries, err := pgx.CollectRows(rows, scanEntry)
	byTicket := make(map[string]*lottery.Entry, len(entries))
	for _, e := range entries {
		byTicket[e.TicketID] = e
	}
	return byTicket, err
}

// AddDraw queues the draw with its results and what they make of the entries. A
// second one breaks the primary key.
func AddDraw(tx *pg.Tx, l *lottery.Lottery, results []draw.Drawn, by string) {
	var (
		ids, names []string
		ranks      []int
	)
	for i, r := range results {
		ids, names, ranks = append(ids, r.ID), append(names, outcomeNames[r.Outcome]), append(ranks, i+1)
	}
	tx.Queue(`
		INSERT INTO lottery_draw (lottery_id, seed, key, taken, drawn_by, drawn_at)
		VALUES ($1, $2, $3, $4, $5, $6)`, l.ID, l.Draw.Seed, l.Draw.Key, pg.List(l.Draw.Taken), by, l.Draw.At)
	tx.Queue(`
		INSERT INTO lottery_result (lottery_id, rank, ticket_id, outcome)
		SELECT $1::uuid, rank, ticket_id, outcome
		FROM unnest($2::integer[], $3::text[], $4::text[]) AS w (rank, ticket_id, outcome)`, l.ID, ranks, ids, names)
	tx.Queue(`
		UPDATE lottery_entry e
		SET state = CASE WHEN w.outcome = 'WON' THEN 'WON' ELSE 'LOST' END, updated_at = $2, version = version + 1
		FROM lottery_ticket t
		JOIN lottery_result w ON w.lottery_id = t.lottery_id AND w.ticket_id = t.id
		WHERE t.lottery_id = $1 AND e.id = t.entry_id AND e.state = 'ENTERED'`, l.ID, tx.Now)
	tx.Queue(`
		DELETE FROM quota_pending
		WHERE entry_id IN (SELECT id FROM lottery_entry WHERE lottery_id = $1 AND state = 'LOST')`, l.ID)
	tx.Queue(`
		UPDATE lottery_count
		SET drawn = true
		WHERE lottery_id = $1`, l.ID)
}
