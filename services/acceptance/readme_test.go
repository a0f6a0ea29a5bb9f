package acceptance

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var shellBlock = regexp.MustCompile("(?ms)^```sh\n(.*?)^```")

// TestREADME pastes the README's lines, one block after another, into a shell
// beside a fresh installation.
func TestREADME(t *testing.T) {
	w := own(t, "readme")
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := shellBlock.FindAllStringSubmatch(string(text), -1)
	if len(blocks) == 0 {
		t.Fatal("the README has no lines to paste")
	}
	var script strings.Builder
	script.WriteString("set -e\n")
	for _, b := range blocks {
		lines := strings.ReplaceAll(b[1], "http://127.0.0.1:8080", w.origin)
		script.WriteString(strings.ReplaceAll(lines, "127.0.0.1:9090", w.grpcAddr))
	}
	out := pasted(t, w, script.String())
	for _, want := range []string{`"organizations":13`, `"proposals":22`, "VERIFIED", "審査中", "採択"} {
		if !strings.Contains(strings.ReplaceAll(out, `": `, `":`), want) {
			t.Errorf("the README's lines do not show %s", want)
		}
	}
	if before, _, found := strings.Cut(out, "採択を決定"); !found || !strings.Contains(before, "審査中") {
		t.Error("the course does not show 審査中 before the decision")
	}
	if strings.Contains(out, `"reason":"`) && strings.Contains(out, "/problems/") {
		t.Error("a line of the README is refused")
	}
	if t.Failed() {
		t.Log(out)
	}
}

// pasted runs the lines in a folder that looks like the project's after make.
func pasted(t *testing.T, w *world, script string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "bin"), 0o755); err != nil {
		t.Fatal(err)
	}
	for link, target := range map[string]string{"bin/kyodo": filepath.Join(worlds.dir, "bin", "kyodo"), ".data": w.data} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-c", script)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("the README's lines end with %v\n%s", err, out)
	}
	return string(out)
}
