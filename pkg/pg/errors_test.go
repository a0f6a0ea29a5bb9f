package pg_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

func TestTranslate(t *testing.T) {
	own := fault.New(fault.Exists, "TAKEN", "使われています。", "Taken.")
	state := func(code string) error { return fmt.Errorf("query: %w", &pgconn.PgError{Code: code}) }
	for name, c := range map[string]struct {
		err   error
		want  *fault.Error // nil for unchanged
		after time.Duration
	}{
		"fault":                 {err: own, want: own},
		"fault over a state":    {err: own.Because(state("40001")), want: own},
		"cancelled":             {err: fmt.Errorf("query: %w", context.Canceled), want: fault.ErrCancelled},
		"deadline":              {err: fmt.Errorf("query: %w", context.DeadlineExceeded), want: fault.ErrDeadline},
		"query_canceled":        {err: state("57014"), want: fault.ErrDeadline},
		"serialization_failure": {err: state("40001"), want: fault.ErrConcurrentUpdate, after: time.Second},
		"deadlock_detected":     {err: state("40P01"), want: fault.ErrConcurrentUpdate, after: time.Second},
		"lock_not_available":    {err: state("55P03"), want: fault.ErrOverloaded, after: time.Second},
		"disk_full":             {err: state("53100"), want: fault.ErrStorageFull, after: 30 * time.Second},
		"out_of_memory":         {err: state("53200"), want: fault.ErrDependencyUnavailable, after: 2 * time.Second},
		"too_many_connections":  {err: state("53300"), want: fault.ErrDependencyUnavailable, after: 2 * time.Second},
		"connection_failure":    {err: state("08006"), want: fault.ErrDependencyUnavailable, after: 2 * time.Second},
		"admin_shutdown":        {err: state("57P01"), want: fault.ErrDependencyUnavailable, after: 2 * time.Second},
		"cannot_connect_now":    {err: state("57P03"), want: fault.ErrDependencyUnavailable, after: 2 * time.Second},
		"string_too_long":       {err: state("22001"), want: fault.ErrInvalidField},
		"not_in_repertoire":     {err: state("22021"), want: fault.ErrInvalidField},
		"untranslatable":        {err: state("22P05"), want: fault.ErrInvalidField},
		"network":               {err: fmt.Errorf("query: %w", &net.OpError{Op: "read", Err: syscall.ECONNRESET}), want: fault.ErrDependencyUnavailable, after: 2 * time.Second},
		"end of the stream":     {err: fmt.Errorf("query: %w", io.ErrUnexpectedEOF), want: fault.ErrDependencyUnavailable, after: 2 * time.Second},
		"unique_violation":      {err: state("23505")},
		"undefined_table":       {err: state("42P01")},
		"insufficient_priv":     {err: state("42501")},
		"other":                 {err: errors.New("other")},
		"no rows":               {err: pgx.ErrNoRows},
	} {
		t.Run(name, func(t *testing.T) {
			got := pg.Translate(c.err)
			if c.want == nil {
				if got != c.err {
					t.Errorf("%v became %v", c.err, got)
				}
				return
			}
			f, ok := fault.As(got)
			if !ok || f.Reason != c.want.Reason || f.RetryAfter != c.after || f.Kind != c.want.Kind {
				t.Errorf("%v became %v", c.err, got)
			}
			if !errors.Is(got, c.err) {
				t.Errorf("the cause is lost in %v", got)
			}
		})
	}
	if pg.Translate(nil) != nil {
		t.Error("nil became an error")
	}
}

// TestServerSays has Postgres itself make the errors.
func TestServerSays(t *testing.T) {
	db := open(t, 2)
	for name, c := range map[string]struct {
		before, sql string
		args        []any
		want        *fault.Error
	}{
		"statement_timeout": {before: `SET LOCAL statement_timeout = 20`, sql: `SELECT pg_sleep(5)`, want: fault.ErrDeadline},
		"NUL":               {sql: insertEntry, args: []any{"a\x00b"}, want: fault.ErrInvalidField},
		"bad UTF-8":         {sql: insertEntry, args: []any{"a\xffb"}, want: fault.ErrInvalidField},
		"NUL in jsonb":      {sql: `SELECT '"\u0000"'::jsonb`, want: fault.ErrInvalidField},
		"not a number":      {sql: `SELECT 'x'::text::int`, want: fault.ErrInvalidField},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := pg.InTx(t.Context(), db, func(ctx context.Context, tx *pg.Tx) (int, error) {
				if c.before != "" {
					_, err := tx.Exec(ctx, c.before)
					must(t, err)
				}
				_, err := tx.Exec(ctx, c.sql, c.args...)
				return 0, err
			})
			wantReason(t, err, c.want)
		})
	}
}

func TestLockTimeout(t *testing.T) {
	t.Parallel()
	db := open(t, 2)
	_, err := pg.InTx(t.Context(), db, func(ctx context.Context, tx *pg.Tx) (int, error) {
		const lock = `SELECT value FROM counter WHERE id = 1 FOR UPDATE`
		_, err := tx.Exec(ctx, lock)
		must(t, err)
		_, err = pg.InTx(t.Context(), db, func(ctx context.Context, tx *pg.Tx) (int, error) {
			_, err := tx.Exec(ctx, lock)
			return 0, err
		})
		wantReason(t, err, fault.ErrOverloaded)
		return 0, nil
	})
	must(t, err)
}

func TestCallerLeaves(t *testing.T) {
	db := open(t, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := pg.InTx(ctx, db, func(ctx context.Context, tx *pg.Tx) (int, error) {
		_, err := tx.Exec(ctx, `SELECT pg_sleep(5)`)
		return 0, err
	})
	wantReason(t, err, fault.ErrDeadline)
	must(t, write(t.Context(), db, "next"))
}

func TestConstraint(t *testing.T) {
	db := open(t, 2)
	taken := fault.New(fault.Exists, "TEXT_TAKEN", "同じ文があります。", "The text exists.")
	refusals := map[string]*fault.Error{"entry_text_unique": taken}
	must(t, write(t.Context(), db, "one"))

	err := write(t.Context(), db, "one")
	wantEqual(t, "constraint", "entry_text_unique", pg.Constraint(err))
	if got := pg.Refuse(err, refusals); !errors.Is(got, taken) || !errors.Is(got, err) {
		t.Errorf("refused with %v", got)
	}
	err = write(t.Context(), db, "")
	wantEqual(t, "constraint", "entry_text_not_empty", pg.Constraint(err))
	if got := pg.Refuse(err, refusals); got != err {
		t.Errorf("the violation of another constraint became %v", got)
	}
	other := errors.New("other")
	wantEqual(t, "constraint of another error", "", pg.Constraint(other))
	if pg.Refuse(other, refusals) != other || pg.Refuse(nil, refusals) != nil {
		t.Error("another error was changed")
	}
}
