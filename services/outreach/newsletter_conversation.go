package outreach

import (
	"context"
	"errors"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/mail"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail/spool"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// conversation is a worker's conversation with the mail server, opened when a mail
// needs it and kept over batches.
type conversation struct {
	*postman
	bulk *mail.Bulk // Nil while none is open.
}

func (c *conversation) close() {
	if c.bulk != nil {
		c.bulk.Close()
		c.bulk = nil
	}
}

// delivered is what became of a mail of a batch.
type delivered struct {
	store.Outcome
	noMailbox bool // The server knows of no such recipient.
}

// deliver sends the mails of a batch in their order. When the server is lost, or the
// time is over, what was not tried is queued again.
func (c *conversation) deliver(ctx context.Context, w *press, due []store.DueDelivery, record batchRecord) []delivered {
	out := make([]delivered, len(due))
	end := c.Now().Add(batchTime)
	lost := false
	for i, d := range due {
		lost = lost || ctx.Err() != nil || !c.Now().Before(end)
		if lost {
			out[i] = delivered{Outcome: store.Outcome{State: store.DeliveryQueued, Untried: true}}
		} else {
			out[i], lost = c.deliverOne(ctx, w, d, func(s spool.State) { record.mark(i, s) })
		}
		out[i].ReaderID = d.ReaderID
	}
	return out
}

// deliverOne sends one mail. lost is whether the server does not answer any more.
func (c *conversation) deliverOne(ctx context.Context, w *press, d store.DueDelivery, mark func(spool.State)) (out delivered, lost bool) {
	if !d.Active {
		return delivered{Outcome: store.Outcome{State: store.DeliverySuppressed}}, false
	}
	edition, err := w.edition(d.Wish)
	if err == nil && edition == nil {
		return delivered{Outcome: store.Outcome{State: store.DeliverySkipped}}, false
	}
	var email []byte
	if err == nil {
		email, err = c.keys.vault.Open(d.Email, nil)
	}
	var letter mail.Letter
	if err == nil {
		letter, err = c.letter(w.issue.ID, d.ReaderID, string(email))
	}
	if err != nil { // It cannot be written, today or later.
		c.Log.ErrorContext(ctx, "a mail cannot be written", "reader", d.ReaderID, "error", err)
		return delivered{Outcome: store.Outcome{State: store.DeliveryFailed}}, false
	}
	err = c.hand(ctx, edition, letter, mark)
	out, lost = judge(err, d.Tries)
	if lost {
		c.close()
	}
	if ctx.Err() == nil {
		c.breaker.Note(!lost, c.Now())
	}
	return out, lost
}

// hand hands a mail to the server and marks how far it got.
func (c *conversation) hand(ctx context.Context, e *mail.Edition, l mail.Letter, mark func(spool.State)) error {
	if c.bulk == nil {
		bulk, err := c.Mail.Bulk(ctx)
		if err != nil {
			return err
		}
		c.bulk = bulk
	}
	err := c.bulk.Send(ctx, e, l, func(handed bool) {
		if handed {
			mark(spool.Handed)
		} else {
			mark(spool.Waiting)
		}
	})
	var no *mail.Refusal
	switch {
	case err == nil:
		mark(spool.Taken)
	case errors.As(err, &no):
		mark(spool.Refused)
	}
	return err
}

// judge says what the answer to a mail makes of it. A conversation that ended before
// the answer leaves open whether the mail was taken: it is not sent again.
func judge(err error, tries int) (out delivered, lost bool) {
	var no *mail.Refusal
	switch {
	case err == nil:
		return delivered{Outcome: store.Outcome{State: store.DeliverySent}}, false
	case errors.Is(err, mail.ErrUnanswered):
		return delivered{Outcome: store.Outcome{State: store.DeliveryUnknown}}, true
	case errors.Is(err, mail.ErrRefused):
		return delivered{Outcome: store.Outcome{State: store.DeliveryFailed}}, false
	case errors.As(err, &no) && (no.Permanent() || tries >= sendTries):
		return delivered{Outcome: store.Outcome{State: store.DeliveryFailed, Code: no.Code}, noMailbox: no.Permanent() && no.NoMailbox}, false
	case errors.As(err, &no):
		return delivered{Outcome: store.Outcome{State: store.DeliveryQueued, Code: no.Code, Wait: backoff(tries)}}, false
	case errors.Is(err, mail.ErrNoServer), errors.Is(err, mail.ErrUnreached):
		return delivered{Outcome: store.Outcome{State: store.DeliveryQueued, Untried: true}}, true
	case tries >= sendTries: // It ends every conversation.
		return delivered{Outcome: store.Outcome{State: store.DeliveryFailed}}, true
	default:
		return delivered{Outcome: store.Outcome{State: store.DeliveryQueued}}, true
	}
}

// backoff is the wait after the n-th try.
func backoff(n int) time.Duration { return sendBackoff << (n - 1) }

// sendOne sends one mail over a conversation of its own.
func (n *newsletters) sendOne(ctx context.Context, p printed, l mail.Letter) error {
	bulk, err := n.Mail.Bulk(ctx)
	if err != nil {
		return err
	}
	defer bulk.Close()
	return bulk.Send(ctx, n.edition(p, n.Now()), l, func(bool) {})
}
