package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/challenge"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

// AddContribution queues a new answer of an organization; the challenge is held.
func AddContribution(tx *pg.Tx, c *challenge.Contribution) {
	tx.Queue(`
		INSERT INTO contribution (
			id, challenge_id, kind, organization_id, body, publish_consent, answer, consultation_id, created_by, created_at,
			updated_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8, $9, $9, $10)`,
		c.ID, c.ChallengeID, c.Kind, c.OrganizationID, c.Body, c.PublishConsent, pg.Null(c.ConsultationID), c.CreatedBy,
		c.CreatedAt, c.Version)
}

// UpdateContribution queues the write of a locked answer and counts its version
// up.
func UpdateContribution(tx *pg.Tx, c *challenge.Contribution) {
	c.UpdatedAt = tx.Now
	tx.Queue(`
		UPDATE contribution
		SET answer = $2, answered_on = $3, into_consultation_id = $4, into_proposal_id = $5, into_call_id = $6,
			updated_at = $7, version = version + 1
		WHERE id = $1 AND version = $8`, c.ID, c.Answer, pg.Null(c.AnsweredOn), pg.Null(c.Into.ConsultationID),
		pg.Null(c.Into.ProposalID), pg.Null(c.Into.CallID), c.UpdatedAt, c.Version)
	c.Version++
}

const contributionSelect = `
	SELECT r.id, r.challenge_id, r.kind, r.organization_id, o.name, r.body, r.publish_consent, r.answer, r.answered_on,
		r.consultation_id, r.into_consultation_id, r.into_proposal_id, p.number, r.into_call_id,
		coalesce(k.state <> 'DRAFT', false), r.created_by, r.created_at, r.updated_at, r.version
	FROM contribution r
	LEFT JOIN organization_ref o ON o.id = r.organization_id
	LEFT JOIN proposal p ON p.id = r.into_proposal_id
	LEFT JOIN call k ON k.id = r.into_call_id`

func scanContribution(row pgx.CollectableRow) (*challenge.Contribution, error) {
	var (
		c                                   challenge.Contribution
		name, from, consulted, number, call *string
		proposed                            *string
		answered                            *jp.Date
	)
	err := row.Scan(&c.ID, &c.ChallengeID, &c.Kind, &c.OrganizationID, &name, &c.Body, &c.PublishConsent, &c.Answer, &answered,
		&from, &consulted, &proposed, &number, &call, &c.Into.CallPublic, &c.CreatedBy, &c.CreatedAt, &c.UpdatedAt, &c.Version)
	c.OrganizationName, c.AnsweredOn, c.ConsultationID = pg.Or(name), pg.Or(answered), pg.Or(from)
	c.Into.ConsultationID, c.Into.ProposalID, c.Into.ProposalNumber, c.Into.CallID = pg.Or(consulted), pg.Or(proposed), pg.Or(number), pg.Or(call)
	return &c, err
}

// contributionScope holds where everybody, the organization or the ward may read
// an answer; the challenge is one that the reader sees.
const contributionScope = `(
	(r.publish_consent AND r.answered_on IS NOT NULL) OR @keeps::boolean OR r.organization_id = ANY(@members::uuid[]))`

// GetContribution reads an answer to the challenge that the reader sees. Errors:
// RESOURCE_NOT_FOUND.
func GetContribution(ctx context.Context, r pg.Reader, of *challenge.Challenge, id string, by proposal.Reader) (*challenge.Contribution, error) {
	return oneContribution(ctx, r, of, id, contributionReader{by, ""})
}

// LockContribution reads an answer to the challenge that the reader sees, for a
// change of it. Errors: RESOURCE_NOT_FOUND.
func LockContribution(ctx context.Context, tx *pg.Tx, of *challenge.Challenge, id string, by proposal.Reader) (*challenge.Contribution, error) {
	return oneContribution(ctx, tx, of, id, contributionReader{by, "FOR UPDATE OF r"})
}

type contributionReader struct {
	by   proposal.Reader
	lock string
}

func oneContribution(ctx context.Context, r pg.Reader, of *challenge.Challenge, id string, how contributionReader) (*challenge.Contribution, error) {
	rows, err := r.Query(ctx, contributionSelect+`
		WHERE r.id = @id AND r.challenge_id = @challenge AND `+contributionScope+`
		`+how.lock, pgx.StrictNamedArgs{
		"id": id, "challenge": of.ID, "keeps": of.Keeps(how.by), "members": pg.List(how.by.Members),
	})
	if err != nil {
		return nil, err
	}
	c, err := pgx.CollectExactlyOneRow(rows, scanContribution)
	return c, pg.Found(err)
}

// ContributionFilter selects answers to one challenge.
type ContributionFilter struct {
	Of   *challenge.Challenge // That the reader sees.
	Kind string               // Any when empty.
}

const contributionListSQL = contributionSelect + `
	WHERE r.challenge_id = @challenge AND r.id > @after AND (@kind = '' OR r.kind = @kind) AND ` + contributionScope + `
	ORDER BY r.id
	LIMIT @limit`

// ListContributions reads one more than a page of the answers to a challenge that
// the reader sees, oldest first.
func ListContributions(ctx context.Context, r pg.Reader, by proposal.Reader, f ContributionFilter, page pg.Page) ([]*challenge.Contribution, error) {
	rows, err := r.Query(ctx, contributionListSQL, pgx.StrictNamedArgs{
		"challenge": f.Of.ID, "after": page.AfterID(pg.NilID), "kind": f.Kind, "keeps": f.Of.Keeps(by), "members": pg.List(by.Members), "limit": page.Size + 1,
	})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanContribution)
}
