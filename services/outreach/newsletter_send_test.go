package outreach

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/chiyoda-kyodo/kyodo/pkg/mail"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// postman makes the one who sends, over the office's server.
func (o *postOffice) postman(spool string) *postman {
	o.t.Helper()
	sender, err := mail.New(mail.Config{Address: o.box.Address, From: "kyodo@city.example.jp", Name: "千代田区", Spool: spool})
	if err != nil {
		o.t.Fatal(err)
	}
	return &postman{newsletters: newslettersOf(o.deps(sender))}
}

func (o *postOffice) counts() store.IssueCounts {
	o.t.Helper()
	c, err := store.CountsOf(o.t.Context(), o.db, o.id)
	if err != nil {
		o.t.Fatal(err)
	}
	return c
}

func (o *postOffice) send(p *postman) {
	o.t.Helper()
	if err := p.sendDue(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

func (o *postOffice) exec(sql string, args ...any) {
	o.t.Helper()
	if _, err := o.db.Pool().Exec(o.t.Context(), sql, args...); err != nil {
		o.t.Fatal(err)
	}
}

// What the server refuses for good is failed, and an unknown mailbox suspends its reader;
// what it refuses for now is tried again; who has left meanwhile gets nothing.
func TestWhatTheMailServerRefuses(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t, 20)
	later := true
	o.box.change(func() {
		o.box.refuse = func(to string) error {
			switch {
			case strings.HasPrefix(to, "reader000001@"):
				return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
			case strings.HasPrefix(to, "reader000002@"):
				return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "not wanted"}
			case strings.HasPrefix(to, "reader000003@") && later:
				return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 3, 0}, Message: "later"}
			}
			return nil
		}
	})
	p := o.postman(o.dir)
	o.send(p)
	if c := o.counts(); c.Sent != 17 || c.Failed != 2 || c.Queued() != 1 || c.Done() {
		t.Errorf("counts %+v", c)
	}
	var suspended int
	if err := o.db.QueryRow(t.Context(), `SELECT count(*) FROM newsletter_reader WHERE state = 'SUSPENDED'`).Scan(&suspended); err != nil || suspended != 1 {
		t.Errorf("%d suspended, %v", suspended, err)
	}
	o.send(p)
	if o.box.total != 17 {
		t.Errorf("%d mails: it was tried again at once", o.box.total)
	}
	o.box.change(func() { later = false })
	o.exec(`UPDATE newsletter_delivery SET due_at = now() WHERE state = 'QUEUED'`)
	o.send(p)
	if c := o.counts(); c.Sent != 18 || !c.Done() {
		t.Errorf("counts %+v", c)
	}
}

func TestWhoLeavesMeanwhileGetsNothing(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t, 10)
	p := o.postman("")
	o.exec(`UPDATE newsletter_issue SET state = 'PAUSED', send_at = now(), started_at = now(), number = 'R8-信-0001'`)
	o.exec(`INSERT INTO newsletter_sending VALUES ($1, '00000000-0000-0000-0000-000000000000', true, 10, 0, 0, 0, 0, 0, 0)`, o.id)
	o.exec(`INSERT INTO newsletter_delivery (issue_id, reader_id, state, tries, due_at, code) SELECT $1, id, 'QUEUED', 0, now(), 0 FROM newsletter_reader`, o.id)
	o.send(p)
	if o.box.total != 0 {
		t.Errorf("%d mails of a paused issue", o.box.total)
	}
	o.exec(`UPDATE newsletter_issue SET state = 'SENDING'`)
	o.exec(`UPDATE newsletter_reader SET state = 'UNSUBSCRIBED', ended_at = now() WHERE id = (SELECT min(id::text)::uuid FROM newsletter_reader)`)
	o.exec(`DELETE FROM newsletter_reader WHERE id = (SELECT max(id::text)::uuid FROM newsletter_reader)`)
	o.exec(`UPDATE newsletter_reader SET topics = '{other}' WHERE id = (SELECT max(id::text)::uuid FROM newsletter_reader)`)
	o.send(p)
	if c := o.counts(); c.Sent != 7 || c.Suppressed != 2 || c.Skipped != 1 || !c.Done() || o.box.total != 7 {
		t.Errorf("%d mails, counts %+v", o.box.total, c)
	}
}

// A server that ends the conversation instead of answering may have taken the mail: it
// is given up, and not sent twice.
func TestUnansweredMailIsNotSentTwice(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t, 30)
	o.box.change(func() {
		o.box.taken = func(n int) {
			if n == 10 {
				panic("the server dies") // go-smtp ends the conversation.
			}
		}
	})
	p := o.postman(o.dir)
	o.send(p)
	for range 3 {
		o.send(p)
	}
	if c := o.counts(); c.Unknown+c.Sent+c.Failed != 30 || c.Unknown+c.Failed != 1 || o.box.total != 30 {
		t.Errorf("%d mails, counts %+v", o.box.total, c)
	}
	for to, n := range o.box.mails {
		if n != 1 {
			t.Errorf("%s got %d", to, n)
		}
	}
}

// Without a server mails wait, whatever is asked how often; the breaker asks once in 30
// seconds.
func TestBreakerAndWaiting(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t, 10)
	sender, err := mail.New(mail.Config{Address: "127.0.0.1:1", From: "kyodo@city.example.jp"})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	d := o.deps(sender)
	d.Now = func() time.Time { return at }
	p := &postman{newsletters: newslettersOf(d)}
	o.send(p)
	if p.breaker.Allow(at) {
		t.Error("the breaker is closed")
	}
	if c := o.counts(); c.Queued() != 10 {
		t.Errorf("counts %+v", c)
	}
	o.send(o.postman(o.dir))
	if c := o.counts(); c.Sent != 10 {
		t.Errorf("counts %+v: tries were counted that were none", c)
	}
}

// A claim whose record is lost with its machine is given up after its time, and counted
// right when the record comes back.
func TestLostRecord(t *testing.T) {
	t.Parallel()
	o := newPostOffice(t, 5)
	p := o.postman("")
	o.exec(`UPDATE newsletter_issue SET state = 'SENDING', started_at = now(), number = 'R8-信-0001'`)
	o.exec(`INSERT INTO newsletter_sending VALUES ($1, '00000000-0000-0000-0000-000000000000', true, 5, 0, 0, 0, 0, 0, 0)`, o.id)
	const claim = "01990000-0000-7000-8000-00000000c1a1"
	o.exec(`
		INSERT INTO newsletter_delivery (issue_id, reader_id, state, tries, due_at, code, claim, claimed_at)
		SELECT $1, id, 'SENDING', 1, now(), 0, $2, now() FROM newsletter_reader`, o.id, claim)
	o.send(p)
	if c := o.counts(); c.Queued() != 5 || o.box.total != 0 {
		t.Errorf("before its time: %d mails, %+v", o.box.total, c)
	}
	o.exec(`UPDATE newsletter_delivery SET claimed_at = now() - interval '16 minutes'`)
	o.send(p)
	if c := o.counts(); c.Unknown != 5 || !c.Done() || o.box.total != 0 {
		t.Errorf("after its time: %d mails, %+v", o.box.total, c)
	}
	err := p.settleLeft(t.Context(), claim, func(string) store.Outcome { return store.Outcome{State: store.DeliverySent} })
	if c := o.counts(); err != nil || c.Unknown != 0 || c.Sent != 5 {
		t.Errorf("with its record: %+v, %v", c, err)
	}
}

func TestJudgement(t *testing.T) {
	for _, c := range []struct {
		err   error
		tries int
		state store.DeliveryState
		lost  bool
	}{
		{nil, 1, store.DeliverySent, false},
		{mail.ErrUnanswered, 1, store.DeliveryUnknown, true},
		{&mail.Refusal{Code: 451}, 1, store.DeliveryQueued, false},
		{&mail.Refusal{Code: 451}, sendTries, store.DeliveryFailed, false},
		{&mail.Refusal{Code: 554}, 1, store.DeliveryFailed, false},
		{mail.ErrUnreached, sendTries, store.DeliveryQueued, true},
		{errors.New("cut"), 1, store.DeliveryQueued, true},
		{errors.New("cut"), sendTries, store.DeliveryFailed, true},
	} {
		if got, lost := judge(c.err, c.tries); got.State != c.state || lost != c.lost {
			t.Errorf("%v, try %d: %s, lost %t", c.err, c.tries, got.State, lost)
		}
	}
}
