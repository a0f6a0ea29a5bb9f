package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

// Statistics are the figures of a call or a fiscal year.
type Statistics struct {
	Organizations int
	Proposals     int
	ByState       map[proposal.PublicState]int
	Durations     []Duration
}

// Duration is how long proposals stood in a public state that they left.
type Duration struct {
	State      proposal.PublicState
	Count      int
	MedianDays int
}

// CallStatistics counts the submitted proposals of a call.
func CallStatistics(ctx context.Context, r pg.Reader, callID string) (*Statistics, error) {
	return statistics(ctx, r, `call_id = $1`, callID)
}

// YearStatistics counts the submitted proposals of a fiscal year.
func YearStatistics(ctx context.Context, r pg.Reader, fiscalYear int) (*Statistics, error) {
	return statistics(ctx, r, `fiscal_year = $1`, fiscalYear)
}

// statistics asks both questions in one round trip; of is one of the two
// conditions above.
func statistics(ctx context.Context, r pg.Reader, of string, value any) (*Statistics, error) {
	s := Statistics{ByState: map[proposal.PublicState]int{}}
	var b pgx.Batch
	b.Queue(`
		SELECT public_state, count(*), count(DISTINCT organization_id), GROUPING(public_state)
		FROM proposal
		WHERE `+of+` AND submitted_at IS NOT NULL
		GROUP BY GROUPING SETS ((public_state), ())`, value).Query(func(rows pgx.Rows) error {
		var (
			state                       *proposal.PublicState
			count, organizations, whole int
		)
		_, err := pgx.ForEachRow(rows, []any{&state, &count, &organizations, &whole}, func() error {
			if whole == 1 {
				s.Proposals, s.Organizations = count, organizations
				return nil
			}
			s.ByState[pg.Or(state)] = count
			return nil
		})
		return err
	})
	b.Queue(`
		SELECT public_from, count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY days)
		FROM proposal_transition
		WHERE `+of+` AND public_from <> public_to AND public_from <> ''
		GROUP BY public_from
		ORDER BY public_from`, value).Query(func(rows pgx.Rows) error {
		var d Duration
		_, err := pgx.ForEachRow(rows, []any{&d.State, &d.Count, &d.MedianDays}, func() error {
			s.Durations = append(s.Durations, d)
			return nil
		})
		return err
	})
	return &s, r.SendBatch(ctx, &b).Close()
}

// Undecided counts the submitted proposals of a call without an outcome.
func Undecided(ctx context.Context, r pg.Reader, callID string) (int, error) {
	var n int
	err := r.QueryRow(ctx, `
		SELECT count(*)
		FROM proposal
		WHERE call_id = $1 AND submitted_at IS NOT NULL
			AND public_state IN ('RECEIVED', 'IN_EXAMINATION', 'IN_NEGOTIATION')`, callID).Scan(&n)
	return n, err
}
