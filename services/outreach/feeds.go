package outreach

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"html"
	"net/url"
	"strings"
	"time"

	atom "github.com/gorilla/feeds"

	"github.com/chiyoda-kyodo/kyodo/pkg/calendar"
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// feeds answers FeedService.
type feeds struct {
	outreachv1.UnimplementedFeedServiceServer
	publications
}

// The sizes of feeds, and how long anybody may keep one, in seconds.
const (
	feedEntries     = 50
	calendarEntries = 1000
	calendarBack    = 3 // Months before this one that a calendar goes back.
	feedAge         = 300
)

// sheaf is what a feed is made of.
type sheaf struct {
	name    string // Of the file.
	title   string
	changed time.Time // When what it shows last changed; zero for never.
	entries []entry
}

// entry is one entry of a feed; its credits are in every form of it.
type entry struct {
	id, title, page, summary, html, credits string
	published, updated                      time.Time
}

// GetFeed answers a feed.
func (s *feeds) GetFeed(ctx context.Context, req *outreachv1.GetFeedRequest) (*outreachv1.GetFeedResponse, error) {
	f := store.FeedFilter{
		Topic: req.GetTopic(), OrganizationID: req.GetOrganizationId(), DepartmentID: req.GetDepartmentId(), Limit: feedEntries,
	}
	kind, form, _ := strings.Cut(req.GetName(), ".")
	gather, ok := map[string]func(context.Context, store.FeedFilter) (sheaf, error){
		"articles": s.articleFeed, "events": s.eventFeed, "opportunities": s.opportunityFeed, "progress": s.progressFeed,
		"newsletter": s.newsletterFeed,
	}[kind]
	var (
		document *typev1.Document
		err      error
	)
	switch {
	case req.GetName() == "events.ics":
		document, err = s.calendar(ctx, f)
	case req.GetName() == "opportunities.ics":
		document, err = s.shiftCalendar(ctx, f)
	case !ok, form != "atom" && form != "json", kind == "progress" && (form != "atom" || f.Topic != ""),
		kind == "newsletter" && (form != "atom" || f.Selects()):
		return nil, fault.ErrNotFound
	default:
		var sh sheaf
		if sh, err = gather(ctx, f); err == nil {
			sh.name = req.GetName()
			document, err = s.write(sh, form)
		}
	}
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(document.GetContent())
	document.Etag, document.MaxAge = hex.EncodeToString(sum[:]), feedAge
	return &outreachv1.GetFeedResponse{Document: document}, nil
}

func (s *feeds) articleFeed(ctx context.Context, f store.FeedFilter) (sheaf, error) {
	f.Kind = publication.Article
	return s.publicationFeed(ctx, f, "千代田区 協働のお知らせ")
}

func (s *feeds) eventFeed(ctx context.Context, f store.FeedFilter) (sheaf, error) {
	f.Kind = publication.Event
	return s.publicationFeed(ctx, f, "千代田区 協働のイベント")
}

func (s *feeds) publicationFeed(ctx context.Context, f store.FeedFilter, title string) (sheaf, error) {
	out := sheaf{title: title}
	rows, err := store.FeedEntries(ctx, s.DB, f)
	if err != nil {
		return out, err
	}
	for _, p := range rows {
		a := s.announce(p)
		out.entries = append(out.entries, entry{
			id: s.tag(a.page), title: a.title, page: a.page, summary: a.summary(), html: a.html(), credits: a.credits.Text(),
			published: a.PublishAt, updated: a.ChangedAt,
		})
	}
	out.changed, err = store.FeedChanged(ctx, s.DB, f)
	return out, err
}

// html is the announcement as a part of a page: what, when, where, who.
func (a announcement) html() string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			b.WriteString("<p>" + name + "：" + html.EscapeString(value) + "</p>")
		}
	}
	if a.State == publication.Cancelled {
		line("中止の理由", a.WithdrawReason)
	}
	if d := a.Event; d != nil {
		line("日時", d.Period())
		line("場所", place(d))
	}
	for _, fact := range a.opportunityFacts() {
		line(fact[0], fact[1])
	}
	b.WriteString(safeHTML(a.Body))
	b.WriteString("<p>" + html.EscapeString(a.credits.Text()) + "</p>")
	if d := a.Event; d != nil {
		line("問い合わせ", strings.TrimSpace(d.Contact.Name+" "+d.Contact.PhoneNumber+" "+d.Contact.Email))
	}
	return b.String()
}

func (s *feeds) progressFeed(ctx context.Context, f store.FeedFilter) (sheaf, error) {
	out := sheaf{title: "千代田区 協働事業提案の検討経過"}
	rows, err := store.ProgressItems(ctx, s.DB, f)
	if err != nil {
		return out, err
	}
	for _, i := range rows {
		names := i.DepartmentNames
		if !i.Hidden && i.OrganizationName != "" {
			names = append(names[:len(names):len(names)], i.OrganizationName)
		}
		page := s.Origin + "/calls"
		if i.ProposalID != "" {
			page = s.Origin + "/proposals/" + i.ProposalID
		}
		credits := strings.Join(names, "／")
		out.entries = append(out.entries, entry{
			id: s.tag("/progress/" + i.ID), title: i.Title, page: page, summary: i.Body, credits: credits,
			html:      "<p>" + html.EscapeString(i.Body) + "</p><p>" + html.EscapeString(credits) + "</p>",
			published: i.At, updated: i.At,
		})
	}
	out.changed, err = store.ProgressChanged(ctx, s.DB)
	return out, err
}

// tag is the identifier of an entry for ever (RFC 4151).
func (s *feeds) tag(page string) string {
	return "tag:" + host(s.Origin) + ",2026:" + strings.TrimPrefix(page, s.Origin)
}

// host is the name of the installation in identifiers.
func host(origin string) string {
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" {
		return "kyodo.invalid"
	}
	return u.Hostname()
}

// write writes a feed as Atom or JSON Feed.
func (s *feeds) write(sh sheaf, form string) (*typev1.Document, error) {
	updated := sh.changed.UTC()
	if updated.IsZero() {
		updated = time.Unix(0, 0).UTC() // Atom wants a time; nothing was ever shown.
	}
	feed := &atom.Feed{
		Title: sh.title, Link: &atom.Link{Href: s.Origin + "/feeds/" + sh.name, Rel: "self"}, Updated: updated,
		Author: &atom.Author{Name: "千代田区 協働ポータル"},
	}
	for _, e := range sh.entries {
		feed.Add(&atom.Item{
			Id: e.id, Title: e.title, Link: &atom.Link{Href: e.page}, Author: &atom.Author{Name: e.credits},
			Description: e.summary, Content: e.html, Created: e.published.UTC(), Updated: e.updated.UTC(),
		})
	}
	d := &typev1.Document{ModifyTime: convert.Instant(sh.changed)}
	var body string
	var err error
	if form == "json" {
		d.MediaType = "application/feed+json; charset=utf-8"
		j := (&atom.JSON{Feed: feed}).JSONFeed()
		j.Language, j.HomePageUrl, j.FeedUrl = "ja", s.Origin+"/", s.Origin+"/feeds/"+sh.name
		body, err = j.ToJSON()
	} else {
		d.MediaType = "application/atom+xml; charset=utf-8"
		x := (&atom.Atom{Feed: feed}).AtomFeed()
		x.Id = s.tag("/feeds/" + sh.name)
		for i, e := range x.Entries {
			e.Published = sh.entries[i].published.UTC().Format(time.RFC3339)
			if e.Summary != nil {
				e.Summary.Type = "text"
			}
		}
		body, err = atom.ToXML(x)
	}
	d.Content = []byte(body)
	return d, err
}

// calendar writes the events of the last and the coming months as iCalendar.
func (s *feeds) calendar(ctx context.Context, f store.FeedFilter) (*typev1.Document, error) {
	f.Kind, f.Limit = publication.Event, calendarEntries
	f.Since = jp.DateOf(s.Now()).FirstOfMonth().AddMonths(-calendarBack)
	rows, err := store.FeedEntries(ctx, s.DB, f)
	if err != nil {
		return nil, err
	}
	changed, err := store.FeedChanged(ctx, s.DB, f)
	if err != nil {
		return nil, err
	}
	c := calendar.New("千代田区 協働のイベント")
	for _, p := range rows {
		c.Add(s.announce(p).calendarEvent())
	}
	return &typev1.Document{MediaType: "text/calendar; charset=utf-8", Content: c.Bytes(), ModifyTime: convert.Instant(changed)}, nil
}

// calendarEvent is the event as calendars have it.
func (a announcement) calendarEvent() calendar.Event {
	d := a.Event
	e := calendar.Event{
		UID: a.ID + "@" + host(a.origin), Sequence: max(a.Sequence-1, 0), Start: d.Starts(), End: d.Ends(), AllDay: d.AllDay(),
		Summary: a.title, Location: place(d), URL: a.page, Cancelled: a.State == publication.Cancelled, Updated: a.ChangedAt,
		Categories: a.Topics, Rule: rule(d),
	}
	parts := []string{a.summary(), a.credits.Text()}
	if d.Contact.Name != "" {
		parts = append(parts, "問い合わせ："+strings.TrimSpace(d.Contact.Name+" "+d.Contact.PhoneNumber))
	}
	e.Description = strings.TrimSpace(strings.Join(parts, "\n"))
	for _, day := range d.ExceptOn {
		e.Except = append(e.Except, day.StartOfDay().Add(d.Starts().Sub(d.StartsOn.StartOfDay())))
	}
	return e
}
