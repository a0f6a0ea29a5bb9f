package proposals_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals"
)

// asker reads who asked as the desk does.
func (w *world) asker(id string) string {
	w.t.Helper()
	resp, err := w.desk(desk).GetConsultationAsker(withReason(w.t.Context(), "保存期間の確認"), &proposalsv1.GetConsultationAskerRequest{Id: id})
	w.must(err)
	raw, err := protojson.Marshal(resp)
	w.must(err)
	return string(raw)
}

// Name and contact go a year after the last step of what is finished, and with
// them the rows of the vault; what is open keeps them. The audit log says what was
// done, and nothing else ever had them.
func TestAskersAreErasedAfterTheirPurpose(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	const canary = "金糸雀太郎"
	ask := func() string {
		return w.ask(auth.Anonymous, func(r *proposalsv1.CreateConsultationRequest) {
			r.Asker = &proposalsv1.Asker{Name: canary, Phone: "03-9876-5432", Email: "canary@example.jp"}
		}).GetId()
	}
	answered, young, open, silent := ask(), ask(), ask(), ask()
	for _, id := range []string{answered, young, silent} {
		w.must(err2(w.desk(desk).ReplyConsultation(ctx, &proposalsv1.ReplyConsultationRequest{Id: id, Body: "お答えします。"})))
	}
	w.must(err2(w.desk(desk).CloseConsultation(ctx, &proposalsv1.CloseConsultationRequest{Id: answered})))
	w.exec(`DELETE FROM consultation_person WHERE consultation_id = $1`, silent)
	w.exec(`UPDATE consultation SET updated_at = now() - interval '366 days' WHERE id = ANY($1)`, []string{answered, open, silent})
	w.exec(`UPDATE consultation SET updated_at = now() - interval '364 days' WHERE id = $1`, young)
	if !strings.Contains(w.asker(answered), canary) {
		t.Fatal("the canary is not there")
	}
	for range 2 { // The second run finds nothing to do.
		for _, task := range proposals.Module.Tasks(w.deps) {
			if task.Name == "erase-askers" {
				w.must(task.Run(ctx))
			}
		}
	}
	for id, kept := range map[string]bool{answered: false, young: true, open: true, silent: false} {
		if got := w.asker(id); strings.Contains(got, canary) != kept {
			t.Errorf("of %s: %s, want kept %v", id, got, kept)
		}
	}
	if n := w.count(`SELECT count(*) FROM consultation_person`); n != 2 {
		t.Errorf("%d rows are in the vault", n)
	}
	if n := w.count(`SELECT count(*) FROM consultation WHERE asker_erased_at IS NOT NULL`); n != 2 {
		t.Errorf("%d consultations are done", n)
	}
	if n := w.count(`
		SELECT count(*)
		FROM audit_entry
		WHERE action = 'proposals.consultation.eraseAsker' AND object_id = $1 AND actor = 'service:proposals'
			AND detail->>'retentionDays' = '365'`, answered); n != 1 {
		t.Errorf("%d erasures are logged", n)
	}
	for _, table := range w.tables() {
		for _, part := range []string{canary, "9876-5432", "98765432", "canary@example"} { // As text, and in bytes.
			if n := w.count(`
				SELECT count(*)
				FROM `+table+` AS t
				WHERE strpos(t::text, $1) > 0 OR strpos(t::text, encode(convert_to($1, 'UTF8'), 'hex')) > 0`, part); n != 0 {
				t.Errorf("%s holds %s of who asked", table, part)
			}
		}
	}
	if got := w.seen(desk, answered, ""); got.GetState() != proposalsv1.Consultation_CLOSED || len(got.GetHistory()) < 3 {
		t.Errorf("what was asked and answered is %v", got)
	}
}

// tables are all tables of the service.
func (w *world) tables() []string {
	w.t.Helper()
	rows, err := w.DB("proposals").Query(w.t.Context(), `SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema()`)
	w.must(err)
	var out []string
	for rows.Next() {
		var name string
		w.must(rows.Scan(&name))
		out = append(out, name)
	}
	w.must(rows.Err())
	if len(out) < 20 {
		w.t.Fatalf("only the tables %v", out)
	}
	return out
}

// count counts rows.
func (w *world) count(sql string, args ...any) int {
	w.t.Helper()
	var n int
	w.must(w.DB("proposals").QueryRow(w.t.Context(), sql, args...).Scan(&n))
	return n
}

// exec changes rows behind the service's back, such as days.
func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	_, err := w.DB("proposals").Pool().Exec(w.t.Context(), sql, args...)
	w.must(err)
}
