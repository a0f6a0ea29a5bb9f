// Package task has the page of what waits for the signed-in person, over all
// services.
package task

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{web.SignedIn(http.MethodGet, "/tasks", list)}
}

// pagesOf are the portal's pages for paths of the API: what follows is the id, or
// the id stands for {id}. A thing without a page is named, not linked.
var pagesOf = map[string]string{
	"/v1/bookings/":      "/bookings/",
	"/v1/calls/":         "/calls/",
	"/v1/consultations/": "/desk/consultations/",
	"/v1/evaluations/":   "/evaluations/",
	"/v1/listings/":      "/listings/",
	"/v1/organizations/": "/organizations/{id}/registration",
	"/v1/proposals/":     "/proposals/",
	"/v1/referrals/":     "/referrals/",
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
		tasks = append(tasks, waiting{t, pageOf(q, t.GetPath())})
	}
	return q.Render(listPage(tasks, resp))
}

// deeper are the pages for paths below a thing; they go before pagesOf.
var deeper = []struct {
	api  *regexp.Regexp
	page string
}{
	{regexp.MustCompile(`^/v1/listings/([^/]+)/introductions/([^/]+)$`), "/listings/$1/introductions/$2"},
	{regexp.MustCompile(`^/v1/organizations/([^/]+)/members/([^/]+)$`), "/my/organizations"},
}

// pageOf returns the page of a thing; "" without one.
func pageOf(q *web.Request, path string) string {
	for _, d := range deeper {
		if d.api.MatchString(path) {
			return d.api.ReplaceAllString(path, d.page)
		}
	}
	for api, page := range pagesOf {
		id, ok := strings.CutPrefix(path, api)
		if !ok {
			continue
		}
		id, _, _ = strings.Cut(id, "/")
		if at := strings.ReplaceAll(page, "{id}", id); at != page {
			page = at
		} else {
			page += id
		}
		if q.Site.Reads(page) {
			return page
		}
	}
	return ""
}
