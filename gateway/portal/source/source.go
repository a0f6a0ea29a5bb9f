// Package source has the pages of what partners publish elsewhere: the directory
// of links with what was read from them, and for who keeps it the sources.
package source

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/partner"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/sources", list),
		web.SignedIn(http.MethodPost, "/sources", create),
		web.SignedIn(http.MethodGet, "/sources/new", begin).For(outreachv1.SourceService_CreateSource_FullMethodName),
		web.Public(http.MethodGet, "/items", items),
		web.SignedIn(http.MethodPost, "/items/{item}", takeItem),
		web.Public(http.MethodGet, "/sources/{id}", show),
		web.SignedIn(http.MethodGet, "/sources/{id}/edit", edit).For(outreachv1.SourceService_UpdateSource_FullMethodName),
		web.SignedIn(http.MethodPost, "/sources/{id}/edit", save),
		web.SignedIn(http.MethodPost, "/sources/{id}/steps/{step}", take),
	}
}

func sources(q *web.Request) outreachv1.SourceServiceClient {
	return outreachv1.NewSourceServiceClient(q.Site.Service("outreach"))
}

// links is the directory of links.
type links struct {
	form        *ui.Form
	found       []*outreachv1.Source
	first, next string
}

func list(q *web.Request) error {
	l := links{form: ui.NewForm(q.URL.Query())}
	resp, err := sources(q).ListSources(q.Context(), &outreachv1.ListSourcesRequest{
		State:    outreachv1.Source_State(outreachv1.Source_State_value[q.Query("state")]),
		Kind:     outreachv1.Source_Kind(outreachv1.Source_Kind_value[q.Query("kind")]),
		Health:   outreachv1.Source_Health(outreachv1.Source_Health_value[q.Query("health")]),
		PageSize: 30, PageToken: q.Query("page"),
	})
	if err != nil {
		return err
	}
	l.found = resp.GetSources()
	l.first, l.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&l))
}

// news is what was read from sources, newest first.
type news struct {
	form        *ui.Form
	found       []*outreachv1.Item
	first, next string
	back        string // Address of the page, to come back to.
}

func items(q *web.Request) error {
	n := news{form: ui.NewForm(q.URL.Query()), back: q.With("done", "")}
	resp, err := sources(q).ListItems(q.Context(), &outreachv1.ListItemsRequest{Q: strings.TrimSpace(q.Query("q")), PageSize: 30, PageToken: q.Query("page")})
	if form, refused := q.Refused(err); refused && form.Refusal.Kind == fault.Invalid {
		form.Values = q.URL.Query()
		n.form = form
		return q.RenderAs(form.Status, itemsPage(&n))
	}
	if err != nil {
		return err
	}
	n.found = resp.GetItems()
	n.first, n.next = q.Pages(resp.GetNextPageToken())
	return q.Render(itemsPage(&n))
}

// takeItem hides an item or shows it again.
func takeItem(q *web.Request) error {
	id, err := q.ID("item")
	if err != nil {
		return err
	}
	done := "itemShown"
	if q.PostFormValue("step") == "hide" {
		done = "itemHidden"
		_, err = sources(q).HideItem(q.Once(), &outreachv1.HideItemRequest{Id: id})
	} else {
		_, err = sources(q).ShowItem(q.Once(), &outreachv1.ShowItemRequest{Id: id})
	}
	if err != nil {
		return err
	}
	return q.Redirect(q.Back(), done)
}

// steps are the steps of a source.
var steps = &step.Table[outreachv1.Source_State]{
	Texts: "source",
	Steps: []step.Step[outreachv1.Source_State]{
		{
			Name: "release", Method: outreachv1.SourceService_ReleaseSource_FullMethodName, Sure: true, Done: "sourceRelease",
			From: step.In(outreachv1.Source_QUARANTINED), Take: step.By(sources, outreachv1.SourceServiceClient.ReleaseSource),
		},
		{
			Name: "pause", Method: outreachv1.SourceService_PauseSource_FullMethodName, Sure: true, Done: "sourcePause",
			From: step.In(outreachv1.Source_QUARANTINED, outreachv1.Source_ACTIVE), Take: step.By(sources, outreachv1.SourceServiceClient.PauseSource),
		},
		{
			Name: "resume", Method: outreachv1.SourceService_ResumeSource_FullMethodName, Done: "sourceResume",
			From: step.In(outreachv1.Source_PAUSED), Take: step.By(sources, outreachv1.SourceServiceClient.ResumeSource),
		},
		{
			Name: "delete", Method: outreachv1.SourceService_DeleteSource_FullMethodName, Sure: true, Done: "sourceDelete",
			Take: step.By(sources, outreachv1.SourceServiceClient.DeleteSource),
		},
	},
}

// record is a source with what was read from it.
type record struct {
	*outreachv1.Source
	news
}

func show(q *web.Request) error { return answer(q, nil, http.StatusOK) }

func read(q *web.Request) (*outreachv1.Source, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	resp, err := sources(q).GetSource(q.Context(), &outreachv1.GetSourceRequest{Id: id})
	return resp.GetSource(), err
}

func answer(q *web.Request, form *ui.Form, status int) error {
	s, err := read(q)
	if err != nil {
		return err
	}
	r := &record{s, news{form: form, back: path(s.GetId())}}
	resp, err := sources(q).ListItems(q.Context(), &outreachv1.ListItemsRequest{SourceId: s.GetId(), PageSize: 20, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	r.found = resp.GetItems()
	r.first, r.next = q.Pages(resp.GetNextPageToken())
	return q.RenderAs(status, showPage(r))
}

func path(id string) string { return "/sources/" + id }

// keeps reports whether the caller keeps the source.
func (r *record) keeps(ctx context.Context) bool {
	p := ui.ViewOf(ctx).Caller
	return partner.Desk(ctx) || p.Has(optionsv1.Role_ROLE_COORDINATOR) && r.GetOrganizationId() != "" && p.IsMember(r.GetOrganizationId())
}

func (r *record) offers(ctx context.Context) []step.Offer {
	if !r.keeps(ctx) {
		return nil
	}
	return steps.Offers(ctx, &step.Thing[outreachv1.Source_State]{State: r.GetState(), Path: path(r.GetId()), Etag: r.GetEtag(), Form: r.form})
}

func take(q *web.Request) error {
	back := path(q.PathValue("id"))
	if q.PathValue("step") == "delete" {
		back = "/sources"
	}
	return steps.Take(q, back, answer)
}

// labels name the fields in the summary of what was refused.
var labels = ui.Labels{
	"source.name": "source.name", "source.description": "source.description", "source.kind": "source.kindname", "source.url": "source.url",
	"source.siteUrl": "source.siteUrl", "source.organizationId": "source.organizationId", "source.intervalMinutes": "source.intervalMinutes",
}

// entry is a source that is being written.
type entry struct {
	form          *ui.Form
	source        *outreachv1.Source // nil before it is registered.
	organizations []ui.Option
}

func begin(q *web.Request) error {
	return answerEntry(q, &entry{form: ui.NewForm(url.Values{"source.kind": {outreachv1.Source_FEED.String()}})}, http.StatusOK)
}

func answerEntry(q *web.Request, e *entry, status int) error {
	e.form.Labels = labels
	if e.source == nil {
		own, err := partner.Organizations(q)
		if err != nil {
			return err
		}
		found, err := partner.Found(q, e.form.Get("_find"))
		if err != nil {
			return err
		}
		if e.organizations = append(own, found...); partner.Desk(q.Context()) {
			e.organizations = append([]ui.Option{{Text: text.S(q.Context(), "source.noorganization")}}, e.organizations...)
		}
	}
	return q.RenderAs(status, editPage(e))
}

func create(q *web.Request) error {
	if q.PostFormValue("step") == "find" {
		return answerEntry(q, &entry{form: q.Posted()}, http.StatusOK)
	}
	req := &outreachv1.CreateSourceRequest{Source: &outreachv1.SourceInput{}}
	err := web.Bind(q.PostForm, req)
	var resp *outreachv1.CreateSourceResponse
	if err == nil {
		resp, err = sources(q).CreateSource(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerEntry(q, &entry{form: form}, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(path(resp.GetSource().GetId()), "sourceBegun")
}

func edit(q *web.Request) error {
	s, err := read(q)
	if err != nil {
		return err
	}
	if !(&record{Source: s}).keeps(q.Context()) {
		return fault.ErrPermissionDenied
	}
	return answerEntry(q, &entry{source: s, form: ui.NewForm(web.Values("source.", s))}, http.StatusOK)
}

func save(q *web.Request) error {
	s, err := read(q)
	if err != nil {
		return err
	}
	req := &outreachv1.UpdateSourceRequest{Source: &outreachv1.SourceInput{}, UpdateMask: &fieldmaskpb.FieldMask{
		Paths: []string{"name", "description", "url", "site_url", "interval_minutes"},
	}}
	if err = web.Bind(q.PostForm, req); err == nil {
		req.Id = s.GetId()
		_, err = sources(q).UpdateSource(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerEntry(q, &entry{source: s, form: form}, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(path(s.GetId()), "sourceSaved")
}
