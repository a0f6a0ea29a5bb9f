package jp

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestBigrams(t *testing.T) {
	for in, want := range map[string][]string{
		"":     nil,
		"区":    {"区"},
		"千代":   {"千代"},
		"ab":   {"ab"},
		"千代田区": {"代田", "千代", "田区"},
		"ババババ": {"ババ"},
		"𠮷田a":  {"田a", "𠮷田"},
	} {
		got := Bigrams(in)
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Bigrams(%q):\n%s", in, diff)
		}
	}
}

func TestIndexTerms(t *testing.T) {
	got := IndexTerms("ab", "bc", "", "ab", "x")
	if diff := cmp.Diff([]string{"ab", "bc", "x"}, got); diff != "" { // no pair across keys
		t.Error(diff)
	}
	if got := IndexTerms(); got != nil {
		t.Errorf("IndexTerms() = %v", got)
	}
}

func TestQueryTerms(t *testing.T) {
	for _, tt := range []struct {
		q    string
		want Query
	}{
		{"まち", Query{Terms: []string{"マチ"}, Words: []string{"マチ"}}},
		{"　ちよだ  ﾈｯﾄ ", Query{Terms: []string{"チヨ", "ット", "ネッ", "ヨダ"}, Words: []string{"チヨダ", "ネット"}}},
		{"まち まち", Query{Terms: []string{"マチ"}, Words: []string{"マチ"}}},
		{"まち ・ -", Query{Terms: []string{"マチ"}, Words: []string{"マチ"}}},
		{"1-2 ｻｰﾊﾞ", Query{Terms: []string{"12", "サー", "ーバ"}, Words: []string{"12", "サーバ"}}},
		{"㈱", Query{}},
		{"㌔", Query{Terms: []string{"キロ"}, Words: []string{"キロ"}}},
	} {
		got, err := QueryTerms(tt.q)
		if tt.want.Words == nil {
			if !errors.Is(err, ErrQueryTooShort) {
				t.Errorf("QueryTerms(%q) = %v, %v", tt.q, got, err)
			}
			continue
		}
		if diff := cmp.Diff(tt.want, got); err != nil || diff != "" {
			t.Errorf("QueryTerms(%q): %v\n%s", tt.q, err, diff)
		}
	}
	for _, q := range []string{"", " 　", "区", "まち 区", "-", "・、", "a"} {
		if got, err := QueryTerms(q); !errors.Is(err, ErrQueryTooShort) || got.Words != nil || got.Terms != nil {
			t.Errorf("QueryTerms(%q) = %v, %v; want ErrQueryTooShort", q, got, err)
		}
	}
}

// TestQueryFindsIndex shows that what stands in a text is found by its words.
func TestQueryFindsIndex(t *testing.T) {
	index := IndexTerms(SearchKey("特定非営利活動法人　ちよだ地域ねっと"), SearchKey("サーバー・クラブ"))
	for q, want := range map[string]bool{
		"地域": true, "ちよだ ネット": true, "ﾈｯﾄ": true, "サーバ": true, "ねっと　法人": true,
		"千代田": false, "ちよだ 会": false, "トサ": false, // no pair across the keys
	} {
		query, err := QueryTerms(q)
		found := err == nil
		for _, term := range query.Terms {
			found = found && slices.Contains(index, term)
		}
		if found != want {
			t.Errorf("%q found: %v, %v", q, found, err)
		}
	}
}

func TestQueryTexts(t *testing.T) {
	q := Query{Terms: []string{"a'", `b\`, "c&", "マチ"}, Words: []string{`50%_\`, "マチ"}}
	if diff := cmp.Diff([]string{`%50\%\_\\%`, "%マチ%"}, q.LikePatterns()); diff != "" {
		t.Error(diff)
	}
	if got, want := q.TSQuery(), `'a''' & 'b\\' & 'c&' & 'マチ'`; got != want {
		t.Errorf("TSQuery() = %s, want %s", got, want)
	}
}

func FuzzQueryTerms(f *testing.F) {
	for _, s := range []string{"まち づくり", "a", "", "%_\\ ''", "\xff\xff ab"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := QueryTerms(s)
		if err != nil {
			return
		}
		for _, w := range q.Words {
			if utf8.RuneCountInString(w) < 2 || SearchKey(w) != w {
				t.Fatalf("QueryTerms(%q) has the word %q", s, w)
			}
		}
		for _, term := range q.Terms {
			if utf8.RuneCountInString(term) != 2 || !slices.ContainsFunc(q.Words, func(w string) bool { return strings.Contains(w, term) }) {
				t.Fatalf("QueryTerms(%q) has the term %q", s, term)
			}
		}
	})
}

func BenchmarkBigrams(b *testing.B) {
	key := SearchKey("特定非営利活動法人　ちよだ地域ねっと")
	b.ReportAllocs()
	for b.Loop() {
		Bigrams(key)
	}
}
