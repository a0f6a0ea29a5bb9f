package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

const projectColumns = `
	p.id, p.public_number, p.number_year, p.serial, p.proposal_id, p.fiscal_year, p.state, p.title, p.purpose, p.form,
	p.period_from, p.period_to, p.multi_year, p.ward_cost, p.goals, p.roles, p.budget, p.organization_ids,
	p.department_ids, p.lead_department_id, p.predecessor_id, p.published, p.agreement_number, p.agreement_outdated,
	p.terminate_reason, p.created_by, p.created_at, p.updated_at, p.started_at, p.completed_at, p.version,
	(SELECT jsonb_object_agg(o.id, o.name) FROM organization_ref o
		WHERE o.id = ANY(p.organization_ids)) AS organization_names,
	(SELECT jsonb_object_agg(d.id, d.full_name) FROM department_ref d
		WHERE d.id = ANY(p.department_ids)) AS department_names`

func scanProject(row pgx.CollectableRow) (*project.Project, error) {
	var (
		p                                       project.Project
		proposal, lead, predecessor, agreementN *string
		from, to                                *jp.Date
		started, completed                      *time.Time
		departments                             []string
	)
	err := row.Scan(&p.ID, &p.PublicNumber, &p.NumberYear, &p.Serial, &proposal, &p.FiscalYear, &p.State, &p.Title, &p.Purpose,
		&p.Form, &from, &to, &p.MultiYear, &p.WardCost, &p.Goals, &p.Roles, &p.Budget, &p.OrganizationIDs, &departments, &lead,
		&predecessor, &p.Published, &agreementN, &p.AgreementOutdated, &p.TerminateReason, &p.CreatedBy, &p.CreatedAt,
		&p.UpdatedAt, &started, &completed, &p.Version, &p.Names.Organizations, &p.Names.Departments)
	p.ProposalID, p.LeadDepartmentID, p.PredecessorID, p.AgreementNumber = pg.Or(proposal), pg.Or(lead), pg.Or(predecessor), pg.Or(agreementN)
	p.PeriodFrom, p.PeriodTo, p.StartedAt, p.CompletedAt = pg.Or(from), pg.Or(to), pg.Or(started), pg.Or(completed)
	p.JointDepartmentIDs = departments
	if p.LeadDepartmentID != "" && len(departments) > 0 {
		p.JointDepartmentIDs = departments[1:]
	}
	return &p, err
}

func projectArgs(p *project.Project) pgx.StrictNamedArgs {
	return pgx.StrictNamedArgs{
		"id": p.ID, "fiscal_year": p.FiscalYear, "state": p.State, "title": p.Title, "purpose": p.Purpose, "form": p.Form,
		"period_from": pg.Null(p.PeriodFrom), "period_to": pg.Null(p.PeriodTo), "multi_year": p.MultiYear, "ward_cost": p.WardCost,
		"goals": pg.List(p.Goals), "roles": pg.List(p.Roles), "budget": pg.List(p.Budget), "organization_ids": pg.List(p.OrganizationIDs),
		"department_ids": pg.List(p.DepartmentIDs()), "lead_department_id": pg.Null(p.LeadDepartmentID),
		"predecessor_id": pg.Null(p.PredecessorID), "published": p.Published, "agreement_number": pg.Null(p.AgreementNumber),
		"agreement_outdated": p.AgreementOutdated, "terminate_reason": p.TerminateReason, "updated_at": p.UpdatedAt,
		"started_at": pg.Null(p.StartedAt), "completed_at": pg.Null(p.CompletedAt), "version": p.Version,
	}
}

// InsertProject adds a project and reports whether it did: there is one project
// of a proposal, whatever is told again. Errors: RESOURCE_NOT_FOUND for a
// predecessor that is not there.
func InsertProject(ctx context.Context, tx *pg.Tx, p *project.Project) (bool, error) {
	args := projectArgs(p)
	args["public_number"], args["number_year"], args["serial"] = p.PublicNumber, p.NumberYear, p.Serial
	args["proposal_id"], args["created_by"] = pg.Null(p.ProposalID), p.CreatedBy
	tag, err := tx.Exec(ctx, `
		INSERT INTO project (
			id, public_number, number_year, serial, proposal_id, fiscal_year, state, title, purpose, form, period_from,
			period_to, multi_year, ward_cost, goals, roles, budget, organization_ids, department_ids, lead_department_id,
			predecessor_id, published, agreement_number, agreement_outdated, terminate_reason, created_by, created_at,
			updated_at, started_at, completed_at, version)
		VALUES (
			@id, @public_number, @number_year, @serial, @proposal_id, @fiscal_year, @state, @title, @purpose, @form,
			@period_from, @period_to, @multi_year, @ward_cost, @goals, @roles, @budget, @organization_ids, @department_ids,
			@lead_department_id, @predecessor_id, @published, @agreement_number, @agreement_outdated, @terminate_reason,
			@created_by, @updated_at, @updated_at, @started_at, @completed_at, @version)
		ON CONFLICT ON CONSTRAINT project_proposal_unique DO NOTHING`, args)
	return tag.RowsAffected() > 0, pg.Refuse(err, projectConstraints)
}

var projectConstraints = map[string]*fault.Error{"project_predecessor_known": fault.ErrNotFound}

// UpdateProject writes a locked project and counts its version up. Errors:
// RESOURCE_NOT_FOUND for a predecessor that is not there.
func UpdateProject(ctx context.Context, tx *pg.Tx, p *project.Project) error {
	p.UpdatedAt = tx.Now
	_, err := tx.Exec(ctx, `
		UPDATE project
		SET fiscal_year = @fiscal_year, state = @state, title = @title, purpose = @purpose, form = @form,
			period_from = @period_from, period_to = @period_to, multi_year = @multi_year, ward_cost = @ward_cost,
			goals = @goals, roles = @roles, budget = @budget, organization_ids = @organization_ids,
			department_ids = @department_ids, lead_department_id = @lead_department_id, predecessor_id = @predecessor_id,
			published = @published, agreement_number = @agreement_number, agreement_outdated = @agreement_outdated,
			terminate_reason = @terminate_reason, updated_at = @updated_at, started_at = @started_at,
			completed_at = @completed_at, version = version + 1
		WHERE id = @id AND version = @version`, projectArgs(p))
	if err != nil {
		return pg.Refuse(err, projectConstraints)
	}
	p.Version++
	return nil
}

// GetProject reads a project that the reader sees. Errors: RESOURCE_NOT_FOUND.
func GetProject(ctx context.Context, r pg.Reader, id string, by project.Reader) (*project.Project, error) {
	return oneProject(ctx, r, id, by, "")
}

// LockProject reads a project that the reader sees, for a change of it or of what
// belongs to it. Errors: RESOURCE_NOT_FOUND.
func LockProject(ctx context.Context, tx *pg.Tx, id string, by project.Reader) (*project.Project, error) {
	return oneProject(ctx, tx, id, by, "FOR UPDATE OF p")
}

func oneProject(ctx context.Context, r pg.Reader, id string, by project.Reader, lock string) (*project.Project, error) {
	s := scopeOf(by)
	s.args["id"] = id
	rows, err := r.Query(ctx, `
		SELECT `+projectColumns+`
		FROM project p
		WHERE p.id = @id AND (`+s.any()+`)
		`+lock, s.args)
	if err != nil {
		return nil, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanProject)
	if err != nil {
		return nil, pg.Found(err)
	}
	if !by.Sees(p) { // Scope and reader agree; a test says so.
		return nil, fault.ErrNotFound
	}
	return p, nil
}

// BatchProjects reads projects by id, as far as everybody may know of them.
func BatchProjects(ctx context.Context, r pg.Reader, ids []string) ([]*project.Project, error) {
	rows, err := r.Query(ctx, `
		SELECT `+projectColumns+`
		FROM project p
		WHERE p.id = ANY($1::uuid[]) AND p.published`, ids)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanProject)
}

// LockProjectsOf reads the projects to which an organization is party, in the
// order of their ids.
func LockProjectsOf(ctx context.Context, tx *pg.Tx, organizationID string) ([]*project.Project, error) {
	rows, err := tx.Query(ctx, `
		SELECT `+projectColumns+`
		FROM project p
		WHERE p.organization_ids @> ARRAY[$1::uuid]
		ORDER BY p.id
		FOR UPDATE OF p`, organizationID)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanProject)
}

// MoveOrganization has comments and signatures follow a merged organization to
// its survivor. A signature stays where the survivor has signed too.
func MoveOrganization(ctx context.Context, tx *pg.Tx, merged, survivor string) error {
	_, err := tx.Exec(ctx, `
		UPDATE rulebook_comment
		SET organization_id = $2
		WHERE organization_id = $1`, merged, survivor)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE agreement_signature s
		SET organization_id = $2
		WHERE s.organization_id = $1 AND NOT EXISTS (
			SELECT FROM agreement_signature o
			WHERE o.project_id = s.project_id AND o.version = s.version AND o.organization_id = $2)`, merged, survivor)
	return err
}

// AddProjectTransition queues the history row of a step, after UpdateProject.
func AddProjectTransition(tx *pg.Tx, p *project.Project, m project.Move, by auth.Principal) {
	tx.Queue(`
		INSERT INTO project_transition (project_id, version, action, from_state, to_state, actor, department, reason, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		p.ID, p.Version, m.Action, m.From, m.To, by.Actor(), by.DepartmentID, m.Reason, tx.Now)
}
