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

// tick is the unit of process times in /proc (USER_HZ, 100 on Linux).
const tick = 10 * time.Millisecond

// stat is what /proc/PID/stat says.
type stat struct {
	pid, parent int
	own         time.Duration // CPU of the process and of children that ended.
	name        string
}

func readStat(pid int) (stat, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return stat{}, err
	}
	text := string(raw)
	open, end := strings.IndexByte(text, '('), strings.LastIndexByte(text, ')')
	fields := strings.Fields(text[end+1:])
	s := stat{pid: pid, name: text[open+1 : end]}
	if s.parent, err = strconv.Atoi(fields[1]); err != nil {
		return stat{}, err
	}
	for _, f := range fields[11:15] { // utime, stime, cutime, cstime
		n, err := strconv.ParseInt(f, 10, 64)
		if err != nil {
			return stat{}, err
		}
		s.own += time.Duration(n) * tick
	}
	return s, nil
}

// processes returns every process there is.
func processes() []stat {
	dirs, _ := filepath.Glob("/proc/[0-9]*") // the pattern is well formed
	var all []stat
	for _, d := range dirs {
		pid, err := strconv.Atoi(filepath.Base(d))
		if err != nil {
			continue
		}
		if s, err := readStat(pid); err == nil { // it may have ended
			all = append(all, s)
		}
	}
	return all
}

// cpuOf returns the CPU time that the threads of a process used.
func cpuOf(b *testing.B, pid int) time.Duration {
	b.Helper()
	s, err := readStat(pid)
	must(b, err)
	return s.own
}

// cpuOfTree adds the living children.
func cpuOfTree(b *testing.B, pid int) time.Duration {
	b.Helper()
	sum := cpuOf(b, pid)
	for _, s := range processes() {
		if s.parent == pid {
			sum += s.own
		}
	}
	return sum
}

// postmaster returns the Postgres server that a process started.
func postmaster(b *testing.B, parent int) int {
	b.Helper()
	for _, s := range processes() {
		if s.parent == parent && strings.HasPrefix(s.name, "postgres") {
			return s.pid
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
