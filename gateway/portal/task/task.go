// Package task has the page of what waits for the signed-in person, over all
// services.
package task

import (
	"net/http"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{web.SignedIn(http.MethodGet, "/tasks", list)}
}

// pagesOf are the portal's pages for paths of the API. Either may have a * for the
// id; without one it is the end. A thing without a page is named, not linked.
var pagesOf = map[string]string{
	"/v1/articles/":                    "/articles/",
	"/v1/bookings/":                    "/bookings/",
	"/v1/calls/":                       "/calls/",
	"/v1/challenges/":                  "/challenges/",
	"/v1/closures/":                    "/desk/closures/",
	"/v1/consultations/":               "/desk/consultations/",
	"/v1/evaluations/":                 "/evaluations/",
	"/v1/events/":                      "/events/*/manage",
	"/v1/facilities/":                  "/desk/halls/",
	"/v1/improvements/":                "/improvements/",
	"/v1/listings/":                    "/listings/",
	"/v1/lotteries/":                   "/lotteries/",
	"/v1/meetings/":                    "/meetings/",
	"/v1/opportunities/":               "/opportunities/*/manage",
	"/v1/opportunities/*/applications": "/opportunities/*/applications",
	"/v1/opportunities/*/hours":        "/opportunities/*/hours",
	"/v1/organizations/":               "/organizations/*/registration",
	"/v1/organizations/*/members":      "/my/organizations",
	"/v1/penalties/":                   "/penalties/",
	"/v1/postings/":                    "/postings/",
	"/v1/projects/":                    "/projects/",
	"/v1/proposals/":                   "/proposals/",
	"/v1/referrals/":                   "/referrals/",
	"/v1/reviews/":                     "/reviews/",
	"/v1/rooms/":                       "/desk/rooms/",
	"/v1/rulebook/versions/":           "/rulebook/versions/",
	"/v1/rules/":                       "/desk/rules/",
	"/v1/sources/":                     "/sources/",
	"/v1/sponsorships/":                "/sponsorships/",
	"/v1/trainingApplications/":        "/trainings/",
	"/v1/waitlist/":                    "/waitlist/",
}

// waiting is a task with the page where it is done; "" without one.
type waiting struct {
	*taskv1.Task
	page string
}

func list(q *web.Request) error {
	resp, err := q.Site.Tasks.ListTasks(q.Context(), &taskv1.ListTasksRequest{})
	if err != nil {
		return err
	}
	var tasks []waiting
	for _, t := range resp.GetTasks() {
		tasks = append(tasks, waiting{t, PageOf(q, t.GetPath())})
	}
	return q.Render(listPage(tasks, resp))
}

// PageOf returns the page of a thing by its path of the API: its own, or that of
// what it belongs to, by the longest path that fits; "" for one without.
func PageOf(q *web.Request, path string) string {
	longest, found := "", ""
	for api, page := range pagesOf {
		before, after, _ := strings.Cut(api, "*")
		rest, ok := strings.CutPrefix(path, before)
		id, below, _ := strings.Cut(rest, "/")
		if !ok || !strings.HasPrefix("/"+below, after) || len(api) <= len(longest) {
			continue
		}
		if strings.HasSuffix(page, "/") {
			page += "*"
		}
		for _, at := range []string{rest, id} {
			if to := strings.Replace(page, "*", at, 1); q.Site.Reads(to) {
				longest, found = api, to
				break
			}
		}
	}
	return found
}
