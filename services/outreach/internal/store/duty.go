package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/task"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
)

// DutyReader is for whom things wait.
type DutyReader struct {
	publication.Reader
	Keeper string // Department of a clerk who looks after boards; else "".
	Today  jp.Date
}

// duties gathers questions, one a kind of duty, each with the columns of task.Duty.
type duties struct {
	parts []string
	args  pgx.StrictNamedArgs
}

// ask adds a question with its arguments; the same name has the same value in all.
func (d *duties) ask(sql string, args pgx.StrictNamedArgs) {
	d.parts = append(d.parts, sql)
	for name, v := range args {
		d.args[name] = v
	}
}

// dutySources are the parts of the service in which things wait. What it knows
// more of adds itself here.
var dutySources = []func(*duties, DutyReader){publicationDuties, opportunityDuties, creditDuties, boardDuties, sponsorshipDuties, sourceDuties, trainingDuties}

// Duties returns what waits for the reader, the earliest due first, at most limit,
// by one question.
func Duties(ctx context.Context, r pg.Reader, by DutyReader, limit int) ([]task.Duty, error) {
	sql, args := dutySQL(by, limit, dutySources...)
	if sql == "" {
		return nil, nil
	}
	rows, err := r.Query(ctx, sql, pgx.QueryExecModeExec, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[task.Duty])
}

// dutySQL asks one bounded question a duty; no text where the reader has none.
func dutySQL(by DutyReader, limit int, sources ...func(*duties, DutyReader)) (string, pgx.StrictNamedArgs) {
	d := &duties{args: pgx.StrictNamedArgs{"limit": limit}}
	for _, add := range sources {
		add(d, by)
	}
	if d.parts == nil {
		return "", nil
	}
	for i, p := range d.parts {
		d.parts[i] = `(SELECT * FROM (` + p + `) AS d (action, path, number, subject, organization_id, due_on, since) ORDER BY due_on NULLS LAST, since LIMIT @limit)`
	}
	return `
		SELECT action, path, number, subject, organization_id, due_on, since
		FROM (` + strings.Join(d.parts, " UNION ALL ") + `) AS duty
		ORDER BY due_on NULLS LAST, since, path
		LIMIT @limit`, d.args
}

// pathOfPublication is where a publication is in the API.
const pathOfPublication = `'/v1/' || CASE p.kind WHEN 'OPPORTUNITY' THEN 'opportunities' ELSE lower(p.kind) || 's' END || '/' || p.id`

// dutyOfPublication is what a publication shows as a duty; the organization is for
// whom it is done.
const dutyOfPublication = `, ` + pathOfPublication + `, '', p.title, coalesce(p.organization_id::text, ''), NULL::date, p.updated_at
	FROM publication p
	WHERE `

// publicationDuties are posts to check and to publish, what was sent back or was
// drafted of a booking that is still to come, and registrations that wait for
// their host.
func publicationDuties(d *duties, by DutyReader) {
	const others = ` AND @me NOT IN (p.created_by, p.edited_by, p.requested_by)`
	me := pgx.StrictNamedArgs{"me": by.ID}
	switch {
	case by.Desk:
		d.ask(`SELECT 'approve'`+dutyOfPublication+`p.state = 'PENDING'`+others, me)
		d.ask(`SELECT 'publish'`+dutyOfPublication+`p.state = 'APPROVED' AND p.organization_id IS NOT NULL AND (NOT p.collaboration OR p.confirmed)`, nil)
	case by.Approver:
		d.ask(`SELECT 'approve'`+dutyOfPublication+`p.state = 'PENDING' AND p.department_id IS NOT NULL`+others, me)
	}
	const asking = `SELECT 'admit', '/v1/events/' || p.id, '', p.title, coalesce(p.organization_id::text, ''), NULL::date, w.since
		FROM event_seat s
		JOIN publication p ON p.id = s.event_id
		CROSS JOIN LATERAL (
			SELECT min(r.created_at) AS since
			FROM registration r
			WHERE r.event_id = s.event_id AND r.state = 'REQUESTED') AS w
		WHERE s.mode = 'APPROVAL' AND s.waiting > 0 AND s.open AND w.since IS NOT NULL AND `
	if by.Staff && by.Department != "" {
		department := pgx.StrictNamedArgs{"department": by.Department}
		d.ask(`SELECT 'publish'`+dutyOfPublication+`p.state = 'APPROVED' AND p.department_id = @department::uuid AND (NOT p.collaboration OR p.confirmed)`, department)
		d.ask(`SELECT 'correct'`+dutyOfPublication+`p.state = 'DRAFT' AND p.return_reason <> '' AND p.department_id = @department::uuid`, department)
		d.ask(asking+`p.department_id = @department::uuid`, department)
	}
	if len(by.Writers) > 0 {
		writers := pgx.StrictNamedArgs{"writers": by.Writers}
		d.ask(`SELECT 'correct'`+dutyOfPublication+`p.state = 'DRAFT' AND p.return_reason <> '' AND p.organization_id = ANY(@writers::uuid[])`, writers)
		d.ask(`SELECT 'completeDraft'`+dutyOfPublication+`p.state = 'DRAFT' AND p.created_by = 'service:outreach' AND p.return_reason = ''
			AND p.starts_on >= @today::date AND p.organization_id = ANY(@writers::uuid[])`, pgx.StrictNamedArgs{"writers": by.Writers, "today": by.Today})
		d.ask(asking+`p.organization_id = ANY(@writers::uuid[])`, writers)
	}
}

// creditDuties are credits that an organization of the reader is to confirm.
func creditDuties(d *duties, by DutyReader) {
	if len(by.Represents) == 0 {
		return
	}
	d.ask(`SELECT 'confirmCredit', `+pathOfPublication+`, '', p.title, own.id::text, NULL::date, p.updated_at
		FROM publication p
		JOIN unnest(@represents::uuid[]) AS own (id)
			ON p.credits @> jsonb_build_array(jsonb_build_object('organizationId', own.id))
			AND NOT p.confirmations @> jsonb_build_array(jsonb_build_object('organizationId', own.id))
		WHERE p.collaboration AND NOT p.confirmed AND p.state IN ('PENDING', 'APPROVED') AND p.named && @represents::uuid[]`,
		pgx.StrictNamedArgs{"represents": by.Represents})
}

// boardDuties are postings to decide, of the desk and of the clerk of all their
// boards, the earliest first day first.
func boardDuties(d *duties, by DutyReader) {
	const requested = `SELECT 'decidePosting', '/v1/postings/' || p.id, coalesce(p.number, ''), p.title, '', p.starts_on, p.created_at
		FROM posting p
		WHERE p.state = 'REQUESTED' AND p.created_by <> @me`
	switch {
	case by.Desk:
		d.ask(requested, pgx.StrictNamedArgs{"me": by.ID})
	case by.Keeper != "":
		d.ask(requested+` AND p.board_department_ids = ARRAY[@keeper::uuid]`, pgx.StrictNamedArgs{"me": by.ID, "keeper": by.Keeper})
	}
}

// dutyOfSponsorship is what an application shows as a duty.
const dutyOfSponsorship = `, '/v1/sponsorships/' || s.id, coalesce(s.number, ''), s.title, `

// sponsorshipDuties are applications to assign, to draft and to decide, and reports
// that are due.
func sponsorshipDuties(d *duties, by DutyReader) {
	const open = dutyOfSponsorship + `'', s.starts_on, s.updated_at
		FROM sponsorship s
		WHERE s.state = `
	if by.Desk {
		d.ask(`SELECT 'assignSponsorship'`+open+`'APPLIED' AND s.department_id IS NULL`, nil)
	}
	if by.Staff && by.Department != "" {
		d.ask(`SELECT 'draftSponsorshipDecision'`+open+`'APPLIED' AND s.department_id = @department::uuid`, pgx.StrictNamedArgs{"department": by.Department})
	}
	if by.Approver {
		d.ask(`SELECT 'decideSponsorship'`+open+`'DECISION_DRAFTED' AND s.drafted_by <> @me`, pgx.StrictNamedArgs{"me": by.ID})
	}
	if len(by.Represents) > 0 {
		d.ask(`SELECT 'reportSponsorship'`+dutyOfSponsorship+`s.organization_id::text, s.report_due_on, s.updated_at
			FROM sponsorship s
			WHERE s.state = 'APPROVED' AND s.organization_id = ANY(@represents::uuid[]) AND s.ends_on < @today::date`,
			pgx.StrictNamedArgs{"represents": by.Represents, "today": by.Today})
	}
}

// sourceDuties are sources that the desk is to release or to look after.
func sourceDuties(d *duties, by DutyReader) {
	if !by.Desk {
		return
	}
	d.ask(`SELECT 'repairSource', '/v1/sources/' || s.id, '', s.name, coalesce(s.organization_id::text, ''), NULL::date, s.updated_at
		FROM source s
		WHERE s.failures >= 5 AND s.state <> 'PAUSED'`, nil)
}
