package browser

import (
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// accessibility is where the result is kept that the portal's statement shows.
var accessibility = flag.String("accessibility", "", "file into which the result of the accessibility test is written; none when empty")

// result is what the statement says of the test.
type result struct {
	Date       string   `json:"date"`
	Engine     string   `json:"engine"`
	Standards  []string `json:"standards"`
	Pages      int      `json:"pages"`
	Checks     int      `json:"checks"`
	Roles      int      `json:"roles"`
	Languages  []string `json:"languages"`
	Width      int      `json:"width"`
	Violations int      `json:"violations"`

	paths, people []string
}

// add counts one page for one person in one language.
func (r *result) add(tb *tab, path, person, lang string, violations int) {
	tb.t.Helper()
	if r.Engine == "" {
		r.Engine = "axe-core " + get(tb, chromedp.Evaluate[string](`axe.version`))
	}
	for list, v := range map[*[]string]string{&r.paths: path, &r.people: person, &r.Languages: lang} {
		if !slices.Contains(*list, v) {
			*list = append(*list, v)
		}
	}
	r.Checks++
	r.Violations += violations
}

// keep writes the result when it is asked for.
func (r *result) keep(t *testing.T) {
	t.Helper()
	if *accessibility == "" {
		return
	}
	r.Date = time.Now().UTC().Add(9 * time.Hour).Format(time.DateOnly)
	r.Standards, r.Width, r.Pages, r.Roles = []string{"wcag2a", "wcag2aa", "wcag21a", "wcag21aa"}, 320, len(r.paths), len(r.people)
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*accessibility, append(raw, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}
