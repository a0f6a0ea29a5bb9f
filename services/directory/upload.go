package directory

import (
	"errors"
	"fmt"
	"io"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// chunkSize is the content of one message of a download in bytes.
const chunkSize = 64 << 10

// uploadPart is one message of an upload.
type uploadPart interface{ GetContent() []byte }

// uploadReader reads the content of an upload behind its header.
type uploadReader[P uploadPart] struct {
	stream interface{ Recv() (P, error) }
	rest   []byte
}

// Read implements io.Reader; the end of the stream is the end of the content. A
// second header has no content, and the messages' form refuses empty ones.
func (r *uploadReader[P]) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		m, err := r.stream.Recv()
		if err != nil { // io.EOF at the end
			return 0, err
		}
		r.rest = m.GetContent()
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// headerMissing is the refusal of an upload that does not begin with its header;
// err is what Recv answered.
func headerMissing(err error) error {
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return fault.ErrInvalidField.On(fault.Missing("header"))
}

// eachChunk hands on a content in pieces of at most 64 KiB.
func eachChunk(content io.Reader, send func([]byte) error) error {
	for {
		chunk := make([]byte, chunkSize) // the transport may keep it
		n, err := io.ReadFull(content, chunk)
		if n > 0 {
			if err := send(chunk[:n]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil
		case err != nil:
			return fmt.Errorf("read document: %w", err)
		}
	}
}
