package cluster

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// handOver is the path by which a child reaches the first file handed over to it, a folder, whatever stands above that.
const handOver = "/proc/self/fd/3"

// attributes put a child into its own process group, so that an interrupt at the terminal does not reach it before us,
// and have the kernel ask it for a fast shutdown when we die.
func attributes(a *account) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
	if a != nil {
		attr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return attr
}

func localeArguments() []string {
	return []string{"--locale=C.UTF-8"}
}

// isPostgres reports whether the process runs a program called postgres. A dead process that nobody has waited for runs
// none.
func isPostgres(pid int) bool {
	program, err := os.Readlink("/proc/" + strconv.Itoa(pid) + "/exe")
	return err == nil && strings.TrimSuffix(filepath.Base(program), " (deleted)") == "postgres"
}

// killBackends ends the backends that a killed postmaster left in its data folder: they notice its death only when
// their query is done, and Postgres does not start before. Call it only when the postmaster is dead and the folder's
// lock is held.
func killBackends(data string) {
	processes, _ := filepath.Glob("/proc/[0-9]*/cwd") // the pattern is constant and well formed
	for _, link := range processes {
		if cwd, err := os.Readlink(link); err != nil || cwd != data {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link)))
		if err == nil && isPostgres(pid) {
			_ = syscall.Kill(pid, syscall.SIGKILL) // it may have ended by itself meanwhile
		}
	}
}
