package outreach

import (
	"html"
	"net/url"
	"strings"
	"unicode"

	"github.com/microcosm-cc/bluemonday"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// tagless takes every tag out of a text of somebody else, and scripts and styles
// with what is in them.
var tagless = bluemonday.StrictPolicy().AddSpaceWhenStrippingTag(true)

// foreignText is a text of somebody else as plain text: no tag however often it was
// escaped, no character that is not allowed, one line, at most n characters.
func foreignText(s string, n int) string {
	const escapes = 5
	for i := 0; ; i++ {
		plain := html.UnescapeString(tagless.Sanitize(s))
		if plain == s {
			break
		}
		s = plain
		if i == escapes { // Escaped to tire readers: nothing of it may be a tag.
			s = strings.NewReplacer("<", "", ">", "", "&", "").Replace(s)
			break
		}
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if _, bad := jp.ForbiddenRune(string(r), false); bad {
			return -1
		}
		return r
	}, jp.Clean(s))
	return cut(strings.Join(strings.Fields(s), " "), n)
}

// cut is a text of at most n characters, with … where it was longer.
func cut(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	return string(runes[:n-1]) + "…"
}

const maxForeignURL = 1000

// foreignURL is an address of somebody else that may stand in a link: absolute, http
// or https, without credentials. Anything else is none. A relative one is one of
// base.
func foreignURL(raw, base string) string {
	from, err := url.Parse(base)
	if err != nil {
		return ""
	}
	u, err := from.Parse(strings.TrimSpace(raw))
	if err != nil || raw == "" || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return ""
	}
	if s := u.String(); len(s) <= maxForeignURL {
		return s
	}
	return ""
}
