package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg/cluster"
)

const (
	databasePrefix = "kyodo_test_"
	folderPrefix   = "kyodo-pgtest-"

	lockClass = 0x6b796f64 // first half of the advisory locks by which a process shows that it lives
)

// openServer connects to the named server, or to a private one that ends with this process.
func openServer(ctx context.Context) (*server, error) {
	s := &server{templates: map[string]*template{}}
	if named := os.Getenv("KYODO_TEST_DATABASE_URL"); named != "" {
		address, err := url.Parse(named)
		if err != nil {
			return nil, fmt.Errorf("read KYODO_TEST_DATABASE_URL: %w", err)
		}
		s.url = func(database string) string { return withDatabase(address, database) }
	} else {
		private, err := s.startCluster(ctx)
		if err != nil {
			return nil, err
		}
		s.url = func(database string) string { return private.URL(database, cluster.Superuser) }
	}
	var err error
	if s.admin, err = pgx.Connect(ctx, s.url("postgres")); err != nil {
		return nil, fmt.Errorf("connect to the test server: %w", err)
	}
	return s, s.claim(ctx)
}

// startCluster starts the private server of this process. Tests have no common end without a TestMain in every package,
// so the kernel and a reaper end the server with the process and delete its folder; what they miss, the next process
// deletes.
func (s *server) startCluster(ctx context.Context) (*cluster.Cluster, error) {
	temp := folder()
	if err := sweep(ctx, temp); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(temp, folderPrefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil, fmt.Errorf("make the folder of the test server: %w", err)
	}
	if s.lifeline, err = reap(dir); err != nil {
		return nil, err
	}
	return cluster.Start(ctx, cluster.Config{
		Dir:    dir,
		Locate: os.Getenv("KYODO_PG_BIN"),
		Settings: map[string]string{
			"fsync":              "off",
			"full_page_writes":   "off",
			"synchronous_commit": "off",
			"shared_buffers":     "64MB",
			"max_connections":    "200",
			"autovacuum":         "off",
			"wal_level":          "minimal",
			"max_wal_senders":    "0",
			"cluster_name":       "kyodo-pgtest",
		},
	})
}

// folder is where the data goes: into memory where there is room, because a new database is some 300 files; or where
// TMPDIR says.
func folder() string {
	const memory, room = "/dev/shm", 2 << 30
	var free syscall.Statfs_t
	if os.Getenv("TMPDIR") != "" || syscall.Statfs(memory, &free) != nil || free.Bavail*uint64(free.Bsize) < room {
		return os.TempDir()
	}
	return memory
}

// reap starts a shell that waits for the end of this process, however it comes, at the closing of a pipe; then it stops
// the server and deletes its folder. The pipe closes too when the collector finds it forgotten.
func reap(dir string) (io.Closer, error) {
	const script = `
		read -r _
		pid=$(head -n 1 "$1/data/postmaster.pid") && kill -QUIT "$pid"
		i=0
		while [ -e "$1/data/postmaster.pid" ] && kill -0 "$pid" && [ $i -lt 100 ]; do i=$((i + 1)); sleep 0.1; done
		rm -rf "$1"`
	reaper := exec.Command("sh", "-c", script, "reaper", dir)
	reaper.Dir = "/"
	reaper.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // an interrupt at the terminal is not for it
	pipe, err := reaper.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start the reaper of the test server: %w", err)
	}
	if err := reaper.Start(); err != nil {
		return nil, fmt.Errorf("start the reaper of the test server: %w", err)
	}
	return pipe, nil
}

// sweep deletes the folders of earlier processes. One that cannot be deleted yet is left to a later sweep.
func sweep(ctx context.Context, temp string) error {
	folders, err := filepath.Glob(filepath.Join(temp, folderPrefix+"*"))
	if err != nil {
		return fmt.Errorf("list the folders of earlier test servers: %w", err)
	}
	for _, folder := range folders {
		owner, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(folder), folderPrefix), "-")
		pid, err := strconv.Atoi(owner)
		if err != nil || !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		_ = cluster.Remove(ctx, folder)
	}
	return nil
}

// claim gives this process's databases a prefix, held by a session lock for as long as the process lives, and drops the
// databases of processes that hold theirs no more. Only a named server has any.
func (s *server) claim(ctx context.Context) error {
	key := rand.Int32()
	s.prefix = fmt.Sprintf("%s%d_", databasePrefix, key)
	if _, err := s.admin.Exec(ctx, `SELECT pg_advisory_lock($1, $2)`, lockClass, key); err != nil {
		return fmt.Errorf("claim a prefix for databases: %w", err)
	}
	rows, err := s.admin.Query(ctx, `
		SELECT datname
		FROM pg_database
		WHERE starts_with(datname, $1)
		ORDER BY datname`, databasePrefix)
	if err != nil {
		return fmt.Errorf("list earlier databases: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("list earlier databases: %w", err)
	}
	for _, name := range names {
		if err := s.drop(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// drop drops a database whose process is gone.
func (s *server) drop(ctx context.Context, name string) error {
	owner, _, _ := strings.Cut(strings.TrimPrefix(name, databasePrefix), "_")
	key, err := strconv.ParseInt(owner, 10, 32)
	if err != nil {
		return nil // not one of ours
	}
	var free bool
	if err := s.admin.QueryRow(ctx, `SELECT pg_try_advisory_lock($1, $2)`, lockClass, int32(key)).Scan(&free); err != nil {
		return fmt.Errorf("ask for the owner of %s: %w", name, err)
	}
	if !free {
		return nil
	}
	if _, err := s.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop %s: %w", name, err)
	}
	_, err = s.admin.Exec(ctx, `SELECT pg_advisory_unlock($1, $2)`, lockClass, int32(key))
	if err != nil {
		return fmt.Errorf("free the claim on %s: %w", name, err)
	}
	return nil
}
