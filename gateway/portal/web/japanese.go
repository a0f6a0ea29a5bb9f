package web

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// inJapanese marks what is Japanese on a page in another language, such as names
// and what people wrote, so that screen readers speak it as Japanese (WCAG 3.1.2).
// It takes what templates write: attributes without ">" and closed elements.
func inJapanese(page []byte) []byte {
	out := bytes.NewBuffer(make([]byte, 0, len(page)+len(page)/8))
	opened := ""
	for len(page) > 0 {
		at := bytes.IndexByte(page, '<')
		if at < 0 {
			at = len(page)
		}
		words, rest := page[:at], page[at:]
		end := bytes.IndexByte(rest, '>') + 1
		if end == 0 {
			end = len(rest)
		}
		tag := rest[:end]
		whole := opened != "" && closes(tag, opened)
		switch from, to := japanese(words); {
		case from == to || marked(out):
			out.Write(words)
		case opened == "script" || opened == "style" || bare[opened] && !whole:
			out.Write(words)
		case whole && (bare[opened] || !latin(words)):
			out.Truncate(out.Len() - 1)
			out.WriteString(` lang="ja">`)
			out.Write(words)
		default:
			out.Write(words[:from])
			out.WriteString(`<span lang="ja">`)
			out.Write(words[from:to])
			out.WriteString(`</span>`)
			out.Write(words[to:])
		}
		out.Write(tag)
		opened = element(tag)
		page = rest[end:]
	}
	return out.Bytes()
}

// bare are the elements that hold text alone.
var bare = map[string]bool{"title": true, "textarea": true, "option": true}

// element is the name of the element that a tag opens; "" for any other.
func element(tag []byte) string {
	name := strings.TrimPrefix(string(tag), "<")
	if i := strings.IndexAny(name, " \n/>"); i >= 0 {
		name = name[:i]
	}
	if name == "" || name[0] == '!' {
		return ""
	}
	return name
}

func closes(tag []byte, name string) bool { return string(tag) == "</"+name+">" }

// marked reports whether the tag that was written last says its language.
func marked(out *bytes.Buffer) bool {
	b := out.Bytes()
	tag := b[max(bytes.LastIndexByte(b, '<'), 0):]
	return bytes.Contains(tag, []byte(` lang="`)) && !bytes.HasPrefix(tag, []byte("<html"))
}

// japanese returns where the Japanese of a text begins and ends.
func japanese(words []byte) (from, to int) {
	for i := 0; i < len(words); {
		r, n := utf8.DecodeRune(words[i:])
		if r >= 0x2E80 && (unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r >= 0x3000 && r < 0x3100 || r >= 0xFF00 && r < 0xFFF0) {
			if to == 0 {
				from = i
			}
			to = i + n
		}
		i += n
	}
	return from, to
}

// latin reports whether a text has words of another language beside Japanese.
func latin(words []byte) bool {
	return bytes.ContainsFunc(words, func(r rune) bool { return r >= 'a' && r <= 'z' })
}
