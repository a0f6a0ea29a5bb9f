package store

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/credit"
)

// CreditsFor returns who stands behind an event that is public and takes or took
// place. Errors: RESOURCE_NOT_FOUND.
func CreditsFor(ctx context.Context, r pg.Reader, eventID string) (credit.Lines, error) {
	var lines credit.Lines
	err := r.QueryRow(ctx, `
		SELECT credits
		FROM publication
		WHERE id = $1 AND kind = 'EVENT' AND state IN ('PUBLISHED', 'ENDED')`, eventID).Scan(&lines)
	return lines, pg.Found(err)
}
