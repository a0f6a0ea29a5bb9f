package job_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
)

func open(t *testing.T) *pg.DB {
	t.Helper()
	urls := pgtest.Service(t, "ledger", func(ctx context.Context, url string) error { return job.Migrate(ctx, url, "ledger") })
	db, err := pg.Open(t.Context(), pg.Config{URL: urls.Runtime, Schema: "ledger", MaxConns: 10})
	must(t, err)
	t.Cleanup(db.Close)
	return db
}

// start works tasks until the test ends.
func start(t *testing.T, db *pg.DB, tasks ...job.Task) {
	t.Helper()
	c, err := job.New(job.Config{DB: db, Log: slog.New(slog.DiscardHandler), Tasks: tasks})
	must(t, err)
	must(t, c.Start(context.WithoutCancel(t.Context())))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := c.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// within waits for ch.
func within[T any](t *testing.T, ch <-chan T, what string) (got T) {
	t.Helper()
	select {
	case got = <-ch:
	case <-time.After(30 * time.Second):
		t.Fatalf("did not happen: %s", what)
	}
	return got
}

// TestTask: a task runs at the start and again.
func TestTask(t *testing.T) {
	t.Parallel()
	ran := make(chan struct{}, 100)
	start(t, open(t), job.Task{Name: "often", Every: time.Second, Run: func(context.Context) error {
		ran <- struct{}{}
		return nil
	}})
	within(t, ran, "the first run")
	within(t, ran, "the second run")
}

// TestTaskFails: an error and a panic are tried again, long before the next
// turn.
func TestTaskFails(t *testing.T) {
	t.Parallel()
	fails := func(name string, end func() error) (job.Task, chan struct{}) {
		var runs atomic.Int32
		done := make(chan struct{})
		return job.Task{Name: name, Every: 24 * time.Hour, Run: func(context.Context) error {
			if runs.Add(1) == 1 {
				return end()
			}
			close(done)
			return nil
		}}, done
	}
	errs, afterError := fails("errs", func() error { return errors.New("not yet") })
	panics, afterPanic := fails("panics", func() error { panic("not yet") })
	start(t, open(t), errs, panics)
	within(t, afterError, "the run after the error")
	within(t, afterPanic, "the run after the panic")
}

// TestOneAtATime: however many replicas there are and however often the turn
// comes, a task runs once at a time.
func TestOneAtATime(t *testing.T) {
	t.Parallel()
	db := open(t)
	var running, most atomic.Int32
	ran, release := make(chan struct{}, 100), make(chan struct{})
	task := job.Task{Name: "slow", Every: 200 * time.Millisecond, Run: func(context.Context) error {
		if n := running.Add(1); n > most.Load() {
			most.Store(n)
		}
		defer running.Add(-1)
		ran <- struct{}{}
		<-release
		return nil
	}}
	for range 3 {
		start(t, db, task)
	}
	var once sync.Once
	t.Cleanup(func() { once.Do(func() { close(release) }) }) // runs before the clients stop
	within(t, ran, "the first run")
	turns := time.NewTicker(200 * time.Millisecond)
	defer turns.Stop()
	for range 8 {
		<-turns.C
		var jobs int
		must(t, db.QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE state <> 'completed'`).Scan(&jobs))
		if jobs != 1 || most.Load() != 1 {
			t.Fatalf("%d jobs, %d running at once", jobs, most.Load())
		}
	}
	once.Do(func() { close(release) })
	within(t, ran, "the next run")
}

// TestUnknownTask: a job of a task that this version does not have is done, so
// that it does not come again for ever.
func TestUnknownTask(t *testing.T) {
	t.Parallel()
	db := open(t)
	_, err := pg.InTx(t.Context(), db, func(ctx context.Context, tx *pg.Tx) (int, error) {
		_, err := tx.Exec(ctx, `
			INSERT INTO river_job (args, kind, max_attempts, queue, state)
			VALUES ('{"name": "of another version"}', 'task', 25, 'default', 'available')`)
		return 0, err
	})
	must(t, err)
	start(t, db)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for state := ""; state != "completed"; <-tick.C {
		must(t, db.QueryRow(ctx, `SELECT state FROM river_job`).Scan(&state))
	}
}

type noteArgs struct {
	Text string `json:"text"`
}

func (noteArgs) Kind() string { return "note" }

type noteWorker struct {
	river.WorkerDefaults[noteArgs]
	notes chan string
}

func (w *noteWorker) Work(_ context.Context, j *river.Job[noteArgs]) error {
	w.notes <- j.Args.Text
	return nil
}

// TestJobInTransaction: a job of a further kind exists with its transaction or
// not at all.
func TestJobInTransaction(t *testing.T) {
	t.Parallel()
	db := open(t)
	notes := make(chan string, 10)
	c, err := job.New(job.Config{DB: db, Log: slog.New(slog.DiscardHandler), Register: func(w *river.Workers) {
		river.AddWorker(w, &noteWorker{notes: notes})
	}})
	must(t, err)
	must(t, c.Start(context.WithoutCancel(t.Context())))
	refused := errors.New("refused")
	for _, end := range []error{refused, nil} {
		_, err := pg.InTx(t.Context(), db, func(ctx context.Context, tx *pg.Tx) (int, error) {
			text := "committed"
			if end != nil {
				text = "rolled back"
			}
			_, err := c.InsertTx(ctx, tx.Tx, noteArgs{Text: text}, nil)
			return 0, errors.Join(err, end)
		})
		if !errors.Is(err, end) {
			t.Fatal(err)
		}
	}
	if got := within(t, notes, "the job"); got != "committed" {
		t.Errorf("ran %q", got)
	}
	must(t, c.Stop(context.WithoutCancel(t.Context())))
}

func TestNewRefuses(t *testing.T) {
	db := open(t)
	run := func(context.Context) error { return nil }
	task := job.Task{Name: "twice", Every: time.Hour, Run: run}
	if _, err := job.New(job.Config{DB: db, Log: slog.New(slog.DiscardHandler), Tasks: []job.Task{task, task}}); err == nil {
		t.Error("two tasks of one name")
	}
	if err := job.Migrate(t.Context(), "postgres://%", "ledger"); err == nil {
		t.Error("a malformed address")
	}
}

// TestKilled: what a process that was killed had begun is begun again at once, what a
// living one runs is left to it.
func TestKilled(t *testing.T) {
	t.Parallel()
	db := open(t)
	host, err := os.Hostname()
	must(t, err)
	child := exec.Command(os.Args[0], "-test.run", "^$")
	must(t, child.Run())
	for name, by := range map[string]string{"killed": strconv.Itoa(child.Process.Pid), "living": strconv.Itoa(os.Getppid())} {
		_, err := db.Pool().Exec(t.Context(), `
			INSERT INTO river_job (args, kind, max_attempts, state, attempt, attempted_at, attempted_by)
			VALUES (jsonb_build_object('name', $1::text), 'task', 25, 'running', 1, now(), ARRAY[$2::text])`, name, host+"/"+by+"/x")
		must(t, err)
	}
	must(t, job.Rescue(t.Context(), db))
	var states string
	must(t, db.QueryRow(t.Context(), `SELECT string_agg((args->>'name') || ' ' || state, ', ' ORDER BY args->>'name') FROM river_job`).Scan(&states))
	if states != "killed available, living running" {
		t.Error(states)
	}
}
