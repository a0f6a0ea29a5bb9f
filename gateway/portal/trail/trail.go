// Package trail has the page of a public number: the dated chain from the ward's
// challenge to the changed clause of the rulebook.
package trail

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/trails", ask),
		web.Public(http.MethodGet, "/trails/{number}", show),
	}
}

// ask is the form for a number. One that is typed leads to its page.
func ask(q *web.Request) error {
	if number := strings.TrimSpace(q.Query("number")); number != "" {
		return q.Redirect("/trails/"+url.PathEscape(number), "")
	}
	return q.Render(askPage(ui.NewForm(url.Values{})))
}

// show is the chain of a number; a number that has none leads back to the form.
func show(q *web.Request) error {
	number := q.PathValue("number")
	resp, err := evaluationv1.NewTrailServiceClient(q.Site.Service("evaluation")).GetTrail(q.Context(), &evaluationv1.GetTrailRequest{PublicNumber: number})
	form := ui.NewForm(url.Values{"number": {number}})
	if web.NotFound(err) {
		form.Refusal, form.Status = errNoTrail, http.StatusNotFound
		return q.RenderAs(form.Status, askPage(form))
	}
	if refused, ok := q.Refused(err); ok && refused.Refusal.Kind == fault.Invalid {
		form.Refusal = refused.Refusal
		return q.RenderAs(refused.Status, askPage(form))
	}
	if err != nil {
		return err
	}
	return q.Render(showPage(resp.GetTrail()))
}

// errNoTrail refuses a number of which nothing is public.
var errNoTrail = fault.New(fault.NotFound, "TRAIL_NOT_FOUND", "この番号の経過は公開されていません。番号を確かめて、もう一度入力してください。", "Nothing is public of this number; check it and enter it again.")

// pages are the portal's pages of what the entries are about. A consultation has
// none that everybody can read.
var pages = map[evaluationv1.TrailEntry_Kind]string{
	evaluationv1.TrailEntry_CHALLENGE:   "/challenges/%s",
	evaluationv1.TrailEntry_PROPOSAL:    "/proposals/%s",
	evaluationv1.TrailEntry_AGREEMENT:   "/projects/%s/agreement",
	evaluationv1.TrailEntry_PROJECT:     "/projects/%s",
	evaluationv1.TrailEntry_EVALUATION:  "/evaluations/%s",
	evaluationv1.TrailEntry_IMPROVEMENT: "/improvements/%s",
	evaluationv1.TrailEntry_CLAUSE:      "/rulebook/versions/%s",
}

// link leads from the chain to one of its things.
type link struct{ name, path string }

// links are the things of the chain, each once.
func links(ctx context.Context, t *evaluationv1.Trail) []link {
	var out []link
	for _, e := range t.GetEntries() {
		page, ok := pages[e.GetKind()]
		l := link{text.S(ctx, "trail.entry", text.Enum(ctx, "trail.kind", e.GetKind()), e.GetTitle()), fmt.Sprintf(page, e.GetObjectId())}
		if ok && e.GetObjectId() != "" && !slices.ContainsFunc(out, func(o link) bool { return o.path == l.path }) {
			out = append(out, l)
		}
	}
	return out
}

// steps are the chain for the timeline, each with the part of the chain.
func steps(ctx context.Context, t *evaluationv1.Trail) []ui.Step {
	var out []ui.Step
	for _, e := range t.GetEntries() {
		out = append(out, ui.Step{Date: e.GetDate(), Title: text.S(ctx, "trail.entry", text.Enum(ctx, "trail.kind", e.GetKind()), e.GetTitle())})
	}
	return out
}
