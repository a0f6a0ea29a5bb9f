package outreach

import (
	"context"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/credit"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// change is a step that a publication has taken.
type change struct {
	action publication.Action
	from   publication.State
}

// record writes a step with its version, what the public sees of it, its event
// and its audit entry.
func (s *publications) record(ctx context.Context, tx *pg.Tx, p *publication.Publication, c change) error {
	store.UpdatePublication(tx, p)
	if c.action == publication.RequestApproval {
		store.AddRevision(tx, p)
	}
	if err := s.show(tx, p); err != nil {
		return err
	}
	if err := s.seat(ctx, tx, p); err != nil {
		return err
	}
	if err := s.place(ctx, tx, p); err != nil {
		return err
	}
	if e := factOf(p, c); e != nil {
		if err := event.Add(ctx, tx, *e); err != nil {
			return err
		}
	}
	audit.Add(ctx, tx, audit.Entry{
		Action: action(p, string(c.action)), ObjectType: noun(p), ObjectID: p.ID,
		Detail: map[string]string{"from": string(c.from), "to": string(p.State)},
	})
	return s.notifyChange(tx, p, c)
}

// show writes what the outputs read of a publication, or takes it out of them:
// the only way to all of them.
func (s *publications) show(tx *pg.Tx, p *publication.Publication) error {
	if !p.Visible() {
		store.DropSearchEntry(tx, p.ID)
		store.DropExport(tx, p.ID)
		return nil
	}
	a := s.announce(p)
	store.PutSearchEntry(tx, searchEntry(a))
	if p.Kind != publication.Event {
		return nil
	}
	line, err := a.csv()
	if err != nil {
		return err
	}
	gif, err := a.gif()
	if err != nil {
		return err
	}
	store.PutExport(tx, p.ID, line, gif)
	return nil
}

// factOf is what the step tells everybody; nil for nothing.
func factOf(p *publication.Publication, c change) *event.Event {
	out := &event.Event{Aggregate: noun(p), ID: p.ID, Visibility: event.Public}
	switch {
	case p.State == publication.Cancelled && c.from == publication.Published && p.Kind == publication.Opportunity:
		out.Message = &outreachv1.OpportunityCancelled{Opportunity: opportunityFact(p), Version: p.Version}
	case p.State == publication.Cancelled && c.from == publication.Published:
		out.Message = &outreachv1.EventCancelled{Event: eventFact(p), Version: p.Version}
	case p.State != publication.Published || c.from == publication.Published:
		return nil
	case p.Kind == publication.Event:
		out.Message = &outreachv1.EventPublished{Event: eventFact(p), Version: p.Version}
	case p.Kind == publication.Opportunity:
		out.Message = &outreachv1.OpportunityPublished{Opportunity: opportunityFact(p), Version: p.Version}
	default:
		a := articleSummary(p, publication.ForPublic)
		a.Body, a.PlainJa = p.Body, p.PlainJa
		out.Message = &outreachv1.ArticlePublished{Article: a, Version: p.Version}
	}
	return out
}

// eventFact is an event as its events carry it: what can be computed from the
// rest is left out.
func eventFact(p *publication.Publication) *outreachv1.Event {
	e := eventSummary(p, publication.ForPublic)
	e.Body, e.PlainJa, e.OccursOn = p.Body, p.PlainJa, nil
	return e
}

// announcement is a publication as every output shows it. It exists only with
// credits and is made in one place.
type announcement struct {
	*publication.Publication
	title   string // With 【中止】 before it where it was called off.
	page    string // Address of its page.
	credits credit.Lines
	origin  string
}

// folder is where the pages of a kind are.
func folder(k publication.Kind) string {
	if k == publication.Opportunity {
		return "opportunities"
	}
	return strings.ToLower(string(k)) + "s"
}

// announce makes the announcement of a visible publication.
func (s *publications) announce(p *publication.Publication) announcement {
	a := announcement{
		Publication: p, title: p.Title, credits: p.Credits, origin: s.Origin,
		page: s.Origin + "/" + folder(p.Kind) + "/" + p.ID,
	}
	if p.State == publication.Cancelled {
		a.title = "【中止】" + p.Title
	}
	return a
}

// summaryLength is how much of a text stands in for a summary, in characters.
const summaryLength = 200

// summary is what lists show: as written, or the beginning of the text.
func (a announcement) summary() string {
	text := a.Summary
	if text == "" {
		text = strings.ReplaceAll(plainText(a.Body), "\n", " ")
	}
	if text == "" && a.Opportunity != nil {
		text = strings.ReplaceAll(a.Opportunity.Role, "\n", " ")
	}
	if r := []rune(text); len(r) > summaryLength {
		return string(r[:summaryLength-1]) + "…"
	}
	return text
}

func searchEntry(a announcement) store.SearchEntry {
	e := store.SearchEntry{
		Kind: string(a.Kind), ID: a.ID, Title: a.title, Summary: a.summary(), Credits: a.credits, Topics: a.Topics, URL: a.page,
		PublishedAt: a.PublishAt, Text: []string{plainText(a.Body)},
	}
	if d := a.Event; d != nil {
		e.Text = append(e.Text, d.TitleKana, d.Subtitle, d.Place.Name, d.Place.Address.Line(), d.Type, strings.Join(d.Keywords, " "))
		e.StartsAt, e.EndsAt = d.Starts(), d.LastOn().NextMidnight()
	}
	if d := a.Opportunity; d != nil {
		e.Text = append(e.Text, d.Purpose, d.Role, d.Place.Name, d.Place.Address.Line(), d.Station, d.Requirements)
		e.StartsAt, e.EndsAt = d.Starts(), d.LastOn().NextMidnight()
	}
	return e
}

// appearDue publishes what is scheduled and due, and ends what is over.
func (s *publications) appearDue(ctx context.Context) error {
	refs, err := store.DuePublications(ctx, s.DB, s.Now())
	if err != nil {
		return err
	}
	for _, ref := range refs {
		_, err := pg.InTx(ctx, s.DB, func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			return struct{}{}, s.turn(ctx, tx, ref)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// turn takes the step whose time has come on one publication, if it still has.
func (s *publications) turn(ctx context.Context, tx *pg.Tx, ref store.Ref) error {
	p, err := store.LockPublication(ctx, tx, ref, publication.Reader{Desk: true})
	if err != nil {
		return err
	}
	c := change{action: publication.Appear, from: p.State}
	if !p.AppearAt(tx.Now) {
		if c.action = publication.End; !p.EndAt(tx.Now) { // Somebody returned, cancelled or withdrew it.
			return nil
		}
	}
	return s.record(ctx, tx, p, c)
}
