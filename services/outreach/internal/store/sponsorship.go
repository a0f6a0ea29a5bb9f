package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/sponsorship"
)

const (
	sponsorshipColumns = `
	p.id, p.number, p.state, p.organization_id, p.department_id, p.event_id, p.title, p.purpose, p.description, p.starts_on,
	p.ends_on, p.place, p.expected_participants, p.fee, p.other_sponsors, p.name_use, p.contact_name, p.contact_phone,
	p.decision, p.drafted_by, p.decided_by, p.report, p.report_due_on, p.withdraw_reason, p.created_by, p.created_at,
	p.updated_at, p.version, o.name, d.full_name`
	sponsorshipJoins = `
	LEFT JOIN organization_ref AS o ON o.id = p.organization_id
	LEFT JOIN department_ref AS d ON d.id = p.department_id`
)

func scanSponsorship(row pgx.CollectableRow) (*sponsorship.Sponsorship, error) {
	var (
		s                                               sponsorship.Sponsorship
		number, department, event, draftedBy, decidedBy *string
		organizationName, departmentName                *string
		due                                             *jp.Date
	)
	err := row.Scan(&s.ID, &number, &s.State, &s.OrganizationID, &department, &event, &s.Text.Title, &s.Text.Purpose,
		&s.Text.Description, &s.Text.StartsOn, &s.Text.EndsOn, &s.Text.Place, &s.Text.Expected, &s.Text.Fee,
		&s.Text.OtherSponsors, &s.Text.NameUse, &s.Text.ContactName, &s.Text.ContactPhone, &s.Decision, &draftedBy, &decidedBy,
		&s.Report, &due, &s.WithdrawReason, &s.CreatedBy, &s.CreatedAt, &s.UpdatedAt, &s.Version, &organizationName, &departmentName)
	s.Number, s.DepartmentID, s.EventID = pg.Or(number), pg.Or(department), pg.Or(event)
	s.DraftedBy, s.DecidedBy, s.ReportDueOn = pg.Or(draftedBy), pg.Or(decidedBy), pg.Or(due)
	s.OrganizationName, s.DepartmentName = pg.Or(organizationName), pg.Or(departmentName)
	return &s, err
}

func sponsorshipArgs(s *sponsorship.Sponsorship) pgx.StrictNamedArgs {
	return pgx.StrictNamedArgs{
		"id": s.ID, "number": pg.Null(s.Number), "state": s.State, "organization_id": s.OrganizationID,
		"department_id": pg.Null(s.DepartmentID), "event_id": pg.Null(s.EventID), "title": s.Text.Title, "purpose": s.Text.Purpose,
		"description": s.Text.Description, "starts_on": s.Text.StartsOn, "ends_on": s.Text.EndsOn, "place": s.Text.Place,
		"expected": s.Text.Expected, "fee": s.Text.Fee, "other_sponsors": s.Text.OtherSponsors, "name_use": s.Text.NameUse,
		"contact_name": s.Text.ContactName, "contact_phone": s.Text.ContactPhone, "decision": s.Decision,
		"drafted_by": pg.Null(s.DraftedBy), "decided_by": pg.Null(s.DecidedBy), "report": s.Report, "report_due_on": pg.Null(s.ReportDueOn),
		"withdraw_reason": s.WithdrawReason, "updated_at": s.UpdatedAt, "version": s.Version,
	}
}

// InsertSponsorship adds an application.
func InsertSponsorship(ctx context.Context, tx *pg.Tx, s *sponsorship.Sponsorship) error {
	args := sponsorshipArgs(s)
	args["created_by"] = s.CreatedBy
	_, err := tx.Exec(ctx, `
		INSERT INTO sponsorship (
			id, number, state, organization_id, department_id, event_id, title, purpose, description, starts_on, ends_on, place,
			expected_participants, fee, other_sponsors, name_use, contact_name, contact_phone, decision, drafted_by, decided_by,
			report, report_due_on, withdraw_reason, created_by, created_at, updated_at, version)
		VALUES (
			@id, @number, @state, @organization_id, @department_id, @event_id, @title, @purpose, @description, @starts_on,
			@ends_on, @place, @expected, @fee, @other_sponsors, @name_use, @contact_name, @contact_phone, @decision, @drafted_by,
			@decided_by, @report, @report_due_on, @withdraw_reason, @created_by, @updated_at, @updated_at, @version)`, args)
	return err
}

// UpdateSponsorship writes a locked application with its next version.
func UpdateSponsorship(ctx context.Context, tx *pg.Tx, s *sponsorship.Sponsorship) error {
	s.UpdatedAt = tx.Now
	s.Version++
	_, err := tx.Exec(ctx, `
		UPDATE sponsorship
		SET number = @number, state = @state, organization_id = @organization_id, department_id = @department_id,
			event_id = @event_id, title = @title, purpose = @purpose, description = @description, starts_on = @starts_on,
			ends_on = @ends_on, place = @place, expected_participants = @expected, fee = @fee, other_sponsors = @other_sponsors,
			name_use = @name_use, contact_name = @contact_name, contact_phone = @contact_phone, decision = @decision,
			drafted_by = @drafted_by, decided_by = @decided_by, report = @report, report_due_on = @report_due_on,
			withdraw_reason = @withdraw_reason, updated_at = @updated_at, version = @version
		WHERE id = @id`, sponsorshipArgs(s))
	return err
}

// ofOrganization is the branch of an organization's own members.
const ofOrganization = `p.organization_id = ANY(@members::uuid[])`

// inState is the condition of a state as a branch of the scope shows it: to the
// organization an application is applied for until it is decided.
func inState(branch string, s sponsorship.State) string {
	switch {
	case branch == ofOrganization && s == sponsorship.Applied:
		return ` AND p.state IN (@state, 'DECISION_DRAFTED')`
	case branch == ofOrganization && s == sponsorship.Drafted:
		return ` AND p.state = @state AND false`
	default:
		return ` AND p.state = @state`
	}
}

// sponsorshipScope returns the conditions that hold exactly where Reader.Sees
// does.
func sponsorshipScope(r sponsorship.Reader) scope {
	s := scope{args: pgx.StrictNamedArgs{}}
	if r.Desk {
		s.branches = []string{`true`}
		return s
	}
	if r.Department != "" {
		s.args["department"] = r.Department
		s.branches = append(s.branches, `p.department_id = @department::uuid`)
	}
	if r.Approver {
		s.branches = append(s.branches, `p.decision IS NOT NULL`)
	}
	if len(r.Members) > 0 {
		s.args["members"] = r.Members
		s.branches = append(s.branches, ofOrganization)
	}
	if len(s.branches) == 0 {
		s.branches = []string{`false`}
	}
	return s
}

// GetSponsorship reads an application that the reader sees. Errors:
// RESOURCE_NOT_FOUND.
func GetSponsorship(ctx context.Context, r pg.Reader, id string, by sponsorship.Reader) (*sponsorship.Sponsorship, error) {
	return oneSponsorship(ctx, r, id, by, "")
}

// LockSponsorship is GetSponsorship for a change. Errors: RESOURCE_NOT_FOUND.
func LockSponsorship(ctx context.Context, tx *pg.Tx, id string, by sponsorship.Reader) (*sponsorship.Sponsorship, error) {
	return oneSponsorship(ctx, tx, id, by, ` FOR UPDATE OF p`)
}

func oneSponsorship(ctx context.Context, r pg.Reader, id string, by sponsorship.Reader, lock string) (*sponsorship.Sponsorship, error) {
	s := sponsorshipScope(by)
	s.args["id"] = id
	rows, err := r.Query(ctx, `
		SELECT `+sponsorshipColumns+`
		FROM sponsorship AS p`+sponsorshipJoins+`
		WHERE p.id = @id AND (`+s.any()+`)`+lock, s.args)
	if err != nil {
		return nil, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanSponsorship)
	return p, pg.Found(err)
}

// SponsorshipFilter selects applications; an empty value selects any.
type SponsorshipFilter struct {
	State          sponsorship.State
	OrganizationID string
	DepartmentID   string
	OverdueOn      jp.Date // Approved ones whose report was due before the day.
}

// SponsorshipAfter are the sort values of the application, for a page token.
func SponsorshipAfter(s *sponsorship.Sponsorship) []string {
	return []string{s.CreatedAt.UTC().Format(time.RFC3339Nano), s.ID}
}

// ListSponsorships reads one more than a page of the applications that the reader
// sees, newest first.
func ListSponsorships(ctx context.Context, r pg.Reader, by sponsorship.Reader, f SponsorshipFilter, page pg.Page) ([]*sponsorship.Sponsorship, error) {
	sql, args, err := sponsorshipSQL(by, f, page)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanSponsorship)
}

func sponsorshipSQL(by sponsorship.Reader, f SponsorshipFilter, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	s := sponsorshipScope(by)
	s.args["limit"] = page.Size + 1
	where := pg.Filter{Args: s.args}
	where.Add(f.OrganizationID != "", `p.organization_id = @organization`, "organization", f.OrganizationID)
	where.Add(f.DepartmentID != "", `p.department_id = @of_department`, "of_department", f.DepartmentID)
	where.Add(!f.OverdueOn.IsZero(), `p.state = 'APPROVED' AND p.report_due_on < @overdue`, "overdue", f.OverdueOn)
	if page.After != nil {
		at, id, err := pg.TimeAfter(page.After)
		if err != nil {
			return "", nil, err
		}
		where.Add(true, `(p.created_at, p.id) < (@after::timestamptz, @after_id::uuid)`, "after", at)
		s.args["after_id"] = id
	}
	const tail = `
		ORDER BY p.created_at DESC, p.id DESC
		LIMIT @limit`
	for i, b := range s.branches {
		state := ""
		if f.State != "" {
			state, s.args["state"] = inState(b, f.State), f.State
		}
		s.branches[i] = `(SELECT p.id FROM sponsorship AS p WHERE ` + b + state + where.String() + tail + `)`
	}
	return `
		SELECT ` + sponsorshipColumns + `
		FROM (` + strings.Join(s.branches, " UNION ") + `) AS page
		JOIN sponsorship AS p USING (id)` + sponsorshipJoins + tail, s.args, nil
}
