package evaluation

import (
	"context"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/store"
)

// evaluationTasks open evaluations on their day and remind of sheets that are due.
func evaluationTasks(d service.Deps) []job.Task {
	s := &evaluations{Deps: d, vault: newVault(d)}
	return []job.Task{
		{Name: "open-evaluations", Every: time.Hour, Run: s.openPrepared},
		{Name: "remind-evaluations", Every: time.Hour, Run: s.remind},
	}
}

// anyone is a reader that sees every project, for jobs.
var anyone = project.Reader{Desk: true}

// openPrepared opens the evaluations whose first day has come.
func (s *evaluations) openPrepared(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("evaluation"))
	ids, err := store.PreparedEvaluations(ctx, s.DB, jp.DateOf(s.Now()))
	if err != nil {
		return err
	}
	for _, id := range ids {
		_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			e, p, err := holdAny(ctx, tx, id)
			if err != nil || e.State != evaluation.Preparing || jp.DateOf(tx.Now).Before(e.OpensOn) { // Somebody was first.
				return struct{}{}, err
			}
			if err := e.Open(tx.Now); err != nil {
				return struct{}{}, err
			}
			store.UpdateEvaluation(tx, e)
			return struct{}{}, addOpened(ctx, tx, e, p)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// holdAny locks a project and its evaluation for a job.
func holdAny(ctx context.Context, tx *pg.Tx, id string) (*evaluation.Evaluation, *project.Project, error) {
	e, err := store.GetEvaluation(ctx, tx, id, evaluation.Reader{Party: anyone})
	if err != nil {
		return nil, nil, err
	}
	p, err := store.LockProject(ctx, tx, e.ProjectID, anyone)
	if err != nil {
		return nil, nil, err
	}
	e, err = store.LockAnyEvaluation(ctx, tx, id)
	return e, p, err
}

// remind gives every reminder that is due, each side and step once: the row and
// the event are one transaction.
func (s *evaluations) remind(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("evaluation"))
	today, page := jp.DateOf(s.Now()), pg.Page{Size: pg.MaxPageSize}
	for {
		rows, err := store.AwaitedEvaluations(ctx, s.DB, today, page)
		if err != nil {
			return err
		}
		rows, after := pg.Cut(rows, page, func(a store.Awaited) []string { return []string{a.DueOn.String(), a.ID} })
		for _, a := range rows {
			if _, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
				return struct{}{}, remindOf(ctx, tx, a.ID)
			}); err != nil {
				return err
			}
		}
		if after == nil {
			return nil
		}
		page.After = after
	}
}

// remindOf gives the reminder of one evaluation that is due today.
func remindOf(ctx context.Context, tx *pg.Tx, id string) error {
	e, p, err := holdAny(ctx, tx, id)
	if err != nil {
		return err
	}
	days, due := evaluation.Reminder(e.DueOn, jp.DateOf(tx.Now))
	if !due {
		return nil
	}
	for _, side := range e.Awaited() {
		first, err := store.AddReminder(ctx, tx, e.ID, string(side), days)
		if err != nil {
			return err
		}
		if !first {
			continue
		}
		err = event.Add(ctx, tx, event.Event{Aggregate: "evaluation", ID: e.ID, Visibility: event.Ward, Message: &evaluationv1.EvaluationReminderDue{
			EvaluationId: e.ID, ProjectId: p.ID, PublicNumber: p.PublicNumber, Side: sideToProto(side), Days: int32(days),
			DueOn: convert.Date(e.DueOn), OrganizationIds: p.OrganizationIDs, DepartmentIds: p.DepartmentIDs(),
		}})
		if err != nil {
			return err
		}
	}
	return nil
}
