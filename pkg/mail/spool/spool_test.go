package spool_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/mail/spool"
)

const folder = "KYODO_TEST_SPOOL"

// TestKilled: what a process that was killed had marked is found by the next, and by
// nobody while it lived.
func TestKilled(t *testing.T) {
	if dir := os.Getenv(folder); dir != "" { // The process that is killed.
		b, err := spool.Create(dir, "batch-1", 4)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			b.Name(i, spool.ID{byte(i + 1)})
		}
		b.Mark(0, spool.Taken)
		b.Mark(1, spool.Handed)
		if left, err := spool.Find(dir); err != nil || len(left) != 0 {
			t.Errorf("found while it lives: %v, %v", left, err)
		}
		self, err := os.FindProcess(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		_ = self.Kill() // nothing follows
		select {}
	}
	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestKilled$") //nolint:gosec // this test binary
	child.Env = append(os.Environ(), folder+"="+dir)
	if err := child.Run(); err == nil {
		t.Fatal("it was not killed")
	}
	for range 2 {
		left, err := spool.Find(dir)
		if err != nil || len(left) != 1 || left[0].Name != "batch-1" {
			t.Fatalf("%v, %v", left, err)
		}
		want := []spool.Record{{spool.ID{1}, spool.Taken}, {spool.ID{2}, spool.Handed}, {spool.ID{3}, spool.Waiting}}
		if diff := cmp.Diff(want, left[0].Records); diff != "" {
			t.Error(diff)
		}
		if again, err := spool.Find(dir); err != nil || len(again) != 0 {
			t.Errorf("found twice: %v, %v", again, err)
		}
		if err := left[0].Release(); err != nil {
			t.Error(err)
		}
	}
	left, err := spool.Find(dir)
	if err != nil || len(left) != 1 {
		t.Fatalf("%v, %v", left, err)
	}
	if err := left[0].Close(); err != nil {
		t.Error(err)
	}
	if files, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(files) != 0 {
		t.Errorf("%v, %v", files, err)
	}
}

func TestLeaveAndClose(t *testing.T) {
	dir := t.TempDir()
	for name, end := range map[string]func(*spool.Batch) error{"left": (*spool.Batch).Leave, "closed": (*spool.Batch).Close} {
		b, err := spool.Create(dir, name, 2)
		if err != nil {
			t.Fatal(err)
		}
		b.Name(0, spool.ID{7})
		b.Mark(0, spool.Refused)
		if err := end(b); err != nil {
			t.Error(err)
		}
	}
	left, err := spool.Find(dir)
	if err != nil || len(left) != 1 || left[0].Name != "left" || left[0].Records[0].State != spool.Refused {
		t.Errorf("%v, %v", left, err)
	}
	if none, err := spool.Find(filepath.Join(dir, "none")); err != nil || none != nil {
		t.Errorf("%v, %v", none, err)
	}
}
