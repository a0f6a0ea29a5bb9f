package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

const childFolder = "CLUSTER_TEST_CHILD"

// TestChild is not a test of its own: it is the other process of the tests below.
func TestChild(t *testing.T) {
	dir := os.Getenv(childFolder)
	if dir == "" {
		t.Skip("runs only as the child of another test")
	}
	c, err := Start(t.Context(), Config{Dir: dir})
	if err != nil {
		fmt.Println("refused", errors.Is(err, ErrInUse))
		return
	}
	fmt.Println("ready", c.PID())
	<-t.Context().Done() // killed by the parent
}

// child runs Start in another process and returns that process and its answer.
func child(t *testing.T, dir string) (*exec.Cmd, []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), childFolder+"="+dir)
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	line, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd, strings.Fields(line)
}

// tempDir is a folder that the user of Postgres can reach, unlike that of t.TempDir.
func tempDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(filepath.Dir(dir), 0o711); err != nil {
		t.Fatal(err)
	}
	return dir
}

func start(t *testing.T, config Config) *Cluster {
	t.Helper()
	if config.Dir == "" {
		config.Dir = filepath.Join(tempDir(t), "postgres")
	}
	config.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	began := time.Now()
	c, err := Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("started in %v", time.Since(began).Round(time.Millisecond))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := c.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return c
}

func execute(t *testing.T, url, sql string) error {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		return err
	}
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), sql)
	return err
}

func must(t *testing.T, url, sql string) {
	t.Helper()
	if err := execute(t, url, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// eventually polls until the condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !condition() {
		select {
		case <-ctx.Done():
			t.Fatalf("did not happen: %s", what)
		case <-tick.C:
		}
	}
}

func TestStartStop(t *testing.T) {
	dir := filepath.Join(tempDir(t), "it's 100% \"ours\" + theirs", "postgres")
	c := start(t, Config{Dir: dir})
	url := c.URL("postgres", Superuser)
	must(t, url, `CREATE TABLE kept (id int)`)

	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	if err := CheckDurability(t.Context(), conn); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]string{
		"data_checksums": "on", "lc_collate": "C.UTF-8", "server_encoding": "UTF8", "listen_addresses": "",
		"shared_buffers": "16384", "max_connections": "100", "wal_level": "replica", "jit": "off",
	} {
		var got string
		if err := conn.QueryRow(t.Context(), `SELECT setting FROM pg_settings WHERE name = $1`, name).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %q, %v; want %q", name, got, err, want)
		}
	}
	conn.Close(t.Context())

	info, err := os.Stat(c.folder.socket)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("socket folder: %v, %v", info.Mode(), err)
	}
	done := c.Done()
	if err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-done
	if err := c.Err(); err != nil {
		t.Errorf("Err after Stop: %v", err)
	}
	if pid := c.folder.postmasterPID(); pid != 0 {
		t.Errorf("postmaster.pid is left, naming %d", pid)
	}

	again := start(t, Config{Dir: dir})
	if again.URL("postgres", Superuser) != url {
		t.Errorf("URL changed from %s to %s", url, again.URL("postgres", Superuser))
	}
	must(t, url, `SELECT id FROM kept`)
}

func TestSuperviseRestarts(t *testing.T) {
	c := start(t, Config{})
	ended := make(chan error, 1)
	go func() { ended <- c.Supervise(t.Context()) }()
	url := c.URL("postgres", Superuser)
	must(t, url, `CREATE TABLE kept (id int)`)

	// A backend that is busy does not notice the death of its postmaster.
	busy := make(chan error, 1)
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	go func() {
		_, err := conn.Exec(t.Context(), `DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$`)
		busy <- err
	}()
	eventually(t, "the busy query runs", func() bool {
		return execute(t, url, fmt.Sprintf(`DO $$ BEGIN
			ASSERT EXISTS (SELECT FROM pg_stat_activity WHERE state = 'active' AND pid = %d);
		END $$`, conn.PgConn().PID())) == nil
	})

	first, done := c.PID(), c.Done()
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	<-done
	if err := c.Err(); err == nil && c.PID() == first {
		t.Error("Err is nil for a killed server")
	}
	eventually(t, "another postmaster answers", func() bool {
		return c.PID() != first && execute(t, url, `SELECT id FROM kept`) == nil
	})
	t.Logf("served again after %v", time.Since(began).Round(time.Millisecond))
	if err := <-busy; err == nil {
		t.Error("the query outlived its server")
	}
	if err := c.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	c := start(t, Config{})
	if _, answer := child(t, c.config.Dir); strings.Join(answer, " ") != "refused true" {
		t.Errorf("the second process said %q", answer)
	}
	if _, err := Start(t.Context(), Config{Dir: c.config.Dir}); !errors.Is(err, ErrInUse) {
		t.Errorf("Start = %v", err)
	}
	must(t, c.URL("postgres", Superuser), `SELECT 1`)
}

func TestServerEndsWithItsProcess(t *testing.T) {
	dir := filepath.Join(tempDir(t), "postgres")
	other, answer := child(t, dir)
	pid := number(t, answer)
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	other.Wait()
	began := time.Now()
	c := start(t, Config{Dir: dir}) // at once: the old server may still be shutting down
	t.Logf("served again after %v", time.Since(began).Round(time.Millisecond))
	if alive(pid) && isPostgres(pid) {
		t.Errorf("postgres %d outlived its process", pid)
	}
	must(t, c.URL("postgres", Superuser), `SELECT 1`)
}

func TestStartAfterEverythingWasKilled(t *testing.T) {
	dir := filepath.Join(tempDir(t), "postgres")
	other, answer := child(t, dir)
	pid := number(t, answer)
	killed := append([]int{other.Process.Pid, pid}, children(t, pid)...)
	if len(killed) < 5 {
		t.Fatalf("found only the processes %v", killed)
	}
	for _, p := range killed {
		if err := syscall.Kill(p, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
	}
	other.Wait()
	began := time.Now()
	c := start(t, Config{Dir: dir})
	t.Logf("served again after %v", time.Since(began).Round(time.Millisecond))
	must(t, c.URL("postgres", Superuser), `SELECT 1`)
}

// TestStalePIDOfAnotherProgram is a container's restart: the number in postmaster.pid is that of something else now.
func TestStalePIDOfAnotherProgram(t *testing.T) {
	c := start(t, Config{})
	pid := c.PID()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-c.Done()
	eventually(t, "the postmaster's children end", func() bool { return len(serving(c.folder.data)) == 0 })
	if err := c.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	// A program of the server's own user, which Postgres would otherwise take for a postmaster.
	sleeper := exec.Command("sleep", "60")
	sleeper.SysProcAttr = attributes(c.folder.account)
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		sleeper.Process.Kill()
		sleeper.Wait()
	}()
	file := filepath.Join(c.folder.data, "postmaster.pid")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(content), "\n")
	if err := os.WriteFile(file, []byte(strconv.Itoa(sleeper.Process.Pid)+"\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	start(t, Config{Dir: c.config.Dir})
	if !alive(sleeper.Process.Pid) {
		t.Error("the other program was ended")
	}
}

func number(t *testing.T, answer []string) int {
	t.Helper()
	if len(answer) != 2 || answer[0] != "ready" {
		t.Fatalf("the other process said %q", answer)
	}
	pid, err := strconv.Atoi(answer[1])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// children are the processes that Linux knows as started by pid.
func children(t *testing.T, pid int) []int {
	t.Helper()
	content, err := os.ReadFile(fmt.Sprintf("/proc/%[1]d/task/%[1]d/children", pid))
	if err != nil {
		t.Skip("needs /proc/<pid>/task/<tid>/children")
	}
	var all []int
	for _, field := range strings.Fields(string(content)) {
		child, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, child)
	}
	return all
}

// serving are the processes whose working folder is the data folder.
func serving(data string) []string {
	var all []string
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, link := range links {
		if cwd, err := os.Readlink(link); err == nil && cwd == data {
			all = append(all, link)
		}
	}
	return all
}
