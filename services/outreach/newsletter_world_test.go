package outreach_test

import (
	"context"
	"regexp"
	"testing"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail/sink"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

const consent = "2026-1"

func (w *world) subscriptions(p auth.Principal) outreachv1.NewsletterSubscriptionServiceClient {
	return outreachv1.NewNewsletterSubscriptionServiceClient(w.As(p))
}

func (w *world) topics(p auth.Principal) outreachv1.NewsletterTopicServiceClient {
	return outreachv1.NewNewsletterTopicServiceClient(w.As(p))
}

func (w *world) issues(p auth.Principal) outreachv1.NewsletterIssueServiceClient {
	return outreachv1.NewNewsletterIssueServiceClient(w.As(p))
}

// magazine makes the topics of the tests.
func (w *world) magazine() {
	w.t.Helper()
	for _, in := range []*outreachv1.NewsletterTopicInput{
		{Code: "children", Name: "子ども・子育て"},
		{Code: "disaster", Name: "防災"},
		{Code: "grants", Name: "助成・募集", Sections: []outreachv1.NewsletterSection{outreachv1.NewsletterSection_NEWSLETTER_SECTION_CALL}},
		{Code: "progress", Name: "検討経過", Sections: []outreachv1.NewsletterSection{outreachv1.NewsletterSection_NEWSLETTER_SECTION_PROGRESS}},
	} {
		w.must(err2(w.topics(desk).CreateNewsletterTopic(w.t.Context(), &outreachv1.CreateNewsletterTopicRequest{Topic: in})))
	}
}

func (w *world) subscribe(email string, in *outreachv1.SubscriptionInput) error {
	_, err := w.subscriptions(auth.Anonymous).Subscribe(w.t.Context(), &outreachv1.SubscribeRequest{Email: email, Subscription: in, ConsentVersion: consent})
	return err
}

var newsletterLink = regexp.MustCompile(`/newsletter/([A-Za-z0-9_-]{43})`)

// newsletterToken is the secret of the link in the last mail to an address.
func (w *world) newsletterToken(address string) string {
	w.t.Helper()
	mails := w.mailsTo(address)
	if len(mails) == 0 {
		w.t.Fatalf("no mail to %s", address)
	}
	return newsletterTokenIn(w.t, mails[len(mails)-1])
}

func newsletterTokenIn(t *testing.T, m sink.Mail) string {
	t.Helper()
	found := newsletterLink.FindStringSubmatch(m.Text)
	if found == nil {
		t.Fatalf("no link in %s", m.Text)
	}
	return found[1]
}

// reads makes a reader, from the wish to the confirmation.
func (w *world) reads(email string, in *outreachv1.SubscriptionInput) {
	w.t.Helper()
	w.must(w.subscribe(email, in))
	w.run("send-newsletter-confirmations")
	w.must(err2(w.subscriptions(auth.Anonymous).ConfirmSubscription(w.t.Context(), &outreachv1.ConfirmSubscriptionRequest{Token: w.newsletterToken(email)})))
}

func choice(topics ...string) *outreachv1.SubscriptionInput {
	return &outreachv1.SubscriptionInput{Topics: topics}
}

// news publishes an article about topics.
func (w *world) news(title string, topics ...string) string {
	w.t.Helper()
	made, err := w.articles(staff).CreateArticle(w.t.Context(), &outreachv1.CreateArticleRequest{Article: &outreachv1.ArticleInput{
		Title: title, Summary: title + "の要旨", Body: title + "の本文", Topics: topics,
	}})
	w.must(err)
	id := made.GetArticle().GetId()
	w.must(err2(w.articles(staff).RequestArticleApproval(w.t.Context(), &outreachv1.RequestArticleApprovalRequest{Id: id})))
	w.must(err2(w.articles(desk).ApproveArticle(w.t.Context(), &outreachv1.ApproveArticleRequest{Id: id})))
	w.must(err2(w.articles(desk).PublishArticle(w.t.Context(), &outreachv1.PublishArticleRequest{Id: id})))
	return id
}

// issue begins an issue of what is public.
func (w *world) issue(change func(*outreachv1.NewsletterIssueInput)) *outreachv1.NewsletterIssue {
	w.t.Helper()
	in := &outreachv1.NewsletterIssueInput{Title: "協働のお知らせ", Introduction: "今週の話題です。", Contact: "総合窓口 03-0000-0000"}
	if change != nil {
		change(in)
	}
	made, err := w.issues(desk).CreateIssue(w.t.Context(), &outreachv1.CreateIssueRequest{Issue: in})
	w.must(err)
	return made.GetIssue()
}

func withKey(ctx context.Context, key string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, rpc.MetaIdempotencyKey, key)
}

// issueApproved takes an issue to its approval by another person.
func (w *world) issueApproved(id string) {
	w.t.Helper()
	w.must(err2(w.issues(desk).RequestIssueApproval(w.t.Context(), &outreachv1.RequestIssueApprovalRequest{Id: id})))
	w.must(err2(w.issues(approver).ApproveIssue(w.t.Context(), &outreachv1.ApproveIssueRequest{Id: id})))
}

// send has an issue sent, and the time of the recall pass.
func (w *world) send(id string) {
	w.t.Helper()
	w.issueApproved(id)
	sent, err := w.issues(approver).SendIssue(withKey(w.t.Context(), "send-of-issue-"+id), &outreachv1.SendIssueRequest{Id: id})
	w.must(err)
	if wait := time.Until(sent.GetIssue().GetSendTime().AsTime()); wait < 9*time.Minute {
		w.t.Errorf("it is sent in %v", wait)
	}
	w.run("send-newsletters") // Nothing goes before its time.
	w.exec(`UPDATE newsletter_issue SET send_at = now() WHERE id = $1`, id)
	w.run("send-newsletters")
}

func (w *world) status(id string) *outreachv1.NewsletterIssueStatus {
	w.t.Helper()
	resp, err := w.issues(desk).GetIssueStatus(w.t.Context(), &outreachv1.GetIssueStatusRequest{Id: id})
	w.must(err)
	return resp.GetStatus()
}
