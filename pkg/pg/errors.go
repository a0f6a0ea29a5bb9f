package pg

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

type commandTag = pgconn.CommandTag

type queryRower interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Constraint returns the name of the constraint that err says was broken, or
// "" when err is something else.
func Constraint(err error) string {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return pe.ConstraintName
	}
	return ""
}

// Refuse turns the violation of a named constraint into its refusal; any other
// error is returned as it is.
func Refuse(err error, byConstraint map[string]*fault.Error) error {
	if err == nil {
		return nil
	}
	if f, ok := byConstraint[Constraint(err)]; ok {
		return f.Because(err)
	}
	return err
}

func sqlState(err error) string {
	var pe *pgconn.PgError
	if errors.As(err, &pe) {
		return pe.Code
	}
	return ""
}

// Translate turns what Postgres says of itself or of input into a fault. It is
// called once, by the interceptor; other errors are returned as they are.
func Translate(err error) error {
	if _, ok := fault.As(err); ok || err == nil {
		return err
	}
	code := sqlState(err)
	switch {
	case errors.Is(err, context.Canceled):
		return fault.ErrCancelled.Because(err)
	case errors.Is(err, context.DeadlineExceeded), code == "57014":
		return fault.ErrDeadline.Because(err)
	case code == "", isRefusedConnection(err):
		return translateConnection(err)
	case code == "40001", code == "40P01":
		return fault.ErrConcurrentUpdate.After(time.Second).Because(err)
	case code == "55P03":
		return fault.ErrOverloaded.After(time.Second).Because(err)
	case code == "53100":
		return fault.ErrStorageFull.After(30 * time.Second).Because(err)
	case code[:2] == "53", code[:2] == "08", code[:3] == "57P":
		return fault.ErrDependencyUnavailable.After(2 * time.Second).Because(err)
	case code[:2] == "22":
		return fault.ErrInvalidField.Because(err)
	}
	return err
}

func translateConnection(err error) error {
	if isRefusedConnection(err) || pgconn.SafeToRetry(err) || isConnectionLoss(err) {
		return fault.ErrDependencyUnavailable.After(2 * time.Second).Because(err)
	}
	return err
}
