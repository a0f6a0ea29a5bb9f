//go:build !linux

package cluster

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
)

// handOver is empty: a folder cannot be reached through an open file here.
const handOver = ""

// attributes put a child into its own process group. Other systems than Linux have no signal at the parent's death: a
// server that outlives us is stopped by the next start on its folder.
func attributes(a *account) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if a != nil {
		attr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)}
	}
	return attr
}

// localeArguments sort by code point as on Linux. macOS before 15 knows C.UTF-8 under another name.
func localeArguments() []string {
	if runtime.GOOS == "darwin" {
		return []string{"--locale=C", "--lc-ctype=UTF-8"}
	}
	return []string{"--locale=C.UTF-8"}
}

// isPostgres reports whether the process runs a program called postgres.
func isPostgres(pid int) bool {
	output, err := exec.Command("ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && filepath.Base(strings.TrimSpace(string(output))) == "postgres"
}

// killBackends does nothing: the backends of a dead postmaster end with their query.
func killBackends(string) {}
