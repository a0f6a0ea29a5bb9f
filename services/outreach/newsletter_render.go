package outreach

import (
	"embed"
	htmltemplate "html/template"
	"strings"
	"sync"
	"text/template"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/newsletter"
)

//go:embed newsletter
var newsletterFiles embed.FS

var (
	newsletterText = template.Must(template.ParseFS(newsletterFiles, "newsletter/*.txt"))
	newsletterHTML = htmltemplate.Must(htmltemplate.ParseFS(newsletterFiles, "newsletter/*.html"))
)

// leaf is what the templates of an issue know.
type leaf struct {
	Number, Title, Introduction, Publisher, Contact, Page string
	Paragraphs                                            []string // Of the introduction.
	Parts                                                 []part
}

// part is one section with its heading.
type part struct {
	Name  string
	Items []leafItem
}

type leafItem struct{ Title, Day, Comment, Summary, Credits, URL string }

// leafOf lays out the items that belong to a reader; they are in the order of the
// sections.
func (n *newsletters) leafOf(i *newsletter.Issue, items []newsletter.Item) leaf {
	l := leaf{
		Number: i.Number, Title: i.Title, Introduction: i.Introduction, Publisher: i.Publisher, Contact: i.Contact, Page: n.issuePage(i.ID),
	}
	for p := range strings.SplitSeq(i.Introduction, "\n") {
		if p = strings.TrimSpace(p); p != "" {
			l.Paragraphs = append(l.Paragraphs, p)
		}
	}
	for _, s := range newsletter.Sections {
		p := part{Name: s.Name}
		for _, item := range items {
			if item.Section != s.Section {
				continue
			}
			shown := leafItem{Title: item.Title, Comment: item.Comment, Summary: item.Summary, Credits: item.Credits, URL: item.URL}
			if !item.StartsOn.IsZero() {
				shown.Day = jp.LongDate(item.StartsOn)
			}
			p.Items = append(p.Items, shown)
		}
		if len(p.Items) > 0 {
			l.Parts = append(l.Parts, p)
		}
	}
	return l
}

// printed is the mail of all readers with the same wish, but for its end.
type printed struct{ subject, plain, html string }

// print writes the mail of a wish; ok is false when nothing belongs to it.
func (n *newsletters) print(i *newsletter.Issue, w newsletter.Wish) (p printed, ok bool, err error) {
	items := newsletter.Select(i.Items, w)
	if len(items) == 0 {
		return p, false, nil
	}
	l := n.leafOf(i, items)
	var plain, page strings.Builder
	if err := newsletterText.ExecuteTemplate(&plain, "body", l); err != nil {
		return p, false, err
	}
	if w.Format == newsletter.HTML {
		if err := newsletterHTML.ExecuteTemplate(&page, "body", l); err != nil {
			return p, false, err
		}
	}
	return printed{subject: i.Title, plain: plain.String(), html: page.String()}, true, nil
}

// ends are the ends of a reader's mail: the ways to change and to end it.
func ends(readerPage string) (plain, html string, err error) {
	var t, h strings.Builder
	if err := newsletterText.ExecuteTemplate(&t, "end", readerPage); err != nil {
		return "", "", err
	}
	if err := newsletterHTML.ExecuteTemplate(&h, "end", readerPage); err != nil {
		return "", "", err
	}
	return t.String(), h.String(), nil
}

// The list as mail programs know it (RFC 2919).
const (
	listName = "千代田区 協働メールマガジン"
	listID   = "newsletter"
)

// edition encodes a printed mail.
func (n *newsletters) edition(p printed, at time.Time) *mail.Edition {
	return n.Mail.Edition(mail.Text{Subject: p.subject, Plain: p.plain, HTML: p.html, List: listName, ListID: listID, Time: at})
}

// letter is what one reader gets of an edition.
func (n *newsletters) letter(issueID, readerID, email string) (mail.Letter, error) {
	page := n.readerPage(readerID)
	plain, html, err := ends(page)
	return mail.Letter{
		To: email, ID: issueID + "." + readerID, ReturnPath: n.returnPath(readerID), Unsubscribe: page + "/unsubscribe",
		PlainEnd: plain, HTMLEnd: html,
	}, err
}

// pressSize bounds the wishes whose mails a press keeps at a time.
const pressSize = 500

// press prints the mails of an issue, each wish's once while it is asked for. It is
// safe for concurrent use.
type press struct {
	*newsletters
	issue *newsletter.Issue

	mu       sync.Mutex
	editions map[string]*mail.Edition // Nil for a wish to which nothing belongs.
}

func (p *press) edition(w newsletter.Wish) (*mail.Edition, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := w.Key()
	if e, ok := p.editions[key]; ok {
		return e, nil
	}
	text, ok, err := p.print(p.issue, w)
	if err != nil {
		return nil, err
	}
	if p.editions == nil || len(p.editions) >= pressSize {
		p.editions = map[string]*mail.Edition{}
	}
	p.editions[key] = nil
	if ok {
		p.editions[key] = p.newsletters.edition(text, p.issue.StartedAt)
	}
	return p.editions[key], nil
}
