package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/consultation"
)

// ConsultationFilter selects consultations; an empty value selects any.
type ConsultationFilter struct {
	State        consultation.State
	Channel      string
	DepartmentID string // That holds it.
	FiscalYear   int
	OverdueAt    jp.Date // Open ones that were due before this day.
}

// ConsultationSummary is a consultation in a list.
type ConsultationSummary struct {
	ID             string
	Number         string
	Channel        string
	State          consultation.State
	Subject        string
	DepartmentID   string
	DepartmentName string
	ReceivedOn     jp.Date
	DueOn          jp.Date
	UpdatedAt      time.Time
}

const consultationSummary = `
	SELECT c.id, c.number, c.channel, c.state, c.subject, c.department_id, d.full_name, c.received_on, c.due_on, c.updated_at`

// ListConsultations reads one more than a page of the consultations that the
// reader sees for the ward, newest first.
func ListConsultations(ctx context.Context, r pg.Reader, by consultation.Reader, f ConsultationFilter, page pg.Page) ([]ConsultationSummary, error) {
	sql, args := consultationListSQL(by, f, page)
	return consultations(ctx, r, sql, args)
}

func consultationListSQL(by consultation.Reader, f ConsultationFilter, page pg.Page) (string, pgx.StrictNamedArgs) {
	args := pgx.StrictNamedArgs{"limit": page.Size + 1}
	where := pg.Filter{Args: args}
	where.Add(!by.Desk, `c.department_ids @> ARRAY[@department::uuid]`, "department", by.Department)
	where.Add(f.State != "", `c.state = @state`, "state", f.State)
	where.Add(f.Channel != "", `c.channel = @channel`, "channel", f.Channel)
	where.Add(f.DepartmentID != "", `c.department_id = @holder`, "holder", f.DepartmentID)
	where.Add(f.FiscalYear != 0, `c.fiscal_year = @fiscal_year`, "fiscal_year", f.FiscalYear)
	where.Add(!f.OverdueAt.IsZero(), `c.state IN ('RECEIVED', 'ROUTED', 'IN_PROGRESS') AND c.due_on < @overdue_at`, "overdue_at", f.OverdueAt)
	if len(page.After) == 1 {
		where.Add(true, `c.id < @after`, "after", page.After[0])
	}
	return consultationSummary + `
		FROM consultation c
		LEFT JOIN department_ref d ON d.id = c.department_id
		WHERE true` + where.String() + `
		ORDER BY c.id DESC
		LIMIT @limit`, args
}

// ListOwnConsultations reads one more than a page of the consultations that the
// reader or the reader's organizations opened, or that were referred to them,
// newest first. Each condition is a keyset query of its own, so that each finds
// its index.
func ListOwnConsultations(ctx context.Context, r pg.Reader, by consultation.Reader, page pg.Page) ([]ConsultationSummary, error) {
	sql, args := ownConsultationsSQL(by, page)
	return consultations(ctx, r, sql, args)
}

func ownConsultationsSQL(by consultation.Reader, page pg.Page) (string, pgx.StrictNamedArgs) {
	args := pgx.StrictNamedArgs{"limit": page.Size + 1, "asker": by.ID, "members": pg.List(by.Members), "after": page.AfterID(pg.LastID)}
	var branches []string
	for _, own := range []string{
		`asker_id = @asker AND asker_id <> ''`, `organization_id = ANY(@members::uuid[])`,
		`referred_organization_id = ANY(@members::uuid[])`,
	} {
		branches = append(branches, `(SELECT id FROM consultation WHERE `+own+` AND id < @after ORDER BY id DESC LIMIT @limit)`)
	}
	return consultationSummary + `
		FROM (` + strings.Join(branches, " UNION ") + `) AS page
		JOIN consultation c USING (id)
		LEFT JOIN department_ref d ON d.id = c.department_id
		ORDER BY c.id DESC
		LIMIT @limit`, args
}

func consultations(ctx context.Context, r pg.Reader, sql string, args pgx.StrictNamedArgs) ([]ConsultationSummary, error) {
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (s ConsultationSummary, err error) {
		var department, name *string
		err = row.Scan(&s.ID, &s.Number, &s.Channel, &s.State, &s.Subject, &department, &name, &s.ReceivedOn, &s.DueOn, &s.UpdatedAt)
		s.DepartmentID, s.DepartmentName = pg.Or(department), pg.Or(name)
		return s, err
	})
}

// DeskStatistics are the figures of the consultations of a fiscal year.
type DeskStatistics struct {
	Consultations  int
	Answered       int
	AnsweredInTime int
	MedianDays     int
	Channels       map[string]int
	States         map[consultation.State]int
	Departments    []DeskCount // By name; the desk itself first.
}

// DeskCount are the figures of one department; of the desk without an id.
type DeskCount struct {
	DepartmentID, Name                  string
	Consultations, Answered, MedianDays int
}

const (
	deskFigures = `count(*), count(answered_on), count(*) FILTER (WHERE answered_on IS NOT NULL AND answered_in_time),
		coalesce(percentile_disc(0.5) WITHIN GROUP (ORDER BY answered_on - received_on) FILTER (WHERE answered_on IS NOT NULL), 0)`
	deskTotals = `
		SELECT channel, state, ` + deskFigures + `
		FROM consultation
		WHERE fiscal_year = $1
		GROUP BY GROUPING SETS ((channel), (state), ())`
	deskDepartments = `
		SELECT f.department_id, coalesce(d.full_name, ''), f.count, f.answered, f.days
		FROM (
			SELECT department_id, ` + deskFigures + `
			FROM consultation
			WHERE fiscal_year = $1
			GROUP BY department_id
		) AS f (department_id, count, answered, in_time, days)
		LEFT JOIN department_ref d ON d.id = f.department_id
		ORDER BY f.department_id IS NOT NULL, d.full_name, f.department_id`
)

// ConsultationStatistics counts the consultations that were received in a fiscal
// year.
func ConsultationStatistics(ctx context.Context, r pg.Reader, fiscalYear int) (*DeskStatistics, error) {
	s := DeskStatistics{Channels: map[string]int{}, States: map[consultation.State]int{}}
	var b pgx.Batch
	b.Queue(deskTotals, fiscalYear).Query(func(rows pgx.Rows) error {
		var (
			channel                        *string
			state                          *consultation.State
			count, answered, inTime, after int
		)
		_, err := pgx.ForEachRow(rows, []any{&channel, &state, &count, &answered, &inTime, &after}, func() error {
			switch {
			case channel != nil:
				s.Channels[*channel] = count
			case state != nil:
				s.States[*state] = count
			default:
				s.Consultations, s.Answered, s.AnsweredInTime, s.MedianDays = count, answered, inTime, after
			}
			return nil
		})
		return err
	})
	b.Queue(deskDepartments, fiscalYear).Query(func(rows pgx.Rows) error {
		var (
			id *string
			d  DeskCount
		)
		_, err := pgx.ForEachRow(rows, []any{&id, &d.Name, &d.Consultations, &d.Answered, &d.MedianDays}, func() error {
			d.DepartmentID = pg.Or(id)
			s.Departments = append(s.Departments, d)
			return nil
		})
		return err
	})
	return &s, r.SendBatch(ctx, &b).Close()
}
