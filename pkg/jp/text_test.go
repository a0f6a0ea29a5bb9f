package jp

import (
	"errors"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"
)

func TestTextVectors(t *testing.T) {
	for _, row := range vectors(t, "text_vectors.csv", 24) {
		in := row["input"]
		if got := SearchKey(in); got != row["search_key"] {
			t.Errorf("SearchKey(%s) = %s, want %s", in, got, row["search_key"])
		}
		if got := NameKey(in); got != row["name_key"] {
			t.Errorf("NameKey(%s) = %s, want %s", in, got, row["name_key"])
		}
		// The last columns are empty where the input is no reading.
		_, err := NormalizeKana(in)
		if reading := row["kana_sort_key"] != ""; reading != (err == nil) {
			t.Errorf("NormalizeKana(%s): %v", in, err)
		}
		if err != nil {
			continue
		}
		if got := KanaSortKey(in); got != row["kana_sort_key"] {
			t.Errorf("KanaSortKey(%s) = %s, want %s", in, got, row["kana_sort_key"])
		}
		if got := GojuonRow(in); got != row["gojuon_row"] {
			t.Errorf("GojuonRow(%s) = %s, want %s", in, got, row["gojuon_row"])
		}
	}
}

func TestSearchKey(t *testing.T) {
	for in, want := range map[string]string{
		"":                     "",
		"　 \t\n":               "",
		"、。・「」（）!?-_%\\'\"～〜~": "",
		"already":              "already",
		"カタカナ":                 "カタカナ",
		"ー始まり":                 "始マリ",    // nothing to lengthen
		"03ー5211":              "035211", // a hyphen between digits
		"カ ー":                  "カ",      // not after kana
		"ラーーメン":                "ラーーメン",
		"Ａ＋Ｂ":                  "a+b",     // symbols stay
		"㍿ちよだ":                 "株式会社チヨダ", // NFKC
		"㋿８年":                  "令和8年",
		"わ゙":                   "ヷ", // composed only as katakana
		"か゛":                   "ガ", // free-standing voicing mark
		"か\u200d\u3099":        "ガ", // joined by dropping what stands between
		"辻󠄀":                   "辻", // variation selector
		"麴町・濵田・渡邉":             "麹町浜田渡辺",
		"\xff区\xfe":            "区",
		"a\x00b\u202ec":        "abc",
		"ÉCOLE":                "école",
		"ゟ":                    "ヨリ",
		"みすゞ":                  "ミスヾ",
	} {
		if got := SearchKey(in); got != want {
			t.Errorf("SearchKey(%q) = %q, want %q", in, got, want)
		}
		checkSearchKey(t, in)
	}
}

// checkSearchKey holds the properties of every search key.
func checkSearchKey(t *testing.T, s string) {
	t.Helper()
	key := SearchKey(s)
	if again := SearchKey(key); again != key {
		t.Fatalf("SearchKey(%q) = %q, and of that %q", s, key, again)
	}
	if !utf8.ValidString(key) {
		t.Fatalf("SearchKey(%q) = %q is no UTF-8", s, key)
	}
	for _, r := range key {
		if unicode.In(r, unicode.Z, unicode.P, unicode.C) || r == '~' || r >= 'A' && r <= 'Z' {
			t.Fatalf("SearchKey(%q) = %q holds %U", s, key, r)
		}
	}
}

// TestSearchKeyShortcut shows that leaving out NFKC changes nothing for any character it is left out for.
func TestSearchKeyShortcut(t *testing.T) {
	for r := rune(0); r <= 0xFFFF; r++ {
		s := "カ" + string(r) + "A"
		if !keyWithoutNFKC(s) {
			continue
		}
		if got, want := SearchKey(s), string(appendKey(nil, norm.NFKC.String(s))); got != want {
			t.Errorf("%U: %q, with NFKC %q", r, got, want)
		}
		checkSearchKey(t, s)
	}
}

func TestNameKey(t *testing.T) {
	for in, want := range map[string]string{
		"":           "",
		"株式会社":       "株式会社", // nothing else
		"(株)":        "株",
		"認定NPO法人ちよだ": "チヨダ",
		"認定特定非営利活動法人 ちよだ":       "チヨダ",
		"公益財団法人 ちよだ財団":          "チヨダ財団",
		"(公財)ちよだ財団":             "チヨダ財団",
		"（特非）ちよだ":               "チヨダ",
		" ㈲ ちよだ商店 ":             "チヨダ商店",
		"ちよだ商店㈲":                "チヨダ商店",
		"社会福祉法人千代田区社会福祉協議会":     "千代田区社会福祉協議会",
		"医療法人社団ちよだ会":            "チヨダ会",
		"株主の会":                  "株主ノ会", // not an abbreviation without parentheses
		"ちよだ株式会社・株式会社":          "チヨダ",
		"日本NPOセンター":             "日本npoセンター",
		"学校法人髙橋学園":              "高橋学園",
		"㈱サンプル(株)":              "サンプル",
		"ボランティア（体験）":            "ボランティア体験",
		"株式会社サンプル　特定非営利活動法人ちよだ": "サンプル特定非営利活動法人チヨダ",
	} {
		if got := NameKey(in); got != want {
			t.Errorf("NameKey(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestVariantTable(t *testing.T) {
	seen := map[rune]bool{}
	for _, pair := range strings.Fields(variantPairs) {
		runes := []rune(pair)
		if len(runes) != 2 || runes[0] == runes[1] || seen[runes[0]] {
			t.Errorf("pair %q is no pair, or stands twice", pair)
			continue
		}
		seen[runes[0]] = true
		if !norm.NFKC.IsNormalString(pair) {
			t.Errorf("%q: NFKC changes the pair", pair)
		}
		if runes[1] > 0x9FFF {
			t.Errorf("%q: the usual form is not in the basic plane's ideographs", pair)
		}
		if foldVariant(runes[0]) != runes[1] || foldVariant(runes[1]) != runes[1] {
			t.Errorf("%q: %c folds to %c, %c to %c", pair,
				runes[0], foldVariant(runes[0]), runes[1], foldVariant(runes[1]))
		}
	}
	if got := FoldVariants("𠮷田髙志（㈱ﾈｯﾄ）Ａ"); got != "吉田高志（㈱ﾈｯﾄ）Ａ" {
		t.Errorf("FoldVariants changed more than the variants: %s", got)
	}
}

func TestNormalizeKana(t *testing.T) {
	for in, want := range map[string]string{
		"":             "",
		"  ":           "",
		"ちよだく":         "チヨダク",
		"ﾁﾖﾀﾞｸ":        "チヨダク",
		" チヨダ  タロウ ":   "チヨダ　タロウ",
		"チヨダ　タロウ":      "チヨダ　タロウ",
		"サ－バ-":         "サーバー",
		"パーク・サイド":      "パーク・サイド",
		"ﾊﾟｰｸ･ｻｲﾄﾞ":    "パーク・サイド",
		"ヴァイオリン":       "ヴァイオリン",
		"みすゞ":          "ミスヾ",
		"か\u3099くしゅう":  "ガクシュウ",
		"か゛くしゅう":       "ガクシュウ",
		"はﾟ":           "パ",
		"ヵヶヮ":          "ヵヶヮ",
		"カスミガセキ\tビル\n": "カスミガセキ　ビル",
	} {
		got, err := NormalizeKana(in)
		if err != nil || got != want {
			t.Errorf("NormalizeKana(%q) = %q, %v; want %q", in, got, err, want)
		}
		if again, err := NormalizeKana(got); err != nil || again != got {
			t.Errorf("NormalizeKana(%q) = %q, %v", got, again, err)
		}
	}
	for _, in := range []string{"千代田", "チヨダ1", "チヨダA", "ー", "チヨダ(カ)", "チヨダ、", "・ー", "゛", "ア\u3099", "チ\x00", "チ\xff", "チ\u202e"} {
		if got, err := NormalizeKana(in); !errors.Is(err, ErrKana) || got != "" {
			t.Errorf("NormalizeKana(%q) = %q, %v; want ErrKana", in, got, err)
		}
	}
}

func TestKanaSortKey(t *testing.T) {
	for in, want := range map[string]string{
		"":        "",
		"ッー":      "ツウ",
		"ンー":      "ン",
		"ティー":     "テイイ",
		"シャー":     "シヤア",
		"ヴォー":     "ウオオ",
		"ヲー":      "ヲオ",
		"みすゞ":     "ミスス",
		"こゝろ":     "ココロ",
		"ヵヶヮヷヸヹヺ": "カケワワヰヱヲ",
		"ㇰㇿ":      "クロ",
		"ア゙ー":     "アア",
		"Chiyoda": "chiyoda",
		"千代田ー":    "千代田",
	} {
		if got := KanaSortKey(in); got != want {
			t.Errorf("KanaSortKey(%q) = %q, want %q", in, got, want)
		}
	}
	readings := []string{
		"エイト", "エーデル", "カア", "かき", "ガク", "カサ", "サーバー", "サカ", "バス", "ハセ", "ワ", "ヰ", "ヱ", "ヲ", "ン",
	}
	for i, reading := range readings[1:] {
		if KanaSortKey(readings[i]) >= KanaSortKey(reading) {
			t.Errorf("%s does not sort before %s", readings[i], reading)
		}
	}
}

func TestKanaTables(t *testing.T) {
	letters, bases := []rune(kanaLetters), []rune(kanaBases)
	if len(letters) != kanaCount || len(bases) != kanaCount {
		t.Fatalf("%d letters, %d bases, want %d", len(letters), len(bases), kanaCount)
	}
	for i, r := range letters {
		if r != firstKana+rune(i) {
			t.Errorf("letter %d is %c", i, r)
		}
		base := bases[i]
		if r == 'ン' {
			if kanaVowel[base-firstKana] != 0 {
				t.Error("ン has a vowel")
			}
			continue
		}
		if kanaVowel[base-firstKana] == 0 {
			t.Errorf("%c has no vowel", base)
		}
		if kanaBase[base-firstKana] != base {
			t.Errorf("the base %c of %c is no base", base, r)
		}
	}
}

func TestGojuonRow(t *testing.T) {
	for row, readings := range map[string]string{
		"ア": "アァイゥウェオヴ", "カ": "カガヵクゴヶコ", "サ": "サザソゾ", "タ": "タダッヅド", "ナ": "ナノ", "ハ": "ハバパポ",
		"マ": "マモ", "ヤ": "ヤャヨョ", "ラ": "ラロ", "ワ": "ワヮヰヱヲンヷ", RowAlphanumeric: "aZＡ9０É", RowOther: "千亜+Ж",
	} {
		for _, r := range readings {
			if got := GojuonRow(string(r) + "ア"); got != row {
				t.Errorf("GojuonRow(%c…) = %s, want %s", r, got, row)
			}
		}
	}
	if got := GojuonRow(""); got != RowOther {
		t.Errorf("GojuonRow of nothing = %s", got)
	}
	if got := GojuonRow("ちよだ"); got != "タ" {
		t.Errorf("GojuonRow(ちよだ) = %s", got)
	}
	want := []string{"ア", "カ", "サ", "タ", "ナ", "ハ", "マ", "ヤ", "ラ", "ワ", "英数", "他"}
	if diff := cmp.Diff(want, GojuonRows()); diff != "" {
		t.Error(diff)
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "",
		"　 ㈱ちよだ① 　\n":            "㈱ちよだ①", // the name stays as typed
		"か\u3099":                "が",
		"a\r\nb\rc\nd":           "a\nb\nc\nd",
		"a\u2028b\u2029c\u0085d": "a\nb\nc\nd",
		"a\x00b":                 "a\x00b", // refused, not removed
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestForbiddenRune(t *testing.T) {
	for _, s := range []string{"", "千代田区 〜協働〜", "𠮷田 ㈱ é 👨‍👩‍👧", "\uFFFD", "a\u200Fb\u00A0\u3000"} {
		for _, multiline := range []bool{false, true} {
			if r, found := ForbiddenRune(s, multiline); found || r != 0 {
				t.Errorf("ForbiddenRune(%q) = %U", s, r)
			}
		}
	}
	for s, want := range map[string]rune{
		"a\x00b": 0, "\x1f": 0x1F, "\x7f": 0x7F, "\u0080": 0x80, "\u009f": 0x9F, "a\rb": '\r',
		"\u202A": 0x202A, "x\u202Ey": 0x202E, "\u2066": 0x2066, "\u2069": 0x2069,
		"\uFDD0": 0xFDD0, "\uFDEF": 0xFDEF, "\uFFFE": 0xFFFE, "\uFFFF": 0xFFFF, "\U0001FFFE": 0x1FFFE, "\U0010FFFF": 0x10FFFF,
		"区\xff": utf8.RuneError, "\xed\xa0\x80": utf8.RuneError,
	} {
		if r, found := ForbiddenRune(s, true); !found || r != want {
			t.Errorf("ForbiddenRune(%q) = %U, %v; want %U", s, r, found, want)
		}
	}
	for _, s := range []string{"a\nb", "a\tb"} {
		if _, found := ForbiddenRune(s, true); found {
			t.Errorf("%q is refused in text of several lines", s)
		}
		if r, found := ForbiddenRune(s, false); !found || r != rune(s[1]) {
			t.Errorf("%q is accepted in one line", s)
		}
	}
}

func FuzzSearchKey(f *testing.F) {
	for _, row := range vectors(f, "text_vectors.csv", 24) {
		f.Add(row["input"])
	}
	for _, s := range []string{"わ゙", "か゛", "か\u200d\u3099", "\u1100 \u1161", "İﷺ", "e\u200d\u0301", "ｶ\u3000ﾞ", "\xff\u0300"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkSearchKey(t, s)
		NameKey(s)
		KanaSortKey(s)
		GojuonRow(s)
		if kana, err := NormalizeKana(s); err == nil {
			if again, err := NormalizeKana(kana); err != nil || again != kana {
				t.Fatalf("NormalizeKana(%q) = %q, and of that %q, %v", s, kana, again, err)
			}
		}
		if c := Clean(s); Clean(c) != c {
			t.Fatalf("Clean(%q) = %q, and of that %q", s, c, Clean(c))
		}
	})
}

func BenchmarkSearchKey(b *testing.B) {
	for name, s := range map[string]string{
		"ready": "npo法人チヨダ地域ネット", "ascii": "Chiyoda Kyodo Portal 2026", "japanese": "特定非営利活動法人　ちよだ地域ねっと",
		"halfwidth": "ＮＰＯ法人 ちよだ地域ﾈｯﾄ", "long": strings.Repeat("千代田区の協働のまちづくりについて、", 20),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				SearchKey(s)
			}
		})
	}
}

func BenchmarkKanaSortKey(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		KanaSortKey("チヨダパークサイドプラザ")
	}
}
