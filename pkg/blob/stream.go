package blob

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// pieceSize is the content of one message of a download in bytes.
const pieceSize = 64 << 10

// errHeaderRepeated refuses an upload whose header comes again.
var errHeaderRepeated = fault.ErrInvalidField.On(fault.Wrong("header", "ヘッダーは最初に一度だけ送ってください。", "Send the header once, as the first message."))

// Header takes the first message of an upload, which is its header. Errors:
// INVALID_FIELD.
func Header[H comparable, M interface{ GetHeader() H }](recv func() (M, error)) (H, error) {
	var none H
	first, err := recv()
	if err != nil && !errors.Is(err, io.EOF) {
		return none, err
	}
	if first.GetHeader() == none {
		return none, fault.ErrInvalidField.On(fault.Missing("header"))
	}
	return first.GetHeader(), nil
}

// Content is what an upload brings after its header. Errors of Read: INVALID_FIELD
// for a second header.
func Content[H comparable, M interface {
	GetHeader() H
	GetContent() []byte
}](recv func() (M, error)) *Pieces {
	return &Pieces{Next: func() ([]byte, error) {
		var none H
		m, err := recv()
		if err == nil && m.GetHeader() != none {
			err = errHeaderRepeated
		}
		return m.GetContent(), err // io.EOF at the end
	}}
}

// Pieces reads a content that comes in pieces: next answers one, and io.EOF after
// the last.
type Pieces struct {
	Next func() ([]byte, error)
	rest []byte
}

// Read implements io.Reader.
func (p *Pieces) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		piece, err := p.Next()
		if err != nil {
			return 0, err
		}
		p.rest = piece
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// Send gives a content on in pieces of at most 64 KiB, each in memory of its own.
func Send(content io.Reader, send func(piece []byte) error) error {
	for {
		piece := make([]byte, pieceSize) // the transport may keep it
		n, err := io.ReadFull(content, piece)
		if n > 0 {
			if err := send(piece[:n]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return fmt.Errorf("read attachment: %w", err)
		}
	}
}

// FileName returns the name that was sent in the header without folders, as the
// file is offered for download. Errors: FORBIDDEN_CHARACTER, INVALID_FIELD.
func FileName(sent string) (string, error) {
	name := jp.Clean(sent[strings.LastIndexAny(sent, `/\`)+1:])
	if _, bad := jp.ForbiddenRune(name, false); bad {
		return "", fault.ErrForbiddenCharacter.OnPath("header.fileName")
	}
	if strings.Trim(name, ". ") == "" {
		return "", fault.ErrInvalidField.On(fault.Missing("header.fileName"))
	}
	return name, nil
}
