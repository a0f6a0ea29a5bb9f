package pg_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

func TestPageSize(t *testing.T) {
	pages := pg.NewPages([]byte("key"))
	for size, want := range map[int32]int{0: 50, 1: 1, 199: 199, 200: 200, 201: 200, 1<<31 - 1: 200} {
		page, err := pages.Open("filter", "", size)
		must(t, err)
		if page.Size != want || page.After != nil {
			t.Errorf("size %d: %+v", size, page)
		}
	}
	for _, size := range []int32{-1, -1 << 31} {
		_, err := pages.Open("filter", "", size)
		f, ok := fault.As(err)
		if !ok || f.Reason != "INVALID_PAGE_SIZE" || len(f.Fields) != 1 || f.Fields[0].Path != "pageSize" {
			t.Errorf("size %d: %v", size, err)
		}
	}
}

func TestPageToken(t *testing.T) {
	pages := pg.NewPages([]byte("key"))
	for _, after := range [][]string{{""}, {"2026-04-01T00:00:00Z", "018f"}, {"千代田", "\x00", `"],["`}} {
		page, err := pages.Open("filter", pages.Token("filter", after...), 10)
		must(t, err)
		if diff := cmp.Diff(pg.Page{Size: 10, After: after}, page); diff != "" {
			t.Errorf("page (-want +got):\n%s", diff)
		}
	}
}

func TestLastPageHasNoToken(t *testing.T) {
	if token := pg.NewPages([]byte("key")).Token("filter"); token != "" {
		t.Errorf("after nothing: %q", token)
	}
}

func TestPageTokenIsRefused(t *testing.T) {
	pages := pg.NewPages([]byte("key"))
	token := pages.Token("filter", "a")
	raw, err := base64.RawURLEncoding.DecodeString(token)
	must(t, err)
	for i := range raw { // one changed bit, wherever it is
		changed := slices.Clone(raw)
		changed[i] ^= 1
		_, err := pages.Open("filter", base64.RawURLEncoding.EncodeToString(changed), 10)
		wantReason(t, err, fault.ErrInvalidPageToken)
	}
	for name, c := range map[string]struct {
		token string
		want  *fault.Error
	}{
		"another filter":       {pages.Token("other", "a"), fault.ErrPageTokenMismatch},
		"another installation": {pg.NewPages([]byte("another")).Token("filter", "a"), fault.ErrInvalidPageToken},
		"cut":                  {token[:len(token)-4], fault.ErrInvalidPageToken},
		"short":                {"AAAA", fault.ErrInvalidPageToken},
		"padded":               {token + "=", fault.ErrInvalidPageToken},
		"text":                 {"次のページ", fault.ErrInvalidPageToken},
		"long":                 {strings.Repeat("A", 1<<16), fault.ErrInvalidPageToken},
	} {
		_, err := pages.Open("filter", c.token, 10)
		f, ok := fault.As(err)
		if !ok || f.Reason != c.want.Reason || len(f.Fields) != 1 || f.Fields[0].Path != "pageToken" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCut(t *testing.T) {
	after := func(s string) []string { return []string{s} }
	for _, test := range []struct {
		rows, want, after []string
	}{
		{nil, nil, nil},
		{[]string{"a", "b"}, []string{"a", "b"}, nil},
		{[]string{"a", "b", "c"}, []string{"a", "b"}, []string{"b"}},
	} {
		rows, last := pg.Cut(test.rows, pg.Page{Size: 2}, after)
		if diff := cmp.Diff(test.want, rows); diff != "" {
			t.Errorf("rows of %v (-want +got):\n%s", test.rows, diff)
		}
		if diff := cmp.Diff(test.after, last); diff != "" {
			t.Errorf("after %v (-want +got):\n%s", test.rows, diff)
		}
	}
}

func TestPlaceOfAPage(t *testing.T) {
	start := pg.Page{Size: 1}
	number, err := start.AfterNumber(7)
	must(t, err)
	if number != 7 || start.AfterID(pg.LastID) != pg.LastID {
		t.Errorf("the start is after %d and %s", number, start.AfterID(pg.LastID))
	}
	next := pg.Page{Size: 1, After: []string{"12"}}
	number, err = next.AfterNumber(7)
	must(t, err)
	if number != 12 || next.AfterID(pg.LastID) != "12" {
		t.Errorf("the next page is after %d and %s", number, next.AfterID(pg.LastID))
	}
	_, err = pg.Page{After: []string{"twelve"}}.AfterNumber(7)
	wantReason(t, err, fault.ErrInvalidPageToken)

	year, serial, id, err := pg.SerialAfter([]string{"2026", "3", "a"})
	must(t, err)
	if year != 2026 || serial != 3 || id != "a" {
		t.Errorf("place %d-%d %s", year, serial, id)
	}
	for _, after := range [][]string{nil, {"2026", "3"}, {"2026", "third", "a"}, {"", "3", "a"}} {
		_, _, _, err := pg.SerialAfter(after)
		wantReason(t, err, fault.ErrInvalidPageToken)
	}
}

func FuzzPageToken(f *testing.F) {
	pages := pg.NewPages([]byte("key"))
	f.Add("filter", pages.Token("filter", "a"), int32(10))
	f.Add("filter", pages.Token("other", "a"), int32(0))
	f.Add("", "", int32(-1))
	f.Add("filter", "%%%", int32(1000))
	f.Fuzz(func(t *testing.T, filter, token string, size int32) {
		page, err := pages.Open(filter, token, size)
		if err != nil {
			refusal, ok := fault.As(err)
			if !ok || refusal.Kind != fault.Invalid {
				t.Fatalf("not a refusal: %v", err)
			}
			return
		}
		if page.Size < 1 || page.Size > pg.MaxPageSize {
			t.Errorf("size %d", page.Size)
		}
		if token != "" && token != pages.Token(filter, page.After...) {
			t.Errorf("accepted a token that was not given out: %q", token)
		}
	})
}
