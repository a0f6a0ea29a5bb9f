// Package blob keeps attachments by the hash of their content: in a local
// folder, or in an S3-compatible store for clusters. A content is written once
// and never changed; equal files are one file.
package blob

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"

	"github.com/gabriel-vasile/mimetype"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// MaxSize is the largest attachment in bytes: 20 MiB.
const MaxSize = 20 << 20

var (
	// ErrTypeNotAllowed refuses a content that is not of an allowed type.
	ErrTypeNotAllowed = fault.New(fault.Invalid, "FILE_TYPE_NOT_ALLOWED", "添付できるのは PDF、Word（docx）、Excel（xlsx）、JPEG、PNG のファイルです。マクロ付きのファイルは添付できません。", "Attach PDF, DOCX, XLSX, JPEG or PNG files; files with macros are refused.")
	// ErrEmpty refuses a file without content.
	ErrEmpty = fault.New(fault.Invalid, "FILE_EMPTY", "ファイルが空です。内容のあるファイルを選んでください。", "The file is empty.")
)

// ErrLost is a content that is not where it was stored.
var ErrLost = errors.New("content is lost")

// allowed are the media types that may be attached, as sniffed.
var allowed = []string{
	"application/pdf",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	"image/jpeg",
	"image/png",
}

// Info describes a stored content.
type Info struct {
	SHA256    string // Lower-case hexadecimal.
	Size      int64  // Bytes.
	MediaType string // As found in the content, one of the allowed types.
}

// backend is where contents lie: a folder or an S3 bucket.
type backend interface {
	has(ctx context.Context, sha string) (bool, error)
	put(ctx context.Context, sha string, f *os.File, size int64) error
	open(ctx context.Context, sha string) (io.ReadCloser, error)
}

// Store keeps contents. It is safe for concurrent use.
type Store struct {
	backend backend
	temp    string // Folder for uploads in progress; "" for the system's.
}

// Put reads r to its end, checks size and type and stores the content. Memory
// stays flat. Errors: PAYLOAD_TOO_LARGE, FILE_EMPTY, FILE_TYPE_NOT_ALLOWED,
// STORAGE_FULL.
func (s *Store) Put(ctx context.Context, r io.Reader) (Info, error) {
	f, err := os.CreateTemp(s.temp, "upload-*")
	if err != nil {
		return Info{}, fmt.Errorf("attachment: %w", err)
	}
	defer func() {
		_ = f.Close() // a copy of what was kept
		_ = os.Remove(f.Name())
	}()
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), io.LimitReader(r, MaxSize+1))
	switch {
	case err != nil:
		return Info{}, full(err)
	case n > MaxSize:
		return Info{}, fault.ErrPayloadTooLarge.With("limit", "20971520")
	case n == 0:
		return Info{}, ErrEmpty
	}
	info := Info{SHA256: hex.EncodeToString(h.Sum(nil)), Size: n}
	if info.MediaType, err = sniff(f, n); err != nil {
		return Info{}, err
	}
	return info, s.keep(ctx, info, f)
}

func (s *Store) keep(ctx context.Context, info Info, f *os.File) error {
	there, err := s.backend.has(ctx, info.SHA256)
	if err != nil || there {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("attachment: %w", err)
	}
	return s.backend.put(ctx, info.SHA256, f, info.Size)
}

// full turns a full disk into its refusal.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fault.ErrStorageFull.Because(err)
	}
	return fmt.Errorf("attachment: %w", err)
}

// Open returns a content that was stored. Errors: ErrLost, which is not the
// caller's mistake.
func (s *Store) Open(ctx context.Context, sha string) (io.ReadCloser, error) {
	if len(sha) != 2*sha256.Size || strings.Trim(sha, "0123456789abcdef") != "" {
		return nil, fmt.Errorf("content %q: %w", sha, ErrLost)
	}
	return s.backend.open(ctx, sha)
}

// sniff finds the media type in the content itself; the name and the type that
// the client sent prove nothing.
func sniff(f *os.File, size int64) (string, error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return "", fmt.Errorf("attachment: %w", err)
	}
	m, err := mimetype.DetectReader(f)
	if err != nil {
		return "", fmt.Errorf("attachment: %w", err)
	}
	media, _, _ := strings.Cut(m.String(), ";")
	if !slices.Contains(allowed, media) {
		return "", ErrTypeNotAllowed.With("found", media)
	}
	if strings.HasPrefix(media, "application/vnd.openxmlformats") {
		if err := refuseMacros(f, size); err != nil {
			return "", err
		}
	}
	return media, nil
}

// refuseMacros looks for a VBA project in an Office Open XML file.
func refuseMacros(f *os.File, size int64) error {
	z, err := zip.NewReader(f, size)
	if errors.Is(err, zip.ErrFormat) || err == nil && len(z.File) == 0 {
		return ErrTypeNotAllowed
	}
	if err != nil {
		return ErrTypeNotAllowed.Because(err)
	}
	for _, e := range z.File {
		if strings.EqualFold(path.Base(e.Name), "vbaProject.bin") {
			return ErrTypeNotAllowed.With("found", "macro")
		}
	}
	return nil
}
