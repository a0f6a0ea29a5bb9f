package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/newsletter"
)

// BeginSending adds the counts of an issue whose sending begins.
func BeginSending(ctx context.Context, tx *pg.Tx, issueID string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO newsletter_sending (
			issue_id, filled_to, filled, readers, sent, unconfirmed, failed, suppressed, skipped, unknown)
		VALUES ($1, $2, false, 0, 0, 0, 0, 0, 0, 0)
		ON CONFLICT ON CONSTRAINT newsletter_sending_pkey DO NOTHING`, issueID, pg.NilID)
	return err
}

// FillDeliveries writes the mails of up to limit further readers of a locked issue, in
// the order of their ids, and reports whether all are written.
func FillDeliveries(ctx context.Context, tx *pg.Tx, issueID string, limit int) (bool, error) {
	var filled bool
	err := tx.QueryRow(ctx, `
		WITH next AS (
			SELECT id
			FROM newsletter_reader
			WHERE state = 'ACTIVE' AND id > (SELECT filled_to FROM newsletter_sending WHERE issue_id = $1)
			ORDER BY id
			LIMIT $2
		), written AS (
			INSERT INTO newsletter_delivery (issue_id, reader_id, state, tries, due_at, code)
			SELECT $1, id, 'QUEUED', 0, transaction_timestamp(), 0
			FROM next
			ON CONFLICT ON CONSTRAINT newsletter_delivery_pkey DO NOTHING
		)
		UPDATE newsletter_sending
		SET readers = readers + (SELECT count(*) FROM next),
			filled_to = coalesce((SELECT id FROM next ORDER BY id DESC LIMIT 1), filled_to),
			filled = (SELECT count(*) < $2 FROM next)
		WHERE issue_id = $1 AND NOT filled
		RETURNING filled`, issueID, limit).Scan(&filled)
	if pg.IsNoRows(err) {
		return true, nil
	}
	return filled, err
}

// DueDelivery is a mail to be sent now, with what its reader wishes now.
type DueDelivery struct {
	ReaderID string
	Tries    int // With this one.
	newsletter.Wish
	Active bool   // Whether the reader gets mails; else the rest is empty.
	Email  []byte // Sealed.
}

// Batch names a claim of mails.
type Batch struct {
	IssueID string
	Claim   string
	After   string // Only readers after this one; "" for all.
	Size    int
}

// ClaimDeliveries takes mails that are due, in the order of the readers: nobody else
// takes them until they are settled.
func ClaimDeliveries(ctx context.Context, tx *pg.Tx, b Batch) ([]DueDelivery, error) {
	after := b.After
	if after == "" {
		after = pg.NilID
	}
	rows, err := tx.Query(ctx, claimDeliveries, b.IssueID, b.Claim, after, b.Size)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (DueDelivery, error) {
		var d DueDelivery
		var format *string
		err := row.Scan(&d.ReaderID, &d.Tries, &d.Email, &d.Topics, &d.Areas, &format)
		d.Format, d.Active = newsletter.Format(pg.Or(format)), format != nil
		return d, err
	})
}

const claimDeliveries = `
		WITH due AS (
			SELECT reader_id
			FROM newsletter_delivery
			WHERE issue_id = $1 AND state = 'QUEUED' AND due_at <= transaction_timestamp() AND reader_id > $3
			ORDER BY reader_id
			LIMIT $4
			FOR UPDATE SKIP LOCKED
		), taken AS (
			UPDATE newsletter_delivery AS d
			SET state = 'SENDING', tries = d.tries + 1, claim = $2, claimed_at = transaction_timestamp()
			FROM due
			WHERE d.issue_id = $1 AND d.reader_id = due.reader_id
			RETURNING d.reader_id, d.tries
		)
		SELECT t.reader_id, t.tries, r.email, r.topics, r.areas, r.format
		FROM taken AS t
		LEFT JOIN newsletter_reader AS r ON r.id = t.reader_id AND r.state = 'ACTIVE'
		ORDER BY t.reader_id`

// DeliveryState is what became of a mail; the values are those of the table.
type DeliveryState string

// The states of deliveries.
const (
	DeliveryQueued     DeliveryState = "QUEUED"
	DeliverySent       DeliveryState = "SENT"
	DeliveryFailed     DeliveryState = "FAILED"
	DeliverySuppressed DeliveryState = "SUPPRESSED"
	DeliverySkipped    DeliveryState = "SKIPPED"
	DeliveryUnknown    DeliveryState = "UNKNOWN"
)

// Outcome is what became of a mail of a batch.
type Outcome struct {
	ReaderID    string
	State       DeliveryState
	Unconfirmed bool          // Sent, as far as the record of the batch tells.
	Untried     bool          // Queued again without having been tried.
	Code        int           // Answer of the mail server; 0 for none.
	Wait        time.Duration // Until the next try, of one that is queued again.
}

// SettleDeliveries writes what became of mails of a claim, and the counts. What was
// settled before stays as it is.
func SettleDeliveries(ctx context.Context, tx *pg.Tx, b Batch, outcomes []Outcome) error {
	var ids, states []string
	var unconfirmed, untried []bool
	var codes []int16
	var waits []time.Duration
	for _, o := range outcomes {
		ids, states, codes = append(ids, o.ReaderID), append(states, string(o.State)), append(codes, int16(o.Code))
		unconfirmed, untried, waits = append(unconfirmed, o.Unconfirmed), append(untried, o.Untried), append(waits, o.Wait)
	}
	_, err := tx.Exec(ctx, settleDeliveries, b.IssueID, b.Claim, pg.List(ids), pg.List(states), pg.List(unconfirmed), pg.List(untried), pg.List(codes), pg.List(waits))
	return err
}

// A mail that was given up as unknown is settled all the same when its record is found
// later.
const settleDeliveries = `
		WITH outcome AS (
			SELECT *
			FROM unnest($3::uuid[], $4::text[], $5::boolean[], $6::boolean[], $7::smallint[], $8::interval[])
				AS o (reader_id, state, unconfirmed, untried, code, wait)
		), old AS (
			SELECT d.reader_id, d.state
			FROM newsletter_delivery AS d
			WHERE d.issue_id = $1 AND d.claim = $2 AND d.state IN ('SENDING', 'UNKNOWN')
		), settled AS (
			UPDATE newsletter_delivery AS d
			SET state = o.state, code = o.code, due_at = transaction_timestamp() + o.wait,
				tries = d.tries - CASE WHEN o.untried THEN 1 ELSE 0 END
			FROM outcome AS o, old
			WHERE d.issue_id = $1 AND d.reader_id = o.reader_id AND old.reader_id = o.reader_id
				AND (old.state = 'SENDING' OR o.state IN ('SENT', 'FAILED'))
			RETURNING d.state, old.state AS was, o.unconfirmed
		), counted AS (
			SELECT count(*) FILTER (WHERE state = 'SENT') AS sent, count(*) FILTER (WHERE state = 'SENT' AND unconfirmed) AS unconfirmed,
				count(*) FILTER (WHERE state = 'FAILED') AS failed, count(*) FILTER (WHERE state = 'SUPPRESSED') AS suppressed,
				count(*) FILTER (WHERE state = 'SKIPPED') AS skipped,
				count(*) FILTER (WHERE state = 'UNKNOWN') - count(*) FILTER (WHERE was = 'UNKNOWN') AS unknown
			FROM settled
		)
		UPDATE newsletter_sending AS s
		SET sent = s.sent + c.sent, unconfirmed = s.unconfirmed + c.unconfirmed, failed = s.failed + c.failed,
			suppressed = s.suppressed + c.suppressed, skipped = s.skipped + c.skipped, unknown = s.unknown + c.unknown
		FROM counted AS c
		WHERE s.issue_id = $1`

// IssueOfClaim is the issue of which a claim took mails; "" when none is open.
func IssueOfClaim(ctx context.Context, r pg.Reader, claim string) (string, error) {
	var id string
	err := r.QueryRow(ctx, `
		SELECT issue_id::text
		FROM newsletter_delivery
		WHERE claim = $1 AND state IN ('SENDING', 'UNKNOWN')
		LIMIT 1`, claim).Scan(&id)
	if pg.IsNoRows(err) {
		return "", nil
	}
	return id, err
}

// OpenReaders are the readers whose mails a claim took and nobody has settled.
func OpenReaders(ctx context.Context, r pg.Reader, claim string) ([]string, error) {
	rows, err := r.Query(ctx, `
		SELECT reader_id::text
		FROM newsletter_delivery
		WHERE claim = $1 AND state IN ('SENDING', 'UNKNOWN')`, claim)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// StaleClaims returns claims that nobody has settled since an instant.
func StaleClaims(ctx context.Context, r pg.Reader, before time.Time) ([]string, error) {
	rows, err := r.Query(ctx, `
		SELECT DISTINCT claim::text
		FROM (
			SELECT claim
			FROM newsletter_delivery
			WHERE state = 'SENDING' AND claimed_at < $1
			ORDER BY claimed_at
			LIMIT 10000) AS old`, before)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// IssueCounts are the counts of the mails of an issue.
type IssueCounts struct {
	Filled                                                           bool
	Readers, Sent, Unconfirmed, Failed, Suppressed, Skipped, Unknown int
}

// Queued are the mails that are not decided.
func (c IssueCounts) Queued() int {
	return c.Readers - c.Sent - c.Failed - c.Suppressed - c.Skipped - c.Unknown
}

// Done reports whether every mail is decided.
func (c IssueCounts) Done() bool { return c.Filled && c.Queued() == 0 }

// CountsOf reads the counts of an issue; zero before its sending.
func CountsOf(ctx context.Context, r pg.Reader, issueID string) (IssueCounts, error) {
	var c IssueCounts
	err := r.QueryRow(ctx, `
		SELECT filled, readers, sent, unconfirmed, failed, suppressed, skipped, unknown
		FROM newsletter_sending
		WHERE issue_id = $1`, issueID).Scan(&c.Filled, &c.Readers, &c.Sent, &c.Unconfirmed, &c.Failed, &c.Suppressed, &c.Skipped, &c.Unknown)
	if pg.IsNoRows(err) {
		return c, nil
	}
	return c, err
}
