package jp

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u0085", "\n", "\u2028", "\n", "\u2029", "\n")

// Clean returns text as it is stored: Unicode NFC, line ends as LF, white space cut at both ends (U+3000 too). It
// keeps ㈱, ①, full width and every other form of a name as it was typed. It does not remove forbidden characters:
// ask ForbiddenRune.
func Clean(s string) string {
	return strings.TrimSpace(norm.NFC.String(lineEnds.Replace(s)))
}

// ForbiddenRune returns the first character that stored text must not hold, and whether there is one: control
// characters C0 and C1, the bidirectional embeddings, overrides and isolates U+202A–U+202E and U+2066–U+2069, the
// Unicode noncharacters, and bytes that are no UTF-8 (reported as U+FFFD). Text of several lines may hold LF and TAB;
// call Clean first, so that CR is gone.
func ForbiddenRune(s string, multiline bool) (r rune, found bool) {
	for i, r := range s {
		switch {
		case r == '\n' || r == '\t':
			if !multiline {
				return r, true
			}
		case r < 0x20, r >= 0x7F && r <= 0x9F,
			r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069,
			r >= 0xFDD0 && r <= 0xFDEF, r&0xFFFE == 0xFFFE:
			return r, true
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return r, true
			}
		}
	}
	return 0, false
}

// halfWidth prepares numbers, codes and dates for reading: NFKC, every sign people type for a hyphen as "-", and
// white space cut at both ends.
func halfWidth(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if hyphenLike(r) {
			return '-'
		}
		return r
	}, norm.NFKC.String(s)))
}

// hyphenLike reports whether people type r where a hyphen or a long vowel mark is meant: hyphens, dashes, the minus
// sign, the horizontal box line and the long vowel mark, in the forms that NFKC leaves.
func hyphenLike(r rune) bool {
	switch r {
	case '-', 'ー', '\u2212', '\u2500', '\uFF0D', '\uFF70':
		return true
	}
	return r >= '\u2010' && r <= '\u2015'
}
