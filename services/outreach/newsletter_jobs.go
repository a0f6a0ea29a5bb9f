package outreach

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/newsletter"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

func newsletterTasks(d service.Deps) []job.Task {
	n := newslettersOf(d)
	p := &postman{newsletters: n}
	return []job.Task{
		{Name: "send-newsletter-confirmations", Every: 5 * time.Second, Run: n.sendConfirmations},
		{Name: "send-newsletters", Every: 5 * time.Second, Run: p.sendDue},
		{Name: "draft-newsletter", Every: time.Hour, Run: n.draftDigest},
		{Name: "tidy-newsletter", Every: time.Hour, Run: n.tidy},
	}
}

// sendConfirmations sends the mails that ask for a confirmation. Each is claimed before
// it is sent; after a crash between sending and noting it goes again with the same
// Message-ID.
func (n *newsletters) sendConfirmations(ctx context.Context) error {
	for {
		claimed, err := pg.InTx(ctx, n.DB, func(ctx context.Context, tx *pg.Tx) ([]store.DueRequest, error) {
			return store.ClaimRequests(ctx, tx, mailBatch, mailLease)
		})
		if err != nil {
			return err
		}
		for _, r := range claimed {
			if err := n.sendConfirmation(ctx, r); err != nil {
				return err
			}
		}
		if len(claimed) < mailBatch {
			return nil
		}
	}
}

// sendConfirmation sends one mail and notes how that ended.
func (n *newsletters) sendConfirmation(ctx context.Context, r store.DueRequest) error {
	email, err := n.keys.vault.Open(r.Email, nil)
	if err != nil {
		return err
	}
	var text strings.Builder
	link := n.Origin + "/newsletter/" + secret(n.keys.confirm, r.ID)
	if err := newsletterText.ExecuteTemplate(&text, "confirm.txt", map[string]string{"Link": link}); err != nil {
		return err
	}
	subject, body, _ := strings.Cut(text.String(), "\n\n")
	sending, cancel := context.WithTimeout(ctx, mailWait)
	err = n.Mail.Send(sending, mail.Message{To: string(email), Subject: subject, Text: body, ID: r.ID, Time: n.Now()})
	cancel()
	_, txErr := pg.InTx(ctx, n.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		switch tried := min(r.Tries, len(mailBackoff)); {
		case err == nil:
			return struct{}{}, store.EndRequestMail(ctx, tx, r.ID, store.MailSent)
		case errors.Is(err, mail.ErrRefused):
			return struct{}{}, store.EndRequestMail(ctx, tx, r.ID, store.MailRefused)
		case r.Tries > len(mailBackoff) && !errors.Is(err, mail.ErrNoServer):
			return struct{}{}, store.EndRequestMail(ctx, tx, r.ID, store.MailFailed)
		default:
			return struct{}{}, store.DelayRequestMail(ctx, tx, r.ID, mailBackoff[tried-1])
		}
	})
	return txErr
}

// digestDays is how many days a weekly issue tells of.
const digestDays = 7

// draftDigest drafts the issue of the last week, once, from Monday on; the desk takes it
// up or cancels it. There is none of a week of which nothing is to be told.
func (n *newsletters) draftDigest(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("outreach"))
	_, err := pg.InTx(ctx, n.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		monday := jp.DateOf(tx.Now)
		for monday.Weekday() != time.Monday {
			monday = monday.AddDays(-1)
		}
		i := &newsletter.Issue{
			ID: n.NewID(), State: newsletter.Draft, Source: "digest:" + monday.String(), CreatedBy: auth.From(ctx).Actor(),
			Content: newsletter.Content{
				Title: "協働のお知らせ（" + strconv.Itoa(int(monday.Month)) + "月" + strconv.Itoa(monday.Day) + "日号）",
				From:  monday.AddDays(-digestDays), To: monday.AddDays(-1),
			},
		}
		var err error
		if i.Items, err = n.items(ctx, tx, i.Content, nil); err != nil || len(i.Items) == 0 {
			return struct{}{}, err
		}
		added, err := store.InsertIssue(ctx, tx, i)
		if added {
			audit.Add(ctx, tx, audit.Entry{Action: "outreach.newsletter.draftIssue", ObjectType: "newsletterIssue", ObjectID: i.ID})
		}
		return struct{}{}, err
	})
	return err
}

// tidy deletes what has served its purpose and reports how much.
func (n *newsletters) tidy(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("outreach"))
	ended, err := store.EndedReaders(ctx, n.DB, n.Now())
	if err != nil {
		return err
	}
	_, err = pg.InTx(ctx, n.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		gone := 0
		for _, id := range ended {
			reader, err := store.LockReader(ctx, tx, id)
			if ignoreMissing(err) != nil {
				return struct{}{}, err
			}
			if err == nil && reader.State == newsletter.Unsubscribed { // Not back meanwhile.
				store.EraseReader(tx, id, n.NewID(), store.ErasedByPeriod)
				gone++
			}
		}
		requests, consents, err := store.TidyNewsletter(ctx, tx)
		if err != nil || gone == 0 && requests == 0 && consents == 0 {
			return struct{}{}, err
		}
		audit.Add(ctx, tx, audit.Entry{Action: "outreach.newsletter.tidy", ObjectType: "newsletterReader", Detail: map[string]string{
			"readers": strconv.Itoa(gone), "requests": strconv.FormatInt(requests, 10), "consents": strconv.FormatInt(consents, 10),
		}})
		return struct{}{}, nil
	})
	return err
}
