package mail_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/chiyoda-kyodo/kyodo/pkg/mail"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail/sink"
)

// bulk opens a conversation with a server.
func bulk(t *testing.T, address string) (*mail.Sender, *mail.Bulk) {
	t.Helper()
	c := config
	c.Address = address
	sender, err := mail.New(c)
	if err != nil {
		t.Fatal(err)
	}
	b, err := sender.Bulk(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return sender, b
}

func TestEditionArrivesAsWritten(t *testing.T) {
	s, err := sink.Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sender, b := bulk(t, s.Address)
	// Texts of every length modulo three, with lines that begin with a dot.
	for n := range 4 {
		plain, html := strings.Repeat("あ", 40)+strings.Repeat("x", n)+"\n.\n..点", "<p>"+strings.Repeat("y", 100+n)+"</p>"
		e := sender.Edition(mail.Text{
			Subject: strings.Repeat("協働のお知らせ", 6), Plain: plain, HTML: html, List: "千代田区 協働メールマガジン", ListID: "newsletter",
			Time: time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC),
		})
		handed := 0
		err := b.Send(t.Context(), e, mail.Letter{
			To: "hanako@example.jp", ID: "a.b", ReturnPath: "kyodo+x@city.example.jp", Unsubscribe: "https://kyodo.example/u", PlainEnd: "\n終わり", HTMLEnd: "<p>終</p>",
		}, func(on bool) {
			if on {
				handed++
			}
		})
		if err != nil || handed != 1 {
			t.Fatalf("%v, handed over %d times", err, handed)
		}
		mails, err := s.Mails(1)
		if err != nil {
			t.Fatal(err)
		}
		got := mails[0]
		if text := strings.ReplaceAll(got.Text, "\n", ""); text != strings.ReplaceAll(plain, "\n", "")+"終わり" {
			t.Errorf("text %q", got.Text)
		}
		if page := strings.ReplaceAll(got.HTML, "\n", ""); page != html+"<p>終</p>" {
			t.Errorf("page %q", got.HTML)
		}
		if got.Subject != strings.Repeat("協働のお知らせ", 6) || got.To != "hanako@example.jp" || got.Header.Get("Message-Id") != "<a.b@city.example.jp>" ||
			got.Header.Get("List-Unsubscribe") != "<https://kyodo.example/u>" || !strings.HasSuffix(got.Header.Get("List-Id"), "<newsletter.city.example.jp>") {
			t.Errorf("headers %v, subject %q", got.Header, got.Subject)
		}
	}
	e := sender.Edition(mail.Text{Subject: "x", Plain: "y"})
	for _, to := range []string{"", "a@example.jp\r\nRCPT TO:<b@example.jp>", "a b@example.jp", "<a@example.jp>"} {
		if err := b.Send(t.Context(), e, mail.Letter{To: to}, func(bool) {}); !errors.Is(err, mail.ErrRefused) {
			t.Errorf("%q: %v", to, err)
		}
	}
}

// A refusal of one mail leaves the conversation to the next.
func TestBulkGoesOnAfterARefusal(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	taken := 0
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &picky{taken: &taken}, nil }))
	go func() { _ = server.Serve(l) }() // ends with Close
	defer server.Close()
	sender, b := bulk(t, l.Addr().String())
	e := sender.Edition(mail.Text{Subject: "x", Plain: "y"})
	for range 3 {
		handed := false
		err := b.Send(t.Context(), e, mail.Letter{To: "nobody@example.jp", ReturnPath: "a@example.jp"}, func(on bool) { handed = on })
		var no *mail.Refusal
		if !errors.As(err, &no) || no.Code != 550 || !no.NoMailbox || !no.Permanent() || handed {
			t.Fatalf("%v, handed over %t", err, handed)
		}
		if err := b.Send(t.Context(), e, mail.Letter{To: "hanako@example.jp", ReturnPath: "a@example.jp"}, func(bool) {}); err != nil {
			t.Fatal(err)
		}
	}
	if taken != 3 {
		t.Errorf("%d mails", taken)
	}
	if _, err := (*mail.Sender)(nil).Bulk(context.Background()); !errors.Is(err, mail.ErrNoServer) {
		t.Error(err)
	}
}

// picky is a server that knows one recipient.
type picky struct {
	refusing
	taken *int
}

func (p *picky) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "nobody") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "unknown"}
	}
	return nil
}

func (p *picky) Data(r io.Reader) error {
	*p.taken++
	_, err := io.Copy(io.Discard, r)
	return err
}

func TestRateOfBulk(t *testing.T) {
	s, err := sink.Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := config
	c.Address, c.BulkRate = s.Address, 50
	sender, err := mail.New(c)
	if err != nil {
		t.Fatal(err)
	}
	b, err := sender.Bulk(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	began := time.Now()
	for range 11 {
		if err := b.Send(t.Context(), sender.Edition(mail.Text{Subject: "x", Plain: "y"}), mail.Letter{To: "a@example.jp", ReturnPath: "b@example.jp"}, func(bool) {}); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took < 190*time.Millisecond {
		t.Errorf("11 mails at 50 a second in %v", took)
	}
}

func TestBreaker(t *testing.T) {
	var b mail.Breaker
	at := time.Date(2026, 11, 30, 3, 0, 0, 0, time.UTC)
	for n := range 5 {
		if !b.Allow(at) {
			t.Fatalf("open after %d failures", n)
		}
		b.Note(false, at)
	}
	if b.Allow(at) || b.Allow(at.Add(29*time.Second)) {
		t.Error("closed after five failures")
	}
	at = at.Add(30 * time.Second)
	first, second := b.Allow(at), b.Allow(at)
	if !first || second {
		t.Error("half-open lets exactly one through")
	}
	b.Note(true, at)
	for range 2 {
		if !b.Allow(at) {
			t.Error("open after a success")
		}
	}
}
