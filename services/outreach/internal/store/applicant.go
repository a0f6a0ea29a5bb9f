package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/application"
)

// AddApplicant queues who applied into the vault.
func AddApplicant(tx *pg.Tx, p application.Person) {
	tx.Queue(`
		INSERT INTO person (id, name, name_kana, email, phone_number, note, group_name, guardian_consent, paper_note, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		p.ID, p.Name, p.NameKana, p.Email, p.PhoneNumber, p.Note, p.GroupName, p.GuardianConsent, p.PaperNote, tx.Now)
}

// ApplicantsOf returns who is in the vault, by id.
func ApplicantsOf(ctx context.Context, r pg.Reader, ids ...string) (map[string]application.Person, error) {
	rows, err := r.Query(ctx, `
		SELECT id, name, name_kana, email, phone_number, note, group_name, guardian_consent, paper_note
		FROM person
		WHERE id = ANY($1::uuid[])`, pg.List(ids))
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[application.Person])
	out := map[string]application.Person{}
	for _, p := range all {
		out[p.ID] = p
	}
	return out, err
}

// MailApplicant queues a mail to who applied, once an occasion; to nobody without
// an address.
func MailApplicant(tx *pg.Tx, m Mail) {
	tx.Queue(`
		INSERT INTO mail (id, occasion, person_id, template, version, subject_id, state, tries, due_at, created_at)
		SELECT $1, $2, id, $4, $5, $6, 'QUEUED', 0, $7, transaction_timestamp()
		FROM person
		WHERE id = $3 AND email <> ''
		ON CONFLICT ON CONSTRAINT mail_occasion_unique DO NOTHING`,
		m.ID, m.Occasion, m.PersonID, m.Template, m.Version, m.SubjectID, m.DueAt)
}

// MailApplicants queues a mail to each person with a live application for an
// opportunity; the occasion is the template's and the application's.
func MailApplicants(tx *pg.Tx, opportunityID, template string, version int) {
	tx.Queue(`
		INSERT INTO mail (id, occasion, person_id, template, version, subject_id, state, tries, due_at, created_at)
		SELECT gen_random_uuid(), $2 || ':' || a.id, a.person_id, $2, $3, a.id, 'QUEUED', 0, transaction_timestamp(),
			transaction_timestamp()
		FROM application a
		JOIN person p ON p.id = a.person_id AND p.email <> ''
		WHERE a.opportunity_id = $1 AND a.state IN ('REQUESTED', 'ACCEPTED', 'WAITLISTED')
		ON CONFLICT ON CONSTRAINT mail_occasion_unique DO NOTHING`, opportunityID, template, version)
}

// maxInvitations bounds the mails of one invitation.
const maxInvitations = 2000

// InviteEarlier queues a mail about an opportunity to those who had a place in
// earlier ones of its owner and agreed, once each, and to nobody who has applied
// already; the newest 2,000 at most. It returns how many that are.
func InviteEarlier(ctx context.Context, tx *pg.Tx, opportunityID, template string, version int) (int, error) {
	tag, err := tx.Exec(ctx, inviteSQL, opportunityID, template, version, maxInvitations)
	return int(tag.RowsAffected()), err
}

const inviteSQL = `
		INSERT INTO mail (id, occasion, person_id, template, version, subject_id, state, tries, due_at, created_at)
		SELECT gen_random_uuid(), $2 || ':' || $1 || ':' || encode(e.identity_hash, 'hex'), e.person_id, $2, $3, $1::uuid, 'QUEUED', 0,
			transaction_timestamp(), transaction_timestamp()
		FROM (
			SELECT DISTINCT ON (a.identity_hash) a.identity_hash, a.person_id, a.id
			FROM publication new
			JOIN publication old ON old.kind = 'OPPORTUNITY' AND old.id <> new.id
				AND (old.organization_id = new.organization_id OR old.department_id = new.department_id)
			JOIN application a ON a.opportunity_id = old.id AND a.agrees AND a.state = 'ACCEPTED' AND a.person_id IS NOT NULL
			JOIN person p ON p.id = a.person_id AND p.email <> ''
			WHERE new.id = $1::uuid
			ORDER BY a.identity_hash, a.id DESC
		) AS e
		WHERE NOT EXISTS (SELECT FROM application n WHERE n.opportunity_id = $1::uuid AND n.identity_hash = e.identity_hash)
		ORDER BY e.id DESC
		LIMIT $4
		ON CONFLICT ON CONSTRAINT mail_occasion_unique DO NOTHING`

// ErasableOpportunities returns up to 100 opportunities with applicants who have
// to be forgotten before today.
func ErasableOpportunities(ctx context.Context, r pg.Reader, today jp.Date) ([]string, error) {
	rows, err := r.Query(ctx, erasable, today)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

const erasable = `
		SELECT DISTINCT opportunity_id::text
		FROM (
			SELECT opportunity_id
			FROM application
			WHERE erase_on <= $1 AND person_id IS NOT NULL
			ORDER BY erase_on
			LIMIT 1000
		) AS due
		LIMIT 100`

// EraseApplicants deletes who is behind the applications for an opportunity whose
// time is over. Mails that wait for them are dropped. It returns how many people
// went.
func EraseApplicants(ctx context.Context, tx *pg.Tx, opportunityID string, today jp.Date) (int64, error) {
	const due = `opportunity_id = $1 AND erase_on <= $2 AND person_id IS NOT NULL`
	_, err := tx.Exec(ctx, `
		UPDATE mail
		SET state = 'DROPPED'
		WHERE state = 'QUEUED' AND person_id IN (SELECT person_id FROM application WHERE `+due+`)`, opportunityID, today)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `
		UPDATE application
		SET account = NULL, identity_hash = NULL, agrees = false, message = ''
		WHERE `+due, opportunityID, today)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `
		UPDATE hours
		SET logged_by = ''
		WHERE application_id IN (SELECT id FROM application WHERE `+due+`)`, opportunityID, today)
	if err != nil {
		return 0, err
	}
	tag, err := tx.Exec(ctx, `
		DELETE FROM person
		WHERE id IN (SELECT person_id FROM application WHERE `+due+`)`, opportunityID, today)
	return tag.RowsAffected(), err
}
