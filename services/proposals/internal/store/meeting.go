package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/meeting"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

const meetingColumns = `
	m.id, m.title, m.start_at, m.place, m.agenda, m.attendees, m.state, m.minutes, m.created_by, m.created_at, m.updated_at,
	m.version,
	(SELECT coalesce(jsonb_agg(jsonb_build_object(
			'organizationId', coalesce(c.organization_id::text, ''), 'departmentId', coalesce(c.department_id::text, ''),
			'by', c.person, 'at', c.at) ORDER BY c.at, c.party), '[]')
		FROM meeting_confirmation c
		WHERE c.meeting_id = m.id AND c.minutes_version = (m.minutes->>'version')::integer) AS confirmations,
	(SELECT coalesce(jsonb_object_agg(n.id, n.name), '{}')
		FROM (
			SELECT o.id, o.name FROM organization_ref o WHERE o.id = ANY(m.organization_ids)
			UNION ALL
			SELECT d.id, d.full_name FROM department_ref d WHERE d.id = ANY(m.department_ids)
		) AS n) AS names`

func scanMeeting(row pgx.CollectableRow) (*meeting.Meeting, error) {
	m := &meeting.Meeting{}
	return m, row.Scan(&m.ID, &m.Title, &m.StartAt, &m.Place, &m.Agenda, &m.Attendees, &m.State, &m.Minutes, &m.CreatedBy,
		&m.CreatedAt, &m.UpdatedAt, &m.Version, &m.Confirmations, &m.Names)
}

func meetingArgs(m *meeting.Meeting) pgx.StrictNamedArgs {
	return pgx.StrictNamedArgs{
		"id": m.ID, "title": m.Title, "start_at": m.StartAt, "place": m.Place, "agenda": pg.List(m.Agenda),
		"attendees": pg.List(m.Attendees), "proposal_ids": m.ProposalIDs(), "organization_ids": m.OrganizationIDs(),
		"department_ids": m.DepartmentIDs(), "state": m.State, "minutes": m.Minutes, "updated_at": m.UpdatedAt,
		"version": m.Version,
	}
}

// AddMeeting queues a new plan.
func AddMeeting(tx *pg.Tx, m *meeting.Meeting) {
	args := meetingArgs(m)
	args["created_by"] = m.CreatedBy
	tx.Queue(`
		INSERT INTO meeting (
			id, title, start_at, place, agenda, attendees, proposal_ids, organization_ids, department_ids, state, minutes,
			created_by, created_at, updated_at, version)
		VALUES (
			@id, @title, @start_at, @place, @agenda, @attendees, @proposal_ids, @organization_ids, @department_ids, @state,
			@minutes, @created_by, @updated_at, @updated_at, @version)`, args)
}

// UpdateMeeting queues the write of a locked meeting and counts its version up.
func UpdateMeeting(tx *pg.Tx, m *meeting.Meeting) {
	m.UpdatedAt = tx.Now
	tx.Queue(`
		UPDATE meeting
		SET title = @title, start_at = @start_at, place = @place, agenda = @agenda, attendees = @attendees,
			proposal_ids = @proposal_ids, organization_ids = @organization_ids, department_ids = @department_ids,
			state = @state, minutes = @minutes, updated_at = @updated_at, version = version + 1
		WHERE id = @id AND version = @version`, meetingArgs(m))
	m.Version++
}

// AddMinutes queues the present version of the minutes.
func AddMinutes(tx *pg.Tx, m *meeting.Meeting) {
	tx.Queue(`
		INSERT INTO meeting_minutes (meeting_id, version, minutes)
		VALUES ($1, $2, $3)`, m.ID, m.Minutes.Version, m.Minutes)
}

// AddConfirmation writes that a party confirmed the present version. Errors:
// BOTH_SIDES_BY_ONE.
func AddConfirmation(ctx context.Context, tx *pg.Tx, m *meeting.Meeting, c *meeting.Confirmation) error {
	party := c.OrganizationID
	if party == "" {
		party = "ward"
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO meeting_confirmation (meeting_id, minutes_version, party, organization_id, department_id, person, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		m.ID, m.Minutes.Version, party, pg.Null(c.OrganizationID), pg.Null(c.DepartmentID), c.By, c.At)
	return pg.Refuse(err, map[string]*fault.Error{"meeting_confirmation_one_side": meeting.ErrBothSides})
}

// meetingScopes hold, one or another, exactly where Meeting.Sees does. The texts
// are constants of this function; values go in as arguments.
func meetingScopes(by proposal.Reader, args pgx.StrictNamedArgs) []string {
	if by.Desk {
		return []string{`true`}
	}
	scopes := []string{`m.state = 'PUBLISHED'`}
	if by.Staff && by.Department != "" {
		args["department"] = by.Department
		scopes = append(scopes, `m.department_ids @> ARRAY[@department::uuid]`)
	}
	if len(by.Members) > 0 {
		args["members"] = by.Members
		scopes = append(scopes, `m.organization_ids && @members::uuid[]`)
	}
	return scopes
}

// GetMeeting reads a meeting that the reader sees. Errors: RESOURCE_NOT_FOUND.
func GetMeeting(ctx context.Context, r pg.Reader, id string, by proposal.Reader) (*meeting.Meeting, error) {
	return oneMeeting(ctx, r, id, by)
}

// LockMeeting reads a meeting that the reader sees, for a change of it. Errors:
// RESOURCE_NOT_FOUND.
func LockMeeting(ctx context.Context, tx *pg.Tx, id string, by proposal.Reader) (*meeting.Meeting, error) {
	// The lock first, so that the confirmations are those of all that came before.
	if _, err := tx.Exec(ctx, `SELECT FROM meeting WHERE id = $1 FOR UPDATE`, id); err != nil {
		return nil, err
	}
	return oneMeeting(ctx, tx, id, by)
}

func oneMeeting(ctx context.Context, r pg.Reader, id string, by proposal.Reader) (*meeting.Meeting, error) {
	args := pgx.StrictNamedArgs{"id": id}
	rows, err := r.Query(ctx, `
		SELECT `+meetingColumns+`
		FROM meeting m
		WHERE m.id = @id AND (`+strings.Join(meetingScopes(by, args), " OR ")+`)`, args)
	if err != nil {
		return nil, err
	}
	m, err := pgx.CollectExactlyOneRow(rows, scanMeeting)
	if err == nil && !m.Sees(by) { // Scope and Sees agree; a test says so.
		return nil, fault.ErrNotFound
	}
	return m, pg.Found(err)
}

// MeetingFilter selects meetings; an empty value selects any.
type MeetingFilter struct {
	State      meeting.State
	ProposalID string
}

// ListMeetings reads one more than a page of the meetings that the reader sees,
// latest first. Each condition of the scope is a keyset query of its own, so that
// each finds its index.
func ListMeetings(ctx context.Context, r pg.Reader, by proposal.Reader, f MeetingFilter, page pg.Page) ([]*meeting.Meeting, error) {
	sql, args, err := meetingListSQL(by, f, page)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanMeeting)
}

func meetingListSQL(by proposal.Reader, f MeetingFilter, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	args := pgx.StrictNamedArgs{"limit": page.Size + 1}
	where := ""
	if f.State != "" {
		where, args["state"] = where+` AND m.state = @state`, f.State
	}
	if page.After != nil {
		at, id, err := pg.TimeAfter(page.After)
		if err != nil {
			return "", nil, err
		}
		where += ` AND (m.start_at, m.id) < (@after_at::timestamptz, @after_id::uuid)`
		args["after_at"], args["after_id"] = at, id
	}
	const tail = `
		ORDER BY m.start_at DESC, m.id DESC
		LIMIT @limit`
	scopes := meetingScopes(by, args)
	with, from := ``, `meeting m`
	if f.ProposalID != "" { // The few meetings of a proposal first: the planner takes them for many.
		with = `WITH about AS MATERIALIZED (SELECT id, state, start_at, organization_ids, department_ids FROM meeting WHERE proposal_ids @> ARRAY[@proposal::uuid])`
		from, args["proposal"] = `about m`, f.ProposalID
	}
	for i, s := range scopes {
		scopes[i] = `(SELECT m.id FROM ` + from + ` WHERE ` + s + where + tail + `)`
	}
	return with + `
		SELECT ` + meetingColumns + `
		FROM (` + strings.Join(scopes, " UNION ") + `) AS page
		JOIN meeting m USING (id)` + tail, args, nil
}

// InvisibleProposal returns the first of the ids that is no proposal which the
// reader sees; empty where all are.
func InvisibleProposal(ctx context.Context, r pg.Reader, ids []string, by proposal.Reader) (string, error) {
	s := scopeOf(by)
	s.args["ids"] = pg.List(ids)
	var id *string
	err := r.QueryRow(ctx, `
		SELECT min(wanted.id::text)
		FROM unnest(@ids::uuid[]) AS wanted (id)
		WHERE NOT EXISTS (SELECT FROM proposal p WHERE p.id = wanted.id AND (`+s.any()+`))`, s.args).Scan(&id)
	return pg.Or(id), err
}
