package pg_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

func TestFilter(t *testing.T) {
	f := pg.Filter{Args: pgx.StrictNamedArgs{"limit": 10}}
	if got := f.String(); got != "" {
		t.Errorf("nothing asked: %q", got)
	}
	f.Add(true, `state = @state`, "state", "DRAFT")
	f.Add(false, `year = @year`, "year", 0)
	f.Add(true, `day = @day`, "day", nil)
	if got, want := f.String(), ` AND state = @state AND day = @day`; got != want {
		t.Errorf("conditions = %q, want %q", got, want)
	}
	if diff := cmp.Diff(pgx.StrictNamedArgs{"limit": 10, "state": "DRAFT", "day": nil}, f.Args); diff != "" {
		t.Errorf("arguments (-want +got):\n%s", diff)
	}
}
