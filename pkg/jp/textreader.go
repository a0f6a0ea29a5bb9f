package jp

import (
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/transform"
)

// Sniffer finds the encoding of a file that is written to it in pieces, by the
// rules of DecodeText. The zero Sniffer has seen nothing.
type Sniffer struct {
	begun   bool
	bom     bool
	invalid bool   // As UTF-8.
	rest    []byte // Beginning of a character that the next piece ends.
}

const byteOrderMark = "\uFEFF"

// Write implements io.Writer and never fails.
func (s *Sniffer) Write(p []byte) (int, error) {
	n := len(p)
	if s.invalid {
		return n, nil
	}
	p = append(s.rest, p...)
	if !s.begun && len(p) >= len(byteOrderMark) {
		s.begun, s.bom = true, string(p[:len(byteOrderMark)]) == byteOrderMark
	}
	end := len(p)
	for i := end - 1; i >= 0 && i >= end-utf8.UTFMax; i-- {
		if utf8.RuneStart(p[i]) {
			if !utf8.FullRune(p[i:]) {
				end = i
			}
			break
		}
	}
	if !s.begun {
		end = 0
	}
	s.invalid = !utf8.Valid(p[:end])
	s.rest = append([]byte(nil), p[end:]...)
	return n, nil
}

// Charset is the encoding of what was written, taken as the whole file.
func (s *Sniffer) Charset() Charset {
	switch {
	case s.bom:
		return UTF8BOM
	case s.invalid || !utf8.Valid(s.rest):
		return CP932
	default:
		return UTF8
	}
}

// NewTextReader reads a file of the encoding as UTF-8 without byte order mark.
// What cannot be decoded becomes U+FFFD.
func NewTextReader(r io.Reader, c Charset) io.Reader {
	switch c {
	case CP932:
		return transform.NewReader(r, japanese.ShiftJIS.NewDecoder())
	case UTF8BOM:
		_, _ = io.CopyN(io.Discard, r, int64(len(byteOrderMark))) // the next Read tells
	}
	return r
}
