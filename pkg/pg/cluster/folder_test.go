package cluster

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestSocketStandsApart(t *testing.T) {
	t.Run("long path", func(t *testing.T) { testSocketApart(t, strings.Repeat("d", 100)) })
	t.Run("comma", func(t *testing.T) { testSocketApart(t, "a,b") })
}

func testSocketApart(t *testing.T, name string) {
	t.Helper()
	dir := filepath.Join(tempDir(t), name, "postgres")
	c := start(t, Config{Dir: dir})
	if strings.HasPrefix(c.folder.socket, dir) {
		t.Errorf("socket stands in %s", c.folder.socket)
	}
	must(t, c.URL("postgres", Superuser), `SELECT 1`)
	if err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(c.folder.socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket's folder is left: %v", err)
	}
	start(t, Config{Dir: dir})
}

func TestClosedFolderAbove(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root runs Postgres as another user")
	}
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(closed, "postgres")
	c := start(t, Config{Dir: dir})
	must(t, c.URL("postgres", Superuser), `CREATE TABLE kept (id int)`)
	if err := syscall.Kill(c.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-c.Done()
	if err := c.again(t.Context()); err != nil {
		t.Fatal(err)
	}
	must(t, c.URL("postgres", Superuser), `SELECT id FROM kept`)
	if info, err := os.Stat(closed); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder above was changed: %v, %v", info.Mode(), err)
	}
}

func TestForeignFolderIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "letter.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	before, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Start(t.Context(), Config{Dir: dir}); err == nil {
		t.Fatal("a folder with other files was taken")
	}
	after, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if before.Mode() != after.Mode() {
		t.Errorf("mode changed from %v to %v", before.Mode(), after.Mode())
	}
}

func TestUnfinishedInitdbIsMadeAgain(t *testing.T) {
	dir := filepath.Join(tempDir(t), "postgres")
	if err := os.MkdirAll(filepath.Join(dir, "data.new", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c := start(t, Config{Dir: dir})
	must(t, c.URL("postgres", Superuser), `SELECT 1`)
}

func TestBadSettingFailsAtOnceWithItsReason(t *testing.T) {
	dir := filepath.Join(tempDir(t), "postgres")
	_, err := Start(t.Context(), Config{Dir: dir, Settings: map[string]string{"fsync": "off", "no_such_setting": "1"}})
	if err == nil || !strings.Contains(err.Error(), "no_such_setting") {
		t.Fatalf("Start = %v", err)
	}
	// The lock is free again.
	start(t, Config{Dir: dir, Settings: map[string]string{"fsync": "off"}})
}

func TestCheckDurability(t *testing.T) {
	c := start(t, Config{Settings: map[string]string{"fsync": "off"}})
	conn, err := pgx.Connect(t.Context(), c.URL("postgres", Superuser))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), `SET synchronous_commit = off`); err != nil {
		t.Fatal(err)
	}
	err = CheckDurability(t.Context(), conn)
	if err == nil {
		t.Fatal("fsync=off passed")
	}
	for _, name := range []string{"fsync", "synchronous_commit"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("the error does not name %s: %v", name, err)
		}
	}
}

func TestLocate(t *testing.T) {
	found := installed(t.Context())
	if len(found) == 0 {
		t.Fatal("no Postgres is installed")
	}
	if _, err := locate(t.Context(), t.TempDir(), 0); !errors.Is(err, ErrNoBinaries) {
		t.Errorf("an empty folder: %v", err)
	}
	if got, err := locate(t.Context(), found[0].folder, found[0].major); err != nil || got != found[0] {
		t.Errorf("locate = %v, %v; want %v", got, err, found[0])
	}
	if _, err := locate(t.Context(), "", 9999); !errors.Is(err, ErrNoBinaries) {
		t.Errorf("a data folder of an absent version: %v", err)
	}
	t.Setenv("PATH", "/nowhere")
	patterns := packaged
	packaged = nil
	t.Cleanup(func() { packaged = patterns })
	if _, err := locate(t.Context(), "", 0); !errors.Is(err, ErrNoBinaries) {
		t.Errorf("nothing installed: %v", err)
	}
}

func TestRemove(t *testing.T) {
	dir := filepath.Join(tempDir(t), "postgres")
	c := start(t, Config{Dir: dir})
	if err := Remove(t.Context(), dir); !errors.Is(err, ErrInUse) {
		t.Fatalf("Remove of a running cluster = %v", err)
	}
	if err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := Remove(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}
