package mail_test

import (
	"errors"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/chiyoda-kyodo/kyodo/pkg/mail"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail/sink"
)

var config = mail.Config{From: "kyodo@city.example.jp", Name: "千代田区 協働ポータル"}

func letter(to string) mail.Message {
	return mail.Message{
		To: to, Subject: "【ご確認】催しの申込みについて🍚", Text: "山田 様\n\nお申し込みを受け付けました。", ID: "01900000-0000-7000-8000-000000000001",
		Time: time.Date(2026, 6, 10, 3, 0, 0, 0, time.UTC),
	}
}

func TestMailArrivesAsWritten(t *testing.T) {
	s, err := sink.Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := config
	c.Address = s.Address
	sender, err := mail.New(c)
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()
	m := letter("yamada@example.jp")
	m.HTML, m.Unsubscribe = "<p>お申し込みを受け付けました。</p>", "https://kyodo.example/u/abc"
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := sender.Send(t.Context(), m); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	mails, err := s.Mails(100)
	if err != nil || len(mails) != 20 {
		t.Fatalf("%d mails, %v", len(mails), err)
	}
	got := mails[0]
	if got.To != m.To || got.Subject != m.Subject || strings.ReplaceAll(strings.TrimSpace(got.Text), "\r\n", "\n") != m.Text || strings.TrimSpace(got.HTML) != m.HTML {
		t.Errorf("mail %+v", got)
	}
	for name, want := range map[string]string{
		"Message-Id": "<" + m.ID + "@city.example.jp>", "List-Unsubscribe": "<" + m.Unsubscribe + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
	} {
		if v := got.Header.Get(name); v != want {
			t.Errorf("%s: %q, want %q", name, v, want)
		}
	}
}

// refusing is a server that answers one code to every recipient.
type refusing struct {
	smtp.Session
	code int
}

func (r refusing) Mail(string, *smtp.MailOptions) error { return nil }
func (r refusing) Rcpt(string, *smtp.RcptOptions) error {
	return &smtp.SMTPError{Code: r.code, Message: "no"}
}
func (r refusing) Reset()        {}
func (r refusing) Logout() error { return nil }

func TestRefusals(t *testing.T) {
	for code, permanent := range map[int]bool{550: true, 451: false} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return refusing{code: code}, nil }))
		go func() { _ = server.Serve(l) }()
		defer server.Close()
		c := config
		c.Address = l.Addr().String()
		sender, err := mail.New(c)
		if err != nil {
			t.Fatal(err)
		}
		err = sender.Send(t.Context(), letter("secret-person@example.jp"))
		if err == nil || errors.Is(err, mail.ErrRefused) != permanent {
			t.Errorf("%d: %v", code, err)
		}
		if strings.Contains(err.Error(), "secret-person") {
			t.Errorf("the error names the recipient: %v", err)
		}
	}
	sender, err := mail.New(mail.Config{Address: "127.0.0.1:1", From: "a@example.jp"})
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.Send(t.Context(), letter("not an address")); !errors.Is(err, mail.ErrRefused) {
		t.Errorf("bad address: %v", err)
	}
	if err := sender.Send(t.Context(), letter("a@example.jp")); err == nil || errors.Is(err, mail.ErrRefused) {
		t.Errorf("no server there: %v", err)
	}
	if err := (*mail.Sender)(nil).Send(t.Context(), letter("a@example.jp")); !errors.Is(err, mail.ErrNoServer) {
		t.Errorf("no sender: %v", err)
	}
}
