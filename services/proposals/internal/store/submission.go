package store

import (
	"context"
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

// TakeQuota counts a submission of the organization in the call against the
// limit; 0 is none. Errors: QUOTA_EXCEEDED.
func TakeQuota(ctx context.Context, tx *pg.Tx, p *proposal.Proposal, limit int) error {
	tag, err := tx.Exec(ctx, `
		INSERT INTO proposal_quota (call_id, organization_id, used)
		VALUES ($1, $2, 1)
		ON CONFLICT ON CONSTRAINT proposal_quota_pkey
		DO UPDATE SET used = proposal_quota.used + 1
		WHERE $3 = 0 OR proposal_quota.used < $3`, p.CallID, p.OrganizationID, limit)
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return proposal.ErrQuota.With("limit", strconv.Itoa(limit))
	}
	return nil
}

// ReturnQuota queues the return of what a withdrawn proposal had taken.
func ReturnQuota(tx *pg.Tx, p *proposal.Proposal) {
	tx.Queue(`
		UPDATE proposal_quota
		SET used = used - 1
		WHERE call_id = $1 AND organization_id = $2`, p.CallID, p.OrganizationID)
}
