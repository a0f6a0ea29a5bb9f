// Package mail sends mails one recipient at a time over SMTP (RFC 5321).
package mail

import (
	"context"
	"errors"
)

// Message is a mail to one recipient; nobody else ever sees the address.
type Message struct {
	// To is the recipient's address, without a name.
	To string
	// Subject is one line of text.
	Subject string
	// Text is the plain body; every mail has one.
	Text string
	// HTML is the same as a page, or "" for none.
	HTML string
	// ID makes the Message-ID the same on every try: a UUID.
	ID string
	// Unsubscribe is the address of one-click unsubscription (RFC 8058), or "".
	Unsubscribe string
}

// ErrRefused says that the server refused the recipient or the message for good
// (5yz): another try is of no use.
var ErrRefused = errors.New("mail server refused the mail for good")

// Sender sends mails by one SMTP server.
type Sender struct{}

// Send hands m to the server. Errors: ErrRefused for a permanent refusal, any
// other error for one that passes.
func (s *Sender) Send(ctx context.Context, m Message) error { return ErrRefused }
