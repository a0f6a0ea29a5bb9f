package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
)

// YearFigures are the figures of one fiscal year.
type YearFigures struct {
	Forms                           []FormCount
	Interim, Final                  int // Published evaluations.
	Improvements, Closed, TakenOver int
	Criteria                        []CriterionSum
}

// FormCount is the number of published projects of one form.
type FormCount struct {
	Form     string
	Projects int
}

// CriterionSum holds the scores of one criterion over published final evaluations.
type CriterionSum struct {
	Name                                string
	Group                               evaluation.Group
	OrganizationSum, OrganizationScores int
	WardSum, WardScores                 int
}

const (
	formsSQL = `
		SELECT form, count(*)
		FROM project
		WHERE fiscal_year = $1 AND published
		GROUP BY form
		ORDER BY form`
	casesSQL = `
		SELECT count(*) FILTER (WHERE kind = 'INTERIM'), count(*) FILTER (WHERE kind = 'FINAL')
		FROM evaluation
		WHERE fiscal_year = $1 AND report_version > 0`
	improvementsSQL = `
		SELECT count(*), count(*) FILTER (WHERE state = 'CLOSED'), (
			SELECT count(DISTINCT improvement_id)
			FROM improvement_takeover
			WHERE fiscal_year = $1)
		FROM improvement
		WHERE fiscal_year = $1`
	criteriaSQL = `
		SELECT name, criterion_group, organization_sum, organization_scores, ward_sum, ward_scores
		FROM criterion_sum
		WHERE fiscal_year = $1 AND organization_scores + ward_scores > 0
		ORDER BY name
		LIMIT 100`
)

// GetYearFigures reads the figures of a fiscal year.
func GetYearFigures(ctx context.Context, r pg.Reader, fiscalYear int) (*YearFigures, error) {
	var out YearFigures
	rows, err := r.Query(ctx, formsSQL, fiscalYear)
	if err != nil {
		return nil, err
	}
	if out.Forms, err = pgx.CollectRows(rows, pgx.RowToStructByPos[FormCount]); err != nil {
		return nil, err
	}
	if err := r.QueryRow(ctx, casesSQL, fiscalYear).Scan(&out.Interim, &out.Final); err != nil {
		return nil, err
	}
	if err := r.QueryRow(ctx, improvementsSQL, fiscalYear).Scan(&out.Improvements, &out.Closed, &out.TakenOver); err != nil {
		return nil, err
	}
	if rows, err = r.Query(ctx, criteriaSQL, fiscalYear); err != nil {
		return nil, err
	}
	out.Criteria, err = pgx.CollectRows(rows, pgx.RowToStructByPos[CriterionSum])
	return &out, err
}

// AddScores queues the scores of a published version into the sums of its year,
// less those of the version before, if any.
func AddScores(tx *pg.Tx, r, before *evaluation.Report) {
	scores := map[string]*CriterionSum{}
	var order []string
	add := func(r *evaluation.Report, sign int) {
		for _, item := range r.Items {
			s := scores[item.Name]
			if s == nil {
				s = &CriterionSum{Name: item.Name, Group: item.Group}
				scores[item.Name], order = s, append(order, item.Name)
			}
			s.count(item, sign)
		}
	}
	add(r, 1)
	if before != nil {
		add(before, -1)
	}
	for _, name := range order {
		s := scores[name]
		tx.Queue(`
			INSERT INTO criterion_sum (
				fiscal_year, name, criterion_group, organization_sum, organization_scores, ward_sum, ward_scores)
			VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT ON CONSTRAINT criterion_sum_pkey
			DO UPDATE SET
				organization_sum = criterion_sum.organization_sum + excluded.organization_sum,
				organization_scores = criterion_sum.organization_scores + excluded.organization_scores,
				ward_sum = criterion_sum.ward_sum + excluded.ward_sum,
				ward_scores = criterion_sum.ward_scores + excluded.ward_scores`,
			r.FiscalYear, s.Name, s.Group, s.OrganizationSum, s.OrganizationScores, s.WardSum, s.WardScores)
	}
}

func (s *CriterionSum) count(item evaluation.Item, sign int) {
	if item.Organization.Score > 0 {
		s.OrganizationSum += sign * item.Organization.Score
		s.OrganizationScores += sign
	}
	if item.Ward.Score > 0 {
		s.WardSum += sign * item.Ward.Score
		s.WardScores += sign
	}
}
