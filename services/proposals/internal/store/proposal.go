package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

const proposalColumns = `
	p.id, p.number, p.serial, p.call_id, p.fiscal_year, p.organization_id, p.state, p.step, p.content, p.assignments,
	p.correction, p.decision, p.channel, p.on_behalf, p.paper_note, p.postmark_on, p.predecessor_id,
	(SELECT s.id FROM proposal s WHERE s.predecessor_id = p.id) AS successor_id,
	p.published, p.revision, p.withdraw_reason, p.created_by, p.created_at, p.updated_at, p.submitted_at, p.public_since,
	p.version, p.consultation_id,
	ARRAY(SELECT v.reviewer_id FROM review v
		WHERE v.proposal_id = p.id
		GROUP BY v.reviewer_id
		HAVING bool_and(v.state <> 'RECUSED')) AS reviewers,
	(SELECT jsonb_object_agg(o.id, o.name) FROM organization_ref o
		WHERE o.id = p.organization_id OR o.id = ANY(p.joint_organization_ids)) AS organization_names,
	(SELECT jsonb_object_agg(d.id, d.full_name) FROM department_ref d
		WHERE d.id = ANY(p.department_ids)) AS department_names`

func scanProposal(row pgx.CollectableRow) (*proposal.Proposal, error) {
	var (
		p                              proposal.Proposal
		number, predecessor, successor *string
		consulted                      *string
		postmark                       *jp.Date
		submitted, since               *time.Time
	)
	err := row.Scan(&p.ID, &number, &p.Serial, &p.CallID, &p.FiscalYear, &p.OrganizationID, &p.State, &p.Step, &p.Content,
		&p.Assignments, &p.Correction, &p.Decision, &p.Channel, &p.OnBehalf, &p.PaperNote, &postmark, &predecessor,
		&successor, &p.Published, &p.Revision, &p.WithdrawReason, &p.CreatedBy, &p.CreatedAt, &p.UpdatedAt, &submitted,
		&since, &p.Version, &consulted, &p.Reviewers, &p.Names.Organizations, &p.Names.Departments)
	p.Number, p.PredecessorID, p.SuccessorID = pg.Or(number), pg.Or(predecessor), pg.Or(successor)
	p.ConsultationID = pg.Or(consulted)
	p.PostmarkOn, p.SubmittedAt, p.PublicSince = pg.Or(postmark), pg.Or(submitted), pg.Or(since)
	return &p, err
}

func proposalArgs(p *proposal.Proposal) pgx.StrictNamedArgs {
	title, number := jp.SearchKey(p.Content.Title), jp.SearchKey(p.Number)
	return pgx.StrictNamedArgs{
		"id": p.ID, "number": pg.Null(p.Number), "serial": p.Serial, "joint_organization_ids": pg.List(p.JointIDs()),
		"department_ids": p.DepartmentIDs(), "lead_department_id": pg.Null(p.LeadID()), "state": p.State,
		"public_state": p.PublicState(), "step": p.Step, "title": p.Content.Title, "search_key": title + " " + number,
		"terms": pg.List(jp.IndexTerms(title, number)), "content": &p.Content, "assignments": pg.List(p.Assignments),
		"correction": p.Correction, "decision": p.Decision, "postmark_on": pg.Null(p.PostmarkOn), "published": p.Published,
		"revision": p.Revision, "withdraw_reason": p.WithdrawReason, "updated_at": p.UpdatedAt,
		"submitted_at": pg.Null(p.SubmittedAt), "public_since": pg.Null(p.PublicSince), "version": p.Version,
		"challenge_id": pg.Null(p.Content.ChallengeID), "unowned_since": pg.Null(p.UnownedSince()),
	}
}

// InsertProposal adds a draft. Errors: ALREADY_REPROPOSED.
func InsertProposal(ctx context.Context, tx *pg.Tx, p *proposal.Proposal) error {
	args := proposalArgs(p)
	args["call_id"], args["fiscal_year"], args["organization_id"] = p.CallID, p.FiscalYear, p.OrganizationID
	args["channel"], args["on_behalf"], args["paper_note"] = p.Channel, p.OnBehalf, p.PaperNote
	args["predecessor_id"], args["created_by"] = pg.Null(p.PredecessorID), p.CreatedBy
	args["consultation_id"] = pg.Null(p.ConsultationID)
	_, err := tx.Exec(ctx, `
		INSERT INTO proposal (
			id, number, serial, call_id, fiscal_year, organization_id, joint_organization_ids, department_ids,
			lead_department_id, state, public_state, step, title, search_key, search, content, assignments, correction,
			decision, channel, on_behalf, paper_note, postmark_on, predecessor_id, published, revision, withdraw_reason,
			created_by, created_at, updated_at, submitted_at, public_since, version, consultation_id,
			challenge_id, unowned_since)
		VALUES (
			@id, @number, @serial, @call_id, @fiscal_year, @organization_id, @joint_organization_ids, @department_ids,
			@lead_department_id, @state, @public_state, @step, @title, @search_key, array_to_tsvector(@terms), @content,
			@assignments, @correction, @decision, @channel, @on_behalf, @paper_note, @postmark_on, @predecessor_id,
			@published, @revision, @withdraw_reason, @created_by, @updated_at, @updated_at, @submitted_at, @public_since,
			@version, @consultation_id, @challenge_id, @unowned_since)`, args)
	return pg.Refuse(err, map[string]*fault.Error{"proposal_predecessor_unique": proposal.ErrReproposed})
}

// UpdateProposal queues the write of a locked proposal and counts its version
// up.
func UpdateProposal(tx *pg.Tx, p *proposal.Proposal) {
	p.UpdatedAt = tx.Now
	tx.Queue(`
		UPDATE proposal
		SET number = @number, serial = @serial, joint_organization_ids = @joint_organization_ids,
			department_ids = @department_ids, lead_department_id = @lead_department_id, state = @state,
			public_state = @public_state, step = @step, title = @title, search_key = @search_key,
			search = array_to_tsvector(@terms), content = @content, assignments = @assignments, correction = @correction,
			decision = @decision, postmark_on = @postmark_on, published = @published, revision = @revision,
			withdraw_reason = @withdraw_reason, updated_at = @updated_at, submitted_at = @submitted_at,
			public_since = @public_since, challenge_id = @challenge_id,
			unowned_since = @unowned_since, version = version + 1
		WHERE id = @id AND version = @version`, proposalArgs(p))
	p.Version++
}

// GetProposal reads a proposal that the reader sees. Errors:
// RESOURCE_NOT_FOUND.
func GetProposal(ctx context.Context, r pg.Reader, id string, by proposal.Reader) (*proposal.Proposal, error) {
	return oneProposal(ctx, r, id, by, "")
}

// LockProposal reads a proposal that the reader sees, for a change of it. Errors:
// RESOURCE_NOT_FOUND.
func LockProposal(ctx context.Context, tx *pg.Tx, id string, by proposal.Reader) (*proposal.Proposal, error) {
	return oneProposal(ctx, tx, id, by, "FOR UPDATE OF p")
}

func oneProposal(ctx context.Context, r pg.Reader, id string, by proposal.Reader, lock string) (*proposal.Proposal, error) {
	s := scopeOf(by)
	s.args["id"] = id
	rows, err := r.Query(ctx, `
		SELECT `+proposalColumns+`
		FROM proposal p
		WHERE p.id = @id AND (`+s.any()+`)
		`+lock, s.args)
	if err != nil {
		return nil, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanProposal)
	if err != nil {
		return nil, pg.Found(err)
	}
	if by.View(p) == proposal.Nothing { // Scope and view agree; a test says so.
		return nil, fault.ErrNotFound
	}
	return p, nil
}

// GetSubmitted reads a proposal that has a public course. Errors:
// RESOURCE_NOT_FOUND.
func GetSubmitted(ctx context.Context, r pg.Reader, id string) (*proposal.Proposal, error) {
	rows, err := r.Query(ctx, `
		SELECT `+proposalColumns+`
		FROM proposal p
		WHERE p.id = $1 AND p.submitted_at IS NOT NULL`, id)
	if err != nil {
		return nil, err
	}
	p, err := pgx.CollectExactlyOneRow(rows, scanProposal)
	return p, pg.Found(err)
}

// LockApproved reads up to limit proposals of a call whose decision waits for
// the release, in the order of their ids.
func LockApproved(ctx context.Context, tx *pg.Tx, callID string, limit int) ([]*proposal.Proposal, error) {
	rows, err := tx.Query(ctx, `
		SELECT `+proposalColumns+`
		FROM proposal p
		WHERE p.call_id = $1 AND p.state = 'DECISION_APPROVED'
		ORDER BY p.id
		LIMIT $2
		FOR UPDATE OF p`, callID, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanProposal)
}

// Label is what everybody may read of a submitted proposal.
type Label struct{ Number, Title, OrganizationName string }

// PublicLabels reads the labels of submitted proposals by id.
func PublicLabels(ctx context.Context, r pg.Reader, ids []string) (map[string]Label, error) {
	rows, err := r.Query(ctx, `
		SELECT `+proposalColumns+`
		FROM proposal p
		WHERE p.id = ANY($1) AND p.submitted_at IS NOT NULL`, pg.List(ids))
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, scanProposal)
	labels := map[string]Label{}
	for _, p := range all {
		l := Label{Number: p.Number, Title: p.Content.Title, OrganizationName: p.OrganizationName()}
		if p.Hidden() {
			l.Title, l.OrganizationName = proposal.Concealed, proposal.Concealed
		}
		labels[p.ID] = l
	}
	return labels, err
}
