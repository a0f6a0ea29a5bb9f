package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/facility"
)

const itemColumns = `
	i.id, i.kind, i.code, i.facility_id, i.version,
	EXISTS (SELECT FROM item_version AS d WHERE d.item_id = i.id AND d.state = 'DRAFT') AS draft_open,
	r.number, r.parts, r.atoms, r.pattern,
	v.number, v.state, v.name, v.valid_from, v.valid_to, v.source, v.content, v.drafters, v.updated_at, v.approved_by,
	v.approved_at`

func scanItem(row pgx.CollectableRow) (*facility.Item, error) {
	var (
		i                              facility.Item
		facilityID, pattern, approvedB *string
		number                         *int32
		to                             *jp.Date
		approvedAt                     *time.Time
		content                        []byte
	)
	err := row.Scan(&i.ID, &i.Kind, &i.Code, &facilityID, &i.Version, &i.DraftOpen,
		&number, &i.Place.PartIDs, &i.Place.Atoms, &pattern,
		&i.Number, &i.State, &i.Name, &i.From, &to, &i.Source, &content, &i.Drafters, &i.UpdatedAt, &approvedB, &approvedAt)
	if err != nil {
		return nil, err
	}
	i.FacilityID, i.Place.Pattern, i.ApprovedBy = pg.Or(facilityID), pg.Or(pattern), pg.Or(approvedB)
	i.Place.Number, i.To, i.ApprovedAt = pg.Or(number), pg.Or(to), pg.Or(approvedAt)
	i.Content = facility.NewContent(i.Kind)
	if err := json.Unmarshal(content, i.Content); err != nil {
		return nil, fmt.Errorf("content of %s %s: %w", i.Kind, i.ID, err)
	}
	return &i, nil
}

func oneItem(ctx context.Context, r pg.Reader, sql string, args pgx.StrictNamedArgs) (*facility.Item, error) {
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	i, err := pgx.CollectExactlyOneRow(rows, scanItem)
	return i, pg.Found(err)
}

// InsertItem adds an item with its first draft. Errors: CODE_TAKEN,
// RESOURCE_NOT_FOUND for a facility that is not there.
func InsertItem(ctx context.Context, tx *pg.Tx, i *facility.Item) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO item (id, kind, code, facility_id, created_at, version)
		VALUES ($1, $2, $3, $4, $5, 1)`, i.ID, i.Kind, i.Code, pg.Null(i.FacilityID), tx.Now)
	if err != nil {
		return pg.Refuse(err, map[string]*fault.Error{
			"item_code_unique": facility.ErrCodeTaken, "item_facility_known": fault.ErrNotFound,
		})
	}
	i.Version, i.Number, i.State, i.DraftOpen = 1, 1, facility.Draft, true
	return saveVersion(ctx, tx, i)
}

// NextRoomNumber takes the number of a new room.
func NextRoomNumber(ctx context.Context, tx *pg.Tx) (int32, error) {
	var n int32
	err := tx.QueryRow(ctx, `SELECT nextval(pg_get_serial_sequence('room', 'number'))`).Scan(&n)
	return n, err
}

// InsertPlace adds what of a new room never changes.
func InsertPlace(ctx context.Context, tx *pg.Tx, i *facility.Item) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO room (item_id, number, parts, atoms, pattern)
		OVERRIDING SYSTEM VALUE
		VALUES ($1, $2, $3, $4, $5)`, i.ID, i.Place.Number, pg.List(i.Place.PartIDs), i.Place.Atoms, i.Place.Pattern)
	return err
}

// saveVersion writes the version that an item is seen in.
func saveVersion(ctx context.Context, tx *pg.Tx, i *facility.Item) error {
	content, err := json.Marshal(i.Content)
	if err != nil {
		return err
	}
	i.UpdatedAt = tx.Now
	_, err = tx.Exec(ctx, `
		INSERT INTO item_version (
			item_id, number, state, name, valid_from, valid_to, source, content, drafters, updated_at, approved_by,
			approved_at)
		VALUES (
			@item_id, @number, @state, @name, @valid_from, @valid_to, @source, @content, @drafters, @updated_at, @approved_by,
			@approved_at)
		ON CONFLICT ON CONSTRAINT item_version_pkey
		DO UPDATE SET state = EXCLUDED.state, name = EXCLUDED.name, valid_from = EXCLUDED.valid_from,
			valid_to = EXCLUDED.valid_to, source = EXCLUDED.source, content = EXCLUDED.content,
			drafters = EXCLUDED.drafters, updated_at = EXCLUDED.updated_at, approved_by = EXCLUDED.approved_by,
			approved_at = EXCLUDED.approved_at
		WHERE item_version.state = 'DRAFT'`, pgx.StrictNamedArgs{
		"item_id": i.ID, "number": i.Number, "state": i.State, "name": i.Name, "valid_from": i.From, "valid_to": pg.Null(i.To),
		"source": i.Source, "content": content, "drafters": i.Drafters, "updated_at": i.UpdatedAt,
		"approved_by": pg.Null(i.ApprovedBy), "approved_at": pg.Null(i.ApprovedAt),
	})
	return err
}

// SaveItem writes the version that a locked item is seen in, and counts the
// item's version up.
func SaveItem(ctx context.Context, tx *pg.Tx, i *facility.Item) error {
	if err := saveVersion(ctx, tx, i); err != nil {
		return err
	}
	i.Version++
	_, err := tx.Exec(ctx, `UPDATE item SET version = $2 WHERE id = $1`, i.ID, i.Version)
	return err
}

// LockItem reads an item of some kinds for a change of it, in its open draft, or
// in its last version where nothing is drafted. Errors: RESOURCE_NOT_FOUND.
func LockItem(ctx context.Context, tx *pg.Tx, id string, kinds ...facility.Kind) (*facility.Item, error) {
	return oneItem(ctx, tx, `
		SELECT `+itemColumns+`
		FROM item AS i
		LEFT JOIN room AS r ON r.item_id = i.id
		CROSS JOIN LATERAL (
			SELECT *
			FROM item_version
			WHERE item_id = i.id
			ORDER BY number DESC
			LIMIT 1) AS v
		WHERE i.id = @id AND i.kind = ANY (@kinds)
		FOR UPDATE OF i`, pgx.StrictNamedArgs{"id": id, "kinds": kinds})
}

// ItemFilter selects items, each in one version.
type ItemFilter struct {
	Kinds      []facility.Kind
	FacilityID string  // Of any facility when empty.
	On         jp.Date // The version in force on this day.
	// Upcoming takes the last approved version instead, unless it ended before On.
	Upcoming bool
	// Draft takes the open draft instead.
	Draft bool
}

const versionInForce = `
	FROM item AS i
	LEFT JOIN room AS r ON r.item_id = i.id
	CROSS JOIN LATERAL (
		SELECT *
		FROM item_version
		WHERE item_id = i.id AND state = CASE WHEN @draft THEN 'DRAFT' ELSE 'APPROVED' END
			AND (valid_from <= @on OR @upcoming OR @draft)
		ORDER BY valid_from DESC, number DESC
		LIMIT 1) AS v`

func (f ItemFilter) args() pgx.StrictNamedArgs {
	return pgx.StrictNamedArgs{"kinds": f.Kinds, "on": f.On, "draft": f.Draft, "upcoming": f.Upcoming}
}

// GetItem reads an item in the version of the filter. Errors: RESOURCE_NOT_FOUND.
func GetItem(ctx context.Context, r pg.Reader, id string, f ItemFilter) (*facility.Item, error) {
	args := f.args()
	args["id"] = id
	return oneItem(ctx, r, `
		SELECT `+itemColumns+versionInForce+`
		WHERE i.id = @id AND i.kind = ANY (@kinds) AND (v.valid_to IS NULL OR v.valid_to >= @on OR @draft)`, args)
}

// ListItems reads one more than a page of items of one kind, by code, then by
// age.
func ListItems(ctx context.Context, r pg.Reader, f ItemFilter, page pg.Page) ([]*facility.Item, error) {
	sql, args, err := itemList(f, page)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanItem)
}

func itemList(f ItemFilter, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	code, id := "", pg.NilID
	switch len(page.After) {
	case 0:
	case 2:
		code, id = page.After[0], page.After[1]
	default:
		return "", nil, fault.ErrInvalidPageToken
	}
	args := f.args()
	delete(args, "kinds")
	args["kind"], args["code"], args["id"], args["limit"] = f.Kinds[0], code, id, page.Size+1
	of := `i.kind = @kind AND (i.code, i.id) > (@code, @id)`
	order := `i.code, i.id`
	if f.FacilityID != "" {
		args["facility_id"] = f.FacilityID
		delete(args, "code")
		of = `i.facility_id = @facility_id AND i.kind = @kind AND i.id > @id`
		order = `i.id`
	}
	return `
		SELECT ` + itemColumns + versionInForce + `
		WHERE ` + of + ` AND (v.valid_to IS NULL OR v.valid_to >= @on OR @draft)
		ORDER BY ` + order + `
		LIMIT @limit`, args, nil
}

// RoomItems reads rooms by id, in their last version, ascending by number.
func RoomItems(ctx context.Context, r pg.Reader, ids []string) ([]*facility.Item, error) {
	rows, err := r.Query(ctx, `
		SELECT `+itemColumns+`
		FROM item AS i
		JOIN room AS r ON r.item_id = i.id
		CROSS JOIN LATERAL (
			SELECT *
			FROM item_version
			WHERE item_id = i.id
			ORDER BY number DESC
			LIMIT 1) AS v
		WHERE i.id = ANY ($1)
		ORDER BY r.number`, ids)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanItem)
}

// RoomsNumbered returns the ids of rooms by their numbers, which are those of
// atoms.
func RoomsNumbered(ctx context.Context, r pg.Reader, numbers []int32) (map[int32]string, error) {
	rows, err := r.Query(ctx, `
		SELECT number, item_id::text
		FROM room
		WHERE number = ANY ($1)`, numbers)
	if err != nil {
		return nil, err
	}
	ids := map[int32]string{}
	var (
		number int32
		id     string
	)
	_, err = pgx.ForEachRow(rows, []any{&number, &id}, func() error {
		ids[number] = id
		return nil
	})
	return ids, err
}
