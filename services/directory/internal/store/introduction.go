package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/introduction"
)

// SeenIntroduction is an introduction as a query found it for a partner.
type SeenIntroduction struct {
	introduction.Introduction
	Title, Kind, Category string // Of the listing.
	By                    introduction.Caller
}

// selectIntroduction reads introductions with the names of both sides and for
// which of them the partner acts.
var selectIntroduction = `
	SELECT i.id, i.listing_id, i.state, l.title, l.kind, l.category,
		COALESCE(i.owner_organization_id::text, ''), COALESCE(i.owner_department_id::text, ''),
		COALESCE(o.name, ` + departmentName("i.owner_department_id") + `, ''), i.owner_accepted_at, i.owner_contact,
		i.owner_result, i.owner_note, i.owner_publish_consent, i.owner_recorded_at,
		COALESCE(i.partner_organization_id::text, ''), COALESCE(i.partner_department_id::text, ''),
		COALESCE(p.name, ` + departmentName("i.partner_department_id") + `, ''), i.partner_accepted_at, i.partner_contact,
		i.partner_result, i.partner_note, i.partner_publish_consent, i.partner_recorded_at,
		i.desk_result, i.desk_note, i.desk_recorded_at, COALESCE(i.matching_listing_id::text, ''), i.message,
		i.decline_reason, i.created_by, i.ended_at, i.created_at, i.updated_at, i.version,
		COALESCE(i.owner_organization_id = ANY(` + acts + `) OR i.owner_department_id = @department::uuid, false),
		COALESCE(i.partner_organization_id = ANY(` + acts + `) OR i.partner_department_id = @department::uuid, false)
	FROM introduction AS i
	JOIN listing AS l ON l.id = i.listing_id
	LEFT JOIN organization AS o ON o.id = i.owner_organization_id
	LEFT JOIN organization AS p ON p.id = i.partner_organization_id`

// ofMySides holds for the introductions that a partner may know of.
const ofMySides = `(
	i.owner_organization_id = ANY(` + reads + `)
	OR i.partner_organization_id = ANY(` + reads + `)
	OR i.owner_department_id = @department::uuid
	OR i.partner_department_id = @department::uuid)`

func introductionScope(v Partner) string {
	if v.Desk {
		return `true`
	}
	return ofMySides
}

func introductions(ctx context.Context, r pg.Reader, sql string, v Partner, args pgx.StrictNamedArgs) ([]*SeenIntroduction, error) {
	rows, err := r.Query(ctx, sql, pgx.QueryExecModeExec, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (*SeenIntroduction, error) {
		i := &SeenIntroduction{}
		i.By.Desk = v.Desk
		return i, row.Scan(&i.ID, &i.ListingID, &i.State, &i.Title, &i.Kind, &i.Category,
			&i.Owner.OrganizationID, &i.Owner.DepartmentID, &i.Owner.Name, &i.Owner.AcceptedAt, &i.Owner.Contact,
			&i.Owner.Record.Result, &i.Owner.Record.Note, &i.Owner.Record.PublishConsent, &i.Owner.Record.At,
			&i.Partner.OrganizationID, &i.Partner.DepartmentID, &i.Partner.Name, &i.Partner.AcceptedAt, &i.Partner.Contact,
			&i.Partner.Record.Result, &i.Partner.Record.Note, &i.Partner.Record.PublishConsent, &i.Partner.Record.At,
			&i.Desk.Result, &i.Desk.Note, &i.Desk.At, &i.MatchingID, &i.Message,
			&i.DeclineReason, &i.CreatedBy, &i.EndedAt, &i.CreatedAt, &i.UpdatedAt, &i.Version, &i.By.Owner, &i.By.Partner)
	})
}

// GetIntroduction returns an introduction of the listing. Errors:
// RESOURCE_NOT_FOUND, also when the partner may not know of it.
func GetIntroduction(ctx context.Context, r pg.Reader, listingID, id string, v Partner) (*SeenIntroduction, error) {
	sql := selectIntroduction + `
		WHERE i.id = @id AND i.listing_id = @listing AND ` + introductionScope(v)
	found, err := introductions(ctx, r, sql, v, v.args(sql, pgx.StrictNamedArgs{"id": id, "listing": listingID}))
	if err == nil && len(found) == 0 {
		err = fault.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

// LockIntroduction holds the row until the end of the transaction and is
// GetIntroduction then. Who needs the listing too holds that one first.
func LockIntroduction(ctx context.Context, tx *pg.Tx, listingID, id string, v Partner) (*SeenIntroduction, error) {
	if _, err := tx.Exec(ctx, `
		SELECT FROM introduction
		WHERE id = $1
		FOR UPDATE`, id); err != nil {
		return nil, err
	}
	return GetIntroduction(ctx, tx, listingID, id, v)
}

// IntroductionFilter selects introductions; zero values select everything.
type IntroductionFilter struct {
	ListingID string
	State     string
}

// ListIntroductions returns those that the partner may know of, the newest first;
// one row more than the page holds when there is another page.
func ListIntroductions(ctx context.Context, r pg.Reader, v Partner, f IntroductionFilter, p pg.Page) ([]*SeenIntroduction, error) {
	args := pgx.StrictNamedArgs{"listing": pg.Null(f.ListingID), "state": f.State, "limit": p.Size + 1}
	filter := introductionsNewest.from(`
			AND (@state = '' OR i.state = @state)`, args, p)
	var sql string
	switch {
	case f.ListingID != "":
		sql = selectIntroduction + `
		WHERE i.listing_id = @listing AND ` + introductionScope(v) + filter
	case v.Desk:
		sql = selectIntroduction + `
		WHERE true` + filter
	default:
		sql = ownIntroductions(filter)
	}
	sql += introductionsNewest.by
	return introductions(ctx, r, sql, v, v.args(sql, args))
}

// ownIntroductions reads those of which a side is one of the organizations that
// the partner reads or the department. Each side's are walked by their own index,
// as far as a page.
func ownIntroductions(filter string) string {
	of := func(side, id string) string {
		return `
				SELECT i.id
				FROM introduction AS i
				WHERE i.` + side + ` = ` + id + filter + introductionsNewest.by
	}
	return `
		WITH mine AS MATERIALIZED (
			SELECT DISTINCT i.id
			FROM (
				SELECT x.id
				FROM unnest(` + reads + `) AS own (id)
				CROSS JOIN LATERAL (
					(` + of("owner_organization_id", "own.id") + `)
					UNION ALL
					(` + of("partner_organization_id", "own.id") + `)
				) AS x
				UNION ALL
				(` + of("owner_department_id", "@department::uuid") + `)
				UNION ALL
				(` + of("partner_department_id", "@department::uuid") + `)
			) AS i` + introductionsNewest.by + `
		)` + selectIntroduction + `
		JOIN mine ON mine.id = i.id`
}

var introductionsNewest = order{
	after: `
		AND i.id < @after_id::uuid`,
	by: `
		ORDER BY i.id DESC
		LIMIT @limit`,
	names: []string{"after_id"},
}

// InsertIntroduction adds the introduction. Errors: INTRODUCTION_EXISTS.
func InsertIntroduction(ctx context.Context, tx *pg.Tx, i *introduction.Introduction) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO introduction (id, listing_id, state, owner_organization_id, owner_department_id, owner_accepted_at,
			owner_contact, owner_result, owner_note, owner_publish_consent, partner_organization_id, partner_department_id,
			partner_accepted_at, partner_contact, partner_result, partner_note, partner_publish_consent, desk_result, desk_note,
			matching_listing_id, message, decline_reason, created_by, created_at, updated_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, '', '', false, $8, $9, $10, $11, '', '', false, '', '', $12, $13, '', $14, $15, $16, $17)`,
		i.ID, i.ListingID, i.State, pg.Null(i.Owner.OrganizationID), pg.Null(i.Owner.DepartmentID), i.Owner.AcceptedAt, i.Owner.Contact,
		pg.Null(i.Partner.OrganizationID), pg.Null(i.Partner.DepartmentID), i.Partner.AcceptedAt, i.Partner.Contact,
		pg.Null(i.MatchingID), i.Message, i.CreatedBy, i.CreatedAt, i.UpdatedAt, i.Version)
	return pg.Refuse(err, map[string]*fault.Error{"introduction_open_unique": introduction.ErrExists})
}

// UpdateIntroduction writes what changes after the proposal, with the next version
// and the transaction's time; the row is locked.
func UpdateIntroduction(ctx context.Context, tx *pg.Tx, i *introduction.Introduction) error {
	i.Version++
	i.UpdatedAt = tx.Now
	tag, err := tx.Exec(ctx, `
		UPDATE introduction
		SET state = $2, owner_accepted_at = $3, owner_contact = $4, owner_result = $5, owner_note = $6, owner_publish_consent = $7,
			owner_recorded_at = $8, partner_accepted_at = $9, partner_contact = $10, partner_result = $11, partner_note = $12,
			partner_publish_consent = $13, partner_recorded_at = $14, desk_result = $15, desk_note = $16, desk_recorded_at = $17,
			decline_reason = $18, ended_at = $19, updated_at = $20, version = $21
		WHERE id = $1`,
		i.ID, i.State, i.Owner.AcceptedAt, i.Owner.Contact, i.Owner.Record.Result, i.Owner.Record.Note, i.Owner.Record.PublishConsent,
		i.Owner.Record.At, i.Partner.AcceptedAt, i.Partner.Contact, i.Partner.Record.Result, i.Partner.Record.Note,
		i.Partner.Record.PublishConsent, i.Partner.Record.At, i.Desk.Result, i.Desk.Note, i.Desk.At,
		i.DeclineReason, i.EndedAt, i.UpdatedAt, i.Version)
	if err == nil && tag.RowsAffected() != 1 {
		err = errors.New("the introduction is not there")
	}
	return err
}

// DeclineUnanswered queues that the introductions to a locked listing that nobody
// has answered end with it.
func DeclineUnanswered(tx *pg.Tx, listingID, reason string) {
	tx.Queue(`
		UPDATE introduction
		SET state = 'DECLINED', decline_reason = $2, owner_contact = NULL, partner_contact = NULL, ended_at = $3, updated_at = $3,
			version = version + 1
		WHERE listing_id = $1 AND state = 'PROPOSED'`, listingID, reason, tx.Now)
}
