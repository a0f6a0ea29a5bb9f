package asset

import (
	"bytes"
	"compress/gzip"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// limit is what all files may weigh together on the way to a phone.
const limit = 150_000

var outside = regexp.MustCompile(`url\(\s*["']?(https?:)?//|@import`)

func TestFiles(t *testing.T) {
	total := 0
	for at, f := range served {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(f.body); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		total += packed.Len()
		if m := outside.Find(f.body); m != nil {
			t.Errorf("%s takes something from outside: %s", at, m)
		}
		rec := httptest.NewRecorder()
		Find(at).ServeHTTP(rec, httptest.NewRequest("GET", at, nil))
		if !strings.Contains(rec.Header().Get("Cache-Control"), "immutable") || rec.Header().Get("Content-Type") == "" || rec.Body.Len() != len(f.body) {
			t.Errorf("%s: %v, %d bytes", at, rec.Header(), rec.Body.Len())
		}
	}
	if len(served) != 4 || total > limit {
		t.Errorf("%d files of %d bytes compressed, at most %d", len(served), total, limit)
	}
	if Find("/assets/portal.css") != nil {
		t.Error("a name without the content's hash is served for ever")
	}
}
