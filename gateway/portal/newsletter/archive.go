package newsletter

import (
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

func issues(q *web.Request) outreachv1.NewsletterIssueServiceClient {
	return outreachv1.NewNewsletterIssueServiceClient(q.Site.Service("outreach"))
}

// sent is a page of the archive.
type sent struct {
	issues      []*outreachv1.NewsletterIssue
	first, next string
}

func archive(q *web.Request) error {
	resp, err := issues(q).ListIssues(q.Context(), &outreachv1.ListIssuesRequest{
		State: outreachv1.NewsletterIssue_SENT, PageSize: 20, PageToken: q.Query("page"),
	})
	if err != nil {
		return err
	}
	s := sent{issues: resp.GetIssues()}
	s.first, s.next = q.Pages(resp.GetNextPageToken())
	return q.Render(archivePage(&s))
}

func issue(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	resp, err := issues(q).GetIssue(q.Context(), &outreachv1.GetIssueRequest{Id: id})
	if err != nil {
		return err
	}
	return q.Render(issuePage(resp.GetIssue()))
}

// Sections are the parts of an issue, in their order.
var Sections = []outreachv1.NewsletterSection{
	outreachv1.NewsletterSection_NEWSLETTER_SECTION_NOTICE, outreachv1.NewsletterSection_NEWSLETTER_SECTION_EVENT,
	outreachv1.NewsletterSection_NEWSLETTER_SECTION_VOLUNTEER, outreachv1.NewsletterSection_NEWSLETTER_SECTION_CALL,
	outreachv1.NewsletterSection_NEWSLETTER_SECTION_PROGRESS,
}

// Of returns the items of a part.
func Of(s outreachv1.NewsletterSection, all []*outreachv1.NewsletterItem) []*outreachv1.NewsletterItem {
	var out []*outreachv1.NewsletterItem
	for _, item := range all {
		if item.GetSection() == s {
			out = append(out, item)
		}
	}
	return out
}

// Page returns where to read an item: within the portal where it is a page of
// ours, so that it opens on a copy of the installation too.
func Page(i *outreachv1.NewsletterIssue, item *outreachv1.NewsletterItem) string {
	origin, _, found := strings.Cut(i.GetPageUrl(), "/newsletter/issues/")
	if rest, ours := strings.CutPrefix(item.GetUrl(), origin+"/"); found && ours {
		return "/" + rest
	}
	return item.GetUrl()
}
