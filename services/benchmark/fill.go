package benchmark

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Copies says which rows a table gets: copies of one row that is there, each
// with some columns changed.
type Copies struct {
	Service, Table string
	Of             string                     // Id of the row.
	Count          int                        // Of copies.
	Changes        func(i int) map[string]any // Columns of copy i that differ; at least its id.
}

// Fill adds the rows as the database's admin. GIN indexes are dropped meanwhile,
// which saves minutes.
func (r *Rig) Fill(b *testing.B, c Copies) {
	b.Helper()
	ctx := b.Context()
	conn := r.admin(b, c.Service)
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, `
		SELECT indexname, indexdef
		FROM pg_indexes
		WHERE schemaname = $1 AND tablename = $2 AND indexdef LIKE '% USING gin %'`, c.Service, c.Table)
	must(b, err)
	type index struct{ Name, Definition string }
	indexes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[index])
	must(b, err)
	exec := func(sql string, args ...any) {
		b.Helper()
		_, err := conn.Exec(ctx, sql, args...)
		must(b, err)
	}
	exec(`CREATE TEMPORARY TABLE change (columns jsonb)`)
	_, err = conn.CopyFrom(ctx, pgx.Identifier{"change"}, []string{"columns"}, pgx.CopyFromSlice(c.Count, func(i int) ([]any, error) {
		raw, err := json.Marshal(c.Changes(i))
		return []any{raw}, err
	}))
	must(b, err)
	for _, i := range indexes {
		exec(`DROP INDEX ` + i.Name)
	}
	rows, err = conn.Query(ctx, `
		SELECT quote_ident(column_name)
		FROM information_schema.columns
		WHERE table_schema = $1 AND table_name = $2 AND is_generated = 'NEVER'`, c.Service, c.Table)
	must(b, err)
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(b, err)
	exec(`
		INSERT INTO `+c.Table+` (`+strings.Join(columns, ", ")+`)
		SELECT copy.`+strings.Join(columns, ", copy.")+`
		FROM `+c.Table+` AS original
		CROSS JOIN change
		CROSS JOIN LATERAL jsonb_populate_record(original, change.columns) AS copy
		WHERE original.id = $1`, c.Of)
	for _, i := range indexes {
		exec(i.Definition)
	}
	exec(`DROP TABLE change`)
	exec(`VACUUM ANALYZE ` + c.Table)
}

// Exec runs a statement as the database's admin in a service's schema.
func (r *Rig) Exec(b *testing.B, service, sql string, args ...any) {
	b.Helper()
	conn := r.admin(b, service)
	defer conn.Close(b.Context())
	_, err := conn.Exec(b.Context(), sql, args...)
	must(b, err)
}

// Texts reads one column of text as the database's admin.
func (r *Rig) Texts(b *testing.B, service, sql string, args ...any) []string {
	b.Helper()
	conn := r.admin(b, service)
	defer conn.Close(b.Context())
	rows, err := conn.Query(b.Context(), sql, args...)
	must(b, err)
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(b, err)
	return out
}

func (r *Rig) admin(b *testing.B, service string) *pgx.Conn {
	b.Helper()
	cfg, err := pgx.ParseConfig(r.Admin)
	must(b, err)
	cfg.RuntimeParams["search_path"] = service
	conn, err := pgx.ConnectConfig(b.Context(), cfg)
	must(b, err)
	return conn
}

// Vector is the text of a tsvector that holds the terms.
func Vector(terms []string) string {
	quote := strings.NewReplacer(`'`, `''`, `\`, `\\`)
	quoted := make([]string, len(terms))
	for i, t := range terms {
		quoted[i] = "'" + quote.Replace(t) + "'"
	}
	return strings.Join(quoted, " ")
}
