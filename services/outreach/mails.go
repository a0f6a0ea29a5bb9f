package outreach

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strings"
	"text/template"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/event"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/registration"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// The mails, by the names of their templates.
const (
	mailConfirm        = "registration_confirm"
	mailAlready        = "registration_already"
	mailReceived       = "registration_received"
	mailAdmitted       = "registration_admitted"
	mailLost           = "registration_lost"
	mailCancelled      = "registration_cancelled"
	mailEventCancelled = "event_cancelled"
)

// templates has the version in which each mail is written today. A new version is
// a new file; the old one stays as long as mails of it may wait.
var templates = map[string]int{
	mailConfirm: 2, mailAlready: 1, mailReceived: 2, mailAdmitted: 1, mailLost: 1, mailCancelled: 1, mailEventCancelled: 1,
	mailApplicationReceived: 1, mailApplicationDecided: 1, mailApplicationCancelled: 1, mailShiftCancelled: 1, mailInvitation: 1,
}

//go:embed template/*.txt
var templateFiles embed.FS

var parsedTemplates = template.Must(template.ParseFS(templateFiles, "template/*.txt"))

// queueMail queues a mail about a registration to whom it belongs, once.
func queueMail(tx *pg.Tx, id, code string, r *registration.Registration) {
	if r.PersonID == "" { // Deleted since.
		return
	}
	store.QueueMail(tx, store.Mail{
		ID: id, Occasion: code + ":" + r.ID, PersonID: r.PersonID, Template: code, Version: templates[code], SubjectID: r.ID,
		DueAt: tx.Now,
	})
}

// The sending of mails.
const (
	mailBatch = 50
	mailLease = 2 * time.Minute // Longer than a batch takes.
	mailWait  = time.Second     // For one mail.
)

// mailBackoff is the wait after the first, second … try.
var mailBackoff = []time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour}

// sendMails sends what is due. A mail is claimed before it is sent, so that no two
// processes send it at once; after a crash between sending and noting it goes
// again with the same Message-ID.
func (s *registrations) sendMails(ctx context.Context) error {
	ctx = auth.With(ctx, auth.Service("outreach"))
	for {
		claimed, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) ([]store.DueMail, error) {
			return store.ClaimMails(ctx, tx, mailBatch, mailLease)
		})
		if err != nil {
			return err
		}
		for _, m := range claimed {
			if err := s.sendMail(ctx, m); err != nil {
				return err
			}
		}
		if len(claimed) < mailBatch {
			return nil
		}
	}
}

// sendMail sends one mail and notes how that ended: sent, dropped with what it told
// of, refused for good, or to be tried again, for ever only where no server is
// configured.
func (s *registrations) sendMail(ctx context.Context, m store.DueMail) error {
	message, err := s.compose(ctx, m)
	if err == nil {
		sending, cancel := context.WithTimeout(ctx, mailWait)
		err = s.Mail.Send(sending, message)
		cancel()
	}
	_, txErr := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
		switch tried := min(m.Tries, len(mailBackoff)); {
		case err == nil:
			return struct{}{}, store.EndMail(ctx, tx, m.ID, store.MailSent)
		case errors.Is(err, fault.ErrNotFound):
			return struct{}{}, store.EndMail(ctx, tx, m.ID, store.MailDropped)
		case errors.Is(err, mail.ErrRefused):
			return struct{}{}, store.EndMail(ctx, tx, m.ID, store.MailRefused)
		case m.Tries > len(mailBackoff) && !errors.Is(err, mail.ErrNoServer):
			return struct{}{}, store.EndMail(ctx, tx, m.ID, store.MailFailed)
		default:
			return struct{}{}, store.DelayMail(ctx, tx, m.ID, mailBackoff[tried-1])
		}
	})
	return txErr
}

// letter is what the templates of registrations know.
type letter struct {
	Name, Title, Period, Place, Credits, Page, Link, Deadline, Reason string
	State                                                             registration.State
	Draw                                                              string // Day of the draw; "" where lots do not decide.
	Ticket                                                            string
	HeadCount                                                         int
	Position                                                          int
}

// compose writes a mail as things are now. Errors: RESOURCE_NOT_FOUND when what it
// tells of is no more.
func (s *registrations) compose(ctx context.Context, m store.DueMail) (mail.Message, error) {
	var (
		l   any
		err error
	)
	if aboutOpportunity(m.Template) {
		l, err = s.composeAboutOpportunity(ctx, m)
	} else {
		l, err = s.composeAboutRegistration(ctx, m)
	}
	if err != nil {
		return mail.Message{}, err
	}
	var text strings.Builder
	if err := parsedTemplates.ExecuteTemplate(&text, fmt.Sprintf("%s.%d.txt", m.Template, m.Version), l); err != nil {
		return mail.Message{}, fmt.Errorf("mail %s: %w", m.ID, err)
	}
	subject, body, _ := strings.Cut(text.String(), "\n\n")
	return mail.Message{To: m.Email, Subject: subject, Text: body, ID: m.ID, Time: s.Now()}, nil
}

func (s *registrations) composeAboutRegistration(ctx context.Context, m store.DueMail) (letter, error) {
	r, err := store.RegistrationOf(ctx, s.DB, m.SubjectID)
	if err != nil {
		return letter{}, err
	}
	p, err := store.GetPublication(ctx, s.DB, eventRef(r.EventID), publication.Reader{Desk: true})
	if err != nil {
		return letter{}, err
	}
	a := s.announce(p)
	l := letter{
		Name: m.Name, Title: p.Title, Period: p.Event.Period(), Place: place(p.Event), Credits: a.credits.Text(), Page: a.page,
		Link: s.Origin + "/registrations/" + s.token(r.ID), Deadline: moments(r.ConfirmBefore), Reason: p.WithdrawReason, State: r.State,
		Ticket: r.Ticket, HeadCount: r.Party, Position: r.Position,
	}
	if p.Event.Admission.Mode == event.Lottery {
		l.Draw = jp.LongDate(p.Event.Admission.DrawsOn)
	}
	return l, nil
}

// moments is an instant for readers in Tokyo.
func moments(t time.Time) string {
	return jp.LongDate(jp.DateOf(t)) + " " + t.In(jp.Tokyo).Format("15:04")
}
