// Package pdftest reads back the text of documents that package pdf wrote.
package pdftest

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
)

var (
	stream = regexp.MustCompile(`(?s)stream\n(.*?)\nendstream`)
	shows  = regexp.MustCompile(`(?s)\(((?:[^\\)]|\\.)*)\)\s*Tj`)
	escape = regexp.MustCompile(`(?s)\\(.)`)
)

// Text returns the text of all pages, a line for each piece of text. It fails
// the test when raw is no PDF.
func Text(t testing.TB, raw []byte) string {
	t.Helper()
	if !bytes.HasPrefix(raw, []byte("%PDF-")) || !bytes.HasSuffix(bytes.TrimSpace(raw), []byte("%%EOF")) {
		t.Fatalf("no PDF: %.40q", raw)
	}
	var out strings.Builder
	for _, m := range stream.FindAllSubmatch(raw, -1) {
		z, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue // not a page
		}
		page, err := io.ReadAll(z)
		if err != nil {
			t.Fatalf("page: %v", err)
		}
		for _, s := range shows.FindAllSubmatch(page, -1) {
			out.WriteString(decode(escape.ReplaceAllFunc(s[1], unescape)) + "\n")
		}
	}
	return out.String()
}

// unescape reads one escape sequence of a PDF string.
func unescape(b []byte) []byte {
	switch b[1] {
	case 'r':
		return []byte{'\r'}
	case 'n':
		return []byte{'\n'}
	}
	return b[1:]
}

// decode reads UTF-16BE.
func decode(b []byte) string {
	units := make([]uint16, len(b)/2)
	for i := range units {
		units[i] = uint16(b[2*i])<<8 | uint16(b[2*i+1])
	}
	return string(utf16.Decode(units))
}
