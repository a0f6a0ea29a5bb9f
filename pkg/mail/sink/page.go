package sink

import (
	"bytes"
	"encoding/base64"
	"html/template"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/http"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Mail is a received mail.
type Mail struct {
	// ID names it within the sink.
	ID string
	// To is the recipient of the conversation, not of the header.
	To, From, Subject, Date string
	Header                  netmail.Header
	// Text and HTML are the decoded bodies; "" for one that is not there.
	Text, HTML string
}

// Mails returns the newest mails first, at most limit.
func (s *Sink) Mails(limit int) ([]Mail, error) {
	names, err := s.names()
	if err != nil {
		return nil, err
	}
	slices.Reverse(names)
	var out []Mail
	for _, name := range names[:min(limit, len(names))] {
		m, err := s.read(name)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

func (s *Sink) read(name string) (Mail, error) {
	raw, err := os.ReadFile(filepath.Join(s.dir, filepath.Base(name)))
	if err != nil {
		return Mail{}, err
	}
	parsed, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return Mail{}, err
	}
	h := parsed.Header
	m := Mail{
		ID: strings.TrimSuffix(name, suffix), To: h.Get("X-Envelope-To"), From: words(h.Get("From")),
		Subject: words(h.Get("Subject")), Date: h.Get("Date"), Header: h,
	}
	return m, m.body(h.Get("Content-Type"), h.Get("Content-Transfer-Encoding"), parsed.Body)
}

// words decodes a header (RFC 2047).
func words(v string) string {
	if out, err := new(mime.WordDecoder).DecodeHeader(v); err == nil {
		return out
	}
	return v
}

func (m *Mail) body(contentType, encoding string, r io.Reader) error {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		media = "text/plain"
	}
	if strings.HasPrefix(media, "multipart/") {
		parts := multipart.NewReader(r, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if err := m.body(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(encoding) {
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	}
	text, err := io.ReadAll(r)
	switch media {
	case "text/plain":
		m.Text = string(text)
	case "text/html":
		m.HTML = string(text)
	}
	return err
}

const shownMails = 200

var page = template.Must(template.New("mails").Parse(`<!doctype html>
<html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>送信されたメール（開発用）</title><link rel="stylesheet" href="/assets/page.css"></head>
<body><main><h1>送信されたメール（開発用）</h1>
<p>この環境から送られたメールは外には出ず、ここに溜まります。新しいものから {{len .}} 通。</p>
{{range .}}<article><h2>{{.Subject}}</h2><p>宛先 {{.To}}・差出人 {{.From}}・{{.Date}}</p><pre>{{.Text}}</pre></article>
{{else}}<p>まだ1通も送られていません。</p>{{end}}</main></body></html>
`))

// ServeHTTP shows the newest mails as plain text.
func (s *Sink) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	mails, err := s.Mails(shownMails)
	if err != nil {
		http.Error(w, "the mails cannot be read", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
	_ = page.Execute(w, mails) // fails when the reader has gone
}
