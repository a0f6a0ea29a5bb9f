package store

import (
	"context"
	"maps"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/listing"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/member"
)

// Partner is who asks in the exchange: a Viewer, or staff of a department. What
// a person may do for an organization is read from the rows in each statement.
type Partner struct {
	Viewer
	Actor        string // Pseudonym.
	DepartmentID string // Of staff, facility clerks and the desk; empty for others.
	Staff        bool   // Whether that is staff.
}

// SeenListing is a listing as a query found it for a partner.
type SeenListing struct {
	listing.Listing
	OwnerName      string      `db:"owner_name"`      // Today.
	OwnerPublished bool        `db:"owner_published"` // A department always is.
	CallerRole     member.Role `db:"caller_role"`     // In the owning organization.
	Checks         bool        `db:"checks"`          // Whether the partner checks others' listings.
}

// listingColumns are the columns of listing.Listing.
const listingColumns = `
	l.id, l.state, l.kind, l.category, COALESCE(l.organization_id::text, '') AS organization_id,
	COALESCE(l.department_id::text, '') AS department_id, l.title, l.description, l.conditions, l.quantity,
	l.activity_fields, l.town, l.available_from, l.available_until, l.expires_on,
	COALESCE(l.source_id::text, '') AS source_id, l.source_name, l.source_url, l.correction_reason, l.outcome,
	l.outcome_note, l.written_by, l.published_by, l.published_at, l.closed_at, l.created_at, l.updated_at, l.version`

// selectListing reads listings with the names of their owners, and what the
// caller is to them.
var selectListing = `
	SELECT ` + listingColumns + `, ` + ownerColumns + `, ` + callerRole + `, ` + checks + ` AS checks
	FROM listing AS l` + listingOwner

// selectOpenListing is selectListing for everybody.
var selectOpenListing = `
	SELECT ` + listingColumns + `, ` + ownerColumns + `, '' AS caller_role, false AS checks
	FROM listing AS l` + listingOwner

// departmentName is the full name of the department with the id. A subquery, so
// that statements stay below the number of joins that the planner reorders.
func departmentName(id string) string {
	return `(
		SELECT concat(d3.name, d2.name, d1.name)
		FROM department AS d1
		LEFT JOIN department AS d2 ON d2.id = d1.parent_id
		LEFT JOIN department AS d3 ON d3.id = d2.parent_id
		WHERE d1.id = ` + id + `
	)`
}

var ownerColumns = `
	COALESCE(o.name, ` + departmentName("l.department_id") + `, '') AS owner_name,
	COALESCE(o.state IN ('VERIFIED', 'EXPIRED'), true) AS owner_published`

const (
	listingOwner = `
	LEFT JOIN organization AS o ON o.id = l.organization_id`

	// checks holds for editors and representatives of a published intermediary.
	checks = `
	EXISTS (
		SELECT FROM member AS m
		JOIN organization AS i ON i.id = m.organization_id AND i.kind = 'INTERMEDIARY' AND i.state IN ('VERIFIED', 'EXPIRED')
		WHERE m.person_id = @person::uuid AND m.state = 'ACTIVE' AND m.role IN ('EDITOR', 'REPRESENTATIVE')
	)`

	// published holds for the listings that everybody may read.
	published = `
	(l.published_at IS NOT NULL AND l.state IN ('PUBLISHED', 'CLOSED', 'EXPIRED')
		AND (l.organization_id IS NULL OR o.state IN ('VERIFIED', 'EXPIRED')))`

	// listingInScope holds for the listings that a signed-in partner may know of.
	listingInScope = `(` + published + `
	OR l.department_id = @department::uuid
	OR l.organization_id = ANY(` + reads + `)
	OR (l.state = 'PENDING' AND l.organization_id IS NOT NULL AND ` + checks + `))`

	// reads are the organizations of which the partner is a member in any role or
	// for which the partner may act now; acts those for which the partner acts.
	reads = `ARRAY(
		SELECT m.organization_id
		FROM member AS m
		WHERE m.person_id = @person::uuid AND m.state = 'ACTIVE'` + orDelegated
	acts = `ARRAY(
		SELECT m.organization_id
		FROM member AS m
		WHERE m.person_id = @person::uuid AND m.state = 'ACTIVE' AND m.role IN ('EDITOR', 'REPRESENTATIVE')` + orDelegated
	orDelegated = `
		UNION
		SELECT d.organization_id
		FROM member AS m
		JOIN organization AS i ON i.id = m.organization_id AND i.kind = 'INTERMEDIARY' AND i.state IN ('VERIFIED', 'EXPIRED')
		JOIN delegation AS d ON d.intermediary_id = i.id AND d.revoked_at IS NULL AND d.ends_at > now()
		WHERE m.person_id = @person::uuid AND m.state = 'ACTIVE'
	)`
)

// listingScope is what a partner may know of, in the form that is fastest.
func listingScope(v Partner) string {
	switch {
	case v.Desk:
		return `true`
	case v.PersonID == "" && v.DepartmentID == "":
		return published
	default:
		return listingInScope
	}
}

// args are the arguments that a statement names, out of these and those that say
// who asks.
func (v Partner) args(sql string, args pgx.StrictNamedArgs) pgx.StrictNamedArgs {
	args["desk"], args["person"], args["department"] = v.Desk, pg.Null(v.PersonID), pg.Null(v.DepartmentID)
	maps.DeleteFunc(args, func(name string, _ any) bool { return !strings.Contains(sql, "@"+name) })
	return args
}

// GetListing returns the listing. Errors: RESOURCE_NOT_FOUND, also when the
// partner may not know of it.
func GetListing(ctx context.Context, r pg.Reader, id string, v Partner) (*SeenListing, error) {
	sql := selectListing + `
		WHERE l.id = @id AND ` + listingScope(v)
	return one[SeenListing](ctx, r, sql, v.args(sql, pgx.StrictNamedArgs{"id": id}))
}

// LockListing holds the row until the end of the transaction and is GetListing
// then. Who needs its organization too holds that one first.
func LockListing(ctx context.Context, tx *pg.Tx, id string, v Partner) (*SeenListing, error) {
	return lockListing(ctx, tx, id, v, `FOR UPDATE`)
}

// HoldListing is LockListing against changes of the listing only.
func HoldListing(ctx context.Context, tx *pg.Tx, id string, v Partner) (*SeenListing, error) {
	return lockListing(ctx, tx, id, v, `FOR SHARE`)
}

func lockListing(ctx context.Context, tx *pg.Tx, id string, v Partner, lock string) (*SeenListing, error) {
	// Two statements: what the second one joins is as of after the wait.
	if _, err := tx.Exec(ctx, `
		SELECT FROM listing
		WHERE id = $1
		`+lock, id); err != nil {
		return nil, err
	}
	return GetListing(ctx, tx, id, v)
}

// HoldOrganization is GetOrganization that keeps the organization from being
// merged, suspended or closed until the end of the transaction.
func HoldOrganization(ctx context.Context, tx *pg.Tx, id string, v Viewer) (*Seen, error) {
	if _, err := tx.Exec(ctx, `
		SELECT FROM organization
		WHERE id = $1
		FOR SHARE`, id); err != nil {
		return nil, err
	}
	return GetOrganization(ctx, tx, id, v)
}

// ActingIntermediary returns the intermediary as whose editor or representative
// the person acts for the organization: that organization itself, or one to which
// it has delegated. Empty texts for none.
func ActingIntermediary(ctx context.Context, tx *pg.Tx, personID, organizationID string) (id, name string, err error) {
	err = tx.QueryRow(ctx, `
		SELECT i.id::text, i.name
		FROM member AS m
		JOIN organization AS i ON i.id = m.organization_id AND i.kind = 'INTERMEDIARY' AND i.state IN ('VERIFIED', 'EXPIRED')
		WHERE m.person_id = $1 AND m.state = 'ACTIVE' AND m.role IN ('EDITOR', 'REPRESENTATIVE')
			AND (i.id = $2 OR EXISTS (
				SELECT FROM delegation AS d
				WHERE d.intermediary_id = i.id AND d.organization_id = $2 AND d.revoked_at IS NULL AND d.ends_at > now()
			))
		ORDER BY i.id
		LIMIT 1`, pg.Null(personID), pg.Null(organizationID)).Scan(&id, &name)
	if pg.IsNoRows(err) {
		return "", "", nil
	}
	return id, name, err
}

// HeldListings counts the listings of an owner that are not ended, up to
// listing.MaxHeld, and keeps others from adding one for it until the end of the
// transaction.
func HeldListings(ctx context.Context, tx *pg.Tx, organizationID, departmentID string) (held int, err error) {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('kyodo.directory.listing ' || $1 || $2, 0))`, organizationID, departmentID); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `
		SELECT count(*)
		FROM (
			SELECT
			FROM listing
			WHERE (organization_id = $1 OR department_id = $2) AND state IN ('DRAFT', 'PENDING', 'PUBLISHED')
			LIMIT $3
		) AS held`, pg.Null(organizationID), pg.Null(departmentID), listing.MaxHeld).Scan(&held)
	return held, err
}

// InsertListing adds the listing.
func InsertListing(ctx context.Context, tx *pg.Tx, l *listing.Listing) error {
	_, err := tx.Exec(ctx, insertListing, listingArgs(l))
	return err
}

// UpdateListing writes the listing, whose row is locked, with the next version and
// the transaction's time.
func UpdateListing(ctx context.Context, tx *pg.Tx, l *listing.Listing) error {
	l.Version++
	l.UpdatedAt = tx.Now
	_, err := tx.Exec(ctx, updateListing, listingArgs(l))
	return err
}

// insertListing and updateListing write every column, each from the argument of
// its name.
var insertListing, updateListing = func() (string, string) {
	names := []string{
		"id", "state", "kind", "category", "organization_id", "department_id", "title", "description", "conditions", "quantity",
		"activity_fields", "town", "available_from", "available_until", "expires_on", "source_id", "source_name", "source_url",
		"correction_reason", "outcome", "outcome_note", "written_by", "published_by", "published_at", "closed_at", "created_at",
		"updated_at", "version", "search_key",
	}
	columns, values := strings.Join(names, ", "), "@"+strings.Join(names, ", @")
	return `
		INSERT INTO listing (` + columns + `, terms)
		VALUES (` + values + `, array_to_tsvector(@terms::text[]))`, `
		UPDATE listing
		SET (` + columns + `, terms) = (` + values + `, array_to_tsvector(@terms::text[]))
		WHERE id = @id`
}()

func listingArgs(l *listing.Listing) pgx.StrictNamedArgs {
	keys := []string{jp.SearchKey(l.Title), jp.SearchKey(l.Description), jp.SearchKey(l.Conditions), jp.SearchKey(l.Quantity)}
	return pgx.StrictNamedArgs{
		"id": l.ID, "state": l.State, "kind": l.Kind, "category": l.Category, "organization_id": pg.Null(l.OrganizationID),
		"department_id": pg.Null(l.DepartmentID), "title": l.Title, "description": l.Description, "conditions": l.Conditions,
		"quantity": l.Quantity, "activity_fields": l.ActivityFields, "town": l.Town, "available_from": l.AvailableFrom,
		"available_until": l.AvailableUntil, "expires_on": l.ExpiresOn, "source_id": pg.Null(l.SourceID), "source_name": l.SourceName,
		"source_url": l.SourceURL, "correction_reason": l.CorrectionReason, "outcome": l.Outcome, "outcome_note": l.OutcomeNote,
		"written_by": l.WrittenBy, "published_by": l.PublishedBy, "published_at": l.PublishedAt, "closed_at": l.ClosedAt,
		"created_at": l.CreatedAt, "updated_at": l.UpdatedAt, "version": l.Version,
		"search_key": strings.Join(keys, "\n"), "terms": jp.IndexTerms(keys...),
	}
}
