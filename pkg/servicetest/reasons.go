package servicetest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// CheckReasons fails unless the reasons of a service are declared, promised by
// the comments of its RPCs and provoked by its tests: three equal sets. It is
// called by a test in the service's own folder.
func CheckReasons(t *testing.T, service string) {
	t.Helper()
	contract := "../../proto/kyodo/" + service + "/v1"
	declared := reasons(t, ".", `_test\.go$`, false, `fault\.New\(fault\.\w+, "([A-Z_]+)"`)
	shared := reasons(t, "../../pkg", `_test\.go$`, false, `\bNew\((?:fault\.)?\w+, "([A-Z_]+)"`)
	promised := reasons(t, contract, `\.proto$`, true, `\b([A-Z]+(?:_[A-Z]+)+)\b[,.]`)
	tested := reasons(t, ".", `_test\.go$`, true, `"([A-Z_]+)"`)
	own := func(all []string) []string {
		return slices.DeleteFunc(slices.Clone(all), func(r string) bool { return !slices.Contains(declared, r) })
	}
	if diff := cmp.Diff(declared, own(promised)); diff != "" {
		t.Errorf("declared, but not promised: %s", diff)
	}
	if diff := cmp.Diff(declared, own(tested)); diff != "" {
		t.Errorf("declared, but not tested: %s", diff)
	}
	for _, r := range promisedErrors(t, contract) {
		if !slices.Contains(declared, r) && !slices.Contains(shared, r) {
			t.Errorf("%s is promised and not declared", r)
		}
	}
}

// reasons collects what the pattern finds in the files below a folder whose
// names match, or do not match, a pattern.
func reasons(t *testing.T, dir, names string, match bool, pattern string) []string {
	t.Helper()
	name, find := regexp.MustCompile(names), regexp.MustCompile(pattern)
	var out []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || name.MatchString(path) != match || !match && !strings.HasSuffix(path, ".go") {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, m := range find.FindAllStringSubmatch(string(raw), -1) {
			out = append(out, m[1])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

var errorLines = regexp.MustCompile(`(?s)// Errors: (.*?)\n\s*// Emits:`)

// promisedErrors are the reasons in the Errors lists of the RPCs.
func promisedErrors(t *testing.T, contract string) []string {
	t.Helper()
	files, err := filepath.Glob(contract + "/*.proto")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range errorLines.FindAllStringSubmatch(string(raw), -1) {
			out = append(out, strings.FieldsFunc(m[1], func(r rune) bool { return r != '_' && (r < 'A' || r > 'Z') })...)
		}
	}
	return out
}
