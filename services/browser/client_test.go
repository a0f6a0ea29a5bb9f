package browser

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// get reads an address of the installation.
func (c *client) get(path string) (*http.Response, string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, shared.process.Origin+path, http.NoBody)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html,*/*;q=0.8")
	resp, err := c.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp, string(body)
}

// tomorrow in the sense of the stories: a day that is open for booking.
const room = "01900000-0000-7000-8000-0000000f1001"

// lines returns the trimmed lines of a text that are not empty.
func lines(text string) []string {
	var out []string
	for l := range strings.Lines(text) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// TestSession holds that the stories' own way to a session works.
func TestSession(t *testing.T) {
	start(t)
	c := newClient(t)
	c.signIn("representative")
	if _, page := c.get("/"); !strings.Contains(page, "見本団体1 代表者") {
		t.Errorf("signed in, the page does not name the person:\n%s", page)
	}
}
