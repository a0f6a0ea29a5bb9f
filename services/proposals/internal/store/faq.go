package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/faq"
)

const faqColumns = `
	f.id, f.question, f.answer, f.category, f.department_id, d.full_name, f.published, f.consultation_id, f.created_at,
	f.updated_at, f.version`

func scanFaq(row pgx.CollectableRow) (*faq.Faq, error) {
	var (
		f                faq.Faq
		department, name *string
	)
	err := row.Scan(&f.ID, &f.Question, &f.Answer, &f.Category, &department, &name, &f.Published, &f.ConsultationID,
		&f.CreatedAt, &f.UpdatedAt, &f.Version)
	f.DepartmentID, f.DepartmentName = pg.Or(department), pg.Or(name)
	return &f, err
}

func faqArgs(f *faq.Faq) pgx.StrictNamedArgs {
	question, answer := jp.SearchKey(f.Question), jp.SearchKey(f.Answer)
	return pgx.StrictNamedArgs{
		"id": f.ID, "question": f.Question, "answer": f.Answer, "category": f.Category, "published": f.Published,
		"search_key": question + " " + answer, "terms": pg.List(jp.IndexTerms(question, answer)), "updated_at": f.UpdatedAt,
		"version": f.Version,
	}
}

// AddFaq queues a FAQ; the consultation that it is made of is locked.
func AddFaq(tx *pg.Tx, f *faq.Faq, by string) {
	args := faqArgs(f)
	args["department_id"], args["consultation_id"], args["created_by"] = pg.Null(f.DepartmentID), f.ConsultationID, by
	tx.Queue(`
		INSERT INTO faq (
			id, question, answer, category, department_id, published, consultation_id, search_key, search, created_by,
			created_at, updated_at, version)
		VALUES (
			@id, @question, @answer, @category, @department_id, @published, @consultation_id, @search_key,
			array_to_tsvector(@terms), @created_by, @updated_at, @updated_at, @version)`, args)
}

// UpdateFaq queues the write of a locked FAQ and counts its version up.
func UpdateFaq(tx *pg.Tx, f *faq.Faq) {
	f.UpdatedAt = tx.Now
	tx.Queue(`
		UPDATE faq
		SET question = @question, answer = @answer, category = @category, published = @published,
			search_key = @search_key, search = array_to_tsvector(@terms), updated_at = @updated_at, version = version + 1
		WHERE id = @id AND version = @version`, faqArgs(f))
	f.Version++
}

// GetFaq reads a FAQ; one that is not public only where hidden ones are visible.
// Errors: RESOURCE_NOT_FOUND.
func GetFaq(ctx context.Context, r pg.Reader, id string, hidden bool) (*faq.Faq, error) {
	return oneFaq(ctx, r, `f.id = $1 AND (f.published OR $2)`, id, hidden)
}

// LockFaq reads a FAQ for a change of it. Errors: RESOURCE_NOT_FOUND.
func LockFaq(ctx context.Context, tx *pg.Tx, id string) (*faq.Faq, error) {
	return oneFaq(ctx, tx, `f.id = $1 FOR UPDATE OF f`, id)
}

func oneFaq(ctx context.Context, r pg.Reader, where string, args ...any) (*faq.Faq, error) {
	rows, err := r.Query(ctx, `
		SELECT `+faqColumns+`
		FROM faq f
		LEFT JOIN department_ref d ON d.id = f.department_id
		WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	f, err := pgx.CollectExactlyOneRow(rows, scanFaq)
	return f, pg.Found(err)
}

// FaqFilter selects FAQs; an empty value selects any.
type FaqFilter struct {
	Category string
	Words    *jp.Query
	Hidden   bool // Whether those that are not public are visible.
}

// ListFaqs reads one more than a page of FAQs, last changed first.
func ListFaqs(ctx context.Context, r pg.Reader, f FaqFilter, page pg.Page) ([]*faq.Faq, error) {
	sql, args, err := faqListSQL(f, page)
	if err != nil {
		return nil, err
	}
	rows, err := r.Query(ctx, sql, pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanFaq)
}

func faqListSQL(f FaqFilter, page pg.Page) (string, pgx.StrictNamedArgs, error) {
	args := pgx.StrictNamedArgs{"limit": page.Size + 1}
	where := []string{"true"}
	if !f.Hidden {
		where = append(where, `f.published`)
	}
	if f.Category != "" {
		where, args["category"] = append(where, `f.category = @category`), f.Category
	}
	if f.Words != nil {
		where = append(where, `f.search @@ @words::tsquery AND f.search_key LIKE ALL(@patterns::text[])`)
		args["words"], args["patterns"] = f.Words.TSQuery(), f.Words.LikePatterns()
	}
	if page.After != nil {
		at, id, err := pg.TimeAfter(page.After)
		if err != nil {
			return "", nil, err
		}
		where = append(where, `(f.updated_at, f.id) < (@after_at::timestamptz, @after_id::uuid)`)
		args["after_at"], args["after_id"] = at, id
	}
	return `
		SELECT ` + faqColumns + `
		FROM faq f
		LEFT JOIN department_ref d ON d.id = f.department_id
		WHERE ` + strings.Join(where, " AND ") + `
		ORDER BY f.updated_at DESC, f.id DESC
		LIMIT @limit`, args, nil
}
