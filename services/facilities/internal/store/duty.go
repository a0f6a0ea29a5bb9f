package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/booking"
)

// Duty is something that waits for a person.
type Duty struct {
	Kind           string // Of the duties below.
	Path           string // Of the thing.
	Number         string // Its public number; empty without one.
	Subject        string
	OrganizationID string    // For which it is done; empty for none.
	Until          time.Time // Exclusive; zero when nothing presses.
	Since          time.Time
}

// Duties returns what waits for the reader, what ends first first, at most limit.
func Duties(ctx context.Context, r pg.Reader, by booking.Reader, limit int) ([]Duty, error) {
	sql, args := dutySQL(by, limit)
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (d Duty, err error) {
		var until *time.Time
		err = row.Scan(&d.Kind, &d.Path, &d.Number, &d.Subject, &d.OrganizationID, &until, &d.Since)
		d.Until = pg.Or(until)
		return d, err
	})
}

// The questions, each with the columns of a Duty. A booking has an end at the
// latest with its use.
const (
	dutyOfBooking = `, '/v1/bookings/' || b.id, b.number,
			concat_ws(' ', b.detail->'place'->>'facility', b.detail->'place'->>'room', to_char(b.use_date, 'FMMM月FMDD日')),
			`
	dutyToApprove = `SELECT 'approveBooking'` + dutyOfBooking + `'', b.expires_at, b.updated_at
		FROM booking b
		WHERE b.state = 'TENTATIVE' AND b.detail ? 'needsApproval' AND b.expires_at > now() AND b.created_by <> @me
			AND b.detail->'reduction'->>'state' IS DISTINCT FROM 'DRAFTED'
			AND (b.detail->'inquiry' IS NULL OR b.detail->'inquiry' ? 'answer')`
	dutyToReduce = `SELECT 'decideReduction'` + dutyOfBooking + `'', b.starts_at, b.updated_at
		FROM booking b
		WHERE b.detail->'reduction'->>'state' = 'DRAFTED' AND b.detail->'reduction'->>'draftedBy' <> @me
			AND b.state IN ('TENTATIVE', 'APPROVED') AND (b.expires_at IS NULL OR b.expires_at > now())`
	dutyToRefund = `SELECT 'recordRefund'` + dutyOfBooking + `'', NULL::timestamptz, b.updated_at
		FROM booking b
		WHERE b.payment_state = 'REFUND_DUE'`
	dutyToPay = `SELECT 'pay'` + dutyOfBooking + `coalesce(b.organization_id::text, ''), coalesce(b.expires_at, b.starts_at), b.updated_at
		FROM booking b
		WHERE b.holder_id = ANY(@holders::text[]) AND b.use_date >= (now() AT TIME ZONE 'Asia/Tokyo')::date AND b.payment_state = 'DUE'
			AND b.state IN ('TENTATIVE', 'APPROVED') AND (b.expires_at IS NULL OR b.expires_at > now())
			AND b.detail->'reduction'->>'state' IS DISTINCT FROM 'DRAFTED'`
	dutyToAnswer = `SELECT 'answerInformation'` + dutyOfBooking + `coalesce(b.organization_id::text, ''),
			((b.detail->'inquiry'->>'dueOn')::date + 1)::timestamp AT TIME ZONE 'Asia/Tokyo', (b.detail->'inquiry'->>'askedAt')::timestamptz
		FROM booking b
		WHERE b.holder_id = ANY(@holders::text[]) AND b.use_date >= (now() AT TIME ZONE 'Asia/Tokyo')::date AND b.state = 'TENTATIVE' AND b.expires_at > now()
			AND b.detail->'inquiry' IS NOT NULL AND NOT b.detail->'inquiry' ? 'answer'`
	dutyToApproveDraft = `SELECT i.kind, CASE i.kind
				WHEN 'FACILITY' THEN '/v1/facilities/'
				WHEN 'ROOM' THEN '/v1/rooms/'
				WHEN 'CLOSURE' THEN '/v1/closures/'
				ELSE '/v1/rules/'
			END || i.id, '', coalesce(nullif(v.name, ''), nullif(v.content->>'reason', ''), i.code), '',
			v.valid_from::timestamp AT TIME ZONE 'Asia/Tokyo', v.updated_at
		FROM item_version v
		JOIN item i ON i.id = v.item_id
		WHERE v.state = 'DRAFT' AND @me <> ALL (v.drafters)`
	dutyToHear = `SELECT 'decideAppeal', '/v1/penalties/' || p.id, b.number,
			concat_ws(' ', b.detail->'place'->>'facility', b.detail->'place'->>'room', to_char(b.use_date, 'FMMM月FMDD日')),
			'', NULL::timestamptz, p.updated_at
		FROM penalty p
		JOIN booking b ON b.id = p.booking_id
		WHERE p.state = 'APPEALED' AND p.recorded_by <> @me`
	dutyToRecordEntropy = `SELECT 'recordEntropy', '/v1/lotteries/' || l.id, '', l.title, '', l.draw_at, k.closed_at
		FROM lottery_count c
		JOIN lottery l ON l.id = c.lottery_id
		JOIN lottery_closing k ON k.lottery_id = c.lottery_id
		WHERE NOT c.drawn AND l.entropy_source <> '' AND NOT EXISTS (SELECT FROM lottery_entropy e WHERE e.lottery_id = c.lottery_id)`
	dutyToConfirm = `SELECT 'confirm', '/v1/lotteries/' || e.lottery_id || '/entries/' || e.id, '', l.title, coalesce(e.organization_id::text, ''),
			l.confirm_by, e.updated_at
		FROM lottery_entry e
		JOIN lottery l ON l.id = e.lottery_id
		WHERE e.holder_id = ANY(@holders::text[]) AND e.state = 'WON' AND l.confirm_by > now()`
	dutyToAccept = `SELECT 'accept', '/v1/waitlist/' || p.id, '', concat_ws(' ', r.name, to_char(p.use_date, 'FMMM月FMDD日')),
			coalesce(p.organization_id::text, ''), p.offer_ends_at, p.updated_at
		FROM waitlist_place p
		LEFT JOIN LATERAL (
			SELECT v.name
			FROM item_version v
			WHERE v.item_id = p.room_id AND v.state = 'APPROVED'
			ORDER BY v.valid_from DESC, v.number DESC
			LIMIT 1
		) AS r ON true
		WHERE p.holder_id = ANY(@holders::text[]) AND p.state = 'OFFERED' AND p.offer_ends_at > now()`
)

// dutySQL asks one bounded question a duty of the reader.
func dutySQL(by booking.Reader, limit int) (string, pgx.StrictNamedArgs) {
	args := pgx.StrictNamedArgs{"limit": limit, "holders": append([]string{by.ID}, by.Writers...)}
	parts := []string{dutyToConfirm, dutyToAccept, dutyToPay, dutyToAnswer}
	for _, d := range []struct {
		mine bool
		sql  string
	}{
		{by.Desk, dutyToRefund},
		{by.Clerk, dutyToRecordEntropy},
		{by.Clerk || by.Approver, dutyToApprove},
		{by.Approver, dutyToReduce},
		{by.Approver, dutyToApproveDraft},
		{by.Desk || by.Approver, dutyToHear},
	} {
		if d.mine {
			parts = append(parts, d.sql)
		}
	}
	for i, p := range parts {
		parts[i] = `(SELECT * FROM (` + p + `) AS d (kind, path, number, subject, organization_id, until, since) ORDER BY until NULLS LAST, since LIMIT @limit)`
	}
	sql := `
		SELECT kind, path, number, subject, organization_id, until, since
		FROM (` + strings.Join(parts, " UNION ALL ") + `) AS duty
		ORDER BY until NULLS LAST, since, path
		LIMIT @limit`
	if strings.Contains(sql, "@me") {
		args["me"] = by.ID
	}
	return sql, args
}
