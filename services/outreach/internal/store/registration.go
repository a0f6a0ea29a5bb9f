package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/registration"
)

const registrationColumns = `
	r.id, r.event_id, r.person_id, r.account, r.state, r.place, r.confirm_before, r.confirmed_at, r.created_at,
	r.updated_at, r.version, r.party, r.ticket,
	CASE WHEN r.state = 'WAITLISTED' THEN (
		SELECT count(*) FROM registration w
		WHERE w.event_id = r.event_id AND w.state = 'WAITLISTED' AND w.place <= r.place)::integer ELSE 0 END AS position`

func scanRegistration(row pgx.CollectableRow) (*registration.Registration, error) {
	var (
		r               registration.Registration
		person, account *string
		ticket          *string
		confirmed       *time.Time
	)
	err := row.Scan(&r.ID, &r.EventID, &person, &account, &r.State, &r.Place, &r.ConfirmBefore, &confirmed, &r.CreatedAt,
		&r.UpdatedAt, &r.Version, &r.Party, &ticket, &r.Position)
	r.PersonID, r.Account, r.Ticket, r.ConfirmedAt = pg.Or(person), pg.Or(account), pg.Or(ticket), pg.Or(confirmed)
	return &r, err
}

// Secrets are the hashes under which a registration is found; none of them can be
// turned back.
type Secrets struct {
	Address []byte // Keyed hash of the mail address.
	Token   []byte // SHA-256 of the secret in the link.
}

// InsertRegistration adds a registration, unless its address has one for the event
// already: then nothing is written, and that is reported.
func InsertRegistration(ctx context.Context, tx *pg.Tx, r *registration.Registration, s Secrets) (bool, error) {
	r.CreatedAt, r.UpdatedAt, r.Version = tx.Now, tx.Now, 1
	tag, err := tx.Exec(ctx, `
		INSERT INTO registration (
			id, event_id, person_id, account, address_hash, token_hash, state, place, confirm_before, created_at, updated_at,
			version, party, ticket)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10, 1, $11, $12)
		ON CONFLICT (event_id, address_hash) WHERE state IN ('REQUESTED', 'ADMITTED', 'WAITLISTED') DO NOTHING`,
		r.ID, r.EventID, r.PersonID, pg.Null(r.Account), s.Address, s.Token, r.State, r.Place, r.ConfirmBefore, tx.Now,
		r.Party, pg.Null(r.Ticket))
	return tag.RowsAffected() == 1, err
}

// UpdateRegistration writes a registration whose event's places are locked and
// counts its version up.
func UpdateRegistration(ctx context.Context, tx *pg.Tx, r *registration.Registration) error {
	r.UpdatedAt = tx.Now
	r.Version++
	_, err := tx.Exec(ctx, `
		UPDATE registration
		SET state = $2, confirmed_at = $3, updated_at = $4, version = version + 1
		WHERE id = $1`, r.ID, r.State, pg.Null(r.ConfirmedAt), tx.Now)
	return err
}

func oneRegistration(ctx context.Context, r pg.Reader, where string, args ...any) (*registration.Registration, error) {
	rows, err := r.Query(ctx, `
		SELECT `+registrationColumns+`
		FROM registration r
		WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	one, err := pgx.CollectExactlyOneRow(rows, scanRegistration)
	return one, pg.Found(err)
}

// GetRegistration reads a registration of an event. Errors: RESOURCE_NOT_FOUND.
func GetRegistration(ctx context.Context, r pg.Reader, eventID, id string) (*registration.Registration, error) {
	return oneRegistration(ctx, r, `r.event_id = $1 AND r.id = $2`, eventID, id)
}

// RegistrationOf reads a registration by its id alone, for the service's own work.
// Errors: RESOURCE_NOT_FOUND.
func RegistrationOf(ctx context.Context, r pg.Reader, id string) (*registration.Registration, error) {
	return oneRegistration(ctx, r, `r.id = $1`, id)
}

// RegistrationByToken reads a registration by the hash of its link's secret.
// Errors: RESOURCE_NOT_FOUND.
func RegistrationByToken(ctx context.Context, r pg.Reader, hash []byte) (*registration.Registration, error) {
	return oneRegistration(ctx, r, `r.token_hash = $1`, hash)
}

// FirstWaiting reads the first on the wait-list of an event whose places are
// locked. Errors: RESOURCE_NOT_FOUND.
func FirstWaiting(ctx context.Context, tx *pg.Tx, eventID string) (*registration.Registration, error) {
	return oneRegistration(ctx, tx, `r.id = (
			SELECT id
			FROM registration
			WHERE event_id = $1 AND state = 'WAITLISTED'
			ORDER BY place
			LIMIT 1)`, eventID)
}

// ListRegistrations reads one more than a page of the registrations of an event,
// in the order of registration.
func ListRegistrations(ctx context.Context, r pg.Reader, eventID string, state registration.State, page pg.Page) ([]*registration.Registration, error) {
	after, err := page.AfterNumber(0)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, `
		SELECT `+registrationColumns+`
		FROM registration r
		WHERE r.event_id = $1 AND r.place > $2 AND ($3 = '' OR r.state = $3)
		ORDER BY r.place
		LIMIT $4`, eventID, after, state, page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanRegistration)
}

// CancelRegistrations queues the end of all registrations of an event that was
// called off; MailEverybody goes before it.
func CancelRegistrations(tx *pg.Tx, eventID string) {
	tx.Queue(`
		UPDATE registration
		SET state = 'CANCELLED', updated_at = transaction_timestamp(), version = version + 1
		WHERE event_id = $1 AND state IN ('REQUESTED', 'ADMITTED', 'WAITLISTED')`, eventID)
	tx.Queue(`
		UPDATE event_seat
		SET open = false, admitted = 0, waiting = 0
		WHERE event_id = $1`, eventID)
}

// OverdueRegistrations returns up to 200 registrations that were not confirmed in
// time, as event and id.
func OverdueRegistrations(ctx context.Context, r pg.Reader, now time.Time) ([][2]string, error) {
	rows, err := r.Query(ctx, `
		SELECT event_id::text, id::text
		FROM registration
		WHERE confirmed_at IS NULL AND state IN ('REQUESTED', 'ADMITTED', 'WAITLISTED') AND confirm_before <= $1
		ORDER BY confirm_before
		LIMIT 200`, now)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (ids [2]string, err error) {
		return ids, row.Scan(&ids[0], &ids[1])
	})
}

// RegisteredAs reads the live registration of an address for an event. Errors:
// RESOURCE_NOT_FOUND.
func RegisteredAs(ctx context.Context, tx *pg.Tx, eventID string, address []byte) (*registration.Registration, error) {
	return oneRegistration(ctx, tx, `r.event_id = $1 AND r.address_hash = $2
		AND r.state IN ('REQUESTED', 'ADMITTED', 'WAITLISTED')`, eventID, address)
}

// AddPerson queues a person into the vault.
func AddPerson(tx *pg.Tx, p registration.Person) {
	tx.Queue(`
		INSERT INTO person (id, name, name_kana, email, phone_number, note, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`, p.ID, p.Name, p.NameKana, p.Email, p.PhoneNumber, p.Note, tx.Now)
}

// PersonsOf returns who is in the vault, by id.
func PersonsOf(ctx context.Context, r pg.Reader, ids []string) (map[string]registration.Person, error) {
	rows, err := r.Query(ctx, `
		SELECT id, name, name_kana, email, phone_number, note
		FROM person
		WHERE id = ANY($1::uuid[])`, pg.List(ids))
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[registration.Person])
	out := map[string]registration.Person{}
	for _, p := range all {
		out[p.ID] = p
	}
	return out, err
}

// ErasableEvents returns up to 100 events whose registrations have served their
// purpose before today and still name somebody.
func ErasableEvents(ctx context.Context, r pg.Reader, today jp.Date) ([]string, error) {
	rows, err := r.Query(ctx, `
		SELECT s.event_id::text
		FROM event_seat s
		WHERE s.erase_on <= $1
			AND EXISTS (SELECT FROM registration r WHERE r.event_id = s.event_id AND r.address_hash IS NOT NULL)
		ORDER BY s.erase_on
		LIMIT 100`, today)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// ErasePersons deletes who stands behind registrations of an event: of all of them
// with no state, else of those in the state. Mails that wait for them are dropped.
// It returns how many people went.
func ErasePersons(ctx context.Context, tx *pg.Tx, eventID string, state registration.State) (int64, error) {
	_, err := tx.Exec(ctx, `
		UPDATE mail
		SET state = 'DROPPED'
		WHERE state = 'QUEUED' AND person_id IN (
			SELECT person_id FROM registration WHERE event_id = $1 AND ($2 = '' OR state = $2))`, eventID, state)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `
		UPDATE registration
		SET address_hash = NULL, account = NULL
		WHERE event_id = $1 AND ($2 = '' OR state = $2)`, eventID, state)
	if err != nil {
		return 0, err
	}
	tag, err := tx.Exec(ctx, `
		DELETE FROM person
		WHERE id IN (SELECT person_id FROM registration WHERE event_id = $1 AND ($2 = '' OR state = $2))`, eventID, state)
	return tag.RowsAffected(), err
}
