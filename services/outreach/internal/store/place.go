package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/application"
)

const placeColumns = `
	o.opportunity_id, o.kind, o.selection, o.activity_field, o.starts_on, o.last_on, o.closes_at, o.open, o.headcount, o.accepted,
	o.requested, o.waiting, o.declined, o.trial_places, o.trial_accepted, o.last_place`

func scanPlaces(row pgx.CollectableRow) (*application.Places, error) {
	var p application.Places
	err := row.Scan(&p.OpportunityID, &p.Kind, &p.Selection, &p.ActivityField, &p.StartsOn, &p.LastOn, &p.ClosesAt, &p.Open, &p.Headcount,
		&p.Accepted, &p.Requested, &p.Waiting, &p.Declined, &p.TrialPlaces, &p.TrialAccepted, &p.LastPlace)
	return &p, err
}

// PutPlaces writes the places of an opportunity that becomes public. Who applied
// before stays, with the places that are taken.
func PutPlaces(ctx context.Context, tx *pg.Tx, p *application.Places) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO opportunity_place (
			opportunity_id, kind, selection, activity_field, starts_on, last_on, closes_at, open, headcount, accepted, requested, waiting,
			declined, trial_places, trial_accepted, last_place)
		VALUES ($1, $2, $3, $4, $5, $6, $7, true, $8, 0, 0, 0, 0, $9, 0, 0)
		ON CONFLICT ON CONSTRAINT opportunity_place_pkey
		DO UPDATE SET selection = EXCLUDED.selection, activity_field = EXCLUDED.activity_field, starts_on = EXCLUDED.starts_on,
			last_on = EXCLUDED.last_on, closes_at = EXCLUDED.closes_at, open = true,
			headcount = greatest(EXCLUDED.headcount, opportunity_place.accepted),
			trial_places = greatest(EXCLUDED.trial_places, opportunity_place.trial_accepted)`,
		p.OpportunityID, p.Kind, p.Selection, p.ActivityField, p.StartsOn, p.LastOn, p.ClosesAt, p.Headcount, p.TrialPlaces)
	return err
}

// ClosePlaces queues the end of applications for an opportunity.
func ClosePlaces(tx *pg.Tx, opportunityID string) {
	tx.Queue(`
		UPDATE opportunity_place
		SET open = false
		WHERE opportunity_id = $1`, opportunityID)
}

// LockPlaces reads the places of an opportunity and its shifts for a change of
// them: whoever applies or leaves at the same time waits. Errors:
// RESOURCE_NOT_FOUND.
func LockPlaces(ctx context.Context, tx *pg.Tx, opportunityID string) (*application.Places, error) {
	rows, err := tx.Query(ctx, `
		SELECT `+placeColumns+`
		FROM opportunity_place o
		WHERE o.opportunity_id = $1
		FOR UPDATE`, opportunityID)
	if err != nil {
		return nil, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanPlaces)
	if err != nil {
		return nil, pg.Found(err)
	}
	p.Shifts, err = ListShifts(ctx, tx, opportunityID)
	return p, err
}

// placeRefusals are what broken constraints mean.
var placeRefusals = map[string]*fault.Error{
	"opportunity_place_headcount_kept": application.ErrFull,
	"opportunity_place_trial_kept":     application.ErrFull,
	"shift_capacity_kept":              application.ErrFull,
}

// UpdatePlaces writes the counts of locked places and of their shifts. Errors:
// OPPORTUNITY_FULL.
func UpdatePlaces(ctx context.Context, tx *pg.Tx, p *application.Places) error {
	_, err := tx.Exec(ctx, `
		UPDATE opportunity_place
		SET accepted = $2, requested = $3, waiting = $4, declined = $5, trial_accepted = $6, last_place = $7
		WHERE opportunity_id = $1`,
		p.OpportunityID, p.Accepted, p.Requested, p.Waiting, p.Declined, p.TrialAccepted, p.LastPlace)
	if err != nil || len(p.Shifts) == 0 {
		return pg.Refuse(err, placeRefusals)
	}
	ids, accepted := make([]string, len(p.Shifts)), make([]int, len(p.Shifts))
	for i, s := range p.Shifts {
		ids[i], accepted[i] = s.ID, s.Accepted
	}
	_, err = tx.Exec(ctx, `
		UPDATE shift s
		SET accepted = n.accepted
		FROM unnest($1::uuid[], $2::integer[]) AS n (id, accepted)
		WHERE s.id = n.id AND s.accepted <> n.accepted`, ids, accepted)
	return pg.Refuse(err, placeRefusals)
}

// PlacesOf returns the places of those of the opportunities that were public,
// without their shifts.
func PlacesOf(ctx context.Context, r pg.Reader, opportunityIDs []string) (map[string]*application.Places, error) {
	rows, err := r.Query(ctx, `
		SELECT `+placeColumns+`
		FROM opportunity_place o
		WHERE o.opportunity_id = ANY($1::uuid[])`, pg.List(opportunityIDs))
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, scanPlaces)
	out := map[string]*application.Places{}
	for _, p := range all {
		out[p.OpportunityID] = p
	}
	return out, err
}

const shiftColumns = `s.id, s.opportunity_id, s.starts_at, s.ends_at, s.capacity, s.accepted, s.cancelled, s.created_at, s.version`

func scanShift(row pgx.CollectableRow) (*application.Shift, error) {
	var s application.Shift
	err := row.Scan(&s.ID, &s.OpportunityID, &s.StartsAt, &s.EndsAt, &s.Capacity, &s.Accepted, &s.Cancelled, &s.CreatedAt, &s.Version)
	return &s, err
}

// ListShifts reads the shifts of an opportunity, earliest first; there are at most
// application.MaxShifts.
func ListShifts(ctx context.Context, r pg.Reader, opportunityID string) ([]*application.Shift, error) {
	rows, err := r.Query(ctx, `
		SELECT `+shiftColumns+`
		FROM shift s
		WHERE s.opportunity_id = $1
		ORDER BY s.starts_at, s.id
		LIMIT $2`, opportunityID, application.MaxShifts)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanShift)
}

// GetShift reads a shift of an opportunity; in a transaction with its opportunity
// locked, for a change of it. Errors: RESOURCE_NOT_FOUND.
func GetShift(ctx context.Context, r pg.Reader, opportunityID, id string) (*application.Shift, error) {
	rows, err := r.Query(ctx, `
		SELECT `+shiftColumns+`
		FROM shift s
		WHERE s.opportunity_id = $1 AND s.id = $2`, opportunityID, id)
	if err != nil {
		return nil, err
	}
	s, err := pgx.CollectExactlyOneRow(rows, scanShift)
	return s, pg.Found(err)
}

// InsertShift adds a shift to a locked opportunity. Errors: SHIFT_LIMIT_REACHED.
func InsertShift(ctx context.Context, tx *pg.Tx, s *application.Shift) error {
	s.CreatedAt, s.Version = tx.Now, 1
	tag, err := tx.Exec(ctx, `
		INSERT INTO shift (id, opportunity_id, starts_at, ends_at, capacity, accepted, cancelled, created_at, version)
		SELECT $1, $2, $3, $4, $5, 0, false, $6, 1
		WHERE (SELECT count(*) FROM shift WHERE opportunity_id = $2) < $7`,
		s.ID, s.OpportunityID, s.StartsAt, s.EndsAt, s.Capacity, tx.Now, application.MaxShifts)
	if err == nil && tag.RowsAffected() == 0 {
		return application.ErrShiftLimit
	}
	return err
}

// UpdateShift writes times and places of a shift whose opportunity is locked, and
// counts its version up. Errors: SHIFT_TAKEN.
func UpdateShift(ctx context.Context, tx *pg.Tx, s *application.Shift) error {
	s.Version++
	_, err := tx.Exec(ctx, `
		UPDATE shift
		SET starts_at = $2, ends_at = $3, capacity = $4, cancelled = $5, version = version + 1
		WHERE id = $1`, s.ID, s.StartsAt, s.EndsAt, s.Capacity, s.Cancelled)
	return pg.Refuse(err, map[string]*fault.Error{"shift_capacity_kept": application.ErrShiftTaken})
}

// PublicShifts reads the shifts of public opportunities from a time on, earliest
// first, with those that were called off.
func PublicShifts(ctx context.Context, r pg.Reader, f FeedFilter, from time.Time) ([]*application.Shift, error) {
	args := pgx.StrictNamedArgs{"from": from, "limit": f.Limit}
	rows, err := r.Query(ctx, publicShiftsSQL(f, args), pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanShift)
}

func publicShiftsSQL(f FeedFilter, args pgx.StrictNamedArgs) string {
	return `
		SELECT ` + shiftColumns + `
		FROM shift s
		JOIN publication p ON p.id = s.opportunity_id AND p.visible` + f.where(args) + `
		WHERE s.starts_at >= @from
		ORDER BY s.starts_at, s.id
		LIMIT @limit`
}
