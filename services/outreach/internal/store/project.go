package store

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/credit"
)

// Project is what is kept of a project.
type Project struct {
	ID           string
	PublicNumber string
	Title        string
	Credits      credit.Lines // Without names.
}

// KeepProject queues what evaluation tells of a project.
func KeepProject(tx *pg.Tx, p Project) {
	tx.Queue(`
		INSERT INTO project_ref (id, public_number, title, credits)
		VALUES ($1, $2, $3, $4)
		ON CONFLICT ON CONSTRAINT project_ref_pkey
		DO UPDATE SET public_number = EXCLUDED.public_number, title = EXCLUDED.title, credits = EXCLUDED.credits`,
		p.ID, p.PublicNumber, p.Title, append(credit.Lines{}, p.Credits...))
}

// GetProject reads a project. Errors: RESOURCE_NOT_FOUND.
func GetProject(ctx context.Context, r pg.Reader, id string) (Project, error) {
	p := Project{ID: id}
	err := r.QueryRow(ctx, `
		SELECT public_number, title, credits
		FROM project_ref
		WHERE id = $1`, id).Scan(&p.PublicNumber, &p.Title, &p.Credits)
	return p, pg.Found(err)
}
