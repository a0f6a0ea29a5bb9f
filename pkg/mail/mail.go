// Package mail sends mails by SMTP (RFC 5321), one recipient a message.
package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
	"golang.org/x/time/rate"
)

// Message is a mail to one recipient; nobody else ever sees the address.
type Message struct {
	// To is the recipient's address, without a name.
	To string
	// Subject is one line of text.
	Subject string
	// Text is the plain body; every mail has one.
	Text string
	// HTML says the same as a page, or "" for none.
	HTML string
	// ID makes the Message-ID the same on every try: a UUID.
	ID string
	// Unsubscribe is the address of one-click unsubscription (RFC 8058), or "".
	Unsubscribe string
	// Time is the date of the mail.
	Time time.Time
}

var (
	// ErrRefused says that the server refused the recipient or the message for
	// good (5yz), or that the address is none: another try is of no use.
	ErrRefused = errors.New("the mail was refused for good")
	// ErrNoServer says that no mail server is configured.
	ErrNoServer = errors.New("no mail server is configured")
)

// Config says how mails leave.
type Config struct {
	// Address is host:port of the server. Port 465 speaks TLS at once, every
	// other one STARTTLS; a loopback address may do without.
	Address string
	// From is the sender's address, Name the name shown with it.
	From, Name string
	// User and Password sign in at the server; empty for none.
	User, Password string
	// Connections is how many connections stay open; zero for 2.
	Connections int
	// BulkRate bounds the mails of Bulk a second, over all conversations; zero for
	// no bound.
	BulkRate int
	// Spool is a folder of this machine for what is known of mails under way, which a
	// process that is killed leaves to the next; "" for none.
	Spool string
}

// Sender sends mails by one server over a few connections that it keeps. It is
// safe for concurrent use.
type Sender struct {
	config   Config
	client   *gomail.Client
	idle     chan *smtp.Client
	host     string
	options  []gomail.Option
	implicit bool // TLS at once.
	limiter  *rate.Limiter
}

const (
	dialTime     = 10 * time.Second
	implicitPort = 465 // Port of TLS without STARTTLS (RFC 8314).
)

// New prepares a sender; it connects when the first mail is sent. Errors: an
// address that is none.
func New(c Config) (*Sender, error) {
	host, portText, err := net.SplitHostPort(c.Address)
	if err != nil {
		return nil, fmt.Errorf("mail server %q: %w", c.Address, err)
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, fmt.Errorf("mail server %q: %w", c.Address, err)
	}
	options := []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(dialTime), gomail.WithoutNoop(), gomail.WithTLSPolicy(gomail.TLSMandatory)}
	switch {
	case port == implicitPort:
		options = append(options, gomail.WithSSL())
	case loopback(host):
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	}
	if c.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.User), gomail.WithPassword(c.Password))
	}
	client, err := gomail.NewClient(host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail server %q: %w", c.Address, err)
	}
	if c.Connections == 0 {
		c.Connections = 2
	}
	limit := rate.Inf
	if c.BulkRate > 0 {
		limit = rate.Limit(c.BulkRate)
	}
	return &Sender{
		config: c, client: client, idle: make(chan *smtp.Client, c.Connections), host: host, options: options,
		implicit: port == implicitPort, limiter: rate.NewLimiter(limit, 1),
	}, nil
}

// Spool is the folder for what is known of mails under way; "" for none.
func (s *Sender) Spool() string {
	if s == nil {
		return ""
	}
	return s.config.Spool
}

// From is the sender's address; "" without a server.
func (s *Sender) From() string {
	if s == nil {
		return ""
	}
	return s.config.From
}

// pace waits until the rate of bulk mails lets the next one go.
func (s *Sender) pace(ctx context.Context) error { return s.limiter.Wait(ctx) }

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// Send hands m to the server. A nil error means that the server took it. No
// error names the recipient. Errors: ErrRefused, ErrNoServer; any other passes
// by itself, and another try makes sense.
func (s *Sender) Send(ctx context.Context, m Message) error {
	if s == nil {
		return ErrNoServer
	}
	msg, err := s.compose(m)
	if err != nil {
		return err
	}
	conn, err := s.take(ctx)
	if err != nil {
		return fmt.Errorf("connect to the mail server: %w", err)
	}
	err = s.client.SendWithSMTPClient(conn, msg)
	if err == nil {
		s.give(conn)
		return nil
	}
	_ = conn.Close() // it is in an unknown state
	var answer *gomail.SendError
	if errors.As(err, &answer) && answer.ErrorCode() >= 500 {
		return fmt.Errorf("answer %d: %w", answer.ErrorCode(), ErrRefused)
	}
	if answer != nil {
		return fmt.Errorf("mail server answered %d at %v", answer.ErrorCode(), answer.Reason)
	}
	return errors.New("the mail server broke the conversation")
}

func (s *Sender) compose(m Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingB64), gomail.WithNoDefaultUserAgent())
	if err := msg.FromFormat(s.config.Name, s.config.From); err != nil {
		return nil, fmt.Errorf("sender %q: %w", s.config.From, err)
	}
	if msg.To(m.To) != nil {
		return nil, ErrRefused
	}
	msg.Subject(m.Subject)
	msg.SetDateWithValue(m.Time)
	msg.SetMessageIDWithValue(m.ID + "@" + domainOf(s.config.From))
	if m.Unsubscribe != "" {
		msg.SetGenHeader("List-Unsubscribe", "<"+m.Unsubscribe+">")
		msg.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	} else {
		msg.SetGenHeader("Auto-Submitted", "auto-generated")
	}
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	return msg, nil
}

// domainOf is what stands after the last @ of an address.
func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// take returns a connection that was left open and still answers, or a new one.
func (s *Sender) take(ctx context.Context) (*smtp.Client, error) {
	for {
		select {
		case conn := <-s.idle:
			if conn.Noop() == nil && conn.UpdateDeadline(dialTime) == nil {
				return conn, nil
			}
			_ = conn.Close() // the server closed it first
		default:
			return s.client.DialToSMTPClientWithContext(ctx)
		}
	}
}

func (s *Sender) give(conn *smtp.Client) {
	select {
	case s.idle <- conn:
	default:
		_ = conn.Quit() // one more than are kept
	}
}

// Close ends the connections that are open and idle.
func (s *Sender) Close() {
	for s != nil {
		select {
		case conn := <-s.idle:
			_ = conn.Quit() // the server may have closed it first
		default:
			return
		}
	}
}
