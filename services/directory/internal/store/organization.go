package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/member"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
)

// Viewer is who asks: it decides which organizations a query can find. The
// zero Viewer is the public.
type Viewer struct {
	PersonID string // Of a resident; empty for others.
	Desk     bool   // Sees every organization.
}

// Seen is an organization as a query found it for a viewer.
type Seen struct {
	organization.Organization
	KanaSortKey string      `db:"kana_sort_key"`
	CallerRole  member.Role `db:"caller_role"` // Of the viewer; empty for none.
}

// organizationColumns are the columns of organization.Organization.
const organizationColumns = `
	o.id, o.state, o.name, o.name_kana, o.name_en, o.alternate_name, o.kind, o.legal_form,
	o.corporate_number, o.jurisdiction, o.purpose, o.description, o.activity_fields,
	o.representative_name, o.representative_name_kana, o.representative_title,
	o.established_on, o.certified_on, o.registered_on,
	o.certification, o.certification_from, o.certification_until, o.member_count, o.annual_budget,
	o.postal_code, o.municipality_code, o.prefecture, o.city, o.town, o.street_number, o.building,
	o.contact_name, o.contact_phone_number, o.contact_email, o.contact_url, o.url, o.capabilities,
	o.publish_representative, o.publish_contact_point, o.publish_street_address,
	o.publish_member_count, o.publish_annual_budget,
	o.verified_on, o.valid_until, o.last_confirmed_on,
	o.correction_reason, o.correction_fields, o.returned_on, o.state_reason, o.survivor_id,
	o.source_name, o.source_url, o.import_id, o.registration_period, o.renewal_requested_on,
	o.created_at, o.updated_at, o.version`

// IsMember reports whether the viewer is a member, in any role.
func (s *Seen) IsMember() bool {
	return s.CallerRole != member.None && s.CallerRole != member.Delegate
}

// Represents reports whether the viewer is a representative.
func (s *Seen) Represents() bool { return s.CallerRole == member.Representative }

// callerRole is the viewer's role in o, or the empty text.
const callerRole = `
	COALESCE((
		SELECT m.role
		FROM member AS m
		WHERE m.organization_id = o.id AND m.person_id = @person::uuid AND m.state = 'ACTIVE'
	), CASE WHEN ` + delegated + ` THEN 'DELEGATE' ELSE '' END) AS caller_role`

// delegated holds for the organizations for which the viewer may act as a member
// of an intermediary.
const delegated = `
	EXISTS (
		SELECT FROM delegation AS d
		JOIN organization AS i ON i.id = d.intermediary_id AND i.kind = 'INTERMEDIARY' AND i.state IN ('VERIFIED', 'EXPIRED')
		JOIN member AS m ON m.organization_id = i.id AND m.person_id = @person::uuid AND m.state = 'ACTIVE'
		WHERE d.organization_id = o.id AND d.revoked_at IS NULL AND d.ends_at > now()
	)`

// inScope holds for the organizations that the viewer may know of.
const inScope = `(
	o.state IN ('VERIFIED', 'EXPIRED')
	OR (o.state = 'MERGED' AND o.verified_on IS NOT NULL)
	OR @desk::boolean
	OR EXISTS (
		SELECT FROM member AS m
		WHERE m.organization_id = o.id AND m.person_id = @person::uuid AND m.state = 'ACTIVE'
	)
	OR ` + delegated + `)`

// GetOrganization returns the organization. Errors: RESOURCE_NOT_FOUND, also
// when the viewer may not know of it.
func GetOrganization(ctx context.Context, r pg.Reader, id string, v Viewer) (*Seen, error) {
	return one[Seen](ctx, r, `
		SELECT `+organizationColumns+`, o.kana_sort_key, `+callerRole+`
		FROM organization AS o
		WHERE o.id = @id AND `+inScope,
		pgx.StrictNamedArgs{"id": id, "person": pg.Null(v.PersonID), "desk": v.Desk})
}

// LockOrganization is GetOrganization that holds the row until the end of the
// transaction. Whatever changes an organization or its members takes this lock
// first.
func LockOrganization(ctx context.Context, tx *pg.Tx, id string, v Viewer) (*Seen, error) {
	return one[Seen](ctx, tx, `
		SELECT `+organizationColumns+`, o.kana_sort_key, `+callerRole+`
		FROM organization AS o
		WHERE o.id = @id AND `+inScope+`
		FOR NO KEY UPDATE OF o`,
		pgx.StrictNamedArgs{"id": id, "person": pg.Null(v.PersonID), "desk": v.Desk})
}

// OrganizationNames is what other services keep of an organization.
type OrganizationNames struct {
	ID       string             `db:"id"`
	Name     string             `db:"name"`
	NameKana string             `db:"name_kana"`
	Kind     organization.Kind  `db:"kind"`
	State    organization.State `db:"state"`
	Version  int64              `db:"version"`
	Survivor *string            `db:"survivor_id"`
}

// OrganizationsByID returns those of the organizations that exist, in any state.
func OrganizationsByID(ctx context.Context, r pg.Reader, ids []string) ([]*OrganizationNames, error) {
	return many[OrganizationNames](ctx, r, `
		SELECT id, name, name_kana, kind, state, version, survivor_id
		FROM organization
		WHERE id = ANY($1::uuid[])`, ids)
}

// ExpiredOrganizations returns the ids of at most limit verified organizations
// whose last day of validity is before today.
func ExpiredOrganizations(ctx context.Context, r pg.Reader, today jp.Date, limit int) ([]string, error) {
	rows, err := r.Query(ctx, `
		SELECT id::text
		FROM organization
		WHERE state = 'VERIFIED' AND valid_until < $1
		ORDER BY valid_until, id
		LIMIT $2`, today, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

// InsertOrganization adds the organization. Errors: CORPORATE_NUMBER_TAKEN.
func InsertOrganization(ctx context.Context, tx *pg.Tx, o *organization.Organization) error {
	_, err := tx.Exec(ctx, insertOrganization, organizationArgs(o))
	return refuseOrganization(err)
}

// UpdateOrganization writes the organization, whose row is locked, with the
// next version and the transaction's time. Errors: CORPORATE_NUMBER_TAKEN.
func UpdateOrganization(ctx context.Context, tx *pg.Tx, o *organization.Organization) error {
	o.Version++
	o.UpdatedAt = tx.Now
	_, err := tx.Exec(ctx, updateOrganization, organizationArgs(o))
	return refuseOrganization(err)
}

func refuseOrganization(err error) error {
	return pg.Refuse(err, map[string]*fault.Error{
		"organization_corporate_number_unique": organization.ErrCorporateNumberTaken.OnPath("corporateNumber"),
	})
}

// insertOrganization and updateOrganization write every column, each from the
// argument of its name.
var insertOrganization, updateOrganization = func() (string, string) {
	var names []string
	for c := range strings.SplitSeq(organizationColumns+", o.name_key, o.kana_sort_key, o.gojuon_row, o.search_key", ",") {
		names = append(names, strings.TrimPrefix(strings.TrimSpace(c), "o."))
	}
	columns := strings.Join(names, ", ")
	values := "@" + strings.Join(names, ", @")
	return `
		INSERT INTO organization (` + columns + `, terms)
		VALUES (` + values + `, array_to_tsvector(@terms::text[]))`, `
		UPDATE organization
		SET (` + columns + `, terms) = (` + values + `, array_to_tsvector(@terms::text[]))
		WHERE id = @id`
}()

func organizationArgs(o *organization.Organization) pgx.StrictNamedArgs {
	keys := []string{jp.SearchKey(o.Name), jp.SearchKey(o.NameKana), jp.SearchKey(o.AlternateName), jp.SearchKey(o.NameEn), jp.SearchKey(o.Purpose), jp.SearchKey(o.Description)}
	return pgx.StrictNamedArgs{
		"id": o.ID, "state": o.State, "name": o.Name, "name_kana": o.NameKana, "name_en": o.NameEn,
		"alternate_name": o.AlternateName, "kind": o.Kind, "legal_form": o.LegalForm,
		"corporate_number": o.CorporateNumber, "jurisdiction": o.Jurisdiction, "purpose": o.Purpose,
		"description": o.Description, "activity_fields": o.ActivityFields,
		"representative_name": o.RepresentativeName, "representative_name_kana": o.RepresentativeNameKana,
		"representative_title": o.RepresentativeTitle, "established_on": o.EstablishedOn,
		"certified_on": o.CertifiedOn, "registered_on": o.RegisteredOn, "certification": o.Certification,
		"certification_from": o.CertificationFrom, "certification_until": o.CertificationUntil,
		"member_count": o.MemberCount, "annual_budget": o.AnnualBudget, "postal_code": o.PostalCode,
		"municipality_code": o.MunicipalityCode, "prefecture": o.Prefecture, "city": o.City, "town": o.Town,
		"street_number": o.StreetNumber, "building": o.Building, "contact_name": o.ContactName,
		"contact_phone_number": o.ContactPhoneNumber, "contact_email": o.ContactEmail, "contact_url": o.ContactURL,
		"url": o.URL, "capabilities": o.Capabilities, "publish_representative": o.PublishRepresentative,
		"publish_contact_point": o.PublishContactPoint, "publish_street_address": o.PublishStreetAddress,
		"publish_member_count": o.PublishMemberCount, "publish_annual_budget": o.PublishAnnualBudget,
		"verified_on": o.VerifiedOn, "valid_until": o.ValidUntil, "last_confirmed_on": o.LastConfirmedOn,
		"correction_reason": o.CorrectionReason, "correction_fields": o.CorrectionFields,
		"returned_on": o.ReturnedOn, "state_reason": o.StateReason, "survivor_id": o.SurvivorID, "created_at": o.CreatedAt,
		"source_name": o.SourceName, "source_url": o.SourceURL, "import_id": o.ImportID,
		"registration_period": o.Period, "renewal_requested_on": o.RenewalRequestedOn,
		"updated_at": o.UpdatedAt, "version": o.Version,
		"name_key": jp.NameKey(o.Name), "kana_sort_key": jp.KanaSortKey(o.NameKana),
		"gojuon_row": jp.GojuonRow(o.NameKana), "search_key": strings.Join(keys, "\n"),
		"terms": jp.IndexTerms(keys...),
	}
}
