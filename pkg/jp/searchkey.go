package jp

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// SearchKey returns the form in which texts are compared and searched: NFKC, lower case, hiragana as
// katakana, 異体字 folded (see FoldVariants), hyphens and dashes after kana as the long vowel mark, and neither
// spaces, punctuation, control characters, variation selectors nor tilde. SearchKey(SearchKey(s)) == SearchKey(s).
//
// A search key serves indexes only. It is never shown and never stored in place of the text.
func SearchKey(s string) string {
	var small [192]byte
	buf := small[:0]
	if len(s) > len(small) {
		buf = make([]byte, 0, len(s))
	}
	if keyWithoutNFKC(s) {
		return keepOr(s, appendKey(buf, s))
	}
	// Dropping a character can bring a base and its mark together, which NFKC then composes: repeat until it rests.
	// Each turn but the first shortens or composes, so that two or three turns are the rule.
	key := s
	for range 8 {
		next := keepOr(key, appendKey(buf, norm.NFKC.String(key)))
		if next == key || keyWithoutNFKC(next) {
			return next
		}
		key = next
	}
	return key
}

// keepOr returns s when it equals key, which saves the copy.
func keepOr(s string, key []byte) string {
	if string(key) == s {
		return s
	}
	return string(key)
}

// keyWithoutNFKC reports whether appendKey alone makes the search key: the text has only ASCII, its full-width forms,
// kana without loose voicing marks, CJK brackets and unified ideographs, none of which compose.
func keyWithoutNFKC(s string) bool {
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf,
			r >= 0x4E00 && r <= 0x9FFF,
			r >= 0x3041 && r <= 0x3096, r == 'ゝ', r == 'ゞ',
			r >= 0x30A0 && r <= 0x30FE,
			r >= 0x3000 && r <= 0x3003, r >= 0x3008 && r <= 0x3011, r >= 0x3014 && r <= 0x301C,
			r >= 0xFF01 && r <= 0xFF5E:
		default:
			return false
		}
	}
	return true
}

// appendKey appends the search key of a text in NFKC.
func appendKey(dst []byte, s string) []byte {
	afterKana := false
	for _, r := range s {
		r = keyRune(r, afterKana)
		if r >= 0 {
			dst = utf8.AppendRune(dst, r)
		}
		afterKana = katakana(r) || afterKana && voicing(r)
	}
	return dst
}

// keyRune returns the rune of the search key, or -1 when r is dropped.
func keyRune(r rune, afterKana bool) rune {
	if r >= 0xFF01 && r <= 0xFF5E {
		r -= 0xFF01 - '!'
	}
	switch {
	case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
		return r
	case r >= 'A' && r <= 'Z':
		return r + ('a' - 'A')
	case r >= 0x3041 && r <= 0x3096, r == 'ゝ', r == 'ゞ':
		return r + ('ァ' - 'ぁ')
	case hyphenLike(r):
		if afterKana {
			return 'ー'
		}
		return -1
	case katakana(r):
		return r
	case r >= 0x4E00 && r <= 0x9FFF:
		return foldVariant(r)
	case r == '~', r == utf8.RuneError,
		unicode.Is(unicode.Variation_Selector, r),
		unicode.In(r, unicode.Z, unicode.P, unicode.C):
		return -1
	}
	return foldVariant(unicode.ToLower(r))
}

// katakana reports whether r is a full-width katakana letter, an iteration mark or the long vowel mark.
func katakana(r rune) bool {
	return r >= 0x30A1 && r <= 0x30FA || r >= 0x30FC && r <= 0x30FE || r >= 0x31F0 && r <= 0x31FF
}

// voicing reports whether r is a combining voicing mark, which only a kana that has no voiced form keeps.
func voicing(r rune) bool { return r == '\u3099' || r == '\u309A' }
