package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/notice"
)

// AddOccasion queues what happened in the transaction that learns of it. A key that
// was there adds nothing.
func AddOccasion(tx *pg.Tx, o notice.Occasion, version int, subject string) {
	tx.Queue(`
		INSERT INTO notice_occasion (
			id, key, kind, version, subject, path, object_id, facts, organization_ids, department_ids, person_ids, state, due_at,
			recipients, created_at, followed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'OPEN', coalesce($12, transaction_timestamp()), 0, transaction_timestamp(), $13)
		ON CONFLICT ON CONSTRAINT notice_occasion_once DO NOTHING`,
		o.ID, o.Key, o.Kind, version, subject, o.Path, o.Object, o.Facts, pg.List(o.Organizations), pg.List(o.Departments),
		pg.List(o.Persons), pg.Null(o.DueAt), pg.List(o.Followed))
}

// DropOccasions queues that occasions of a kind about an object that are not told
// yet have come to nothing; keep is the key of one that stays.
func DropOccasions(tx *pg.Tx, kind, object, keep string) {
	tx.Queue(`
		UPDATE notice_occasion
		SET state = 'DROPPED'
		WHERE object_id = $1 AND state = 'OPEN' AND kind = $2 AND key <> $3`, object, kind, keep)
}

// OccasionsFollowMerge queues that occasions that are not told yet concern the
// survivor of a merge.
func OccasionsFollowMerge(tx *pg.Tx, from, to string) {
	tx.Queue(`
		UPDATE notice_occasion
		SET organization_ids = array_replace(organization_ids, $1::uuid, $2::uuid)
		WHERE state = 'OPEN' AND organization_ids @> ARRAY[$1::uuid]`, from, to)
}

// DueOccasion is an occasion whose recipients are to be found now.
type DueOccasion struct {
	ID            string
	Kind          string
	Organizations []string
	Departments   []string
	Persons       []string
	Followed      []string
}

// ClaimOccasions takes up to limit occasions that are due: each is not due again
// before lease has passed, so that nobody else addresses it now and a process that
// dies does not lose it.
func ClaimOccasions(ctx context.Context, tx *pg.Tx, limit int, lease time.Duration) ([]DueOccasion, error) {
	rows, err := tx.Query(ctx, `
		WITH due AS (
			SELECT id
			FROM notice_occasion
			WHERE state = 'OPEN' AND due_at <= transaction_timestamp()
			ORDER BY due_at, id
			LIMIT $1
			FOR UPDATE SKIP LOCKED
		)
		UPDATE notice_occasion o
		SET due_at = transaction_timestamp() + $2::interval
		FROM due
		WHERE o.id = due.id
		RETURNING o.id::text, o.kind, o.organization_ids::text[], o.department_ids::text[], o.person_ids, o.followed`, limit, lease)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[DueOccasion])
}

// Addressee is a person whom an occasion concerns.
type Addressee struct {
	NoticeID   string
	OccasionID string
	Kind       string
	Required   bool // Cannot be turned off.
	PersonID   string
	Email      string
}

// Followers returns up to limit people who follow one of the things, after a
// person.
func Followers(ctx context.Context, r pg.Reader, things []string, after string, limit int) ([]string, error) {
	rows, err := r.Query(ctx, `
		SELECT f.person_id
		FROM unnest($1::text[]) AS t (thing)
		CROSS JOIN LATERAL (
			SELECT person_id
			FROM follow
			WHERE (kind || ':' || target) = t.thing AND person_id > $2
			ORDER BY person_id
			LIMIT $3) AS f
		GROUP BY f.person_id
		ORDER BY f.person_id
		LIMIT $3`, things, after, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// Address ends occasions and writes the notice of each of their people who wants
// the kind, once; what is ended already is left alone. All or nothing: a process
// that dies on the way has written none.
func Address(ctx context.Context, tx *pg.Tx, occasions []DueOccasion, to []Addressee) error {
	of := map[string][]Addressee{}
	for _, a := range to {
		of[a.OccasionID] = append(of[a.OccasionID], a)
	}
	ids, counts := make([]string, len(occasions)), make([]int, len(occasions))
	for i, o := range occasions {
		ids[i], counts[i] = o.ID, len(of[o.ID])
	}
	rows, err := tx.Query(ctx, `
		UPDATE notice_occasion o
		SET state = 'ADDRESSED', recipients = o.recipients + a.recipients
		FROM unnest($1::uuid[], $2::integer[]) AS a (id, recipients)
		WHERE o.id = a.id AND o.state = 'OPEN'
		RETURNING o.id::text`, ids, counts)
	if err != nil {
		return err
	}
	ended, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	var write []Addressee
	for _, id := range ended {
		write = append(write, of[id]...)
	}
	return WriteNotices(ctx, tx, write)
}

// WriteNotices writes the notice of each person who wants the kind, once.
func WriteNotices(ctx context.Context, tx *pg.Tx, to []Addressee) error {
	if len(to) == 0 {
		return nil
	}
	var c struct {
		ids, occasions, kinds, persons, addresses []string
		required                                  []bool
	}
	for _, a := range to {
		c.ids, c.occasions, c.kinds = append(c.ids, a.NoticeID), append(c.occasions, a.OccasionID), append(c.kinds, a.Kind)
		c.persons, c.addresses, c.required = append(c.persons, a.PersonID), append(c.addresses, a.Email), append(c.required, a.Required)
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO notice (id, occasion_id, kind, person_id, email, state, tries, failure, due_at, created_at)
		SELECT r.id, r.occasion_id, r.kind, r.person_id, r.email, 'QUEUED', 0, '', transaction_timestamp(), transaction_timestamp()
		FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::boolean[])
			AS r (id, occasion_id, kind, person_id, email, required)
		WHERE r.required OR NOT EXISTS (
			SELECT FROM notice_preference p WHERE p.person_id = r.person_id AND r.kind = ANY(p.off_kinds))
		ON CONFLICT ON CONSTRAINT notice_once DO NOTHING`,
		c.ids, c.occasions, c.kinds, c.persons, c.addresses, c.required)
	return err
}

// Letter is a notice with what its text is made of.
type Letter struct {
	ID      string
	Kind    string
	Version int
	Subject string
	Path    string
	Facts   notice.Facts
	Tries   int    // With this one.
	Email   string // Only of one that is to be sent.
}

// ClaimNotices takes up to limit notices that are due for sending, as ClaimMails
// does.
func ClaimNotices(ctx context.Context, tx *pg.Tx, limit int, lease time.Duration) ([]Letter, error) {
	rows, err := tx.Query(ctx, `
		WITH due AS (
			SELECT id
			FROM notice
			WHERE state IN ('QUEUED', 'FAILED') AND due_at <= transaction_timestamp()
			ORDER BY due_at, id
			LIMIT $1
			FOR UPDATE SKIP LOCKED
		)
		UPDATE notice n
		SET tries = n.tries + 1, due_at = transaction_timestamp() + $2::interval
		FROM due, notice_occasion o
		WHERE n.id = due.id AND o.id = n.occasion_id
		RETURNING n.id::text, n.kind, o.version, o.subject, o.path, o.facts, n.tries, n.email`, limit, lease)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Letter])
}

// SentNotice notes that the mail server took a notice and erases the address.
func SentNotice(ctx context.Context, tx *pg.Tx, id string) error {
	_, err := tx.Exec(ctx, `
		UPDATE notice
		SET state = 'SENT', email = NULL, failure = '', sent_at = transaction_timestamp()
		WHERE id = $1 AND state IN ('QUEUED', 'FAILED')`, id)
	return err
}

// GiveUpNotice notes that a notice is not tried again and erases the address.
func GiveUpNotice(ctx context.Context, tx *pg.Tx, id string, why notice.Failure) error {
	_, err := tx.Exec(ctx, `
		UPDATE notice
		SET state = 'GIVEN_UP', email = NULL, failure = $2
		WHERE id = $1 AND state IN ('QUEUED', 'FAILED')`, id, why)
	return err
}

// DelayNotice notes when a notice is tried again.
func DelayNotice(ctx context.Context, tx *pg.Tx, id string, why notice.Failure, wait time.Duration) error {
	_, err := tx.Exec(ctx, `
		UPDATE notice
		SET state = 'FAILED', failure = $2, due_at = transaction_timestamp() + $3::interval
		WHERE id = $1 AND state IN ('QUEUED', 'FAILED')`, id, why, wait)
	return err
}

// EraseNotices deletes up to 10,000 notices that are older than they are kept, and
// returns how many.
func EraseNotices(ctx context.Context, tx *pg.Tx) (int64, error) {
	tag, err := tx.Exec(ctx, `
		DELETE FROM notice
		WHERE id IN (
			SELECT id
			FROM notice
			WHERE created_at < transaction_timestamp() - make_interval(days => $1)
			ORDER BY created_at
			LIMIT 10000)`, notice.KeepDays)
	return tag.RowsAffected(), err
}
