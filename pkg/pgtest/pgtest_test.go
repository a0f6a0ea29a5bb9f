package pgtest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/chiyoda-kyodo/kyodo/pkg/pgtest"
)

const childVariable = "PGTEST_TEST_CHILD"

func run(ctx context.Context, url, sql string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}

func must(t testing.TB, url, sql string) {
	t.Helper()
	if err := run(t.Context(), url, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func TestDatabase(t *testing.T) {
	var migrations atomic.Int32
	migrate := func(ctx context.Context, url string) error {
		migrations.Add(1)
		return run(ctx, url, `CREATE TABLE room (id int PRIMARY KEY); INSERT INTO room VALUES (1)`)
	}
	t.Run("each test alone", func(t *testing.T) {
		for range 4 {
			t.Run("test", func(t *testing.T) {
				t.Parallel()
				url := pgtest.Database(t, "rooms", migrate)
				must(t, url, `INSERT INTO room VALUES (2)`) // unique: a shared database would refuse the second
			})
		}
	})
	if n := migrations.Load(); n != 1 {
		t.Errorf("migrated %d times", n)
	}
	var dropped string
	t.Run("dropped", func(t *testing.T) { dropped = pgtest.Database(t, "rooms", migrate) })
	var refusal *pgconn.PgError
	if err := run(t.Context(), dropped, `SELECT 1`); !errors.As(err, &refusal) || refusal.Code != "3D000" {
		t.Errorf("the database of a finished test: %v", err)
	}
}

func TestService(t *testing.T) {
	urls := pgtest.Service(t, "facilities", func(ctx context.Context, url string) error {
		return run(ctx, url, `CREATE TABLE booking (id bigserial PRIMARY KEY, room int);
			CREATE TABLE audit (id int);
			REVOKE UPDATE, DELETE ON audit FROM kyodo_facilities`)
	})
	must(t, urls.Runtime, `INSERT INTO booking (room) VALUES (1); INSERT INTO facilities.audit VALUES (1)`)
	must(t, urls.Owner, `ALTER TABLE booking ADD COLUMN day date`)
	must(t, urls.Admin, `SELECT day FROM facilities.booking`)
	for _, sql := range []string{`DELETE FROM audit`, `CREATE TABLE more (id int)`, `DROP TABLE booking`} {
		var refusal *pgconn.PgError
		if err := run(t.Context(), urls.Runtime, sql); !errors.As(err, &refusal) || refusal.Code != "42501" {
			t.Errorf("%s: %v", sql, err)
		}
	}
}

// TestChild is not a test of its own: it is the other process of the tests below.
func TestChild(t *testing.T) {
	if os.Getenv(childVariable) == "" {
		t.Skip("runs only as the child of another test")
	}
	pgtest.Database(t, "child", func(context.Context, string) error { return nil })
	fmt.Println("ready")
	if os.Getenv(childVariable) == "stay" {
		<-t.Context().Done() // killed by the parent
	}
}

func child(t *testing.T, temp, mode string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$")
	cmd.Env = append(os.Environ(), childVariable+"="+mode, "TMPDIR="+temp, "KYODO_TEST_DATABASE_URL=")
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	if line, err := bufio.NewReader(output).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the other process said %q, %v", line, err)
	}
	return cmd
}

func TestNothingIsLeft(t *testing.T) {
	temp := t.TempDir()
	if err := os.Chmod(filepath.Dir(temp), 0o711); err != nil { // the user of Postgres is another one
		t.Fatal(err)
	}
	left := func() int {
		folders, err := filepath.Glob(filepath.Join(temp, "kyodo-pgtest-*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(folders)
	}

	if err := child(t, temp, "end").Wait(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the folder of a finished process is deleted", func() bool { return left() == 0 })

	killed := child(t, temp, "stay")
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	killed.Wait()
	eventually(t, "the folder of a killed process is deleted", func() bool { return left() == 0 })

	// What a crash of the whole machine leaves.
	if err := os.MkdirAll(filepath.Join(temp, fmt.Sprintf("kyodo-pgtest-%d-1", killed.Process.Pid), "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := child(t, temp, "end").Wait(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a leftover is deleted", func() bool { return left() == 0 })
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-ctx.Done():
			t.Fatalf("did not happen: %s", what)
		case <-tick.C:
		}
	}
}

func BenchmarkDatabase(b *testing.B) {
	migrate := func(ctx context.Context, url string) error {
		return run(ctx, url, `CREATE TABLE room (id int PRIMARY KEY)`)
	}
	pgtest.Database(b, "bench", migrate)
	for b.Loop() {
		pgtest.Database(b, "bench", migrate)
	}
}
