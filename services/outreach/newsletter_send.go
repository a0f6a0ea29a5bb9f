package outreach

import (
	"context"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail/spool"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/internal/number"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/newsletter"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// The sending of issues.
const (
	sendTime     = 4 * time.Minute  // How long one run begins new batches.
	batchTime    = time.Minute      // How long a batch begins new mails.
	batchSize    = 500              // Mails a claim.
	batchWorkers = 4                // Conversations with the server.
	fillSize     = 10_000           // Readers a transaction.
	sendTries    = 5                // Of one mail.
	sendBackoff  = 5 * time.Minute  // After the first try; doubled after each.
	claimTime    = 15 * time.Minute // After which a claim without its record is given up.
)

// postman sends issues: every reader of the begin gets at most one mail, and exactly
// one unless the mail server refuses it.
//
// SMTP has no way to ask whether a mail was taken, so what matters is where a process
// may die. A batch is claimed in the database, and its record in the spool says of each
// mail how far it got: nothing before its end was written makes a server deliver it; from
// that system call on it counts as sent. Who starts next reads the records of the dead and
// goes on from there. Between the mark and the system call there is nothing; a process that
// dies exactly there costs one mail, never two. Where the machine is gone with its spool,
// the mails of its claims are given up after claimTime as unknown: none is sent twice.
type postman struct {
	newsletters
	breaker mail.Breaker
}

// sendDue takes up what dead processes left, begins what is due and sends until
// everything is sent or its time is over.
func (p *postman) sendDue(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("outreach"))
	end := p.Now().Add(sendTime)
	if err := p.recover(ctx); err != nil {
		return err
	}
	due, err := store.WorkingIssues(ctx, p.DB, p.Now())
	if err != nil {
		return err
	}
	for _, id := range due {
		if err := p.send(ctx, id, end); err != nil {
			return err
		}
	}
	return nil
}

// send sends one issue as far as it goes in the time.
func (p *postman) send(ctx context.Context, id string, end time.Time) error {
	issue, err := pg.InTx(ctx, p.DB, func(ctx context.Context, tx *pg.Tx) (*newsletter.Issue, error) { return p.begin(ctx, tx, id) })
	if err != nil || issue.State != newsletter.Sending {
		return err
	}
	for filled := false; !filled; {
		filled, err = pg.InTx(ctx, p.DB, func(ctx context.Context, tx *pg.Tx) (bool, error) {
			if _, err := store.LockIssue(ctx, tx, id); err != nil {
				return false, err
			}
			return store.FillDeliveries(ctx, tx, id, fillSize)
		})
		if err != nil {
			return err
		}
	}
	work := &press{newsletters: &p.newsletters, issue: issue}
	var g errgroup.Group // One that fails does not stop the batches of the others.
	for range batchWorkers {
		g.Go(func() error { return p.work(ctx, work, end) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	_, err = pg.InTx(ctx, p.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) { return struct{}{}, p.finish(ctx, tx, id) })
	return err
}

// begin begins the sending of an issue that is due: with its number, without what is
// not public any more.
func (p *postman) begin(ctx context.Context, tx *pg.Tx, id string) (*newsletter.Issue, error) {
	i, err := store.LockIssue(ctx, tx, id)
	if err != nil || i.State != newsletter.Scheduled || tx.Now.Before(i.SendAt) {
		return i, err
	}
	now, err := p.present(ctx, tx, i)
	if err != nil {
		return nil, err
	}
	i.Keep(now)
	serial, err := number.Next(ctx, tx, newsletter.NumberKind, jp.FiscalYear(jp.DateOf(tx.Now)))
	if err != nil {
		return nil, err
	}
	if err := i.Start(serial, tx.Now); err != nil {
		return nil, err
	}
	if err := store.UpdateIssue(ctx, tx, i); err != nil {
		return nil, err
	}
	audit.Add(ctx, tx, audit.Entry{Action: "outreach.newsletter.startIssue", ObjectType: "newsletterIssue", ObjectID: i.ID})
	return i, store.BeginSending(ctx, tx, id)
}

// finish notes that an issue is sent when every mail is decided, and tells it.
func (p *postman) finish(ctx context.Context, tx *pg.Tx, id string) error {
	i, err := store.LockIssue(ctx, tx, id)
	if err != nil || i.State != newsletter.Sending {
		return err
	}
	counts, err := store.CountsOf(ctx, tx, id)
	if err != nil || !counts.Done() {
		return err
	}
	if err := i.Finish(tx.Now); err != nil {
		return err
	}
	if err := store.UpdateIssue(ctx, tx, i); err != nil {
		return err
	}
	audit.Add(ctx, tx, audit.Entry{Action: "outreach.newsletter.finishIssue", ObjectType: "newsletterIssue", ObjectID: i.ID})
	return event.Add(ctx, tx, event.Event{
		Aggregate: "newsletterIssue", ID: i.ID, Visibility: event.Public,
		Message: &outreachv1.NewsletterSent{IssueId: i.ID, Number: i.Number, Title: i.Title, PageUrl: p.issuePage(i.ID), Sent: int32(counts.Sent)},
	})
}

// work sends batch after batch over one conversation, in the order of the readers and
// once more from the first, until nothing is due.
func (p *postman) work(ctx context.Context, w *press, end time.Time) error {
	c := &conversation{postman: p}
	defer c.close()
	b := store.Batch{IssueID: w.issue.ID, Size: batchSize}
	for p.Now().Before(end) && ctx.Err() == nil && p.breaker.Allow(p.Now()) {
		last, err := p.batch(ctx, w, c, b)
		switch {
		case err != nil:
			return err
		case last == "" && b.After == "":
			return nil
		}
		b.After = last
	}
	return nil
}

// batch claims mails, sends them and settles what became of them. It returns the
// last reader; "" when nothing was due.
func (p *postman) batch(ctx context.Context, w *press, c *conversation, b store.Batch) (string, error) {
	b.Claim = p.NewID()
	record, err := p.record(b.Claim)
	if err != nil {
		return "", err
	}
	due, err := pg.InTx(ctx, p.DB, func(ctx context.Context, tx *pg.Tx) ([]store.DueDelivery, error) {
		if i, err := store.GetIssue(ctx, tx, b.IssueID, true); err != nil || i.State != newsletter.Sending {
			return nil, err // Paused or cancelled.
		}
		return store.ClaimDeliveries(ctx, tx, b)
	})
	if err != nil || len(due) == 0 {
		return "", errors.Join(err, record.drop())
	}
	for i, d := range due {
		record.name(i, d.ReaderID)
	}
	outcomes := c.deliver(ctx, w, due, record)
	// What was sent is noted, even when the process is to stop.
	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	if err := p.settle(settling, b, outcomes); err != nil {
		return "", errors.Join(err, record.leave())
	}
	return due[len(due)-1].ReaderID, record.drop()
}

// settle writes what became of the mails of a batch; whose mailbox the server does not
// know is suspended.
func (p *postman) settle(ctx context.Context, b store.Batch, outcomes []delivered) error {
	_, err := pg.InTx(ctx, p.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		if err := store.SettleDeliveries(ctx, tx, b, convert.List(outcomes, func(d delivered) store.Outcome { return d.Outcome })); err != nil {
			return struct{}{}, err
		}
		for _, d := range outcomes {
			if d.noMailbox {
				if err := takeBounce(ctx, tx, d.ReaderID, outreachv1.ReportBounceRequest_HARD); err != nil {
					return struct{}{}, err
				}
			}
		}
		return struct{}{}, nil
	})
	return err
}

// recover settles what processes that are dead left: by the records of their batches
// here, and without one after claimTime.
func (p *postman) recover(ctx context.Context) error {
	left, err := spool.Find(p.Mail.Spool())
	if err != nil {
		return err
	}
	for _, l := range left {
		if err := p.takeUp(ctx, l.Name, l.Records); err != nil {
			return errors.Join(err, l.Release())
		}
		if err := l.Close(); err != nil {
			return err
		}
	}
	stale, err := store.StaleClaims(ctx, p.DB, p.Now().Add(-claimTime))
	if err != nil {
		return err
	}
	for _, claim := range stale {
		if err := p.giveUp(ctx, claim); err != nil {
			return err
		}
	}
	return nil
}

// takeUp settles a claim by its record: what was handed over counts as sent, everything
// else is sent again.
func (p *postman) takeUp(ctx context.Context, claim string, records []spool.Record) error {
	states := map[string]spool.State{}
	for _, r := range records {
		states[uuidText(r.ID)] = r.State
	}
	return p.settleLeft(ctx, claim, func(readerID string) store.Outcome {
		switch states[readerID] {
		case spool.Taken:
			return store.Outcome{State: store.DeliverySent}
		case spool.Handed:
			return store.Outcome{State: store.DeliverySent, Unconfirmed: true}
		default:
			return store.Outcome{State: store.DeliveryQueued, Untried: true}
		}
	})
}

// giveUp settles a claim of which nothing is known.
func (p *postman) giveUp(ctx context.Context, claim string) error {
	return p.settleLeft(ctx, claim, func(string) store.Outcome { return store.Outcome{State: store.DeliveryUnknown} })
}

func (p *postman) settleLeft(ctx context.Context, claim string, outcome func(readerID string) store.Outcome) error {
	issueID, err := store.IssueOfClaim(ctx, p.DB, claim)
	if err != nil || issueID == "" {
		return err
	}
	open, err := store.OpenReaders(ctx, p.DB, claim)
	if err != nil {
		return err
	}
	outcomes := convert.List(open, func(id string) delivered {
		o := outcome(id)
		o.ReaderID = id
		return delivered{Outcome: o}
	})

	return p.settle(ctx, store.Batch{IssueID: issueID, Claim: claim}, outcomes)
}

// batchRecord is the record of a batch in the spool; without a spool there is none.
type batchRecord struct{ *spool.Batch }

func (p *postman) record(claim string) (batchRecord, error) {
	dir := p.Mail.Spool()
	if dir == "" {
		return batchRecord{}, nil
	}
	b, err := spool.Create(dir, claim, batchSize)
	return batchRecord{b}, err
}

func (r batchRecord) name(i int, readerID string) {
	if r.Batch == nil {
		return
	}
	var id spool.ID
	if _, err := hex.Decode(id[:], []byte(strings.ReplaceAll(readerID, "-", ""))); err == nil { // Ids are UUIDs.
		r.Name(i, id)
	}
}

func (r batchRecord) mark(i int, s spool.State) {
	if r.Batch != nil {
		r.Mark(i, s)
	}
}

// drop ends the record: everything in it is settled.
func (r batchRecord) drop() error {
	if r.Batch == nil {
		return nil
	}
	return r.Close()
}

// leave leaves the record to be taken up.
func (r batchRecord) leave() error {
	if r.Batch == nil {
		return nil
	}
	return r.Leave()
}
