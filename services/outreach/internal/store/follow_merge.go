package store

import (
	"context"
	"fmt"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// FollowMerge moves what belongs to a merged organization to its survivor: postings
// with their credits and days, sources with their items, pending proposals and declared
// conflicts, sponsorships and follows.
// Where the survivor holds the same board and day, or is followed by the same person
// already, its own stays. To repeat it changes nothing.
func FollowMerge(ctx context.Context, tx *pg.Tx, mergedID, survivorID string) error {
	for _, sql := range []string{
		`UPDATE posting
		SET organization_id = $2
		WHERE organization_id = $1`,
		`UPDATE posting
		SET credits = replace(credits::text, $1::uuid::text, $2::uuid::text)::jsonb
		WHERE credits @> jsonb_build_array(jsonb_build_object('organizationId', $1::uuid::text))`,
		`UPDATE posting_day AS d
		SET holder_id = $2
		WHERE holder_id = $1
			AND NOT EXISTS (SELECT FROM posting_day AS o WHERE o.board_id = d.board_id AND o.day = d.day AND o.holder_id = $2)`,
		`UPDATE source
		SET organization_id = $2
		WHERE organization_id = $1`,
		`UPDATE item
		SET organization_id = $2
		WHERE organization_id = $1`,
		`UPDATE proposal_ref
		SET organization_ids = array_replace(organization_ids, $1::uuid, $2::uuid)
		WHERE pending AND organization_ids && ARRAY[$1::uuid]`,
		`UPDATE training_application
		SET conflicts = replace(conflicts::text, $1::uuid::text, $2::uuid::text)::jsonb
		WHERE state IN ('REQUESTED', 'APPROVED', 'UNMATCHED') AND conflicts @> jsonb_build_array(jsonb_build_object('organizationId', $1::uuid::text))`,
		`UPDATE sponsorship
		SET organization_id = $2
		WHERE organization_id = $1`,
		`WITH twice AS (
			DELETE FROM follow AS f
			WHERE f.kind = 'ORGANIZATION' AND f.target = $1::uuid::text
				AND EXISTS (SELECT FROM follow AS o WHERE o.person_id = f.person_id AND o.kind = f.kind AND o.target = $2::uuid::text)
			RETURNING f.person_id
		)
		UPDATE follow_count AS c
		SET used = c.used - 1
		FROM twice
		WHERE c.person_id = twice.person_id`,
		`UPDATE follow
		SET target = $2::uuid::text
		WHERE kind = 'ORGANIZATION' AND target = $1::uuid::text`,
	} {
		if _, err := tx.Exec(ctx, sql, mergedID, survivorID); err != nil {
			return fmt.Errorf("follow the merge of an organization: %w", err)
		}
	}
	return nil
}
