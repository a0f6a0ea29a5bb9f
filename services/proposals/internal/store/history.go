package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

// AddTransition queues the history row of a step, after UpdateProposal.
func AddTransition(tx *pg.Tx, p *proposal.Proposal, m proposal.Move, by auth.Principal) {
	var decision *proposal.Decision
	switch m.Action {
	case proposal.DraftDecision, proposal.ApproveDecision, proposal.ReturnDecision, proposal.ConfirmConditions:
		decision = p.Decision
	}
	tx.Queue(`
		INSERT INTO proposal_transition (
			proposal_id, version, call_id, fiscal_year, action, from_state, to_state, public_from, public_to, days, actor,
			department, reason, decision, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		p.ID, p.Version, p.CallID, p.FiscalYear, m.Action, m.From, m.To, m.PublicFrom, m.PublicTo, m.Days, by.Actor(),
		by.DepartmentID, m.Reason, decision, tx.Now)
}

// Revision is one submitted version.
type Revision struct {
	Number      int
	SubmittedAt time.Time
	Late        bool
	Content     *proposal.Content // nil in lists.
}

// AddRevision queues the submitted version of a proposal.
func AddRevision(tx *pg.Tx, p *proposal.Proposal, late bool, by string) {
	tx.Queue(`
		INSERT INTO proposal_revision (proposal_id, number, content, late, submitted_by, submitted_at)
		VALUES ($1, $2, $3, $4, $5, $6)`, p.ID, p.Revision, &p.Content, late, by, tx.Now)
}

const revisionListSQL = `
	SELECT number, submitted_at, late
	FROM proposal_revision
	WHERE proposal_id = $1 AND number > $2
	ORDER BY number
	LIMIT $3`

// ListRevisions reads one more than a page of versions without content, oldest
// first.
func ListRevisions(ctx context.Context, r pg.Reader, proposalID string, page pg.Page) ([]Revision, error) {
	after, err := page.AfterNumber(0)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, revisionListSQL, proposalID, after, page.Size+1)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (v Revision, err error) {
		return v, row.Scan(&v.Number, &v.SubmittedAt, &v.Late)
	})
}

// GetRevision reads one version. Errors: RESOURCE_NOT_FOUND.
func GetRevision(ctx context.Context, r pg.Reader, proposalID string, number int) (*Revision, error) {
	v := Revision{Number: number}
	err := r.QueryRow(ctx, `
		SELECT submitted_at, late, content
		FROM proposal_revision
		WHERE proposal_id = $1 AND number = $2`, proposalID, number).Scan(&v.SubmittedAt, &v.Late, &v.Content)
	return &v, pg.Found(err)
}
