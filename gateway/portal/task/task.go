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

// pagesOf are the portal's pages for paths of the API. A thing without a page is
// named, not linked.
var pagesOf = map[string]string{
	"/v1/bookings/":      "/bookings/",
	"/v1/calls/":         "/calls/",
	"/v1/consultations/": "/desk/consultations/",
	"/v1/challenges/":    "/challenges/",
	"/v1/evaluations/":   "/evaluations/",
	"/v1/improvements/":  "/improvements/",
	"/v1/projects/":      "/projects/",
	"/v1/proposals/":     "/proposals/",

	"/v1/rulebook/versions/": "/rulebook/versions/",
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

// pageOf returns the page of a thing; the page of what it belongs to, such as the
// project of a report, where it has none of its own.
func pageOf(q *web.Request, path string) string {
	for api, page := range pagesOf {
		if id, ok := strings.CutPrefix(path, api); ok {
			if q.Site.Reads(page + id) {
				return page + id
			}
			id, _, _ = strings.Cut(id, "/")
			if q.Site.Reads(page + id) {
				return page + id
			}
		}
	}
	return ""
}
