package issue

import (
	"net/http"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// sight is the mail that a reader with the form's wishes would get.
type sight struct {
	issue  *outreachv1.NewsletterIssue
	topics *outreachv1.ListNewsletterTopicsResponse
	mail   *outreachv1.PreviewIssueResponse
	form   *ui.Form
}

func preview(q *web.Request) error {
	form := ui.NewForm(q.URL.Query())
	if form.Get("format") == "" {
		form.Values.Set("format", outreachv1.NewsletterSubscription_HTML.String())
	}
	return answerSight(q, form, http.StatusOK)
}

func answerSight(q *web.Request, form *ui.Form, status int) error {
	i, err := read(q)
	if err != nil {
		return err
	}
	s := &sight{issue: i, form: form}
	form.Labels = ui.Labels{"email": "issue.test.email", "topics": "issue.topics", "areas": "newsletter.areas"}
	if s.topics, err = allTopics(q); err != nil {
		return err
	}
	s.mail, err = issues(q).PreviewIssue(q.Context(), &outreachv1.PreviewIssueRequest{Id: i.GetId(), Topics: form.Values["topics"], Areas: form.Values["areas"]})
	if refused, ok := q.Refused(err); ok && refused.Refusal.Kind == fault.Invalid {
		refused.Values = form.Values
		s.form, status, err = refused, refused.Status, nil
	}
	if err != nil {
		return err
	}
	return q.RenderAs(status, previewPage(s))
}

// sendTest sends what the page shows to one address of the ward.
func sendTest(q *web.Request) error {
	req := &outreachv1.SendTestIssueRequest{}
	err := web.Bind(q.PostForm, req)
	if err == nil {
		req.Id = q.PathValue("id")
		_, err = issues(q).SendTestIssue(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerSight(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(path(q.PathValue("id")), "issueTest")
}

// lower puts the headings of a mail below those of the page.
var lower = strings.NewReplacer("<h1>", `<p class="lead font-bold">`, "</h1>", "</p>", "<h2>", "<h3>", "</h2>", "</h3>", "<h3>", `<h4 class="font-bold">`, "</h3>", "</h4>")

// body is what stands in the HTML of a mail. The service has written it, with
// everything that people wrote as text.
func body(page string) string {
	_, out, _ := strings.Cut(page, "<body>")
	return lower.Replace(out)
}
