package store

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/draw"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/registration"
)

// AddDraw queues the draw of an event with the commitment to its seed, once.
func AddDraw(tx *pg.Tx, d registration.Draw) {
	tx.Queue(`
		INSERT INTO event_draw (event_id, commitment, sealed_seed, created_at)
		VALUES ($1, $2, $3, transaction_timestamp())
		ON CONFLICT ON CONSTRAINT event_draw_pkey DO NOTHING`, d.EventID, d.Commitment, d.SealedSeed)
}

// GetDraw reads the draw of an event. Errors: RESOURCE_NOT_FOUND.
func GetDraw(ctx context.Context, r pg.Reader, eventID string) (*registration.Draw, error) {
	d := &registration.Draw{EventID: eventID}
	var root, ballot, seed, key *string
	var fixed, drawn *time.Time
	err := r.QueryRow(ctx, `
		SELECT commitment, sealed_seed, root, ballot_hash, tickets, fixed_at, seed, key, capacity, drawn_at
		FROM event_draw
		WHERE event_id = $1`, eventID).Scan(&d.Commitment, &d.SealedSeed, &root, &ballot, &d.Tickets, &fixed, &seed, &key, &d.Capacity, &drawn)
	d.Root, d.Ballot, d.Seed, d.Key, d.FixedAt, d.DrawnAt = pg.Or(root), pg.Or(ballot), pg.Or(seed), pg.Or(key), pg.Or(fixed), pg.Or(drawn)
	return d, pg.Found(err)
}

// FixBallot puts every confirmed registration of an event whose places are locked
// into the ballot and returns the tickets.
func FixBallot(ctx context.Context, tx *pg.Tx, eventID string) ([]draw.Ticket, error) {
	rows, err := tx.Query(ctx, `
		UPDATE registration
		SET balloted = true
		WHERE event_id = $1 AND state = 'REQUESTED' AND confirmed_at IS NOT NULL AND ticket IS NOT NULL
		RETURNING ticket, party`, eventID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanTicket)
}

func scanTicket(row pgx.CollectableRow) (draw.Ticket, error) {
	t := draw.Ticket{Group: registration.TicketGroup}
	return t, row.Scan(&t.ID, &t.Slots)
}

// PutBallot queues what is published of the ballot, once.
func PutBallot(tx *pg.Tx, d *registration.Draw) {
	tx.Queue(`
		UPDATE event_draw
		SET root = $2, ballot_hash = $3, tickets = $4, fixed_at = transaction_timestamp()
		WHERE event_id = $1 AND fixed_at IS NULL`, d.EventID, d.Root, d.Ballot, d.Tickets)
}

// Balloted reads the registrations in the ballot of an event whose places are
// locked, by their tickets.
func Balloted(ctx context.Context, tx *pg.Tx, eventID string) (map[string]*registration.Registration, error) {
	rows, err := tx.Query(ctx, `
		SELECT `+registrationColumns+`
		FROM registration r
		WHERE r.event_id = $1 AND r.balloted`, eventID)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, scanRegistration)
	out := make(map[string]*registration.Registration, len(all))
	for _, r := range all {
		out[r.Ticket] = r
	}
	return out, err
}

// PutDraw writes the result of a draw, once, and what it decided of each
// registration, in the order of the draw.
func PutDraw(ctx context.Context, tx *pg.Tx, d *registration.Draw, order []*registration.Registration, won []bool) error {
	ids, states, places, ranks := make([]string, len(order)), make([]string, len(order)), make([]int, len(order)), make([]int, len(order))
	for i, r := range order {
		ids[i], states[i], places[i], ranks[i] = r.ID, string(r.State), r.Place, i+1
	}
	_, err := tx.Exec(ctx, `
		UPDATE registration r
		SET state = o.state, place = o.place, draw_rank = o.rank, won = o.won, updated_at = transaction_timestamp(), version = version + 1
		FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::integer[], $5::boolean[]) AS o (id, state, place, rank, won)
		WHERE r.id = o.id`, ids, states, places, ranks, won)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE event_draw
		SET seed = $2, key = $3, capacity = $4, drawn_at = transaction_timestamp()
		WHERE event_id = $1 AND drawn_at IS NULL`, d.EventID, d.Seed, d.Key, d.Capacity)
	return err
}

// DueDraws returns up to 100 events whose ballot is to be fixed, or whose draw is
// due.
func DueDraws(ctx context.Context, r pg.Reader, now time.Time) ([]string, error) {
	rows, err := r.Query(ctx, `
		SELECT s.event_id::text
		FROM event_seat s
		JOIN event_draw d ON d.event_id = s.event_id
		WHERE s.mode = 'LOTTERY' AND s.open AND NOT s.drawn AND s.closes_at <= $2
			AND (d.fixed_at IS NULL OR s.draws_at <= $1)
		ORDER BY s.closes_at
		LIMIT 100`, now, now.Add(-registration.BallotAfter))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// DrawnTicket is a ticket of a ballot with what came of it.
type DrawnTicket struct {
	ID    string
	Party int
	Rank  int // 0 before the draw.
	Won   bool
}

// ListTickets reads one more than a page of the ballot of an event: in the order of
// the draw, before it by identifier. Errors: INVALID_PAGE_TOKEN.
func ListTickets(ctx context.Context, r pg.Reader, eventID string, drawn bool, page pg.Page) ([]DrawnTicket, error) {
	sql, after := `r.balloted AND r.ticket > $2
		ORDER BY r.ticket`, any("")
	if drawn {
		sql, after = `r.draw_rank > $2
		ORDER BY r.draw_rank`, 0
	}
	if page.After != nil {
		after = page.After[0]
		if drawn {
			rank, err := strconv.Atoi(page.After[0])
			if err != nil {
				return nil, fault.ErrInvalidPageToken.Because(err)
			}
			after = rank
		}
	}
	rows, err := r.Query(ctx, `
		SELECT r.ticket, r.party, coalesce(r.draw_rank, 0), coalesce(r.won, false)
		FROM registration r
		WHERE r.event_id = $1 AND `+sql+`
		LIMIT $3`, eventID, after, page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[DrawnTicket])
}
