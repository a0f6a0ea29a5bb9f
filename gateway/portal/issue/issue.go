// Package issue has the ward's pages of the mail magazine: issues from draft to
// the last mail, what readers would get, topics and counts. Nobody's address is
// on any of them.
package issue

import (
	"net/http"
	"slices"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/step"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// Routes are the area's pages.
func Routes() []web.Route {
	return []web.Route{
		web.SignedIn(http.MethodGet, "/desk/newsletter", list).For(outreachv1.NewsletterIssueService_PreviewIssue_FullMethodName),
		web.SignedIn(http.MethodGet, "/desk/newsletter/issues/new", begin).For(outreachv1.NewsletterIssueService_CreateIssue_FullMethodName),
		web.SignedIn(http.MethodPost, "/desk/newsletter/issues", create),
		web.SignedIn(http.MethodGet, "/desk/newsletter/issues/{id}", show).For(outreachv1.NewsletterIssueService_GetIssueStatus_FullMethodName),
		web.SignedIn(http.MethodGet, "/desk/newsletter/issues/{id}/progress", progress),
		web.SignedIn(http.MethodGet, "/desk/newsletter/issues/{id}/edit", edit).For(outreachv1.NewsletterIssueService_UpdateIssue_FullMethodName),
		web.SignedIn(http.MethodPost, "/desk/newsletter/issues/{id}/edit", save),
		web.SignedIn(http.MethodGet, "/desk/newsletter/issues/{id}/preview", preview).For(outreachv1.NewsletterIssueService_PreviewIssue_FullMethodName),
		web.SignedIn(http.MethodPost, "/desk/newsletter/issues/{id}/preview", sendTest),
		web.SignedIn(http.MethodPost, "/desk/newsletter/issues/{id}/steps/{step}", take),
		web.SignedIn(http.MethodGet, "/desk/newsletter/statistics", statistics).For(outreachv1.NewsletterSubscriptionService_GetSubscriptionStatistics_FullMethodName),
		web.SignedIn(http.MethodPost, "/desk/newsletter/statistics", reportBounce),
		web.SignedIn(http.MethodGet, "/desk/newsletter/topics", topics).For(outreachv1.NewsletterTopicService_UpdateNewsletterTopic_FullMethodName),
		web.SignedIn(http.MethodPost, "/desk/newsletter/topics", addTopic),
		web.SignedIn(http.MethodPost, "/desk/newsletter/topics/{code}", changeTopic),
	}
}

func issues(q *web.Request) outreachv1.NewsletterIssueServiceClient {
	return outreachv1.NewNewsletterIssueServiceClient(q.Site.Service("outreach"))
}

func readers(q *web.Request) outreachv1.NewsletterSubscriptionServiceClient {
	return outreachv1.NewNewsletterSubscriptionServiceClient(q.Site.Service("outreach"))
}

// States are those of the list, in their order.
var states = []outreachv1.NewsletterIssue_State{
	outreachv1.NewsletterIssue_DRAFT, outreachv1.NewsletterIssue_PENDING, outreachv1.NewsletterIssue_APPROVED,
	outreachv1.NewsletterIssue_SCHEDULED, outreachv1.NewsletterIssue_SENDING, outreachv1.NewsletterIssue_PAUSED,
	outreachv1.NewsletterIssue_SENT, outreachv1.NewsletterIssue_CANCELLED,
}

// shelf is the list of issues.
type shelf struct {
	form        *ui.Form
	issues      []*outreachv1.NewsletterIssue
	first, next string
}

func list(q *web.Request) error {
	s := shelf{form: ui.NewForm(q.URL.Query())}
	resp, err := issues(q).ListIssues(q.Context(), &outreachv1.ListIssuesRequest{
		State:    outreachv1.NewsletterIssue_State(outreachv1.NewsletterIssue_State_value[q.Query("state")]),
		PageSize: 30, PageToken: q.Query("page"),
	})
	if err != nil {
		return err
	}
	s.issues = resp.GetIssues()
	s.first, s.next = q.Pages(resp.GetNextPageToken())
	return q.Render(listPage(&s))
}

// steps are the steps of an issue.
var steps = &step.Table[outreachv1.NewsletterIssue_State]{
	Texts: "issue", Labels: stepLabels,
	Steps: []step.Step[outreachv1.NewsletterIssue_State]{
		{
			Name: "requestApproval", Method: outreachv1.NewsletterIssueService_RequestIssueApproval_FullMethodName, Sure: true, Done: "issueRequestApproval",
			From: step.In(outreachv1.NewsletterIssue_DRAFT), Take: step.By(issues, outreachv1.NewsletterIssueServiceClient.RequestIssueApproval),
		},
		{
			Name: "approve", Method: outreachv1.NewsletterIssueService_ApproveIssue_FullMethodName, Sure: true, Done: "issueApprove",
			From: step.In(outreachv1.NewsletterIssue_PENDING), Take: step.By(issues, outreachv1.NewsletterIssueServiceClient.ApproveIssue),
		},
		{
			Name: "send", Method: outreachv1.NewsletterIssueService_SendIssue_FullMethodName, Sure: true, Done: "issueSend",
			From: step.In(outreachv1.NewsletterIssue_APPROVED), Take: step.By(issues, outreachv1.NewsletterIssueServiceClient.SendIssue),
		},
		{
			Name: "return", Method: outreachv1.NewsletterIssueService_ReturnIssue_FullMethodName, Done: "issueReturn",
			From: step.In(outreachv1.NewsletterIssue_PENDING, outreachv1.NewsletterIssue_APPROVED),
			Take: step.By(issues, outreachv1.NewsletterIssueServiceClient.ReturnIssue),
		},
		{
			Name: "pause", Method: outreachv1.NewsletterIssueService_PauseIssue_FullMethodName, Done: "issuePause",
			From: step.In(outreachv1.NewsletterIssue_SCHEDULED, outreachv1.NewsletterIssue_SENDING),
			Take: step.By(issues, outreachv1.NewsletterIssueServiceClient.PauseIssue),
		},
		{
			Name: "resume", Method: outreachv1.NewsletterIssueService_ResumeIssue_FullMethodName, Done: "issueResume",
			From: step.In(outreachv1.NewsletterIssue_PAUSED), Take: step.By(issues, outreachv1.NewsletterIssueServiceClient.ResumeIssue),
		},
		{
			Name: "compose", Method: outreachv1.NewsletterIssueService_ComposeIssue_FullMethodName, Sure: true, Done: "issueCompose",
			From: step.In(outreachv1.NewsletterIssue_DRAFT), Take: step.By(issues, outreachv1.NewsletterIssueServiceClient.ComposeIssue),
		},
		{
			Name: "cancel", Method: outreachv1.NewsletterIssueService_CancelIssue_FullMethodName, Sure: true, Done: "issueCancel", From: living,
			Take: step.By(issues, outreachv1.NewsletterIssueServiceClient.CancelIssue),
		},
	},
}

// living are the states that are not the end.
var living = states[:6]

// work is an issue on the ward's table.
type work struct {
	*outreachv1.NewsletterIssue
	status  *outreachv1.NewsletterIssueStatus
	form    *ui.Form
	readers int32 // How many get issues today; asked where it can be sent.
}

func show(q *web.Request) error { return answer(q, nil, http.StatusOK) }

func answer(q *web.Request, form *ui.Form, status int) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	got, err := issues(q).GetIssue(q.Context(), &outreachv1.GetIssueRequest{Id: id})
	if err != nil {
		return err
	}
	w := &work{NewsletterIssue: got.GetIssue(), form: form}
	counts, err := issues(q).GetIssueStatus(q.Context(), &outreachv1.GetIssueStatusRequest{Id: id})
	if err != nil {
		return err
	}
	w.status = counts.GetStatus()
	if w.GetState() == outreachv1.NewsletterIssue_APPROVED {
		all, err := readers(q).GetSubscriptionStatistics(q.Context(), &outreachv1.GetSubscriptionStatisticsRequest{})
		if err != nil {
			return err
		}
		w.readers = all.GetActive()
	}
	return q.RenderAs(status, showPage(w))
}

// thing is the issue as its steps need it.
func (w *work) thing() *step.Thing[outreachv1.NewsletterIssue_State] {
	reason := ui.Input{Name: "reason", Label: "issue.reason", Rows: 3, Max: 500, Required: true}
	return &step.Thing[outreachv1.NewsletterIssue_State]{
		State: w.GetState(), Path: path(w.GetId()), Etag: w.GetEtag(), Form: w.form,
		Asks: map[string][]step.Ask{"return": {{Input: reason}}, "cancel": {{Input: reason}}},
		Args: map[string][]any{"send": {w.readers}},
	}
}

// moving reports whether the counts will change by themselves.
func (w *work) moving() bool {
	return w.GetState() == outreachv1.NewsletterIssue_SCHEDULED || w.GetState() == outreachv1.NewsletterIssue_SENDING
}

// begun reports whether mails have gone out.
func (w *work) begun() bool { return w.status.GetReaders() > 0 || w.GetStartTime() != nil }

func path(id string) string { return "/desk/newsletter/issues/" + id }

// progress is the part of the page that renews itself. Where the state is not that
// which the page shows any more, the steps are renewed too, and only then: somebody
// may be about to take one.
func progress(q *web.Request) error {
	id, err := q.ID("id")
	if err != nil {
		return err
	}
	if !q.HTMX() {
		return q.Redirect(path(id), "")
	}
	got, err := issues(q).GetIssue(q.Context(), &outreachv1.GetIssueRequest{Id: id})
	if err != nil {
		return err
	}
	counts, err := issues(q).GetIssueStatus(q.Context(), &outreachv1.GetIssueStatusRequest{Id: id})
	if err != nil {
		return err
	}
	w := &work{NewsletterIssue: got.GetIssue(), status: counts.GetStatus()}
	return q.Render(moved(w, q.Query("was") != w.GetState().String()))
}

func take(q *web.Request) error {
	return steps.Take(q, path(q.PathValue("id")), answer)
}

// labels name the fields in the summary of what was refused.
var labels = ui.Labels{
	"issue.title": "issue.title", "issue.introduction": "issue.introduction", "issue.contact": "issue.contact",
	"issue.periodFrom": "issue.periodFrom", "issue.periodTo": "issue.periodTo", "issue.topics": "issue.topics", "issue.items": "issue.items",
}

// stepLabels name what a step asks or misses.
var stepLabels = ui.Labels{
	"return.reason": "issue.reason", "cancel.reason": "issue.reason", "requestApproval.issue.title": "issue.title",
	"requestApproval.issue.contact": "issue.contact", "requestApproval.issue.items": "issue.items",
}

// draft is an issue that is being written.
type draft struct {
	form   *ui.Form
	issue  *outreachv1.NewsletterIssue // nil before it is begun.
	topics *outreachv1.ListNewsletterTopicsResponse
}

func begin(q *web.Request) error {
	today := q.Today()
	return answerDraft(q, &draft{form: ui.NewForm(map[string][]string{
		"issue.periodFrom": {today.AddDays(-6).String()}, "issue.periodTo": {today.String()},
	})}, http.StatusOK)
}

func answerDraft(q *web.Request, d *draft, status int) error {
	var err error
	if d.topics, err = allTopics(q); err != nil {
		return err
	}
	d.form.Labels = labels
	if d.issue == nil {
		return q.RenderAs(status, beginPage(d))
	}
	return q.RenderAs(status, editPage(d))
}

func create(q *web.Request) error {
	req := &outreachv1.CreateIssueRequest{Issue: &outreachv1.NewsletterIssueInput{}}
	err := web.Bind(q.PostForm, req)
	var resp *outreachv1.CreateIssueResponse
	if err == nil {
		resp, err = issues(q).CreateIssue(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerDraft(q, &draft{form: form}, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(path(resp.GetIssue().GetId())+"/edit", "issueBegun")
}

func read(q *web.Request) (*outreachv1.NewsletterIssue, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	resp, err := issues(q).GetIssue(q.Context(), &outreachv1.GetIssueRequest{Id: id})
	return resp.GetIssue(), err
}

func edit(q *web.Request) error {
	i, err := read(q)
	if err != nil {
		return err
	}
	if i.GetState() != outreachv1.NewsletterIssue_DRAFT {
		return q.Redirect(path(i.GetId()), "")
	}
	return answerDraft(q, &draft{issue: i, form: ui.NewForm(values(i))}, http.StatusOK)
}

// values are the fields of the form: those of an issue, and of each item whether
// it stays and at which place.
func values(i *outreachv1.NewsletterIssue) map[string][]string {
	out := map[string][]string(web.Values("issue.", i))
	for n, item := range i.GetItems() {
		set := func(name, value string) { out[itemField(n, name)] = []string{value} }
		set("sourceId", item.GetSourceId())
		set("comment", item.GetComment())
		set("place", place(n))
		out[itemField(n, "topics")], out[itemField(n, "areas")] = item.GetTopics(), item.GetAreas()
	}
	return out
}

func save(q *web.Request) error {
	i, err := read(q)
	if err != nil {
		return err
	}
	req := &outreachv1.UpdateIssueRequest{
		Id: i.GetId(), Issue: &outreachv1.NewsletterIssueInput{},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title", "introduction", "contact", "period_from", "period_to", "topics", "items"}},
	}
	posted := map[string][]string{}
	for name, v := range q.PostForm {
		posted[name] = slices.Clone(v)
	}
	if err = web.Bind(posted, req); err == nil {
		req.Id, req.Issue.Items = i.GetId(), ordered(q.PostForm, req.GetIssue().GetItems())
		_, err = issues(q).UpdateIssue(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerDraft(q, &draft{issue: i, form: form}, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(path(i.GetId()), "issueSaved")
}
