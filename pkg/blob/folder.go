package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// folder keeps contents as files dir/ab/abcdef….
type folder struct{ dir string }

// NewFolder returns a store in dir, which it makes.
func NewFolder(dir string) (*Store, error) {
	temp := filepath.Join(dir, "incoming")
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return nil, fmt.Errorf("attachments: %w", err)
	}
	return &Store{backend: folder{dir}, temp: temp}, nil
}

func (b folder) path(sha string) string { return filepath.Join(b.dir, sha[:2], sha) }

func (b folder) has(_ context.Context, sha string) (bool, error) {
	_, err := os.Stat(b.path(sha))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// put syncs the file before it gets its name, so that a name always leads to
// the whole content.
func (b folder) put(_ context.Context, sha string, f *os.File, _ int64) error {
	if err := f.Sync(); err != nil {
		return full(err)
	}
	if err := os.MkdirAll(filepath.Dir(b.path(sha)), 0o700); err != nil {
		return full(err)
	}
	if err := os.Link(f.Name(), b.path(sha)); err != nil && !errors.Is(err, fs.ErrExist) {
		return full(err)
	}
	return syncFolder(filepath.Dir(b.path(sha)))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("attachment: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

func (b folder) open(_ context.Context, sha string) (io.ReadCloser, error) {
	f, err := os.Open(b.path(sha))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrLost, err)
	}
	return f, err
}
