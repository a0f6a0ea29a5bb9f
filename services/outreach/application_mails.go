package outreach

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/application"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// The mails about opportunities, by the names of their templates.
const (
	mailApplicationReceived  = "application_received"
	mailApplicationDecided   = "application_decided"
	mailApplicationCancelled = "application_cancelled"
	mailShiftCancelled       = "application_shift_cancelled"
	mailInvitation           = "opportunity_invitation"
)

// aboutOpportunity reports whether a mail tells of an opportunity or of an
// application for one.
func aboutOpportunity(template string) bool {
	return strings.HasPrefix(template, "application_") || strings.HasPrefix(template, "opportunity_")
}

// mailApplicant queues a mail about an application as it is now, once a version
// of it.
func (s *publications) mailApplicant(tx *pg.Tx, code string, a *application.Application) {
	store.MailApplicant(tx, s.applicationMail(code, a, tx.Now))
}

func (s *publications) applicationMail(code string, a *application.Application, due time.Time) store.Mail {
	return store.Mail{
		ID: s.NewID(), Occasion: code + ":" + a.ID + ":" + strconv.FormatInt(a.Version, 10), PersonID: orNobody(a.PersonID),
		Template: code, Version: templates[code], SubjectID: a.ID, DueAt: due,
	}
}

// applicationLetter is what the templates about opportunities know.
type applicationLetter struct {
	Name, Title, Period, Place, Credits, Page, Reason, Message, Bring, Insurance, Contact, ApplyUntil string
	State                                                                                             application.State
	Heads                                                                                             int
	Shifts                                                                                            []string // In which there is a place.
}

// composeAboutOpportunity writes a mail about an application, or an invitation, as
// things are now. Errors: RESOURCE_NOT_FOUND when what it tells of is no more.
func (s *publications) composeAboutOpportunity(ctx context.Context, m store.DueMail) (applicationLetter, error) {
	l := applicationLetter{Name: m.Name}
	id := m.SubjectID
	if m.Template != mailInvitation {
		a, err := store.ApplicationOf(ctx, s.DB, m.SubjectID)
		if err != nil {
			return l, err
		}
		l.State, l.Message, l.Heads = a.State, a.Message, a.Heads
		id = a.OpportunityID
		shifts, err := store.ListShifts(ctx, s.DB, id)
		if err != nil {
			return l, err
		}
		there := a.ShiftIDs()
		for _, sh := range shifts {
			for _, in := range there {
				if in == sh.ID {
					l.Shifts = append(l.Shifts, shiftTime(sh))
				}
			}
		}
	}
	p, err := store.GetPublication(ctx, s.DB, opportunityRef(id), publication.Reader{Desk: true})
	if err != nil {
		return l, err
	}
	d, on := p.Opportunity, s.announce(p)
	l.Title, l.Period, l.Place, l.Credits, l.Page = p.Title, d.Period(), placeLine(d.Place, d.Station), on.credits.Text(), on.page
	l.Reason, l.Bring, l.Insurance = p.WithdrawReason, d.Bring, d.Insurance
	l.Contact = strings.TrimSpace(d.Contact.Name + " " + d.Contact.PhoneNumber)
	l.ApplyUntil = jp.LongDate(jp.DateOf(d.Closes().Add(-time.Second)))
	return l, nil
}

// shiftTime is when a shift is, for readers.
func shiftTime(s *application.Shift) string {
	return fmt.Sprintf("%s〜%s", moments(s.StartsAt), s.EndsAt.In(jp.Tokyo).Format("15:04"))
}
