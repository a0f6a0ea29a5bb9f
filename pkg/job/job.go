// Package job sets River up once for all services: background work in the
// service's own schema, retried until it succeeds, run by one replica at a time.
package job

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// Task is work that comes again. Run must be safe to repeat: after a crash it
// runs once more.
type Task struct {
	Name  string        // Unique within the service: "close-calls".
	Every time.Duration // From one start to the next; also run at start.
	Run   func(ctx context.Context) error
}

// Config is what a service's worker needs.
type Config struct {
	DB    *pg.DB
	Log   *slog.Logger
	Tasks []Task
	// Register adds workers of further kinds; may be nil.
	Register func(*river.Workers)
}

// Client inserts and works jobs of one service.
type Client = river.Client[pgx.Tx]

// Migrate brings River's tables in schema up to date. It connects as the
// schema's owner.
func Migrate(ctx context.Context, url, schema string) error {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return fmt.Errorf("river tables of %s: %w", schema, err)
	}
	defer pool.Close()
	m, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: schema, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return fmt.Errorf("river tables of %s: %w", schema, err)
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("river tables of %s: %w", schema, err)
	}
	return nil
}

// New makes the client; Start works until Stop.
func New(cfg Config) (*Client, error) {
	workers := river.NewWorkers()
	byName := map[string]Task{}
	var periodic []*river.PeriodicJob
	for _, t := range cfg.Tasks {
		if _, twice := byName[t.Name]; twice {
			return nil, fmt.Errorf("two tasks of %s are called %s", cfg.DB.Schema(), t.Name)
		}
		byName[t.Name] = t
		periodic = append(periodic, river.NewPeriodicJob(river.PeriodicInterval(t.Every), func() (river.JobArgs, *river.InsertOpts) {
			return taskArgs{Name: t.Name}, &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished}}
		}, &river.PeriodicJobOpts{RunOnStart: true, ID: t.Name}))
	}
	river.AddWorker(workers, &taskWorker{tasks: byName})
	if cfg.Register != nil {
		cfg.Register(workers)
	}
	c, err := river.NewClient(riverpgxv5.New(cfg.DB.Pool()), &river.Config{
		ID:                clientID(),
		Schema:            cfg.DB.Schema(),
		Logger:            cfg.Log.With("part", "jobs", "schema", cfg.DB.Schema()),
		Workers:           workers,
		PeriodicJobs:      periodic,
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}},
		FetchPollInterval: 5 * time.Second,
		JobTimeout:        5 * time.Minute,
		// Reindexing needs the owner's role; the tables stay small.
		ReindexerSchedule: river.NeverSchedule(),
	})
	if err != nil {
		return nil, fmt.Errorf("job client of %s: %w", cfg.DB.Schema(), err)
	}
	return c, nil
}

// unfinished are the states in which a second job of the same task is not
// inserted.
var unfinished = []rivertype.JobState{
	rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable, rivertype.JobStateRunning, rivertype.JobStateScheduled,
}

// taskArgs names the task of a job.
type taskArgs struct {
	Name string `json:"name"`
}

// Kind is River's name for jobs of tasks.
func (taskArgs) Kind() string { return "task" }

type taskWorker struct {
	river.WorkerDefaults[taskArgs]
	tasks map[string]Task
}

// Work runs the task; a task that this version no longer has is done.
func (w *taskWorker) Work(ctx context.Context, job *river.Job[taskArgs]) error {
	t, ok := w.tasks[job.Args.Name]
	if !ok {
		return nil
	}
	if err := t.Run(ctx); err != nil {
		return fmt.Errorf("task %s: %w", t.Name, err)
	}
	return nil
}
