package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/application"
)

const hoursColumns = `
	h.id, h.opportunity_id, h.application_id, h.shift_id, h.worked_on, h.minutes, h.heads, h.state, h.logged_by, h.decided_by,
	h.return_reason, h.created_at, h.decided_at, h.version`

func scanHours(row pgx.CollectableRow) (*application.Hours, error) {
	var (
		h       application.Hours
		shift   *string
		decided *time.Time
	)
	err := row.Scan(&h.ID, &h.OpportunityID, &h.ApplicationID, &shift, &h.WorkedOn, &h.Minutes, &h.Heads, &h.State, &h.LoggedBy,
		&h.DecidedBy, &h.ReturnReason, &h.CreatedAt, &decided, &h.Version)
	h.ShiftID, h.DecidedAt = pg.Or(shift), pg.Or(decided)
	return &h, err
}

// InsertHours adds logged hours. Errors: HOURS_ALREADY_LOGGED.
func InsertHours(ctx context.Context, tx *pg.Tx, h *application.Hours) error {
	h.State, h.CreatedAt, h.Version = application.Logged, tx.Now, 1
	_, err := tx.Exec(ctx, `
		INSERT INTO hours (
			id, opportunity_id, application_id, shift_id, worked_on, minutes, heads, state, logged_by, decided_by, return_reason, created_at,
			version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, '', '', $10, 1)`,
		h.ID, h.OpportunityID, h.ApplicationID, pg.Null(h.ShiftID), h.WorkedOn, h.Minutes, h.Heads, h.State, h.LoggedBy, tx.Now)
	return pg.Refuse(err, map[string]*fault.Error{"hours_once": application.ErrLogged})
}

// UpdateHours writes the decision on locked hours and counts their version up.
// Errors: SELF_APPROVAL_FORBIDDEN.
func UpdateHours(ctx context.Context, tx *pg.Tx, h *application.Hours) error {
	h.Version++
	_, err := tx.Exec(ctx, `
		UPDATE hours
		SET state = $2, decided_by = $3, decided_at = $4, return_reason = $5, version = version + 1
		WHERE id = $1`, h.ID, h.State, h.DecidedBy, pg.Null(h.DecidedAt), h.ReturnReason)
	return pg.Refuse(err, map[string]*fault.Error{"hours_second_person": fault.ErrSelfApprovalForbidden})
}

// GetHours reads logged hours of an opportunity. Errors: RESOURCE_NOT_FOUND.
func GetHours(ctx context.Context, r pg.Reader, opportunityID, id string) (*application.Hours, error) {
	return oneHours(ctx, r, opportunityID, id, "")
}

// LockHours is GetHours for a change of them. Errors: RESOURCE_NOT_FOUND.
func LockHours(ctx context.Context, tx *pg.Tx, opportunityID, id string) (*application.Hours, error) {
	return oneHours(ctx, tx, opportunityID, id, "FOR UPDATE")
}

func oneHours(ctx context.Context, r pg.Reader, opportunityID, id, lock string) (*application.Hours, error) {
	rows, err := r.Query(ctx, `
		SELECT `+hoursColumns+`
		FROM hours h
		WHERE h.opportunity_id = $1 AND h.id = $2
		`+lock, opportunityID, id)
	if err != nil {
		return nil, err
	}
	h, err := pgx.CollectExactlyOneRow(rows, scanHours)
	return h, pg.Found(err)
}

// HoursFilter selects logged hours; an empty value selects any.
type HoursFilter struct {
	OpportunityID string
	ApplicationID string
	Account       string // Only of applications of this account.
	State         application.HoursState
}

// HoursAfter are the sort values of a row, for a page token.
func HoursAfter(h *application.Hours) []string { return []string{h.WorkedOn.String(), h.ID} }

// ListHours reads one more than a page of logged hours, newest day first. Errors:
// INVALID_PAGE_TOKEN.
func ListHours(ctx context.Context, r pg.Reader, f HoursFilter, page pg.Page) ([]*application.Hours, error) {
	args := pgx.StrictNamedArgs{"opportunity": f.OpportunityID, "limit": page.Size + 1}
	if page.After != nil {
		if _, err := jp.ParseDate(page.After[0]); err != nil {
			return nil, fault.ErrInvalidPageToken.Because(err)
		}
		args["day"], args["after"] = page.After[0], page.After[1]
	}
	rows, err := r.Query(ctx, hoursSQL(f, args), pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanHours)
}

func hoursSQL(f HoursFilter, args pgx.StrictNamedArgs) string {
	where := pg.Filter{Args: args}
	where.Add(f.ApplicationID != "", `h.application_id = @application`, "application", f.ApplicationID)
	where.Add(f.Account != "", `h.application_id IN (
			SELECT a.id
			FROM application a
			WHERE a.opportunity_id = @opportunity AND a.account = @account)`, "account", f.Account)
	where.Add(f.State != "", `h.state = @state`, "state", f.State)
	after := ""
	if args["day"] != nil {
		after = ` AND (h.worked_on, h.id) < (@day::date, @after::uuid)`
	}
	return `
		SELECT ` + hoursColumns + `
		FROM hours h
		WHERE h.opportunity_id = @opportunity` + where.String() + after + `
		ORDER BY h.worked_on DESC, h.id DESC
		LIMIT @limit`
}

// ConfirmedHours reads the confirmed hours of an application, oldest first. An
// opportunity lasts 367 days and an application has at most 20 shifts of two days
// each, so that there are never more than maxConfirmed.
func ConfirmedHours(ctx context.Context, r pg.Reader, applicationID string) ([]*application.Hours, error) {
	const maxConfirmed = 500
	rows, err := r.Query(ctx, `
		SELECT `+hoursColumns+`
		FROM hours h
		WHERE h.application_id = $1 AND h.state = 'CONFIRMED'
		ORDER BY h.worked_on, h.id
		LIMIT $2`, applicationID, maxConfirmed)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanHours)
}
