package browser

import (
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	// largestPage is what the HTML of a page may weigh, uncompressed.
	largestPage = 60_000
	// largestAssets is what all files of a page may weigh as they are served.
	largestAssets = 150_000
)

var (
	assetOf = regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`)
	hashed  = regexp.MustCompile(`^/assets/[a-z]+\.[0-9a-f]{10}\.[a-z]+$`)
)

// TestSizes holds that every page is small, and that all that it loads is small,
// compressed, and kept by the browser under a name that changes with the content.
func TestSizes(t *testing.T) {
	start(t)
	where := addresses(t)
	packed := map[string]int{}
	for _, person := range people {
		c := newClient(t)
		if person != "" {
			c.signIn(person)
		}
		for _, p := range pages {
			if !slices.Contains(p.as, person) {
				continue
			}
			resp, page := c.get(where.Replace(p.path))
			if len(page) > largestPage {
				t.Errorf("%s as %q: %d bytes, at most %d", p.path, person, len(page), largestPage)
			}
			if resp.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s as %q is kept: %s", p.path, person, resp.Header.Get("Cache-Control"))
			}
			total := 0
			for _, m := range assetOf.FindAllStringSubmatch(page, -1) {
				if packed[m[1]] == 0 {
					packed[m[1]] = c.packed(m[1])
				}
				total += packed[m[1]]
			}
			if total == 0 || total > largestAssets {
				t.Errorf("%s as %q loads %d bytes, at most %d", p.path, person, total, largestAssets)
			}
		}
	}
	if len(packed) < 4 {
		t.Errorf("only %v is loaded", packed)
	}
}

// packed returns what a file weighs as a browser gets it.
func (c *client) packed(path string) int {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, shared.process.Origin+path, http.NoBody)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	resp, err := c.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	kept := resp.Header.Get("Cache-Control")
	if resp.StatusCode != http.StatusOK || !hashed.MatchString(path) || !strings.Contains(kept, "immutable") || !strings.Contains(kept, "public") {
		c.t.Errorf("%s: %s, Cache-Control %q", path, resp.Status, kept)
	}
	if len(body) > 1000 && resp.Header.Get("Content-Encoding") != "gzip" {
		c.t.Errorf("%s is served as %q, %d bytes", path, resp.Header.Get("Content-Encoding"), len(body))
	}
	return len(body)
}
