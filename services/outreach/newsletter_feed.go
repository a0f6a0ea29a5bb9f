package outreach

import (
	"context"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/newsletter"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// newsletterFeed is the archive of the mail magazine: each issue with everything that
// it told, and nothing of any reader.
func (s *feeds) newsletterFeed(ctx context.Context, _ store.FeedFilter) (sheaf, error) {
	out := sheaf{title: "千代田区 協働メールマガジン"}
	rows, err := store.ArchivedIssues(ctx, s.DB, feedEntries)
	if err != nil {
		return out, err
	}
	n := newslettersOf(s.Deps)
	for _, i := range rows {
		page := n.issuePage(i.ID)
		html, err := n.archivedHTML(i)
		if err != nil {
			return out, err
		}
		out.entries = append(out.entries, entry{
			id: s.tag(page), title: strings.TrimSpace(i.Number + " " + i.Title), page: page, summary: i.Introduction, html: html,
			credits: strings.TrimSpace("千代田区 " + i.Publisher), published: i.StartedAt, updated: i.StartedAt,
		})
		if i.UpdatedAt.After(out.changed) {
			out.changed = i.UpdatedAt
		}
	}
	return out, nil
}

// archivedHTML is what an issue told, as a part of a page.
func (n *newsletters) archivedHTML(i *newsletter.Issue) (string, error) {
	var b strings.Builder
	err := newsletterHTML.ExecuteTemplate(&b, "parts", n.leafOf(i, i.Items))
	return b.String(), err
}
