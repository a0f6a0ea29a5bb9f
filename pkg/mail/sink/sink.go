// Package sink is a mail server for development: it takes every mail, keeps it
// in a folder and shows it on a page. Nothing leaves the machine.
package sink

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

const (
	maxMail = 5 << 20
	keep    = 1000 // Mails; older ones go.
	suffix  = ".eml"
)

// Sink is a running mail server on a loopback address.
type Sink struct {
	// Address is where it listens, host:port.
	Address string

	dir    string
	server *smtp.Server
	mu     sync.Mutex
	last   int
}

// Start listens on a free loopback port and keeps mails in dir, which is made
// when missing.
func Start(dir string) (*Sink, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("mail sink: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("mail sink: %w", err)
	}
	s := &Sink{Address: listener.Addr().String(), dir: dir}
	names, err := s.names()
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	if len(names) > 0 {
		if _, err := fmt.Sscanf(names[len(names)-1], "%d", &s.last); err != nil {
			return nil, errors.Join(fmt.Errorf("mail sink: %s: %w", names[len(names)-1], err), listener.Close())
		}
	}
	s.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{sink: s}, nil }))
	s.server.Domain = "localhost"
	s.server.MaxMessageBytes = maxMail
	s.server.MaxRecipients = 1
	s.server.ReadTimeout, s.server.WriteTimeout = time.Minute, time.Minute
	go func() { _ = s.server.Serve(listener) }() // ends with Close
	return s, nil
}

// Close stops listening; the mails stay in their folder.
func (s *Sink) Close() error { return s.server.Close() }

// names lists the files, oldest first.
func (s *Sink) names() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("mail sink: %w", err)
	}
	var out []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), suffix) {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out, nil
}

// store writes one mail, whole or not at all, and drops the oldest.
func (s *Sink) store(raw []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	path := s.path(s.last)
	if err := os.WriteFile(path+".part", raw, 0o600); err != nil {
		return err
	}
	if err := os.Rename(path+".part", path); err != nil {
		return err
	}
	if err := os.Remove(s.path(s.last - keep)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

func (s *Sink) path(n int) string { return filepath.Join(s.dir, fmt.Sprintf("%09d%s", n, suffix)) }

// session is one conversation.
type session struct {
	sink *Sink
	to   string
}

// Mail takes every sender.
func (c *session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt takes every recipient.
func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.to = to
	return nil
}

// Data takes the mail.
func (c *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	return c.sink.store(append([]byte("X-Envelope-To: "+c.to+"\r\n"), raw...))
}

// Reset forgets the recipient.
func (c *session) Reset() { c.to = "" }

// Logout ends the conversation.
func (c *session) Logout() error { return nil }
