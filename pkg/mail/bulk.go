package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// ErrUnanswered says that a mail was handed over whole and that the conversation
// ended before the server's answer: it has most likely taken it. Another try may
// be a second mail.
var ErrUnanswered = errors.New("the mail server did not answer after the mail")

// ErrUnreached says that no conversation with the server began.
var ErrUnreached = errors.New("the mail server cannot be reached")

// Refusal is the server's no to one mail; the conversation goes on.
type Refusal struct {
	// Code is that of the answer, from 400 on.
	Code int
	// NoMailbox says that the server knows of no such recipient (RFC 3463, 5.1.x).
	NoMailbox bool
}

// Error names the code.
func (r *Refusal) Error() string { return fmt.Sprintf("the mail server answered %d", r.Code) }

// Permanent reports whether another try is of no use.
func (r *Refusal) Permanent() bool { return r.Code >= 500 }

// Bulk is one conversation with the server over which mails go one after the
// other. It is for one goroutine.
type Bulk struct {
	sender    *Sender
	client    *smtp.Client
	gate      *gate
	pipelined bool
	body      []byte
}

const bulkTime = 30 * time.Second // For one mail.

// Bulk opens a conversation. Errors: ErrNoServer, ErrUnreached.
func (s *Sender) Bulk(ctx context.Context) (*Bulk, error) {
	if s == nil {
		return nil, ErrNoServer
	}
	b := &Bulk{sender: s}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		tcp, ok := c.(*net.TCPConn)
		if !ok {
			return nil, errors.Join(fmt.Errorf("%s is not TCP", network), c.Close())
		}
		if b.gate, err = newGate(tcp); err != nil {
			return nil, errors.Join(err, c.Close())
		}
		if s.implicit {
			return tls.Client(b.gate, &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}), nil
		}
		return b.gate, nil
	}
	client, err := gomail.NewClient(s.host, append(s.options[:len(s.options):len(s.options)], gomail.WithDialContextFunc(dial))...)
	if err != nil {
		return nil, err
	}
	if b.client, err = client.DialToSMTPClientWithContext(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreached, err)
	}
	b.pipelined, _ = b.client.Extension("PIPELINING")
	return b, nil
}

// Send hands one letter to the server. mark is called with true at the last moment
// before the end of the mail is written, from which on the server may have taken it,
// and with false when it was not written after all. A nil error means that the server
// took it. Errors: ErrRefused for an address that is none, *Refusal, ErrUnanswered;
// after any other one, and ErrUnanswered, the conversation is over.
func (b *Bulk) Send(ctx context.Context, e *Edition, l Letter, mark func(handed bool)) error {
	if l.To == "" || strings.ContainsAny(l.To, " <>\r\n\t\x00") {
		return ErrRefused
	}
	if err := b.sender.pace(ctx); err != nil {
		return err
	}
	if err := b.client.UpdateDeadline(bulkTime); err != nil {
		return err
	}
	if err := b.open(l); err != nil {
		return err
	}
	b.body = e.append(b.body[:0], l)
	text := b.client.Text
	if _, err := text.W.Write(b.body); err != nil {
		return err
	}
	if err := text.W.Flush(); err != nil {
		return err
	}
	handed := false
	b.gate.mark = func(on bool) {
		handed = on
		mark(on)
	}
	_, err := text.W.WriteString(".\r\n")
	if err == nil {
		err = text.W.Flush()
	}
	if err == nil {
		err = refusal(expect(text, 250))
	}
	var no *Refusal
	if err != nil && handed && !errors.As(err, &no) {
		return fmt.Errorf("%w: %w", ErrUnanswered, err)
	}
	return err
}

// open begins a mail: in one round trip where the server takes commands together
// (RFC 2920).
func (b *Bulk) open(l Letter) error {
	steps := []step{{"MAIL FROM:<" + l.ReturnPath + ">", 250}, {"RCPT TO:<" + l.To + ">", 25}, {"DATA", 354}}
	together := 1
	if b.pipelined {
		together = len(steps)
	}
	var first, last error
	for group := range slices.Chunk(steps, together) {
		if err := b.write(group...); err != nil {
			return err
		}
		for _, s := range group {
			last = expect(b.client.Text, s.code)
			if first == nil {
				first = last
			}
		}
		if first != nil {
			break
		}
	}
	if first == nil {
		return nil
	}
	if !isRefusal(refusal(first)) {
		return first
	}
	if last == nil { // It waits for the text of a mail to nobody: there is none.
		if err := b.command(step{".", 250}); err != nil && !isRefusal(refusal(err)) {
			return err
		}
	}
	if err := b.command(step{"RSET", 250}); err != nil {
		return err
	}
	return refusal(first)
}

// step is a command with the code of its success.
type step struct {
	command string
	code    int
}

func (b *Bulk) write(steps ...step) error {
	for _, s := range steps {
		if _, err := b.client.Text.W.WriteString(s.command + "\r\n"); err != nil {
			return err
		}
	}
	return b.client.Text.W.Flush()
}

func (b *Bulk) command(s step) error {
	if err := b.write(s); err != nil {
		return err
	}
	return expect(b.client.Text, s.code)
}

func expect(text *textproto.Conn, code int) error {
	_, _, err := text.ReadResponse(code)
	return err
}

// refusal is the server's no as a Refusal; one with which it ends the conversation
// (421), and everything else, stays what it is.
func refusal(err error) error {
	var answer *textproto.Error
	if !errors.As(err, &answer) || answer.Code < 400 || answer.Code == 421 {
		return err
	}
	return &Refusal{Code: answer.Code, NoMailbox: strings.HasPrefix(answer.Msg, "5.1.")}
}

func isRefusal(err error) bool {
	var no *Refusal
	return errors.As(err, &no)
}

// Close ends the conversation.
func (b *Bulk) Close() {
	if b.client.Quit() != nil { // the server may have closed it first
		_ = b.client.Close()
	}
}
