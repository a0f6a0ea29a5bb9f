// Package notice has the pages of what a person is told: the notices, which kinds
// the person gets, what the person follows, and for administrators how the
// sending goes.
package notice

import (
	"net/http"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/task"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/notices", list),
		web.SignedIn(http.MethodGet, "/notices/preferences", preferences),
		web.SignedIn(http.MethodPost, "/notices/preferences", setPreferences),
		web.SignedIn(http.MethodGet, "/notices/{id}", show),
		web.SignedIn(http.MethodGet, "/follows", follows).For(outreachv1.FollowService_ListFollows_FullMethodName),
		web.SignedIn(http.MethodPost, "/follows", follow),
		web.SignedIn(http.MethodPost, "/follows/{id}/end", unfollow),
		web.SignedIn(http.MethodGet, "/admin/notices", deliveries).For(outreachv1.NoticeService_ListNoticeDeliveries_FullMethodName),
		web.SignedIn(http.MethodGet, "/admin/notices/templates", templates).For(outreachv1.NoticeService_ListNoticeTemplates_FullMethodName),
	}
}

func notices(q *web.Request) outreachv1.NoticeServiceClient {
	return outreachv1.NewNoticeServiceClient(q.Site.Service("outreach"))
}

// box are the caller's own notices.
type box struct {
	notices     []*outreachv1.Notice
	first, next string
}

func list(q *web.Request) error {
	resp, err := notices(q).ListNotices(q.Context(), &outreachv1.ListNoticesRequest{PageSize: 30, PageToken: q.Query("page")})
	if err != nil {
		return err
	}
	b := box{notices: resp.GetNotices()}
	b.first, b.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&b))
}

func show(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	resp, err := notices(q).GetNotice(q.Context(), &outreachv1.GetNoticeRequest{Id: id})
	if err != nil {
		return err
	}
	return q.Render(showPage(resp.GetNotice(), task.PageOf(q, resp.GetNotice().GetPath())))
}

// wishes are the kinds of notices with what the person wants of them.
type wishes struct {
	*outreachv1.NoticePreferences
	form *ui.Form
}

func preferences(q *web.Request) error { return answerWishes(q, nil, http.StatusOK) }

func answerWishes(q *web.Request, form *ui.Form, status int) error {
	resp, err := notices(q).GetNoticePreferences(q.Context(), &outreachv1.GetNoticePreferencesRequest{})
	if err != nil {
		return err
	}
	if form == nil {
		form = ui.NewForm(map[string][]string{})
		for _, k := range resp.GetPreferences().GetKinds() {
			if k.GetOn() {
				form.Values.Add("on", k.GetKind())
			}
		}
	}
	return q.RenderAs(status, preferencesPage(&wishes{resp.GetPreferences(), form}))
}

// setPreferences turns off what is not marked. What was asked is held against the
// kinds that the page showed, so that a kind that is new since stays on.
func setPreferences(q *web.Request) error {
	var off []string
	for _, kind := range q.PostForm["shown"] {
		if !slices.Contains(q.PostForm["on"], kind) {
			off = append(off, kind)
		}
	}
	_, err := notices(q).UpdateNoticePreferences(q.Once(), &outreachv1.UpdateNoticePreferencesRequest{
		Preferences: &outreachv1.NoticePreferencesInput{OffKinds: off}, Etag: q.PostFormValue("etag"), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"off_kinds"}},
	})
	if form, refused := q.Refused(err); refused {
		return answerWishes(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/notices/preferences", "noticePreferences")
}

// post is how the sending of notices goes.
type post struct {
	form        *ui.Form
	counts      *outreachv1.NoticeStatistics
	titles      map[string]string
	deliveries  []*outreachv1.NoticeDelivery
	first, next string
}

// states are those of a notice.
var states = []outreachv1.Notice_State{outreachv1.Notice_QUEUED, outreachv1.Notice_FAILED, outreachv1.Notice_SENT, outreachv1.Notice_GIVEN_UP}

func deliveries(q *web.Request) error {
	p := post{form: ui.NewForm(q.URL.Query()), titles: map[string]string{}}
	counts, err := notices(q).GetNoticeStatistics(q.Context(), &outreachv1.GetNoticeStatisticsRequest{})
	if err != nil {
		return err
	}
	p.counts = counts.GetStatistics()
	resp, err := notices(q).ListNoticeDeliveries(q.Context(), &outreachv1.ListNoticeDeliveriesRequest{
		State:    outreachv1.Notice_State(outreachv1.Notice_State_value[q.Query("state")]),
		PageSize: 30, PageToken: q.Query("page"),
	})
	if err != nil {
		return err
	}
	p.deliveries = resp.GetDeliveries()
	p.first, p.next = q.Pages(resp.GetNextPageToken())
	if p.titles, err = titles(q); err != nil {
		return err
	}
	return q.Render(deliveriesPage(&p))
}

// titles are the kinds in words.
func titles(q *web.Request) (map[string]string, error) {
	resp, err := notices(q).GetNoticePreferences(q.Context(), &outreachv1.GetNoticePreferencesRequest{})
	out := map[string]string{}
	for _, k := range resp.GetPreferences().GetKinds() {
		out[k.GetKind()] = k.GetTitle()
	}
	return out, err
}

// tally are the notices of one kind by their states.
type tally struct {
	kind string
	by   map[outreachv1.Notice_State]int32
}

// tallies are the counts, a line a kind.
func (p *post) tallies() []tally {
	var out []tally
	for _, c := range p.counts.GetCounts() {
		at := slices.IndexFunc(out, func(t tally) bool { return t.kind == c.GetKind() })
		if at < 0 {
			at, out = len(out), append(out, tally{c.GetKind(), map[outreachv1.Notice_State]int32{}})
		}
		out[at].by[c.GetState()] += c.GetCount()
	}
	return out
}

// texts are the templates of one kind of notice.
type texts struct {
	kinds    []ui.Option
	kind     string
	versions []*outreachv1.NoticeTemplate
}

func templates(q *web.Request) error {
	resp, err := notices(q).ListNoticeTemplates(q.Context(), &outreachv1.ListNoticeTemplatesRequest{})
	if err != nil {
		return err
	}
	names, err := titles(q)
	if err != nil {
		return err
	}
	t := texts{kind: q.Query("kind")}
	for _, one := range resp.GetTemplates() {
		if !slices.ContainsFunc(t.kinds, func(o ui.Option) bool { return o.Value == one.GetKind() }) {
			t.kinds = append(t.kinds, ui.Option{Value: one.GetKind(), Text: strings.TrimSpace(names[one.GetKind()])})
		}
		if t.kind == "" {
			t.kind = one.GetKind()
		}
		if one.GetKind() == t.kind {
			t.versions = append(t.versions, one)
		}
	}
	return q.Render(templatesPage(&t))
}
