package store

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/board"
)

const selectPosting = `
	SELECT p.id, p.number, p.state, p.organization_id, p.department_id, p.department_part, p.event_id, p.credits, p.title,
		p.body, p.date_text, p.place_text, p.contact, p.url, p.size, p.copies, p.starts_on, p.ends_on, p.board_ids,
		p.board_department_ids, p.needs_stamp, p.reason, p.created_by, p.approved_by, p.created_at, p.updated_at,
		p.approved_at, p.version, o.name AS organization_name, d.full_name AS department_name, (
			SELECT jsonb_agg(jsonb_build_object('BoardID', b.id, 'Number', b.number, 'Name', b.name) ORDER BY b.number_key, b.id)
			FROM board AS b
			WHERE b.id = ANY(p.board_ids)
		) AS places
	`

const postingJoins = `
	LEFT JOIN organization_ref AS o ON o.id = p.organization_id
	LEFT JOIN department_ref AS d ON d.id = p.department_id`

func scanPosting(row pgx.CollectableRow) (*board.Posting, error) {
	var (
		p                                                   board.Posting
		number, organization, department, event, approvedBy *string
		organizationName, departmentName                    *string
		approvedAt                                          *time.Time
	)
	err := row.Scan(&p.ID, &number, &p.State, &organization, &department, &p.DepartmentPart, &event, &p.Credits, &p.Title,
		&p.Body, &p.DateText, &p.PlaceText, &p.Contact, &p.URL, &p.Size, &p.Copies, &p.StartsOn, &p.EndsOn, &p.BoardIDs,
		&p.Keepers, &p.NeedsStamp, &p.Reason, &p.CreatedBy, &approvedBy, &p.CreatedAt, &p.UpdatedAt,
		&approvedAt, &p.Version, &organizationName, &departmentName, &p.Places)
	p.Number, p.OrganizationID, p.DepartmentID, p.EventID = pg.Or(number), pg.Or(organization), pg.Or(department), pg.Or(event)
	p.ApprovedBy, p.ApprovedAt = pg.Or(approvedBy), pg.Or(approvedAt)
	p.OrganizationName, p.DepartmentName = pg.Or(organizationName), pg.Or(departmentName)
	return &p, err
}

func postingArgs(p *board.Posting) pgx.StrictNamedArgs {
	return pgx.StrictNamedArgs{
		"id": p.ID, "number": pg.Null(p.Number), "state": p.State, "organization_id": pg.Null(p.OrganizationID),
		"department_id": pg.Null(p.DepartmentID), "department_part": p.DepartmentPart, "event_id": pg.Null(p.EventID),
		"credits": pg.List(p.Credits), "title": p.Title, "body": p.Body, "date_text": p.DateText, "place_text": p.PlaceText,
		"contact": p.Contact, "url": p.URL, "size": p.Size, "copies": p.Copies, "starts_on": p.StartsOn, "ends_on": p.EndsOn,
		"board_ids": p.BoardIDs, "board_department_ids": pg.List(p.Keepers), "needs_stamp": p.NeedsStamp, "reason": p.Reason,
		"approved_by": pg.Null(p.ApprovedBy), "updated_at": p.UpdatedAt, "approved_at": pg.Null(p.ApprovedAt), "version": p.Version,
	}
}

// InsertPosting adds a request and takes its places. Errors: BOARD_ALREADY_USED,
// BOARD_FULL.
func InsertPosting(ctx context.Context, tx *pg.Tx, p *board.Posting) error {
	args := postingArgs(p)
	args["created_by"] = p.CreatedBy
	if _, err := tx.Exec(ctx, `
		INSERT INTO posting (
			id, number, state, organization_id, department_id, department_part, event_id, credits, title, body, date_text,
			place_text, contact, url, size, copies, starts_on, ends_on, board_ids, board_department_ids, needs_stamp, reason,
			created_by, approved_by, created_at, updated_at, approved_at, version)
		VALUES (
			@id, @number, @state, @organization_id, @department_id, @department_part, @event_id, @credits, @title, @body,
			@date_text, @place_text, @contact, @url, @size, @copies, @starts_on, @ends_on, @board_ids, @board_department_ids,
			@needs_stamp, @reason, @created_by, @approved_by, @updated_at, @updated_at, @approved_at, @version)`, args); err != nil {
		return err
	}
	return takePlaces(ctx, tx, p)
}

// UpdatePosting writes a locked posting with its next version; its places stay.
func UpdatePosting(ctx context.Context, tx *pg.Tx, p *board.Posting) error {
	p.UpdatedAt = tx.Now
	p.Version++
	_, err := tx.Exec(ctx, `
		UPDATE posting
		SET number = @number, state = @state, organization_id = @organization_id, department_id = @department_id,
			department_part = @department_part, event_id = @event_id, credits = @credits, title = @title, body = @body,
			date_text = @date_text, place_text = @place_text, contact = @contact, url = @url, size = @size, copies = @copies,
			starts_on = @starts_on, ends_on = @ends_on, board_ids = @board_ids, board_department_ids = @board_department_ids,
			needs_stamp = @needs_stamp, reason = @reason, approved_by = @approved_by, updated_at = @updated_at,
			approved_at = @approved_at, version = @version
		WHERE id = @id`, postingArgs(p))
	return err
}

// takePlaces takes a place on each board and day, in their order, so that two
// requests never wait for each other crosswise. What is not given is named.
// Errors: BOARD_ALREADY_USED, BOARD_FULL.
func takePlaces(ctx context.Context, tx *pg.Tx, p *board.Posting) error {
	args := pgx.StrictNamedArgs{
		"boards": p.BoardIDs, "from": p.StartsOn, "to": p.EndsOn, "holder": p.Holder(), "posting": p.ID,
		"wanted": p.Copies * p.Size.Places(),
	}
	const days = `
		SELECT b.id AS board_id, day::date AS day, b.places
		FROM board AS b, generate_series(@from::date::timestamp, @to::date::timestamp, interval '1 day') AS day
		WHERE b.id = ANY(@boards::uuid[])
		ORDER BY b.id, day`
	taken, err := missing(ctx, tx, `
		WITH wanted AS (`+days+`), taken AS (
			INSERT INTO posting_day (board_id, day, holder_id, posting_id)
			SELECT board_id, day, @holder::uuid, @posting::uuid
			FROM wanted
			ON CONFLICT ON CONSTRAINT posting_day_one_per_organization
			DO NOTHING
			RETURNING board_id, day
		)`, without(args, "wanted"))
	if err != nil {
		return err
	}
	if taken != nil {
		return board.ErrUsed.With("boardId", taken.board).With("number", taken.number).With("day", taken.day.String())
	}
	full, err := missing(ctx, tx, `
		WITH wanted AS (`+days+`), taken AS (
			INSERT INTO board_day (board_id, day, used, places)
			SELECT board_id, day, @wanted::integer, places
			FROM wanted
			WHERE @wanted::integer <= places
			ON CONFLICT ON CONSTRAINT board_day_pkey
			DO UPDATE SET used = board_day.used + EXCLUDED.used, places = EXCLUDED.places
			WHERE board_day.used + EXCLUDED.used <= EXCLUDED.places
			RETURNING board_id, day
		)`, without(args, "holder", "posting"))
	if err != nil {
		return err
	}
	if full != nil {
		return board.ErrFull.With("boardId", full.board).With("number", full.number).With("day", full.day.String())
	}
	return nil
}

func without(args pgx.StrictNamedArgs, names ...string) pgx.StrictNamedArgs {
	out := pgx.StrictNamedArgs{}
	for name, value := range args {
		out[name] = value
	}
	for _, name := range names {
		delete(out, name)
	}
	return out
}

// lacking is a board and day that were not given.
type lacking struct {
	board, number string
	day           jp.Date
}

// missing runs a statement that names what is wanted and what was taken, and
// returns the first that was not; nil when all were.
func missing(ctx context.Context, tx *pg.Tx, sql string, args pgx.StrictNamedArgs) (*lacking, error) {
	var l lacking
	err := tx.QueryRow(ctx, sql+`
		SELECT b.id, b.number, wanted.day
		FROM wanted
		JOIN board AS b ON b.id = wanted.board_id
		LEFT JOIN taken USING (board_id, day)
		WHERE taken.board_id IS NULL
		ORDER BY b.number_key, wanted.day
		LIMIT 1`, args).Scan(&l.board, &l.number, &l.day)
	if pg.IsNoRows(err) {
		return nil, nil
	}
	return &l, err
}

// FreePlaces gives back what a posting holds.
func FreePlaces(ctx context.Context, tx *pg.Tx, p *board.Posting) error {
	_, err := tx.Exec(ctx, `
		WITH freed AS (
			DELETE FROM posting_day
			WHERE posting_id = $1
			RETURNING board_id, day
		), counter AS (
			SELECT d.board_id, d.day
			FROM board_day AS d
			JOIN freed USING (board_id, day)
			ORDER BY d.board_id, d.day
			FOR UPDATE OF d
		)
		UPDATE board_day AS d
		SET used = d.used - $2
		FROM counter AS c
		WHERE d.board_id = c.board_id AND d.day = c.day`, p.ID, p.Copies*p.Size.Places())
	return err
}

// ReplacePosting writes the new text of a locked request; it holds the places that
// it wants now. Errors: BOARD_ALREADY_USED, BOARD_FULL.
func ReplacePosting(ctx context.Context, tx *pg.Tx, old, p *board.Posting) error {
	if err := FreePlaces(ctx, tx, old); err != nil {
		return err
	}
	if err := takePlaces(ctx, tx, p); err != nil {
		return err
	}
	return UpdatePosting(ctx, tx, p)
}

// GetPosting reads a posting that the reader sees. Errors: RESOURCE_NOT_FOUND.
func GetPosting(ctx context.Context, r pg.Reader, id string, by board.Reader) (*board.Posting, error) {
	return onePosting(ctx, r, id, by, "")
}

// LockPosting is GetPosting for a change. Errors: RESOURCE_NOT_FOUND.
func LockPosting(ctx context.Context, tx *pg.Tx, id string, by board.Reader) (*board.Posting, error) {
	return onePosting(ctx, tx, id, by, ` FOR UPDATE OF p`)
}

func onePosting(ctx context.Context, r pg.Reader, id string, by board.Reader, lock string) (*board.Posting, error) {
	s := postingScope(by)
	s.args["id"] = id
	rows, err := r.Query(ctx, selectPosting+`FROM posting AS p`+postingJoins+`
		WHERE p.id = @id AND (`+s.any()+`)`+lock, s.args)
	if err != nil {
		return nil, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanPosting)
	return p, pg.Found(err)
}

// OverPostings returns postings whose last day is over and which have not ended,
// at most n.
func OverPostings(ctx context.Context, r pg.Reader, today jp.Date, n int) ([]string, error) {
	rows, err := r.Query(ctx, `
		SELECT id
		FROM posting
		WHERE state IN ('REQUESTED', 'APPROVED') AND ends_on < $1
		ORDER BY ends_on, id
		LIMIT `+strconv.Itoa(n), today)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
