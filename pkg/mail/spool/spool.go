// Package spool remembers of each mail of a batch how far it got, where a process
// that is killed leaves it: in a file that is mapped into memory, so that a mark costs
// no system call and is there however the process ends. It does not outlive the
// machine's losing its power.
package spool

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// State is how far a mail got.
type State byte

// The states, in their order.
const (
	Waiting State = iota // Nothing of it was sent, or not to its end.
	Handed               // Its end was written; the answer was not read.
	Taken                // The server took it.
	Refused              // The server did not take it.
)

// ID names a mail: the bytes of a UUID.
type ID [16]byte

// Record is one mail of a batch.
type Record struct {
	ID    ID
	State State
}

const (
	recordSize = len(ID{}) + 1
	suffix     = ".batch"
)

// Batch is the record of a batch under way. Its methods may be used concurrently for
// different mails.
type Batch struct {
	file *os.File
	data []byte
}

// Create begins the record of a batch of at most size mails in dir, which is made
// when missing. It is locked until Close or the end of the process.
func Create(dir, name string, size int) (*Batch, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, name+suffix), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	b := &Batch{file: f}
	if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
		err = f.Truncate(int64(size * recordSize))
	}
	if err == nil {
		b.data, err = syscall.Mmap(int(f.Fd()), 0, size*recordSize, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("spool: %w", err), f.Close(), os.Remove(f.Name()))
	}
	return b, nil
}

// Name names the i-th mail.
func (b *Batch) Name(i int, id ID) { copy(b.data[i*recordSize:], id[:]) }

// Mark notes how far the i-th mail got.
func (b *Batch) Mark(i int, s State) { b.data[(i+1)*recordSize-1] = byte(s) }

// Close ends the record: everything in it is written elsewhere.
func (b *Batch) Close() error {
	return errors.Join(syscall.Munmap(b.data), os.Remove(b.file.Name()), b.file.Close())
}

// Leave lets go of the record as it is: not everything in it is written elsewhere, and
// Find finds it.
func (b *Batch) Leave() error { return errors.Join(syscall.Munmap(b.data), b.file.Close()) }

// Left is the record of a batch whose process has ended. It is locked until Close.
type Left struct {
	Name    string
	Records []Record
	file    *os.File
}

// Find returns the records in dir that no living process holds.
func Find(dir string) ([]*Left, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	var out []*Left
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), suffix)
		if !ok {
			continue
		}
		l, err := open(filepath.Join(dir, e.Name()), name)
		if err != nil {
			return out, err
		}
		if l != nil {
			out = append(out, l)
		}
	}
	return out, nil
}

// open reads a record; nil for one that is held, or ended meanwhile.
func open(path, name string) (*Left, error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return nil, f.Close()
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("spool: %w", err), f.Close())
	}
	l := &Left{Name: name, file: f}
	for ; len(raw) >= recordSize; raw = raw[recordSize:] {
		r := Record{State: State(raw[recordSize-1])}
		copy(r.ID[:], raw)
		if !bytes.Equal(r.ID[:], make([]byte, len(r.ID))) {
			l.Records = append(l.Records, r)
		}
	}
	return l, nil
}

// Close removes the record: everything in it is written elsewhere.
func (l *Left) Close() error { return errors.Join(os.Remove(l.file.Name()), l.file.Close()) }

// Release gives the record back as it is, to be found again.
func (l *Left) Release() error { return l.file.Close() }
