package acceptance

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"strings"
	"testing"
)

// TestAttachments adds, reads and removes files while the proposal is a draft,
// and keeps those of a submitted version.
func TestAttachments(t *testing.T) {
	inEveryWorld(t, func(t *testing.T, c *client) {
		c = c.on(t)
		p := c.draft(c.publishedCall(nil), "書類のある提案")
		once := p.with("Idempotency-Key", rand.Text())
		first, err := once.upload(p.rep, p.id, file{"BUDGET", "収支予算書.pdf", tinyPDF})
		if err != nil {
			t.Fatal(explain(err))
		}
		kept := answer(first["attachment"].(obj))
		if again, err := once.upload(p.rep, p.id, file{"BUDGET", "収支予算書.pdf", tinyPDF}); err != nil || again.str("attachment.id") != kept.str("id") {
			t.Errorf("the same upload again is %s, %s", again.text(), explainOr(err))
		}
		if _, err := once.upload(p.rep, p.id, file{"BUDGET", "別の書類.pdf", tinyPDF}); reasonOf(err) != "IDEMPOTENCY_KEY_REUSED" {
			t.Errorf("another file with the key is answered with %s", explainOr(err))
		}
		gone := p.adds(file{"MATERIAL", "../../消す.pdf", append(bytes.Clone(tinyPDF), '\n')})
		if name := gone.str("fileName"); strings.ContainsAny(name, "/\\") {
			t.Errorf("the name is kept as %q", name)
		}
		p.ok(p.rep, "DeleteAttachment", obj{"proposalId": p.id, "attachmentId": gone.str("id")})
		if got := p.ok(p.rep, "ListAttachments", obj{"proposalId": p.id}).list("attachments"); len(got) != 1 {
			t.Errorf("%d files are left", len(got))
		}
		for reason, f := range map[string]file{
			"FILE_TYPE_NOT_ALLOWED": {"OTHER", "メモ.pdf", []byte("ただの文字です。")},
			"FILE_EMPTY":            {"OTHER", "空.pdf", nil},
			"PAYLOAD_TOO_LARGE":     {"OTHER", "大きい.pdf", append(bytes.Clone(tinyPDF), make([]byte, 20<<20)...)},
			"INVALID_FIELD":         {"NONSENSE", "種類.pdf", tinyPDF},
		} {
			_, err := p.upload(p.rep, p.id, f)
			listed(t, "UploadAttachment", reasonOf(err))
			if reasonOf(err) != reason {
				t.Errorf("%s is answered with %s, want %s", f.name, explainOr(err), reason)
			}
		}
		p.assigned()
		if _, err := p.upload(p.rep, p.id, file{"OTHER", "遅い.pdf", tinyPDF}); reasonOf(err) != "PROPOSAL_NOT_EDITABLE" {
			t.Errorf("a file after the submission is answered with %s", explainOr(err))
		}
		p.refused(p.rep, "DeleteAttachment", "PROPOSAL_NOT_EDITABLE", obj{"proposalId": p.id, "attachmentId": kept.str("id")})
		for _, person := range []string{"staff", "staff2", "desk"} {
			if got, err := p.download(person, p.id, kept.str("id")); err != nil || !bytes.Equal(got, tinyPDF) {
				t.Errorf("%s reads %q, %s", person, got, explainOr(err))
			}
		}
		for _, person := range []string{"", "resident", "member2", "coordinator", "reviewer"} {
			if _, err := p.download(person, p.id, kept.str("id")); err == nil {
				t.Errorf("%q reads the file", person)
			}
		}
	})
}

// adds uploads a file that is taken.
func (p *course) adds(f file) answer {
	p.t.Helper()
	a, err := p.upload(p.rep, p.id, f)
	if err != nil {
		p.t.Fatalf("upload %s: %s", f.name, explain(err))
	}
	return a["attachment"].(obj)
}

// TestDocuments reads the API's description: every route is there, and the page
// needs nothing from elsewhere.
func TestDocuments(t *testing.T) {
	t.Parallel()
	for _, w := range start(t) {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			c := w.over(t, restTransport{w})
			described(t, c)
			for path, want := range map[string]string{"/docs": "<html", "/healthz": "", "/readyz": "directory", "/metrics": "# HELP"} {
				resp, raw := c.send("", http.MethodGet, path, nil)
				if resp.StatusCode != http.StatusOK || !strings.Contains(string(raw), want) {
					t.Errorf("%s: %d %.300s", path, resp.StatusCode, raw)
				}
				for _, outside := range []string{`src="http`, `href="http`, `src="//`, "@import", "url(http"} {
					if path == "/docs" && strings.Contains(string(raw), outside) {
						t.Errorf("/docs needs %s…", outside)
					}
				}
			}
			resp, _ := c.send("", http.MethodGet, "/v1/calls", nil)
			for _, header := range []string{"X-Content-Type-Options", "Content-Security-Policy", "Cache-Control"} {
				if resp.Header.Get(header) == "" {
					t.Errorf("an answer without %s", header)
				}
			}
		})
	}
}
