// Package trail has the page of a public number: the dated chain from the ward's
// challenge to the changed clause of the rulebook.
package trail

import (
	"context"
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
	return q.Render(showPage(resp.GetTrail(), things(q, resp.GetTrail())))
}

// errNoTrail refuses a number of which nothing is public.
var errNoTrail = fault.New(fault.NotFound, "TRAIL_NOT_FOUND", "この番号の経過は公開されていません。番号を確かめて、もう一度入力してください。", "Nothing is public of this number; check it and enter it again.")

// steps are the chain for the timeline, each with the part of the chain.
func steps(ctx context.Context, t *evaluationv1.Trail) []ui.Step {
	var out []ui.Step
	for _, e := range t.GetEntries() {
		out = append(out, ui.Step{Date: e.GetDate(), Title: text.S(ctx, "trail.entry", text.Enum(ctx, "trail.kind", e.GetKind()), e.GetTitle())})
	}
	return out
}

// pagesOf are the portal's pages for the parts of the chain, followed by the id of
// the thing.
var pagesOf = map[evaluationv1.TrailEntry_Kind]string{
	evaluationv1.TrailEntry_CHALLENGE:   "/challenges/",
	evaluationv1.TrailEntry_PROPOSAL:    "/proposals/",
	evaluationv1.TrailEntry_NEGOTIATION: "/proposals/",
	evaluationv1.TrailEntry_DECISION:    "/proposals/",
	evaluationv1.TrailEntry_AGREEMENT:   "/projects/",
	evaluationv1.TrailEntry_PROJECT:     "/projects/",
	evaluationv1.TrailEntry_EVALUATION:  "/evaluations/",
	evaluationv1.TrailEntry_IMPROVEMENT: "/improvements/",
}

// thing is what a part of the chain is about, with its page.
type thing struct {
	kind  evaluationv1.TrailEntry_Kind
	title string
	page  string
}

// things are those of the chain that have a page, each once, in its order.
func things(q *web.Request, t *evaluationv1.Trail) []thing {
	var out []thing
	for _, e := range t.GetEntries() {
		base := pagesOf[e.GetKind()]
		page := base + e.GetObjectId()
		if base == "" || e.GetObjectId() == "" || !q.Site.Reads(page) || slices.ContainsFunc(out, func(o thing) bool { return o.page == page }) {
			continue
		}
		out = append(out, thing{e.GetKind(), e.GetTitle(), page})
	}
	return out
}
