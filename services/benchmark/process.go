package benchmark

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// child is a process with its parent.
type child struct {
	pid, parent int
	name        string
}

// processes returns every process there is.
func processes() []child {
	dirs, _ := filepath.Glob("/proc/[0-9]*") // the pattern is well formed
	var all []child
	for _, d := range dirs {
		raw, err := os.ReadFile(filepath.Join(d, "stat"))
		if err != nil { // it has ended
			continue
		}
		text := string(raw)
		open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
		c := child{name: text[open+1 : end]}
		if _, err := fmt.Sscanf(text[:open]+text[end+3:], "%d %d", &c.pid, &c.parent); err == nil {
			all = append(all, c)
		}
	}
	return all
}

// usage is CPU time by thread. The clock of a whole process ticks a hundred
// times a second, which is too coarse for a few requests.
type usage map[string]time.Duration

// since sums what the threads that live now have used since before.
func (now usage) since(before usage) time.Duration {
	var sum time.Duration
	for id, t := range now {
		sum += t - before[id]
	}
	return sum
}

// add adds the threads of a process; one that ended meanwhile has none.
func (now usage) add(pid int) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid)) // the pattern is well formed
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		first, _, _ := strings.Cut(string(raw), " ")
		if ns, err := strconv.ParseInt(first, 10, 64); err == nil {
			now[f] = time.Duration(ns)
		}
	}
}

// cpuOf returns what a process has used.
func cpuOf(pid int) usage {
	u := usage{}
	u.add(pid)
	return u
}

// cpuOfTree adds the living children.
func cpuOfTree(pid int) usage {
	u := cpuOf(pid)
	for _, c := range processes() {
		if c.parent == pid {
			u.add(c.pid)
		}
	}
	return u
}

// postmaster returns the Postgres server that a process started.
func postmaster(b *testing.B, parent int) int {
	b.Helper()
	for _, c := range processes() {
		if c.parent == parent && strings.HasPrefix(c.name, "postgres") {
			return c.pid
		}
	}
	b.Fatal("kyodo has no Postgres of its own")
	return 0
}

// resident returns the memory that a process holds, in bytes.
func resident(b *testing.B, pid int) int64 {
	b.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	must(b, err)
	pages, err := strconv.ParseInt(strings.Fields(string(raw))[1], 10, 64)
	must(b, err)
	return pages * int64(os.Getpagesize())
}
