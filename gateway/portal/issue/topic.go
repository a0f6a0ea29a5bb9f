package issue

import (
	"net/http"
	"slices"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

func topicService(q *web.Request) outreachv1.NewsletterTopicServiceClient {
	return outreachv1.NewNewsletterTopicServiceClient(q.Site.Service("outreach"))
}

func allTopics(q *web.Request) (*outreachv1.ListNewsletterTopicsResponse, error) {
	return topicService(q).ListNewsletterTopics(q.Context(), &outreachv1.ListNewsletterTopicsRequest{Ended: true})
}

// subjects are the topics with the form of one of them.
type subjects struct {
	topics []*outreachv1.NewsletterTopic
	form   *ui.Form
	code   string // Topic that the form changes; "" for a new one.
}

func topics(q *web.Request) error {
	return answerTopics(q, ui.NewForm(nil), q.Query("change"), http.StatusOK)
}

func answerTopics(q *web.Request, form *ui.Form, code string, status int) error {
	all, err := allTopics(q)
	if err != nil {
		return err
	}
	s := &subjects{topics: all.GetTopics(), form: form, code: code}
	at := slices.IndexFunc(s.topics, func(t *outreachv1.NewsletterTopic) bool { return t.GetCode() == code })
	switch {
	case at < 0:
		s.code = ""
	case form.Refusal == nil:
		s.form = ui.NewForm(web.Values("topic.", s.topics[at]))
	}
	if at >= 0 {
		s.form.Values.Set("etag", s.topics[at].GetEtag())
	}
	s.form.Labels = ui.Labels{
		"topic.code": "issue.topic.code", "topic.name": "issue.topic.name", "topic.description": "issue.topic.description",
		"topic.sections": "issue.topic.sections", "topic.position": "issue.topic.position",
	}
	return q.RenderAs(status, topicsPage(s))
}

func addTopic(q *web.Request) error {
	req := &outreachv1.CreateNewsletterTopicRequest{Topic: &outreachv1.NewsletterTopicInput{}}
	err := web.Bind(q.PostForm, req)
	if err == nil {
		_, err = topicService(q).CreateNewsletterTopic(q.Once(), req)
	}
	return topicDone(q, err, "")
}

func changeTopic(q *web.Request) error {
	req := &outreachv1.UpdateNewsletterTopicRequest{
		Topic: &outreachv1.NewsletterTopicInput{}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"name", "description", "sections", "ended", "position"}},
	}
	err := web.Bind(q.PostForm, req)
	if err == nil {
		req.Code = q.PathValue("code")
		_, err = topicService(q).UpdateNewsletterTopic(q.Once(), req)
	}
	return topicDone(q, err, q.PathValue("code"))
}

func topicDone(q *web.Request, err error, code string) error {
	if form, refused := q.Refused(err); refused {
		return answerTopics(q, form, code, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/desk/newsletter/topics", "issueTopic")
}

// counts are the readers, never who they are.
type counts struct {
	*outreachv1.GetSubscriptionStatisticsResponse
	form *ui.Form
}

func statistics(q *web.Request) error { return answerCounts(q, ui.NewForm(nil), http.StatusOK) }

func answerCounts(q *web.Request, form *ui.Form, status int) error {
	resp, err := readers(q).GetSubscriptionStatistics(q.Context(), &outreachv1.GetSubscriptionStatisticsRequest{})
	if err != nil {
		return err
	}
	form.Labels = ui.Labels{"returnPath": "issue.bounce.path", "kind": "issue.bounce.kindname"}
	return q.RenderAs(status, statisticsPage(&counts{resp, form}))
}

func reportBounce(q *web.Request) error {
	req := &outreachv1.ReportBounceRequest{}
	err := web.Bind(q.PostForm, req)
	if err == nil {
		_, err = readers(q).ReportBounce(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerCounts(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/desk/newsletter/statistics", "issueBounce")
}
