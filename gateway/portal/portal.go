// Package portal serves the web pages that residents, groups and ward staff use.
// It is part of the edge: it calls the services by gRPC on the caller's behalf
// and holds no rule. Its README says how to add a page.
package portal

import (
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/administration"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/agreement"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/article"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/board"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/booking"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/calendar"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/call"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/challenge"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/consultation"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/criterion"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/department"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/dossier"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/event"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/exchange"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/hall"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/home"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/improvement"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/inquiry"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/issue"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/lottery"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/meeting"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/member"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/newsletter"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/notice"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/opportunity"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/organization"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/penalty"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/project"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/proposal"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/publication"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/referral"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/register"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/registration"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/review"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/rule"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/rulebook"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/search"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/source"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/sponsorship"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/statistics"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/survey"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/task"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/trail"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/training"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/waitlist"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
)

// areas are the parts of the portal, each with its pages.
var areas = []func() []web.Route{
	administration.Routes,
	agreement.Routes,
	article.Routes,
	board.Routes,
	booking.Routes,
	calendar.Routes,
	call.Routes,
	challenge.Routes,
	consultation.Routes,
	criterion.Routes,
	department.Routes,
	dossier.Routes,
	evaluation.Routes,
	event.Routes,
	exchange.Routes,
	hall.Routes,
	home.Routes,
	improvement.Routes,
	inquiry.Routes,
	issue.Routes,
	lottery.Routes,
	meeting.Routes,
	member.Routes,
	newsletter.Routes,
	notice.Routes,
	opportunity.Routes,
	organization.Routes,
	penalty.Routes,
	project.Routes,
	proposal.Routes,
	publication.Routes,
	referral.Routes,
	register.Routes,
	registration.Routes,
	review.Routes,
	rule.Routes,
	rulebook.Routes,
	search.Routes,
	source.Routes,
	sponsorship.Routes,
	statistics.Routes,
	survey.Routes,
	task.Routes,
	trail.Routes,
	training.Routes,
	waitlist.Routes,
}

// Routes are the routes of all areas.
func Routes() []web.Route {
	var out []web.Route
	for _, routes := range areas {
		out = append(out, routes()...)
	}
	return out
}

// New returns the portal.
func New(cfg web.Config) (*web.Site, error) { return web.NewSite(cfg, Routes()) }
