package outreach

import (
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/board"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/follow"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/notice"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/publication"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/sponsorship"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// notifyChange tells whom a step of a publication concerns: the credited
// organizations that are asked for their word, and the owner.
func (s *publications) notifyChange(tx *pg.Tx, p *publication.Publication, c change) error {
	about := func(kind string, parts ...any) notice.Occasion {
		o := news(kind, p.ID, "/v1/"+folder(p.Kind)+"/", parts...)
		o.Organizations, o.Departments, o.Facts.Title = some(p.OrganizationID), some(p.DepartmentID), p.Title
		return o
	}
	var out []notice.Occasion
	switch {
	case c.action == publication.RequestApproval && p.Collaboration():
		for _, l := range p.Credits {
			if !slices.Contains(p.Unconfirmed(), l.OrganizationID) {
				continue
			}
			o := about("credit_asked", l.OrganizationID, p.Version)
			o.Organizations, o.Departments, o.Facts.Side = []string{l.OrganizationID}, nil, l.Part.Label()
			out = append(out, o)
		}
	case c.action == publication.Return:
		out = append(out, about("publication_returned", p.Version))
	case p.State == publication.Published && c.from != publication.Published:
		out = append(out, about("publication_published", p.Version), followedNews(p))
	}
	for _, o := range out {
		if err := tell(tx, s.Deps, o); err != nil {
			return err
		}
	}
	return nil
}

// followedNews tells who follows a topic, an organization or the project of what
// became public.
func followedNews(p *publication.Publication) notice.Occasion {
	o := news("followed_news", p.ID, "/v1/"+folder(p.Kind)+"/", p.Version)
	o.Facts.Title = p.Title
	for _, topic := range p.Topics {
		o.Followed = append(o.Followed, notice.Followed(string(follow.Topic), topic))
	}
	for _, id := range p.Credits.Organizations() {
		o.Followed = append(o.Followed, notice.Followed(string(follow.Organization), id))
	}
	if p.ProjectID != "" {
		o.Followed = append(o.Followed, notice.Followed(string(follow.Project), p.ProjectID))
	}
	return o
}

// reportReminder is how many days before its last day a report is asked for.
const reportReminder = 7

// notifySponsorship tells the organization of the decision and of the report that
// is due, until it is there.
func (s *sponsorships) notifySponsorship(tx *pg.Tx, a *sponsorship.Sponsorship, from sponsorship.State) error {
	if from == sponsorship.Approved {
		store.DropOccasions(tx, "sponsorship_report_due", a.ID, "")
		return nil
	}
	if a.State != sponsorship.Approved && a.State != sponsorship.Rejected {
		return nil
	}
	o := news("sponsorship_decided", a.ID, "/v1/sponsorships/")
	o.Organizations = []string{a.OrganizationID}
	o.Facts = notice.Facts{Number: a.Number, Title: a.Text.Title, State: "承認されませんでした"}
	if a.State != sponsorship.Approved {
		return tell(tx, s.Deps, o)
	}
	o.Facts.State, o.Facts.Due = "承認されました", jp.LongDate(a.ReportDueOn)
	report := news("sponsorship_report_due", a.ID, "/v1/sponsorships/")
	report.Organizations, report.Facts = o.Organizations, notice.Facts{Title: a.Text.Title, Due: o.Facts.Due}
	report.DueAt = morning(a.ReportDueOn.AddDays(-reportReminder))
	if err := tell(tx, s.Deps, o); err != nil {
		return err
	}
	return tell(tx, s.Deps, report)
}

var postingDecisions = map[board.State]string{board.Approved: "承認されました", board.Rejected: "承認されませんでした"}

// notifyPosting tells the organization that asked of the decision.
func (s *boards) notifyPosting(tx *pg.Tx, p *board.Posting, from board.State) error {
	state := postingDecisions[p.State]
	if from != board.Requested || state == "" || p.OrganizationID == "" {
		return nil
	}
	o := news("posting_decided", p.ID, "/v1/postings/")
	o.Organizations = []string{p.OrganizationID}
	o.Facts = notice.Facts{Number: p.Number, Title: p.Title, State: state}
	return tell(tx, s.Deps, o)
}
