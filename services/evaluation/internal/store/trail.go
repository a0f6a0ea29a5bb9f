package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/trail"
)

// AddTrail queues a public fact of a chain; one that is there stays as it is.
func AddTrail(tx *pg.Tx, e trail.Entry) {
	tx.Queue(`
		INSERT INTO trail_entry (public_number, kind, object_id, step, title, at)
		VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT ON CONSTRAINT trail_entry_pkey DO NOTHING`,
		e.PublicNumber, e.Kind, e.ObjectID, e.Step, e.Title, e.At)
}

// KeepTrailProposal queues the number of a submitted proposal and the challenge
// that it answers, if any.
func KeepTrailProposal(tx *pg.Tx, proposalID, publicNumber, challengeID string) {
	tx.Queue(`
		INSERT INTO trail_proposal (proposal_id, public_number, challenge_id)
		VALUES ($1, $2, $3)
		ON CONFLICT ON CONSTRAINT trail_proposal_pkey DO NOTHING`, proposalID, publicNumber, pg.Null(challengeID))
}

// KeepTrailChallenge queues a published challenge.
func KeepTrailChallenge(tx *pg.Tx, c trail.Entry) {
	tx.Queue(`
		INSERT INTO trail_challenge (challenge_id, title, published_at)
		VALUES ($1, $2, $3)
		ON CONFLICT ON CONSTRAINT trail_challenge_pkey DO NOTHING`, c.ObjectID, c.Title, c.At)
}

// TrailNumber reads the public number of a proposal; empty where none is known.
func TrailNumber(ctx context.Context, tx *pg.Tx, proposalID string) (string, error) {
	var number string
	err := tx.QueryRow(ctx, `
		SELECT public_number
		FROM trail_proposal
		WHERE proposal_id = $1`, proposalID).Scan(&number)
	if pg.IsNoRows(err) {
		return "", nil
	}
	return number, err
}

// GetTrail reads the chain of a public number, oldest first, at most 500 entries,
// and its title. Errors: RESOURCE_NOT_FOUND.
func GetTrail(ctx context.Context, r pg.Reader, publicNumber string) (entries []trail.Entry, title string, err error) {
	rows, err := r.Query(ctx, trailSQL, publicNumber)
	if err != nil {
		return nil, "", err
	}
	entries, err = pgx.CollectRows(rows, pgx.RowToStructByPos[trail.Entry])
	if err != nil {
		return nil, "", err
	}
	if len(entries) == 0 {
		return nil, "", fault.ErrNotFound
	}
	err = r.QueryRow(ctx, `
		SELECT title
		FROM project
		WHERE public_number = $1 AND published`, publicNumber).Scan(&title)
	if pg.IsNoRows(err) {
		err = nil
	}
	return entries, title, err
}

const trailSQL = `
	SELECT public_number, kind, object_id, step, title, at
	FROM trail_entry
	WHERE public_number = $1
	UNION ALL
	SELECT p.public_number, 'CHALLENGE', c.challenge_id::text, '', c.title, c.published_at
	FROM trail_proposal p
	JOIN trail_challenge c USING (challenge_id)
	WHERE p.public_number = $1
	ORDER BY at, kind, object_id, step
	LIMIT 500`
