package opendata_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/opendata"
)

func TestBytes(t *testing.T) {
	var b bytes.Buffer
	w := opendata.NewWriter(&b)
	for _, line := range [][]string{{"名称", "備考"}, {"麹町区民館", ""}, {`"茶"の会`, "一行目\r\n二行目"}, {"a,b", " 先頭の空白"}} {
		if err := w.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	want := "\ufeff名称,備考\r\n麹町区民館,\r\n\"\"\"茶\"\"の会\",\"一行目\n二行目\"\r\n\"a,b\", 先頭の空白\r\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

// FuzzRoundTrip reads back with another reader what was written.
func FuzzRoundTrip(f *testing.F) {
	for _, s := range []string{"", "=1+1", `"`, "a\nb", "𠮷", "a,b", "\r", " x"} {
		f.Add(s, "終")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		var buf bytes.Buffer
		w := opendata.NewWriter(&buf)
		if err := errors.Join(w.Write([]string{"1", a, b}), w.Flush()); err != nil {
			t.Fatal(err)
		}
		got, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(buf.Bytes(), []byte("\ufeff")))).ReadAll()
		if err != nil {
			t.Fatalf("%q: %v", buf.String(), err)
		}
		clean := func(s string) string {
			return string(bytes.ReplaceAll(bytes.ReplaceAll([]byte(s), []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n")))
		}
		if diff := cmp.Diff([][]string{{"1", clean(a), clean(b)}}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestStaff(t *testing.T) {
	for in, want := range map[string]string{"": "", "=1+1": "'=1+1", "＝1": "'＝1", "-5": "'-5", "会": "会", "\tx": "'\tx"} {
		if got := opendata.Staff(in); got != want {
			t.Errorf("Staff(%q) = %q, want %q", in, got, want)
		}
	}
}
