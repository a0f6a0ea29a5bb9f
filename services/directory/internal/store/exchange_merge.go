package store

import "github.com/chiyoda-kyodo/kyodo/pkg/pg"

// mergedReason is what is left of an introduction that a merge made pointless.
const mergedReason = "団体の統合により終了しました。"

// MoveExchange queues that listings, introductions and referrals of a merged
// organization are its survivor's; both rows are locked. An open introduction of
// the survivor to itself, or one that the survivor has too, ends.
func MoveExchange(tx *pg.Tx, from, to string) {
	tx.Queue(`
		UPDATE listing
		SET organization_id = CASE organization_id WHEN $1 THEN $2::uuid ELSE organization_id END,
			source_id = CASE source_id WHEN $1 THEN $2::uuid ELSE source_id END,
			updated_at = $3, version = version + 1
		WHERE organization_id = $1 OR source_id = $1`, from, to, tx.Now)
	tx.Queue(`
		UPDATE introduction AS i
		SET state = 'DECLINED', decline_reason = $3, owner_contact = NULL, partner_contact = NULL, ended_at = $4, updated_at = $4,
			version = version + 1
		WHERE i.state IN ('PROPOSED', 'ACCEPTED')
			AND ((i.partner_organization_id = $1 AND i.owner_organization_id IN ($1, $2))
				OR (i.partner_organization_id = $2 AND i.owner_organization_id = $1)
				OR (i.partner_organization_id = $1 AND EXISTS (
					SELECT FROM introduction AS s
					WHERE s.listing_id = i.listing_id AND s.partner_organization_id = $2 AND s.state IN ('PROPOSED', 'ACCEPTED')
				)))`, from, to, mergedReason, tx.Now)
	tx.Queue(`
		UPDATE introduction
		SET owner_organization_id = CASE owner_organization_id WHEN $1 THEN $2::uuid ELSE owner_organization_id END,
			partner_organization_id = CASE partner_organization_id WHEN $1 THEN $2::uuid ELSE partner_organization_id END,
			updated_at = $3, version = version + 1
		WHERE owner_organization_id = $1 OR partner_organization_id = $1`, from, to, tx.Now)
	tx.Queue(`
		UPDATE referral
		SET intermediary_id = CASE intermediary_id WHEN $1 THEN $2::uuid ELSE intermediary_id END,
			organization_id = CASE organization_id WHEN $1 THEN $2::uuid ELSE organization_id END,
			updated_at = $3, version = version + 1
		WHERE intermediary_id = $1 OR organization_id = $1`, from, to, tx.Now)
}
