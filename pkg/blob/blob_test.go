package blob_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/blob"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

func office(t *testing.T, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, n := range append([]string{"[Content_Types].xml", "_rels/.rels", "word/document.xml"}, names...) {
		w, err := z.Create(n)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, "<x/>"); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestPut(t *testing.T) {
	pdf := []byte("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n")
	big := append([]byte("%PDF-1.7\n"), make([]byte, blob.MaxSize)...)
	for name, tc := range map[string]struct {
		content []byte
		want    error
	}{
		"pdf":             {pdf, nil},
		"docx":            {office(t), nil},
		"macro":           {office(t, "word/vbaProject.bin"), blob.ErrTypeNotAllowed},
		"html":            {[]byte("<html><script>alert(1)</script></html>"), blob.ErrTypeNotAllowed},
		"svg":             {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"></svg>`), blob.ErrTypeNotAllowed},
		"empty":           {nil, blob.ErrEmpty},
		"20 MiB and more": {big, fault.ErrPayloadTooLarge},
		"exactly 20 MiB":  {big[:blob.MaxSize], nil},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := blob.NewFolder(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			info, err := s.Put(t.Context(), bytes.NewReader(tc.content))
			if !errors.Is(err, tc.want) {
				t.Fatalf("Put: %v, want %v", err, tc.want)
			}
			if err != nil {
				return
			}
			r, err := s.Open(t.Context(), info.SHA256)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, tc.content) {
				t.Errorf("read back %d bytes (%v), want %d", len(got), err, len(tc.content))
			}
		})
	}
}

func TestPutTwiceIsOneContent(t *testing.T) {
	s, err := blob.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Put(t.Context(), strings.NewReader("%PDF-1.7\nsame"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := s.Put(t.Context(), strings.NewReader("%PDF-1.7\nsame"))
	if err != nil || a != b {
		t.Errorf("second Put: %+v, %v; want %+v", b, err, a)
	}
}

func TestOpenRefusesOtherNames(t *testing.T) {
	s, err := blob.NewFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, sha := range []string{"", "../secret", strings.Repeat("A", 64), strings.Repeat("a", 64)} {
		if _, err := s.Open(t.Context(), sha); !errors.Is(err, blob.ErrLost) {
			t.Errorf("Open(%q): %v, want ErrLost", sha, err)
		}
	}
}
