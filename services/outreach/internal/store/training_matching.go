package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/training"
)

// offered are the kinds of training, as the index has them.
const offered = `o.kind IN ('STAFF_LECTURE', 'STAFF_EXCHANGE', 'STAFF_PLACEMENT')`

const offerColumns = `o.opportunity_id, o.kind, coalesce(p.organization_id::text, ''), o.starts_on, o.last_on, o.open, o.headcount - o.accepted, o.closes_at`

// Offer is an offer of training with its free places.
type Offer struct {
	training.Offer
	Free     int
	ClosesAt time.Time // First instant that is too late to apply.
}

func scanOffer(row pgx.CollectableRow) (Offer, error) {
	var o Offer
	err := row.Scan(&o.ID, &o.Level, &o.OrganizationID, &o.StartsOn, &o.LastOn, &o.Open, &o.Free, &o.ClosesAt)
	return o, err
}

// OffersOf reads those of the opportunities that are offers of training and were
// public.
func OffersOf(ctx context.Context, r pg.Reader, ids []string) ([]Offer, error) {
	rows, err := r.Query(ctx, `
		SELECT `+offerColumns+`
		FROM opportunity_place o
		JOIN publication p ON p.id = o.opportunity_id
		WHERE o.opportunity_id = ANY($1::uuid[]) AND `+offered, ids)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanOffer)
}

// maxOffers bounds the offers of one matching.
const maxOffers = 1000

const offersToMatch = `
		SELECT ` + offerColumns + `
		FROM opportunity_place o
		JOIN publication p ON p.id = o.opportunity_id
		WHERE ` + offered + ` AND o.kind = $1 AND o.starts_on >= $2::date AND o.starts_on <= $3::date AND o.open
		ORDER BY o.opportunity_id
		LIMIT $4
		FOR UPDATE OF o`

// LockOffers locks the places of the open offers of a matching, by id.
func LockOffers(ctx context.Context, tx *pg.Tx, m *training.Matching) ([]Offer, error) {
	rows, err := tx.Query(ctx, offersToMatch, m.Level, jp.FiscalYearStart(m.FiscalYear), jp.FiscalYearEnd(m.FiscalYear), maxOffers)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanOffer)
}

// LockOffer locks the places of one offer of training. Errors:
// RESOURCE_NOT_FOUND.
func LockOffer(ctx context.Context, tx *pg.Tx, id string) (Offer, error) {
	rows, err := tx.Query(ctx, `
		SELECT `+offerColumns+`
		FROM opportunity_place o
		JOIN publication p ON p.id = o.opportunity_id
		WHERE o.opportunity_id = $1 AND `+offered+`
		FOR UPDATE OF o`, id)
	if err != nil {
		return Offer{}, err
	}
	o, err := pgx.CollectExactlyOneRow(rows, scanOffer)
	return o, pg.Found(err)
}

// TakeTrainingPlaces counts places of locked offers up, or with -1 down. Errors:
// TRAINING_FULL.
func TakeTrainingPlaces(ctx context.Context, tx *pg.Tx, taken map[string]int) error {
	var (
		ids    []string
		counts []int
	)
	for id, n := range taken {
		ids, counts = append(ids, id), append(counts, n)
	}
	_, err := tx.Exec(ctx, `
		UPDATE opportunity_place o
		SET accepted = o.accepted + n.taken
		FROM unnest($1::uuid[], $2::integer[]) AS n (id, taken)
		WHERE o.opportunity_id = n.id`, pg.List(ids), pg.List(counts))
	return pg.Refuse(err, map[string]*fault.Error{"opportunity_place_headcount_kept": training.ErrFull})
}

const pendingProposals = `
		SELECT organization_ids::text[], department_ids::text[]
		FROM proposal_ref
		WHERE pending AND organization_ids && $1::uuid[]`

// PendingProposals reads the proposals of the organizations that are not decided
// yet.
func PendingProposals(ctx context.Context, r pg.Reader, organizationIDs []string) ([]training.Pending, error) {
	rows, err := r.Query(ctx, pendingProposals, pg.List(organizationIDs))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[training.Pending])
}

// KeepProposal queues where a proposal stands; an older version does not
// overwrite.
func KeepProposal(tx *pg.Tx, id string, p training.Pending, pending bool, version int64) {
	tx.Queue(`
		INSERT INTO proposal_ref (id, organization_ids, department_ids, pending, version)
		VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT ON CONSTRAINT proposal_ref_pkey
		DO UPDATE SET organization_ids = EXCLUDED.organization_ids, department_ids = EXCLUDED.department_ids, pending = EXCLUDED.pending,
			version = EXCLUDED.version
		WHERE proposal_ref.version < EXCLUDED.version`, id, pg.List(p.OrganizationIDs), pg.List(p.DepartmentIDs), pending, version)
}

// ForgetProposalVersions lets the history that a restored proposals service
// publishes again overwrite what is kept.
func ForgetProposalVersions(ctx context.Context, tx *pg.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE proposal_ref SET version = 0`)
	return err
}

const matchingColumns = `
	m.id, m.fiscal_year, m.level, m.state, m.commitment, m.sealed_seed, m.seed, m.root, m.offers, m.entries, m.places, m.created_by,
	m.created_at, m.run_at, m.version`

func scanMatching(row pgx.CollectableRow) (*training.Matching, error) {
	var (
		m   training.Matching
		run *time.Time
	)
	err := row.Scan(&m.ID, &m.FiscalYear, &m.Level, &m.State, &m.Commitment, &m.SealedSeed, &m.Seed, &m.Root, &m.Offers, &m.Entries,
		&m.Places, &m.CreatedBy, &m.CreatedAt, &run, &m.Version)
	m.RunAt = pg.Or(run)
	return &m, err
}

// InsertMatching adds an open matching. Errors: TRAINING_MATCHING_OPEN.
func InsertMatching(ctx context.Context, tx *pg.Tx, m *training.Matching) error {
	m.CreatedAt, m.State, m.Version = tx.Now, training.Open, 1
	_, err := tx.Exec(ctx, `
		INSERT INTO training_matching (
			id, fiscal_year, level, state, commitment, sealed_seed, seed, root, offers, entries, places, created_by, created_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, '', '', '[]', '[]', '[]', $7, $8, 1)`,
		m.ID, m.FiscalYear, m.Level, m.State, m.Commitment, m.SealedSeed, m.CreatedBy, tx.Now)
	return pg.Refuse(err, map[string]*fault.Error{"training_matching_open": training.ErrMatchingOpen})
}

// UpdateMatching queues the run of a locked matching.
func UpdateMatching(tx *pg.Tx, m *training.Matching) {
	m.Version++
	tx.Queue(`
		UPDATE training_matching
		SET state = $2, sealed_seed = '', seed = $3, root = $4, offers = $5, entries = $6, places = $7, run_at = $8, version = $9
		WHERE id = $1`, m.ID, m.State, m.Seed, m.Root, pg.List(m.Offers), pg.List(m.Entries), pg.List(m.Places), m.RunAt, m.Version)
}

// GetMatching reads a matching. Errors: RESOURCE_NOT_FOUND.
func GetMatching(ctx context.Context, r pg.Reader, id string) (*training.Matching, error) {
	return oneMatching(ctx, r, id, "")
}

// LockMatching is GetMatching for the run of it. Errors: RESOURCE_NOT_FOUND.
func LockMatching(ctx context.Context, tx *pg.Tx, id string) (*training.Matching, error) {
	return oneMatching(ctx, tx, id, "FOR UPDATE")
}

func oneMatching(ctx context.Context, r pg.Reader, id, lock string) (*training.Matching, error) {
	rows, err := r.Query(ctx, `
		SELECT `+matchingColumns+`
		FROM training_matching m
		WHERE m.id = $1
		`+lock, id)
	if err != nil {
		return nil, err
	}
	m, err := pgx.CollectExactlyOneRow(rows, scanMatching)
	return m, pg.Found(err)
}

// ListMatchings reads one more than a page of matchings of a fiscal year, 0 for
// all, newest first.
func ListMatchings(ctx context.Context, r pg.Reader, year int, page pg.Page) ([]*training.Matching, error) {
	args := pgx.StrictNamedArgs{"before": page.AfterID(pg.LastID), "limit": page.Size + 1}
	rows, err := r.Query(ctx, matchingsSQL(year, args), pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanMatching)
}

func matchingsSQL(year int, args pgx.StrictNamedArgs) string {
	where := `m.id < @before`
	if year != 0 {
		where += ` AND m.fiscal_year = @year`
		args["year"] = year
	}
	return `
		SELECT ` + matchingColumns + `
		FROM training_matching m
		WHERE ` + where + `
		ORDER BY m.id DESC
		LIMIT @limit`
}
