package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// Demand is what was wanted and not found in one month and field of activity, in
// people but for the calls.
type Demand struct {
	Month         jp.Date // Its first day.
	ActivityField int
	Calls         int
	CallsOpen     int // With open places.
	Wanted        int
	Accepted      int
	Open          int
	Unmet         int
}

// UnmetDemand reads what opportunities that begin in a time wanted and found, of
// one department or of all owners; what was called off or taken back does not
// count.
func UnmetDemand(ctx context.Context, r pg.Reader, from, before jp.Date, departmentID string) ([]Demand, error) {
	rows, err := r.Query(ctx, unmetDemand, from, before, pg.Null(departmentID))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Demand])
}

const unmetDemand = `
		SELECT date_trunc('month', o.starts_on)::date AS month, o.activity_field, count(*)::integer,
			count(*) FILTER (WHERE o.accepted < o.headcount)::integer, sum(o.headcount)::integer, sum(o.accepted)::integer,
			sum(o.headcount - o.accepted)::integer, sum(o.waiting + o.requested + o.declined)::integer
		FROM opportunity_place o
		JOIN publication p ON p.id = o.opportunity_id AND p.state IN ('PUBLISHED', 'ENDED')
		WHERE o.starts_on >= $1 AND o.starts_on < $2 AND o.kind IN ('VOLUNTEER', 'EXPERIENCE')
			AND ($3::uuid IS NULL OR p.department_id = $3)
		GROUP BY 1, 2
		ORDER BY 1, 2`
