package jp

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/unicode/norm"
)

// ErrTextEncoding is the refusal of DecodeText.
var ErrTextEncoding = &ParseError{
	Reason: "INVALID_TEXT_ENCODING",
	Ja:     "文字コードを読み取れません。UTF-8 または Shift_JIS で保存し直してください。",
	En:     "The character encoding cannot be read. Save the file as UTF-8 or Shift_JIS.",
}

// Charset is a character encoding of files that people hand in.
type Charset string

// The encodings DecodeText knows.
const (
	// UTF8 is UTF-8 without byte order mark.
	UTF8 Charset = "UTF-8"
	// UTF8BOM is UTF-8 with a byte order mark, as spreadsheets write it.
	UTF8BOM Charset = "UTF-8 with BOM"
	// CP932 is Windows Shift_JIS.
	CP932 Charset = "CP932"
)

// geta (〓) stands for what CP932 cannot hold, as newspapers do.
const geta = "〓"

// cp932Forms are characters with a twin in CP932 that looks the same.
var cp932Forms = strings.NewReplacer(
	"〜", "～", "−", "－", "—", "―", "‖", "∥", "¥", "￥", "㋿", "令和")

// ToCP932 encodes text in CP932 (Windows Shift_JIS) for spreadsheets of the staff. Characters with a twin in CP932 are
// replaced by it (〜 by ～, ㋿ by 令和); the others become 〓 and are returned in the order found, once each, for a
// report to the person who exports. unmappable is nil when nothing was lost.
func ToCP932(s string) (encoded []byte, unmappable []rune) {
	s = cp932Forms.Replace(norm.NFC.String(s))
	encoder := japanese.ShiftJIS.NewEncoder()
	if encoded, err := encoder.Bytes([]byte(s)); err == nil && utf8.ValidString(s) {
		return encoded, nil
	}
	encoded = make([]byte, 0, len(s))
	seen := make(map[rune]bool)
	for _, r := range s {
		if r < utf8.RuneSelf {
			encoded = append(encoded, byte(r))
			continue
		}
		char, err := encoder.Bytes([]byte(string(r)))
		if err != nil || r == utf8.RuneError {
			char, _ = encoder.Bytes([]byte(geta))
			if !seen[r] {
				seen[r] = true
				unmappable = append(unmappable, r)
			}
		}
		encoded = append(encoded, char...)
	}
	return encoded, unmappable
}

// DecodeText reads a file whose encoding is not known: UTF-8 when it has the byte order mark, which is removed, or is
// valid UTF-8; else CP932. It is refused with ErrTextEncoding when it is none of them.
func DecodeText(b []byte) (text string, charset Charset, err error) {
	if rest, ok := bytes.CutPrefix(b, []byte("\uFEFF")); ok {
		if !utf8.Valid(rest) {
			return "", "", ErrTextEncoding
		}
		return string(rest), UTF8BOM, nil
	}
	if utf8.Valid(b) {
		return string(b), UTF8, nil
	}
	decoded, err := japanese.ShiftJIS.NewDecoder().Bytes(b)
	if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
		return "", "", ErrTextEncoding
	}
	return string(decoded), CP932, nil
}
