package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/consultation"
)

// ConsultationNumber and ProposalNumber are the kinds of public numbers.
const (
	ConsultationNumber = "相"
	ProposalNumber     = "提"
)

const consultationColumns = `
	c.id, c.number, c.serial, c.fiscal_year, c.channel, c.state, c.subject, c.body, c.asker_id, c.organization_id,
	c.department_id, c.department_ids, c.referred_organization_id, c.received_on, c.due_on, c.answered_on,
	c.answered_in_time, c.entries, c.code_hash, c.proposal_id, c.challenge_id, c.contribution_id, c.faq_id, c.created_by,
	c.created_at, c.updated_at, c.version,
	(SELECT jsonb_object_agg(o.id, o.name) FROM organization_ref o
		WHERE o.id IN (c.organization_id, c.referred_organization_id)) AS organization_names,
	(SELECT jsonb_object_agg(d.id, d.full_name) FROM department_ref d
		WHERE d.id = ANY(c.department_ids) OR d.id = @department::uuid) AS department_names`

func scanConsultation(row pgx.CollectableRow) (*consultation.Consultation, error) {
	var (
		c                                          consultation.Consultation
		organization, department, referred         *string
		proposal, challenge, contribution, faqMade *string
		answered                                   *jp.Date
	)
	err := row.Scan(&c.ID, &c.Number, &c.Serial, &c.FiscalYear, &c.Channel, &c.State, &c.Subject, &c.Body, &c.AskerID,
		&organization, &department, &c.DepartmentIDs, &referred, &c.ReceivedOn, &c.DueOn, &answered, &c.AnsweredInTime,
		&c.Entries, &c.CodeHash, &proposal, &challenge, &contribution, &faqMade, &c.CreatedBy, &c.CreatedAt, &c.UpdatedAt,
		&c.Version, &c.Names.Organizations, &c.Names.Departments)
	c.OrganizationID, c.DepartmentID, c.ReferredOrganizationID = pg.Or(organization), pg.Or(department), pg.Or(referred)
	c.ProposalID, c.ChallengeID, c.ContributionID, c.FaqID = pg.Or(proposal), pg.Or(challenge), pg.Or(contribution), pg.Or(faqMade)
	c.AnsweredOn = pg.Or(answered)
	return &c, err
}

func consultationArgs(c *consultation.Consultation) pgx.StrictNamedArgs {
	return pgx.StrictNamedArgs{
		"id": c.ID, "state": c.State, "department_id": pg.Null(c.DepartmentID), "department_ids": pg.List(c.DepartmentIDs),
		"referred_organization_id": pg.Null(c.ReferredOrganizationID), "due_on": c.DueOn, "answered_on": pg.Null(c.AnsweredOn),
		"answered_in_time": c.AnsweredInTime, "entries": c.Entries, "proposal_id": pg.Null(c.ProposalID),
		"challenge_id": pg.Null(c.ChallengeID), "contribution_id": pg.Null(c.ContributionID), "faq_id": pg.Null(c.FaqID),
		"updated_at": c.UpdatedAt, "version": c.Version,
	}
}

// InsertConsultation adds a consultation.
func InsertConsultation(ctx context.Context, tx *pg.Tx, c *consultation.Consultation) error {
	args := consultationArgs(c)
	args["number"], args["serial"], args["fiscal_year"], args["channel"] = c.Number, c.Serial, c.FiscalYear, c.Channel
	args["subject"], args["body"], args["asker_id"] = c.Subject, c.Body, c.AskerID
	args["organization_id"], args["received_on"], args["code_hash"] = pg.Null(c.OrganizationID), c.ReceivedOn, c.CodeHash
	args["created_by"] = c.CreatedBy
	_, err := tx.Exec(ctx, `
		INSERT INTO consultation (
			id, number, serial, fiscal_year, channel, state, subject, body, asker_id, organization_id, department_id,
			department_ids, referred_organization_id, received_on, due_on, answered_on, answered_in_time, entries, code_hash,
			proposal_id, challenge_id, contribution_id, faq_id, created_by, created_at, updated_at, version)
		VALUES (
			@id, @number, @serial, @fiscal_year, @channel, @state, @subject, @body, @asker_id, @organization_id,
			@department_id, @department_ids, @referred_organization_id, @received_on, @due_on, @answered_on,
			@answered_in_time, @entries, @code_hash, @proposal_id, @challenge_id, @contribution_id, @faq_id, @created_by,
			@updated_at, @updated_at, @version)`, args)
	return err
}

// UpdateConsultation queues the write of a locked consultation and counts its
// version up.
func UpdateConsultation(tx *pg.Tx, c *consultation.Consultation) {
	c.UpdatedAt = tx.Now
	tx.Queue(`
		UPDATE consultation
		SET state = @state, department_id = @department_id, department_ids = @department_ids,
			referred_organization_id = @referred_organization_id, due_on = @due_on, answered_on = @answered_on,
			answered_in_time = @answered_in_time, entries = @entries, proposal_id = @proposal_id,
			challenge_id = @challenge_id, contribution_id = @contribution_id, faq_id = @faq_id, updated_at = @updated_at,
			version = version + 1
		WHERE id = @id AND version = @version`, consultationArgs(c))
	c.Version++
}

// AddEntries queues steps, answers and notes.
func AddEntries(tx *pg.Tx, consultationID string, entries []DatedEntry) {
	for _, e := range entries {
		tx.Queue(`
			INSERT INTO consultation_entry (
				consultation_id, no, id, kind, body, from_asker, department_id, department_name, from_department_id,
				from_department_name, to_department_id, to_department_name, organization_id, organization_name, created_by,
				created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
			consultationID, e.No, e.ID, e.Kind, e.Body, e.FromAsker, pg.Null(e.DepartmentID), e.DepartmentName,
			pg.Null(e.FromDepartmentID), e.FromDepartmentName, pg.Null(e.ToDepartmentID), e.ToDepartmentName,
			pg.Null(e.OrganizationID), e.OrganizationName, e.CreatedBy, e.CreatedAt)
	}
}

// KeepPerson queues the sealed name and contact of who asked.
func KeepPerson(tx *pg.Tx, consultationID string, sealed []byte) {
	tx.Queue(`
		INSERT INTO consultation_person (consultation_id, sealed)
		VALUES ($1, $2)`, consultationID, sealed)
}

// GetPerson reads the sealed name and contact of who asked; nil where none is
// known.
func GetPerson(ctx context.Context, r pg.Reader, consultationID string) ([]byte, error) {
	var sealed []byte
	err := r.QueryRow(ctx, `
		SELECT sealed
		FROM consultation_person
		WHERE consultation_id = $1`, consultationID).Scan(&sealed)
	if pg.IsNoRows(err) {
		return nil, nil
	}
	return sealed, err
}

// GetConsultation reads a consultation that the reader sees. Errors:
// RESOURCE_NOT_FOUND.
func GetConsultation(ctx context.Context, r pg.Reader, id string, by consultation.Reader) (*consultation.Consultation, error) {
	return oneConsultation(ctx, r, `c.id = @id`, id, by)
}

// FindConsultation reads a consultation by its number. Errors:
// RESOURCE_NOT_FOUND.
func FindConsultation(ctx context.Context, r pg.Reader, number string, by consultation.Reader) (*consultation.Consultation, error) {
	return oneConsultation(ctx, r, `c.number = @id`, number, by)
}

// LockConsultation reads a consultation that the reader sees, for a change of it.
// Errors: RESOURCE_NOT_FOUND.
func LockConsultation(ctx context.Context, tx *pg.Tx, id string, by consultation.Reader) (*consultation.Consultation, error) {
	return oneConsultation(ctx, tx, `c.id = @id FOR UPDATE OF c`, id, by)
}

// oneConsultation reads by a condition of this file. A code opens by id alone and
// is compared outside of SQL, in constant time; where nothing is found it is
// compared all the same.
func oneConsultation(ctx context.Context, r pg.Reader, where, id string, by consultation.Reader) (*consultation.Consultation, error) {
	rows, err := r.Query(ctx, `
		SELECT `+consultationColumns+`
		FROM consultation c
		WHERE (@coded::boolean OR `+consultationScope+`) AND `+where, consultationReader(by, pgx.StrictNamedArgs{
		"id": id, "coded": by.CodeHash != nil,
	}))
	if err != nil {
		return nil, err
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanConsultation)
	if pg.IsNoRows(err) {
		by.View(consultation.Nobody)
		return nil, fault.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	if by.View(c) == consultation.Nothing {
		return nil, fault.ErrNotFound
	}
	return c, nil
}

// consultationScope holds exactly where Reader.View is not Nothing without a
// code.
const consultationScope = `(
	@desk::boolean OR (@staff::boolean AND c.department_ids @> ARRAY[@department::uuid])
	OR c.asker_id = @asker OR c.organization_id = ANY(@members::uuid[]) OR c.referred_organization_id = ANY(@members::uuid[]))`

func consultationReader(by consultation.Reader, args pgx.StrictNamedArgs) pgx.StrictNamedArgs {
	args["desk"], args["department"], args["members"] = by.Desk, pg.Null(by.Department), pg.List(by.Members)
	args["staff"] = by.Staff && by.Department != ""
	args["asker"] = "-" // Nobody's pseudonym.
	if by.SignedIn {
		args["asker"] = by.ID
	}
	return args
}

// DatedEntry is an entry with its identity and time.
type DatedEntry struct {
	consultation.Entry
	ID        string
	CreatedAt time.Time
}

// ListEntries reads all steps, answers and notes of a consultation, oldest first;
// there are at most consultation.MaxEntries.
func ListEntries(ctx context.Context, r pg.Reader, consultationID string) ([]DatedEntry, error) {
	rows, err := r.Query(ctx, `
		SELECT no, id, kind, body, from_asker, department_id, department_name, from_department_id, from_department_name,
			to_department_id, to_department_name, organization_id, organization_name, created_at
		FROM consultation_entry
		WHERE consultation_id = $1
		ORDER BY no`, consultationID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (e DatedEntry, err error) {
		var department, from, to, organization *string
		err = row.Scan(&e.No, &e.ID, &e.Kind, &e.Body, &e.FromAsker, &department, &e.DepartmentName, &from,
			&e.FromDepartmentName, &to, &e.ToDepartmentName, &organization, &e.OrganizationName, &e.CreatedAt)
		e.DepartmentID, e.FromDepartmentID, e.ToDepartmentID, e.OrganizationID = pg.Or(department), pg.Or(from), pg.Or(to), pg.Or(organization)
		return e, err
	})
}

// Conversion says when a consultation came in and became a proposal.
type Conversion struct {
	Number      string
	ReceivedOn  jp.Date
	ConvertedAt time.Time
}

const conversionSQL = `
	SELECT c.number, c.received_on, max(e.created_at)
	FROM consultation c
	JOIN consultation_entry e ON e.consultation_id = c.id AND e.kind = 'CONVERTED'
	WHERE c.id = $1
	GROUP BY c.id`

// GetConversion reads the conversion of a consultation. Errors:
// RESOURCE_NOT_FOUND.
func GetConversion(ctx context.Context, r pg.Reader, consultationID string) (c Conversion, err error) {
	err = r.QueryRow(ctx, conversionSQL, consultationID).Scan(&c.Number, &c.ReceivedOn, &c.ConvertedAt)
	if pg.IsNoRows(err) {
		return c, fault.ErrNotFound
	}
	return c, err
}
