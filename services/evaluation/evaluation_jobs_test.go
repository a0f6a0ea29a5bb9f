package evaluation_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// reminders are the reminders of an evaluation, each with how many events told it.
func (w *world) reminders(id string) map[string]int {
	w.t.Helper()
	rows, err := w.DB("evaluation").Query(w.t.Context(), `
		SELECT r.side || ' ' || r.days, (
			SELECT count(*)
			FROM event_log l, LATERAL (SELECT convert_from(l.data, 'UTF8')::jsonb AS d) AS e
			WHERE l.aggregate_id = $1 AND l.headers->>'ce-type' LIKE '%ReminderDue' AND d->>'side' = r.side AND (d->>'days')::integer = r.days)
		FROM evaluation_reminder r
		WHERE r.evaluation_id = $1::uuid`, id)
	w.must(err)
	out := map[string]int{}
	for rows.Next() {
		var (
			name string
			n    int
		)
		w.must(rows.Scan(&name, &n))
		out[name] = n
	}
	w.must(rows.Err())
	return out
}

// Each side and step is reminded of once, whatever runs how often and at once.
func TestReminders(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.opened().GetId()
	remind := w.task("remind-evaluations")
	want := map[string]int{}
	check := func(name string) {
		t.Helper()
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := remind(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if diff := cmp.Diff(want, w.reminders(id)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	due := func(days int) {
		w.exec(`UPDATE evaluation SET opens_on = $2, due_on = $2 WHERE id = $1`, id, today().AddDays(-days).String())
	}
	due(-15)
	check("15 days before")
	due(-14)
	want["ORGANIZATION -14"], want["WARD -14"] = 1, 1
	check("14 days before")
	due(-4)
	check("4 days before")
	due(-3)
	want["ORGANIZATION -3"], want["WARD -3"] = 1, 1
	check("3 days before")
	w.lead(id, evaluationv1.Evaluation_ONE_SUBMITTED)
	due(0)
	check("the due day")
	due(1)
	want["WARD 1"] = 1
	check("a day after")
	due(14)
	want["WARD 14"] = 1
	check("14 days after")
	w.must(w.save(staff, id, "ward", nil))
	w.must(w.submit(approver, id, "ward"))
	due(20)
	check("with both sheets")
}
