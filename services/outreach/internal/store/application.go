package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/application"
)

const applicationColumns = `
	a.id, a.opportunity_id, a.kind, a.person_id, a.account, a.entered_by, a.channel, a.state, a.place, a.heads, a.group_kind, a.minors,
	a.trial, a.max_shifts, a.attended, a.agrees, a.message, a.erase_on, a.created_at, a.updated_at, a.version,
	CASE WHEN a.state = 'WAITLISTED' THEN (
		SELECT count(*) FROM application w
		WHERE w.opportunity_id = a.opportunity_id AND w.state = 'WAITLISTED' AND w.place <= a.place)::integer ELSE 0 END AS position,
	(SELECT p.title FROM publication p WHERE p.id = a.opportunity_id) AS title,
	(SELECT json_agg(json_build_object('ShiftID', s.shift_id, 'Accepted', s.accepted, 'Attended', s.attended) ORDER BY s.rank)
		FROM application_shift s WHERE s.application_id = a.id) AS wishes`

func scanApplication(row pgx.CollectableRow) (*application.Application, error) {
	var (
		a               application.Application
		person, account *string
	)
	err := row.Scan(&a.ID, &a.OpportunityID, &a.Kind, &person, &account, &a.EnteredBy, &a.Channel, &a.State, &a.Place, &a.Heads, &a.Group,
		&a.Minors, &a.Trial, &a.MaxShifts, &a.Attended, &a.Agrees, &a.Message, &a.EraseOn, &a.CreatedAt, &a.UpdatedAt, &a.Version,
		&a.Position, &a.OpportunityTitle, &a.Wishes)
	a.PersonID, a.Account = pg.Or(person), pg.Or(account)
	return &a, err
}

// InsertApplication adds an application to an opportunity whose places are locked.
// Errors: ALREADY_APPLIED.
func InsertApplication(ctx context.Context, tx *pg.Tx, a *application.Application, identity []byte) error {
	a.CreatedAt, a.UpdatedAt, a.Version = tx.Now, tx.Now, 1
	_, err := tx.Exec(ctx, `
		INSERT INTO application (
			id, opportunity_id, kind, person_id, account, entered_by, identity_hash, channel, state, place, heads, group_kind, minors, trial,
			max_shifts, agrees, message, erase_on, created_at, updated_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, '', $17, $18, $18, 1)`,
		a.ID, a.OpportunityID, a.Kind, a.PersonID, pg.Null(a.Account), a.EnteredBy, identity, a.Channel, a.State, a.Place, a.Heads, a.Group,
		a.Minors, a.Trial, a.MaxShifts, a.Agrees, a.EraseOn, tx.Now)
	if err != nil {
		return pg.Refuse(err, map[string]*fault.Error{"application_once": application.ErrAlreadyApplied})
	}
	if len(a.Wishes) == 0 {
		return nil
	}
	ids, accepted, _ := wishes(a)
	_, err = tx.Exec(ctx, `
		INSERT INTO application_shift (application_id, shift_id, rank, accepted)
		SELECT $1, n.shift_id, n.rank, n.accepted
		FROM unnest($2::uuid[], $3::boolean[]) WITH ORDINALITY AS n (shift_id, accepted, rank)`, a.ID, ids, accepted)
	return err
}

// wishes are the columns of the wished shifts of an application.
func wishes(a *application.Application) (ids []string, accepted []bool, attended []*int) {
	for _, w := range a.Wishes {
		ids, accepted, attended = append(ids, w.ShiftID), append(accepted, w.Accepted), append(attended, w.Attended)
	}
	return ids, accepted, attended
}

// UpdateApplication writes an application of an opportunity whose places are
// locked, and counts its version up. It is written at once: whoever moves up next
// is found by it.
func UpdateApplication(ctx context.Context, tx *pg.Tx, a *application.Application) error {
	a.UpdatedAt = tx.Now
	a.Version++
	_, err := tx.Exec(ctx, `
		UPDATE application
		SET state = $2, attended = $3, agrees = $4, message = $5, erase_on = $6, updated_at = $7, version = version + 1
		WHERE id = $1`, a.ID, a.State, a.Attended, a.Agrees, a.Message, a.EraseOn, tx.Now)
	if err != nil || len(a.Wishes) == 0 {
		return err
	}
	ids, accepted, attended := wishes(a)
	_, err = tx.Exec(ctx, `
		UPDATE application_shift s
		SET accepted = n.accepted, attended = n.attended
		FROM unnest($2::uuid[], $3::boolean[], $4::integer[]) AS n (shift_id, accepted, attended)
		WHERE s.application_id = $1 AND s.shift_id = n.shift_id`, a.ID, ids, accepted, attended)
	return err
}

func oneApplication(ctx context.Context, r pg.Reader, where string, args ...any) (*application.Application, error) {
	rows, err := r.Query(ctx, `
		SELECT `+applicationColumns+`
		FROM application a
		WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	a, err := pgx.CollectExactlyOneRow(rows, scanApplication)
	return a, pg.Found(err)
}

// GetApplication reads an application of an opportunity. Errors:
// RESOURCE_NOT_FOUND.
func GetApplication(ctx context.Context, r pg.Reader, opportunityID, id string) (*application.Application, error) {
	return oneApplication(ctx, r, `a.opportunity_id = $1 AND a.id = $2`, opportunityID, id)
}

// ApplicationOf reads an application by its id alone, for the service's own work.
// Errors: RESOURCE_NOT_FOUND.
func ApplicationOf(ctx context.Context, r pg.Reader, id string) (*application.Application, error) {
	return oneApplication(ctx, r, `a.id = $1`, id)
}

const firstFitting = `
			SELECT w.id
			FROM application w
			JOIN opportunity_place o USING (opportunity_id)
			CROSS JOIN LATERAL (
				SELECT count(*) AS wished,
					count(*) FILTER (WHERE NOT s.cancelled AND s.starts_at > $2 AND w.heads <= s.capacity - s.accepted) AS fitting
				FROM application_shift x
				JOIN shift s ON s.id = x.shift_id
				WHERE x.application_id = w.id) AS f
			WHERE w.opportunity_id = $1 AND w.state = 'WAITLISTED' AND w.heads <= o.headcount - o.accepted
				AND (NOT w.trial OR w.heads <= o.trial_places - o.trial_accepted) AND (f.wished = 0 OR f.fitting > 0)
			ORDER BY w.place
			LIMIT 1`

// FirstFitting reads the first on the wait-list of an opportunity for whom there
// is a place; the places are locked. Errors: RESOURCE_NOT_FOUND.
func FirstFitting(ctx context.Context, tx *pg.Tx, opportunityID string) (*application.Application, error) {
	return oneApplication(ctx, tx, `a.id = (`+firstFitting+`)`, opportunityID, tx.Now)
}

// WaitsAt is the place on the wait-list of an application that was written.
func WaitsAt(ctx context.Context, tx *pg.Tx, a *application.Application) (int, error) {
	var n int
	err := tx.QueryRow(ctx, `
		SELECT count(*)
		FROM application
		WHERE opportunity_id = $1 AND state = 'WAITLISTED' AND place <= $2`, a.OpportunityID, a.Place).Scan(&n)
	return n, err
}

// InShift reads the applications with a place in a shift, in their order; there
// are at most as many as the shift has places.
func InShift(ctx context.Context, tx *pg.Tx, shiftID string) ([]*application.Application, error) {
	rows, err := tx.Query(ctx, `
		SELECT `+applicationColumns+`
		FROM application_shift x
		JOIN application a ON a.id = x.application_id
		WHERE x.shift_id = $1 AND x.accepted
		ORDER BY a.place`, shiftID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanApplication)
}

const listApplications = `
		SELECT ` + applicationColumns + `
		FROM application a
		WHERE a.opportunity_id = $1 AND a.place > $2 AND ($3 = '' OR a.state = $3)
		ORDER BY a.place
		LIMIT $4`

// ListApplications reads one more than a page of the applications for an
// opportunity, in the order of application.
func ListApplications(ctx context.Context, r pg.Reader, opportunityID string, state application.State, page pg.Page) ([]*application.Application, error) {
	after, err := page.AfterNumber(0)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, listApplications, pgx.QueryExecModeCacheDescribe, opportunityID, after, state, page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanApplication)
}

const ownApplications = `
		SELECT ` + applicationColumns + `
		FROM application a
		WHERE a.account = $1 AND a.id < $2
		ORDER BY a.id DESC
		LIMIT $3`

// OwnApplications reads one more than a page of the applications of an account,
// newest first.
func OwnApplications(ctx context.Context, r pg.Reader, account string, page pg.Page) ([]*application.Application, error) {
	rows, err := r.Query(ctx, ownApplications, account, page.AfterID(pg.LastID), page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanApplication)
}

// EndApplications queues the end of all live applications for an opportunity that
// was called off; MailApplicants goes before it. Who they are is known for keep
// more days.
func EndApplications(tx *pg.Tx, opportunityID string, keep time.Duration) {
	tx.Queue(`
		UPDATE application
		SET state = 'CANCELLED', updated_at = transaction_timestamp(), version = version + 1,
			erase_on = ((transaction_timestamp() + $2::interval) AT TIME ZONE 'Asia/Tokyo')::date
		WHERE opportunity_id = $1 AND state IN ('REQUESTED', 'ACCEPTED', 'WAITLISTED')`, opportunityID, keep)
	tx.Queue(`
		UPDATE opportunity_place
		SET open = false, accepted = 0, requested = 0, waiting = 0, trial_accepted = 0
		WHERE opportunity_id = $1`, opportunityID)
	tx.Queue(`
		UPDATE shift
		SET cancelled = true, accepted = 0, version = version + 1
		WHERE opportunity_id = $1 AND NOT cancelled`, opportunityID)
}

// KeepApplicants queues the days from which who applied is deleted, after the last
// day of an opportunity changed.
func KeepApplicants(tx *pg.Tx, opportunityID string) {
	tx.Queue(`
		UPDATE application a
		SET erase_on = o.last_on + CASE WHEN a.state = 'ACCEPTED' AND a.agrees THEN $2::integer ELSE $3::integer END + 1
		FROM opportunity_place o
		WHERE o.opportunity_id = a.opportunity_id AND a.opportunity_id = $1 AND a.state IN ('REQUESTED', 'ACCEPTED', 'WAITLISTED')`,
		opportunityID, application.KeepAgreedDays, application.KeepDays)
}
