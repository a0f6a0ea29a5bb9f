package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// FollowMerger moves everything of a merged organization to the survivor:
// proposals and drafts, also joint ones, places in quotas, consultations, answers
// to challenges, and the attendance of meetings. What history and minutes that are
// written say stays as it was. A second time it finds nothing to move.
func FollowMerger(ctx context.Context, tx *pg.Tx, merged, survivor string) error {
	var b pgx.Batch
	for _, sql := range mergers {
		b.Queue(sql, pgx.StrictNamedArgs{"merged": merged, "survivor": survivor})
	}
	return tx.SendBatch(ctx, &b).Close()
}

// mergers run in the order of the locks. A survivor that was joint already is so
// once, and not beside itself.
var mergers = []string{
	`UPDATE consultation
	SET organization_id = CASE WHEN organization_id = @merged THEN @survivor ELSE organization_id END,
		referred_organization_id = CASE WHEN referred_organization_id = @merged THEN @survivor ELSE referred_organization_id END,
		version = version + 1
	WHERE organization_id = @merged OR referred_organization_id = @merged`,
	`UPDATE contribution
	SET organization_id = @survivor, version = version + 1
	WHERE organization_id = @merged`,
	`UPDATE proposal
	SET organization_id = @survivor, version = version + 1
	WHERE organization_id = @merged`,
	`UPDATE proposal
	SET joint_organization_ids = j.ids,
		content = jsonb_set(content, '{jointOrganizationIds}', to_jsonb(j.ids)), version = version + 1
	FROM (
		SELECT p.id, ARRAY(
			SELECT DISTINCT CASE WHEN o.id = @merged THEN @survivor::uuid ELSE o.id END
			FROM unnest(p.joint_organization_ids) AS o (id)
			WHERE CASE WHEN o.id = @merged THEN @survivor::uuid ELSE o.id END <> p.organization_id
		) AS ids
		FROM proposal p
		WHERE p.joint_organization_ids && ARRAY[@merged::uuid, @survivor::uuid]
			AND (p.joint_organization_ids @> ARRAY[@merged::uuid] OR p.organization_id = @survivor)
	) AS j
	WHERE proposal.id = j.id`,
	`WITH moved AS (
		DELETE FROM proposal_quota
		WHERE organization_id = @merged
		RETURNING call_id, used
	)
	INSERT INTO proposal_quota (call_id, organization_id, used)
	SELECT call_id, @survivor, used
	FROM moved
	ON CONFLICT ON CONSTRAINT proposal_quota_pkey
	DO UPDATE SET used = proposal_quota.used + EXCLUDED.used`,
	`WITH moved AS (
		DELETE FROM scheme_survey_reply
		WHERE organization_id = @merged
		RETURNING call_id
	)
	INSERT INTO scheme_survey_reply (call_id, organization_id)
	SELECT call_id, @survivor
	FROM moved
	ON CONFLICT ON CONSTRAINT scheme_survey_reply_once DO NOTHING`,
	`UPDATE meeting
	SET organization_ids = ARRAY(
			SELECT DISTINCT CASE WHEN o.id = @merged THEN @survivor::uuid ELSE o.id END
			FROM unnest(organization_ids) AS o (id)),
		attendees = replace(attendees::text, @merged::text, @survivor::text)::jsonb,
		minutes = replace(minutes::text, @merged::text, @survivor::text)::jsonb, version = version + 1
	WHERE organization_ids @> ARRAY[@merged::uuid]`,
}
