package mail

import (
	"encoding/base64"
	"mime"
	netmail "net/mail"
	"strings"
	"time"
)

// Text is what everybody gets of a bulk mail: all but the end of its bodies, which is
// each recipient's own.
type Text struct {
	// Subject is one line.
	Subject string
	// Plain is the plain body.
	Plain string
	// HTML says the same as the beginning of a page, or "" for none.
	HTML string
	// ReplyTo is where answers go; "" for the sender.
	ReplyTo string
	// List names the list (RFC 2919): its name, and an identifier below the sender's
	// domain.
	List, ListID string
	// Time is the date of the mail.
	Time time.Time
}

// Letter is what one recipient gets of an edition.
type Letter struct {
	// To is the recipient's address; nobody else ever sees it.
	To string
	// ID makes the Message-ID the same on every try.
	ID string
	// ReturnPath is the envelope's sender, to which a mail comes back.
	ReturnPath string
	// Unsubscribe is the address of one-click unsubscription (RFC 8058).
	Unsubscribe string
	// PlainEnd and HTMLEnd are the ends of the bodies.
	PlainEnd, HTMLEnd string
}

// Edition is a bulk mail that is encoded as far as everybody gets the same. It does
// not change and is safe for concurrent use.
type Edition struct {
	head, plain, html []byte
	domain            string
}

const boundary = "kyodo-alternative-5f1d2c"

// Edition encodes what everybody gets.
func (s *Sender) Edition(t Text) *Edition {
	domain := domainOf(s.config.From)
	var b strings.Builder
	header := func(name, value string) { b.WriteString(name + ": " + value + "\r\n") }
	header("MIME-Version", "1.0")
	header("From", (&netmail.Address{Name: s.config.Name, Address: s.config.From}).String())
	if t.ReplyTo == "" {
		t.ReplyTo = s.config.From
	}
	header("Reply-To", "<"+t.ReplyTo+">")
	header("Subject", folded(t.Subject))
	header("Date", t.Time.Format(time.RFC1123Z))
	header("List-Id", folded(t.List)+" <"+t.ListID+"."+domain+">")
	header("Precedence", "bulk")
	if t.HTML == "" {
		header("Content-Type", "text/plain; charset=UTF-8")
		header("Content-Transfer-Encoding", "base64")
	} else {
		header("Content-Type", `multipart/alternative; boundary="`+boundary+`"`)
	}
	e := &Edition{head: []byte(b.String()), domain: domain, plain: appendBase64(nil, whole(t.Plain))}
	if t.HTML != "" {
		e.html = appendBase64(nil, whole(t.HTML))
	}
	return e
}

// folded encodes a header's text (RFC 2047), a word a line.
func folded(s string) string {
	return strings.ReplaceAll(mime.BEncoding.Encode("utf-8", s), "?= =?", "?=\r\n =?")
}

// whole ends a text so that its base64 has no padding and can go on.
func whole(s string) string { return s + strings.Repeat("\n", (3-len(s)%3)%3) }

const lineBytes = 57 // 76 characters of base64.

// appendBase64 writes lines of base64 (RFC 2045).
func appendBase64(to []byte, s string) []byte {
	for len(s) > 0 {
		n := min(len(s), lineBytes)
		to = append(base64.StdEncoding.AppendEncode(to, []byte(s[:n])), '\r', '\n')
		s = s[n:]
	}
	return to
}

// append writes the mail of one recipient. It ends with a line, and no line begins
// with a dot.
func (e *Edition) append(to []byte, l Letter) []byte {
	to = append(to, e.head...)
	for _, h := range [...][2]string{
		{"To: <", l.To}, {"Message-ID: <", l.ID + "@" + e.domain}, {"List-Unsubscribe: <", l.Unsubscribe},
	} {
		to = append(append(append(to, h[0]...), h[1]...), ">\r\n"...)
	}
	to = append(to, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\n"...)
	if e.html == nil {
		return appendBase64(append(to, e.plain...), l.PlainEnd)
	}
	part := func(media string, body []byte, end string) {
		to = append(to, "--"+boundary+"\r\nContent-Type: "...)
		to = append(append(to, media...), "; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"...)
		to = appendBase64(append(to, body...), end)
	}
	part("text/plain", e.plain, l.PlainEnd)
	part("text/html", e.html, l.HTMLEnd)
	return append(to, "--"+boundary+"--\r\n"...)
}
