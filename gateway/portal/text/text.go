// Package text holds every sentence of the portal, in Japanese, English and
// plain Japanese (やさしい日本語), one file a subject in texts/.
package text

import (
	"context"
	"embed"
	"encoding/json"
	"fmt"
	"strings"
)

// Lang is how the portal speaks.
type Lang string

// The languages. Plain Japanese is Japanese with easy words and furigana; a text
// without a plain form is shown in Japanese.
const (
	Japanese Lang = "ja"
	English  Lang = "en"
	Plain    Lang = "plain"
)

// Parse returns the language of a name; ok is false for any other name.
func Parse(name string) (lang Lang, ok bool) {
	switch l := Lang(name); l {
	case Japanese, English, Plain:
		return l, true
	}
	return Japanese, false
}

// Tag returns the language for the attribute lang: plain Japanese is Japanese.
func (l Lang) Tag() string {
	if l == English {
		return "en"
	}
	return "ja"
}

// entry is one sentence. Its verbs are those of package fmt, the same in all
// languages. {漢字|かんじ} puts a reading over characters in Plain.
type entry struct {
	Ja    string `json:"ja"`
	En    string `json:"en"`
	Plain string `json:"plain,omitempty"`
}

//go:embed texts/*.json
var files embed.FS

var catalogue = load()

// load reads all files; they are part of the program, so that a broken one ends
// it at the start.
func load() map[string]entry {
	all := map[string]entry{}
	names, err := files.ReadDir("texts")
	if err != nil {
		panic(err)
	}
	for _, f := range names {
		raw, err := files.ReadFile("texts/" + f.Name())
		if err != nil {
			panic(err)
		}
		part := map[string]entry{}
		if err := json.Unmarshal(raw, &part); err != nil {
			panic(fmt.Errorf("%s: %w", f.Name(), err))
		}
		for key, e := range part {
			if _, twice := all[key]; twice {
				panic(fmt.Errorf("%s: %s stands in two files", f.Name(), key))
			}
			e.Plain = marked(e.Plain)
			all[key] = e
		}
	}
	return all
}

// Inside the program readings stand between noncharacters of Unicode, which
// nobody can type, so that braces in what people write stay braces.
const (
	open    = "\uFDD0"
	divide  = "\uFDD1"
	closing = "\uFDD2"
)

func marked(s string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(s, "{")
		out.WriteString(before)
		if !found {
			return out.String()
		}
		inner, after, _ := strings.Cut(rest, "}")
		base, reading, _ := strings.Cut(inner, "|")
		out.WriteString(open + base + divide + reading + closing)
		s = after
	}
}

type langKey struct{}

// With returns a context in which texts are in the language.
func With(ctx context.Context, l Lang) context.Context { return context.WithValue(ctx, langKey{}, l) }

// Of returns the language of the context; Japanese when it has none.
func Of(ctx context.Context) Lang {
	if l, ok := ctx.Value(langKey{}).(Lang); ok {
		return l
	}
	return Japanese
}

// S returns a text without readings, for attributes and options. A key that is
// not in the catalogue is returned as it is; a test finds it before.
func S(ctx context.Context, key string, args ...any) string {
	var out strings.Builder
	for _, p := range Parts(ctx, key, args...) {
		out.WriteString(p.Base)
	}
	return out.String()
}

// Has reports whether the catalogue has the key.
func Has(key string) bool {
	_, ok := catalogue[key]
	return ok
}

// Enum returns the text of an enumeration's value: that of the key prefix.NAME.
func Enum(ctx context.Context, prefix string, value fmt.Stringer) string {
	return S(ctx, prefix+"."+value.String())
}

// Part is a piece of a text, with its reading where it has one.
type Part struct{ Base, Reading string }

// Parts returns a text with its readings.
func Parts(ctx context.Context, key string, args ...any) []Part {
	e, ok := catalogue[key]
	if !ok {
		return []Part{{Base: key}}
	}
	s := e.Ja
	switch l := Of(ctx); {
	case l == English:
		s = e.En
	case l == Plain && e.Plain != "":
		s = e.Plain
	}
	if len(args) > 0 {
		s = fmt.Sprintf(s, args...)
	}
	return split(s)
}

func split(s string) []Part {
	var out []Part
	for {
		before, rest, found := strings.Cut(s, open)
		if before != "" {
			out = append(out, Part{Base: before})
		}
		if !found {
			return out
		}
		base, rest, _ := strings.Cut(rest, divide)
		reading, after, _ := strings.Cut(rest, closing)
		out = append(out, Part{base, reading})
		s = after
	}
}
