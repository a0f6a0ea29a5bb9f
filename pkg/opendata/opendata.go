// Package opendata writes CSV as Japan's open data asks for it (自治体標準
// オープンデータセット): UTF-8 with a byte order mark, CRLF, a header line, quotes
// only where they are needed, empty for unknown.
package opendata

import (
	"bufio"
	"io"
	"strings"
)

// Writer writes one CSV file. Its memory does not grow with the file.
type Writer struct {
	out   *bufio.Writer
	begun bool
}

// NewWriter returns a writer to out.
func NewWriter(out io.Writer) *Writer { return &Writer{out: bufio.NewWriterSize(out, 64<<10)} }

// Write adds a line; the first one is the header. A bufio.Writer keeps the first
// error and answers it again, so that Flush tells of all.
func (w *Writer) Write(cells []string) error {
	if !w.begun {
		w.begun = true
		_, _ = w.out.WriteString("\ufeff") // told by the last write
	}
	for i, cell := range cells {
		if i > 0 {
			_ = w.out.WriteByte(',') // told by the last write
		}
		w.cell(cell)
	}
	_, err := w.out.WriteString("\r\n")
	return err
}

// cell writes one value. Within quotes a line break of any kind is LF: a record
// ends with CRLF and nothing else does.
func (w *Writer) cell(v string) {
	if !strings.ContainsAny(v, ",\"\r\n") {
		_, _ = w.out.WriteString(v) // told by the last write of the line
		return
	}
	_ = w.out.WriteByte('"') // told by the last write of the line
	_, _ = replacer.WriteString(w.out, v)
	_ = w.out.WriteByte('"')
}

var replacer = strings.NewReplacer(`"`, `""`, "\r\n", "\n", "\r", "\n")

// Flush writes what is buffered and tells the first error of all writes.
func (w *Writer) Flush() error { return w.out.Flush() }

// Staff makes a cell harmless in a spreadsheet program, which would take a text
// that begins with = + - @, a tab or a line break for a formula. It is for the
// spreadsheets of ward staff only: open data carry values as they are.
func Staff(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(cell)[0]) {
		return "'" + cell
	}
	return cell
}
