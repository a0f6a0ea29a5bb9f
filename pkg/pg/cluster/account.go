package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// own makes the folder private to the account. For our own user (nil) only the mode is set.
func (a *account) own(path string) error {
	if a != nil {
		if err := os.Lchown(path, a.uid, a.gid); err != nil {
			return fmt.Errorf("cluster: give the folder to %s: %w", a.name, err)
		}
	}
	if err := os.Chmod(path, 0o700); err != nil {
		return fmt.Errorf("cluster: close the folder to others: %w", err)
	}
	return nil
}

// ownsPrivately reports whether path is a real folder that nobody but the account can enter.
func (a *account) ownsPrivately(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.IsDir() || info.Mode().Perm() != 0o700 {
		return false
	}
	owner := os.Geteuid()
	if a != nil {
		owner = a.uid
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == owner
}

// blocked is the first folder above path that the account cannot traverse; "" when it can reach path. It goes by the
// mode bits. Our own user (nil) finds out by itself.
func (a *account) blocked(path string) string {
	if a == nil {
		return ""
	}
	var above []string
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		above = append([]string{dir}, above...)
		if dir == filepath.Dir(dir) {
			break
		}
	}
	for _, dir := range above {
		info, err := os.Stat(dir)
		if err != nil {
			return dir
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			continue
		}
		bit := os.FileMode(0o001)
		switch {
		case int(stat.Uid) == a.uid:
			bit = 0o100
		case int(stat.Gid) == a.gid:
			bit = 0o010
		}
		if info.Mode().Perm()&bit == 0 {
			return dir
		}
	}
	return ""
}
