package text

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var verb = regexp.MustCompile(`%(\[\d+\])?[a-z]`)

// TestComplete holds that every text exists in Japanese and English with the
// same verbs, and that plain Japanese is plain.
func TestComplete(t *testing.T) {
	for key, e := range catalogue {
		empty := e.Ja == "" && e.En == ""
		if !empty && (strings.TrimSpace(e.Ja) == "" || strings.TrimSpace(e.En) == "") {
			t.Errorf("%s is not in both languages", key)
		}
		for lang, s := range map[string]string{"en": e.En, "plain": e.Plain} {
			if s == "" {
				continue
			}
			if a, b := verb.FindAllString(e.Ja, -1), verb.FindAllString(s, -1); !slices.Equal(a, b) {
				t.Errorf("%s: ja has %v, %s has %v", key, a, lang, b)
			}
		}
		for sentence := range strings.SplitSeq(e.Plain, "。") {
			var plain strings.Builder
			for _, p := range split(sentence) {
				plain.WriteString(p.Base)
			}
			if n := len([]rune(plain.String())); n > 60 {
				t.Errorf("%s: a plain sentence has %d characters, at most 60: %s", key, n, plain.String())
			}
			if strings.Count(sentence, open) != strings.Count(sentence, closing) || strings.ContainsAny(sentence, "{}|") {
				t.Errorf("%s: readings are written {漢字|かんじ}: %s", key, sentence)
			}
		}
	}
}

var (
	used    = regexp.MustCompile(`"([a-z][a-zA-Z]*(?:\.[a-zA-Z0-9_]+)+)"(:)?`)
	dynamic = regexp.MustCompile(`"([a-z][a-zA-Z.]*)\."\s*\+|Enum\([^,]+, "([a-z][a-zA-Z.]*)"|Sprintf\("([a-z][a-zA-Z.]*)\.%|Redirect\([^\n]*, "([a-zA-Z]+)"\)|Done: +"([a-zA-Z]+)"|Texts: +"([a-z][a-zA-Z.]*)"`)
)

// TestUsed holds that the portal's sources name no key that is missing, and that
// no text is left that nothing names.
func TestUsed(t *testing.T) {
	named, prefixes := map[string]bool{}, map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if d != nil && d.Name() == "node_modules" {
				return fs.SkipDir
			}
			return err
		}
		if !strings.HasSuffix(path, ".templ") && (!strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_templ.go")) || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range used.FindAllStringSubmatch(string(raw), -1) {
			named[m[1]] = named[m[1]] || m[2] == "" || Has(m[1]) // else the name of a field, with its label
		}
		for _, m := range dynamic.FindAllStringSubmatch(string(raw), -1) {
			switch {
			case m[4]+m[5] != "":
				named["done."+m[4]+m[5]] = true
			case m[6] != "": // the steps of a thing
				prefixes[m[6]+".step"], prefixes[m[6]+".after"], prefixes[m[6]+".do"] = true, true, true
			default:
				prefixes[m[1]+m[2]+m[3]] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	subjects := map[string]bool{}
	for key := range catalogue {
		subject, _, _ := strings.Cut(key, ".")
		subjects[subject] = true
	}
	maps.DeleteFunc(named, func(_ string, is bool) bool { return !is })
	for key := range named {
		subject, _, _ := strings.Cut(key, ".")
		if subjects[subject] && !Has(key) && !prefixes[key] && !fileName(key) {
			t.Errorf("%s is named by a page and has no text", key)
		}
	}
	for key := range catalogue {
		at := strings.LastIndexByte(key, '.')
		if !named[key] && !prefixes[key[:at]] && !strings.HasPrefix(key, "done.") {
			t.Errorf("%s is named by no page", key)
		}
	}
	for key := range named {
		if strings.HasPrefix(key, "done.") && !Has(key) {
			t.Errorf("%s is said by no text", key)
		}
	}
}

// fileName reports whether what looks like a key is the name of a file.
func fileName(key string) bool {
	return slices.Contains([]string{".css", ".js", ".svg", ".html"}, filepath.Ext(key))
}

func TestPlain(t *testing.T) {
	ctx := With(context.Background(), Plain)
	parts := Parts(ctx, "ui.me", "見本 {花|はな}子")
	if got := S(ctx, "ui.me", "見本 {花|はな}子"); got != "見本 {花|はな}子 さん" {
		t.Errorf("what a person writes is changed: %q", got)
	}
	for _, p := range parts {
		if p.Reading != "" {
			t.Errorf("what a person writes has a reading: %+v", parts)
		}
	}
	if got := Parts(ctx, "ui.skip"); !slices.Contains(got, Part{"本文", "ほんぶん"}) {
		t.Errorf("no reading: %+v", got)
	}
	if got := S(With(ctx, English), "ui.skip"); got != "Skip to content" {
		t.Errorf("English: %q", got)
	}
}

var (
	kanji    = regexp.MustCompile(`^[\p{Han}々ヶ]+$`)
	hiragana = regexp.MustCompile(`^[\p{Hiragana}ー]+$`)
)

// homographs are words with more than one reading, each right in its place.
var homographs = map[string][]string{
	"出": {"だ", "で"}, "少": {"すこ", "すく"}, "年": {"ねん", "とし"}, "日": {"ひ", "にち", "か"}, "来": {"き", "こ", "く"},
	"人": {"ひと", "にん"}, "月": {"つき", "がつ"}, "行": {"い", "おこな"}, "分": {"ふん", "わ"}, "方": {"かた", "ほう"},
}

// TestReadings holds that readings are kana beside kanji, and that one word is
// read in one way everywhere.
func TestReadings(t *testing.T) {
	seen := map[string]string{}
	for key, e := range catalogue {
		for _, p := range split(e.Plain) {
			if p.Reading == "" {
				continue
			}
			if !kanji.MatchString(p.Base) || !hiragana.MatchString(p.Reading) {
				t.Errorf("%s: {%s|%s}", key, p.Base, p.Reading)
			}
			if slices.Contains(homographs[p.Base], p.Reading) {
				continue
			}
			if was := seen[p.Base]; was != "" && was != p.Reading {
				t.Errorf("%s: %s is read %s here and %s elsewhere", key, p.Base, p.Reading, was)
			}
			seen[p.Base] = p.Reading
		}
	}
}
