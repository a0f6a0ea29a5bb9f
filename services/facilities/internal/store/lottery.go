package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/lottery"
)

const lotterySelect = `
	SELECT l.id, l.title, l.room_ids::text[], l.use_from, l.use_to, l.slot_codes, l.apply_from, l.apply_to, l.draw_at,
		l.confirm_by, l.classes, l.max_entries, l.cap_slots, l.entropy_source, l.commitment, l.sealed_seed, l.created_by,
		l.created_at, c.entries, k.root, k.ballot, k.entries, k.closed_at, e.value, w.seed, w.key, w.taken, w.drawn_at
	FROM lottery l
	JOIN lottery_count c ON c.lottery_id = l.id
	LEFT JOIN lottery_closing k ON k.lottery_id = l.id
	LEFT JOIN lottery_entropy e ON e.lottery_id = l.id
	LEFT JOIN lottery_draw w ON w.lottery_id = l.id`

func scanLottery(row pgx.CollectableRow) (*lottery.Lottery, error) {
	var (
		l                  lottery.Lottery
		root, ballot       *string
		entropy, seed, key *string
		entries            *int
		closed, drawn      *time.Time
		taken              []string
	)
	err := row.Scan(&l.ID, &l.Title, &l.RoomIDs, &l.UseFrom, &l.UseTo, &l.SlotCodes, &l.ApplyFrom, &l.ApplyTo, &l.DrawAt,
		&l.ConfirmBy, &l.Classes, &l.MaxEntries, &l.Cap, &l.EntropySource, &l.Commitment, &l.SealedSeed, &l.CreatedBy,
		&l.CreatedAt, &l.Entries, &root, &ballot, &entries, &closed, &entropy, &seed, &key, &taken, &drawn)
	l.Entropy = pg.Or(entropy)
	if closed != nil {
		l.Closing = &lottery.Closing{Root: pg.Or(root), Ballot: pg.Or(ballot), Entries: pg.Or(entries), At: *closed}
	}
	if drawn != nil {
		l.Draw = &lottery.Draw{Seed: pg.Or(seed), Key: pg.Or(key), Taken: taken, At: *drawn}
	}
	return &l, err
}

// InsertLottery adds a lottery with its places. Errors: SLOTS_IN_LOTTERY.
func InsertLottery(ctx context.Context, tx *pg.Tx, l *lottery.Lottery, spans []Span) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO lottery (
			id, title, room_ids, use_from, use_to, slot_codes, apply_from, apply_to, draw_at, confirm_by, classes,
			max_entries, cap_slots, entropy_source, commitment, sealed_seed, created_by, created_at)
		VALUES (
			@id, @title, @room_ids::uuid[], @use_from, @use_to, @slot_codes, @apply_from, @apply_to, @draw_at, @confirm_by,
			@classes, @max_entries, @cap_slots, @entropy_source, @commitment, @sealed_seed, @created_by, @created_at)`,
		pgx.StrictNamedArgs{
			"id": l.ID, "title": l.Title, "room_ids": l.RoomIDs, "use_from": l.UseFrom, "use_to": l.UseTo,
			"slot_codes": l.SlotCodes, "apply_from": l.ApplyFrom, "apply_to": l.ApplyTo, "draw_at": l.DrawAt,
			"confirm_by": l.ConfirmBy, "classes": l.Classes, "max_entries": l.MaxEntries, "cap_slots": l.Cap,
			"entropy_source": l.EntropySource, "commitment": l.Commitment, "sealed_seed": l.SealedSeed,
			"created_by": l.CreatedBy, "created_at": l.CreatedAt,
		})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `
		INSERT INTO lottery_count (lottery_id, entries, drawn)
		VALUES ($1, 0, false)`, l.ID); err != nil {
		return err
	}
	a := atomsOf(spans)
	_, err = tx.Exec(ctx, `
		INSERT INTO lottery_atom (atom_room_id, use_date, slot_no, lottery_id)
		SELECT atom_room_id, use_date, slot_no, $4::uuid
		FROM unnest($1::integer[], $2::date[], $3::smallint[]) AS w (atom_room_id, use_date, slot_no)`,
		a.rooms, a.dates, a.slots, l.ID)
	return pg.Refuse(err, map[string]*fault.Error{"lottery_atom_pkey": lottery.ErrSlotsInLottery})
}

// GetLottery reads a lottery. Errors: RESOURCE_NOT_FOUND.
func GetLottery(ctx context.Context, r pg.Reader, id string) (*lottery.Lottery, error) {
	rows, err := r.Query(ctx, lotterySelect+`
		WHERE l.id = $1`, id)
	if err != nil {
		return nil, err
	}
	l, err := pgx.CollectExactlyOneRow(rows, scanLottery)
	return l, pg.Found(err)
}

// LockLottery reads a lottery for its next step. What is read is what the step
// before has left. Errors: RESOURCE_NOT_FOUND.
func LockLottery(ctx context.Context, tx *pg.Tx, id string) (*lottery.Lottery, error) {
	var entries int
	err := tx.QueryRow(ctx, `
		SELECT entries
		FROM lottery_count
		WHERE lottery_id = $1
		FOR UPDATE`, id).Scan(&entries)
	if err != nil {
		return nil, pg.Found(err)
	}
	return GetLottery(ctx, tx, id)
}

// CountEntries adds n to the entries of a locked lottery. Errors: LOTTERY_FULL.
func CountEntries(ctx context.Context, tx *pg.Tx, lotteryID string, n int) error {
	_, err := tx.Exec(ctx, `
		UPDATE lottery_count
		SET entries = entries + $2
		WHERE lottery_id = $1`, lotteryID, n)
	return pg.Refuse(err, map[string]*fault.Error{"lottery_count_full": lottery.ErrFull})
}

// LotteryFilter selects lotteries; an empty value selects any.
type LotteryFilter struct {
	State  lottery.State
	RoomID string
}

// inState are the conditions of the states, by the clock of the database; those
// that leave the index of the order its few newest rows come first.
var inState = map[lottery.State]string{
	"":                `true`,
	lottery.Announced: `l.draw_at > now() AND l.apply_from > now()`,
	lottery.Open:      `l.draw_at > now() AND l.apply_from <= now() AND l.apply_to > now()`,
	lottery.Closed:    `l.id IN (SELECT lottery_id FROM lottery_count WHERE NOT drawn) AND l.apply_to <= now()`,
	lottery.Drawn:     `l.confirm_by > now() AND c.drawn`,
	lottery.Ended:     `l.confirm_by <= now() AND c.drawn`,
}

// ListLotteries reads one more than a page of lotteries, the last to be drawn
// first.
func ListLotteries(ctx context.Context, r pg.Reader, f LotteryFilter, page pg.Page) ([]*lottery.Lottery, error) {
	sql, args, err := listLotteriesSQL(f, page)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanLottery)
}

func listLotteriesSQL(f LotteryFilter, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	args := pgx.StrictNamedArgs{"limit": page.Size + 1}
	with, where := "", inState[f.State]
	if f.RoomID != "" {
		// A room has few lotteries: they are found first, then sorted.
		with = `
	WITH of_room AS MATERIALIZED (
		SELECT id
		FROM lottery
		WHERE room_ids @> ARRAY[@room_id::uuid]
	)`
		where += ` AND l.id IN (SELECT id FROM of_room)`
		args["room_id"] = f.RoomID
	}
	if page.After != nil {
		at, id, err := pg.TimeAfter(page.After)
		if err != nil {
			return "", nil, err
		}
		where += ` AND (l.draw_at, l.id) < (@after_at::timestamptz, @after_id::uuid)`
		args["after_at"], args["after_id"] = at, id
	}
	return with + lotterySelect + `
		WHERE ` + where + `
		ORDER BY l.draw_at DESC, l.id DESC
		LIMIT @limit`, args, nil
}

// UndrawnLottery reports whether a place of the spans is in a lottery that is
// not drawn yet.
func UndrawnLottery(ctx context.Context, r pg.Reader, spans []Span) (yes bool, err error) {
	a := atomsOf(spans)
	err = r.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT
			FROM lottery_atom l
			JOIN unnest($1::integer[], $2::date[], $3::smallint[]) AS w (atom_room_id, use_date, slot_no)
				USING (atom_room_id, use_date, slot_no)
			JOIN lottery_count c USING (lottery_id)
			WHERE NOT c.drawn)`, a.rooms, a.dates, a.slots).Scan(&yes)
	return yes, err
}

const lotteriesDueSQL = `
	SELECT l.id::text
	FROM lottery l
	JOIN lottery_count c ON c.lottery_id = l.id
	LEFT JOIN lottery_closing k ON k.lottery_id = l.id
	LEFT JOIN lottery_entropy e ON e.lottery_id = l.id
	WHERE NOT c.drawn
		AND (k.lottery_id IS NULL AND l.apply_to <= now()
			OR l.draw_at <= now() AND (l.entropy_source = '' OR e.lottery_id IS NOT NULL))
	ORDER BY l.draw_at, l.id
	LIMIT 100`

// LotteriesDue returns lotteries whose entries have ended and are not closed, or
// whose hour of the draw has come, at most 100.
func LotteriesDue(ctx context.Context, r pg.Reader) ([]string, error) {
	rows, err := r.Query(ctx, lotteriesDueSQL)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
