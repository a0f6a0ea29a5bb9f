package outreach_test

import (
	"strings"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// Subscribe, confirm, get an issue that holds exactly the chosen topics, unsubscribe,
// erased: over a real SMTP conversation.
func TestMagazineFromWishToErasure(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.magazine()
	public := w.subscriptions(auth.Anonymous)
	const hanako, taro, ken = "hanako@example.jp", "taro@example.jp", "ken@example.jp"
	w.must(w.subscribe("Hanako@example.jp", choice("children")))
	w.run("send-newsletter-confirmations")
	asked := w.newsletterToken(hanako)
	for range 3 { // Looking changes nothing.
		shown, err := public.GetSubscription(t.Context(), &outreachv1.GetSubscriptionRequest{Token: asked})
		w.must(err)
		if shown.GetSubscription().GetState() != outreachv1.NewsletterSubscription_REQUESTED {
			t.Fatalf("link shows %v", shown)
		}
	}
	if n := w.count(`SELECT count(*) FROM newsletter_reader`); n != 0 {
		t.Fatalf("%d readers before the confirmation", n)
	}
	for range 2 {
		confirmed, err := public.ConfirmSubscription(t.Context(), &outreachv1.ConfirmSubscriptionRequest{Token: asked})
		w.must(err)
		if confirmed.GetSubscription().GetState() != outreachv1.NewsletterSubscription_ACTIVE {
			t.Fatalf("confirmed: %v", confirmed)
		}
	}
	w.reads(taro, &outreachv1.SubscriptionInput{Topics: []string{"children", "disaster"}, Format: outreachv1.NewsletterSubscription_TEXT})
	w.reads(ken, choice("grants"))
	w.news("絵本の会", "children")
	w.news("防災訓練", "disaster")
	w.news("話題のないお知らせ")
	issue := w.issue(nil)
	if len(issue.GetItems()) != 2 {
		t.Fatalf("items %v", issue.GetItems())
	}
	w.send(issue.GetId())
	if got := w.status(issue.GetId()); got.GetState() != outreachv1.NewsletterIssue_SENT || got.GetReaders() != 3 || got.GetSent() != 2 || got.GetSkipped() != 1 {
		t.Fatalf("status %v", got)
	}
	toHanako, toTaro := w.mailsTo(hanako), w.mailsTo(taro)
	if len(toHanako) != 2 || len(toTaro) != 2 || len(w.mailsTo(ken)) != 1 {
		t.Fatalf("%d, %d and %d mails", len(toHanako), len(toTaro), len(w.mailsTo(ken)))
	}
	mine, his := toHanako[1], toTaro[1]
	for _, body := range []string{mine.Text, mine.HTML} {
		if !strings.Contains(body, "絵本の会") || strings.Contains(body, "防災訓練") || strings.Contains(body, "話題のない") {
			t.Errorf("not exactly the chosen topics: %s", body)
		}
		for _, duty := range []string{"千代田区", "〒102-8688", "配信停止", "総合窓口 03-0000-0000", "お問い合わせ・苦情", "登録内容の変更・削除"} {
			if !strings.Contains(body, duty) {
				t.Errorf("the mail lacks %s: %s", duty, body)
			}
		}
	}
	if !strings.Contains(his.Text, "絵本の会") || !strings.Contains(his.Text, "防災訓練") || his.HTML != "" {
		t.Errorf("the other's mail: %s %s", his.Text, his.HTML)
	}
	token := newsletterTokenIn(t, mine)
	for name, want := range map[string]string{
		"List-Unsubscribe": "<https://kyodo.example/newsletter/" + token + "/unsubscribe>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"To": "<" + hanako + ">", "Reply-To": "<kyodo@city.example.jp>",
	} {
		if got := mine.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if !strings.Contains(mine.Header.Get("List-Id"), "<newsletter.city.example.jp>") || !strings.HasPrefix(mine.Header.Get("Message-Id"), "<"+issue.GetId()+".") {
		t.Errorf("headers %v", mine.Header)
	}
	w.leave(token, hanako)
}

// leave ends a subscription by its link, and has it erased.
func (w *world) leave(token, address string) {
	w.t.Helper()
	public := w.subscriptions(auth.Anonymous)
	for range 2 {
		ended, err := public.Unsubscribe(w.t.Context(), &outreachv1.UnsubscribeRequest{Token: token})
		w.must(err)
		if ended.GetSubscription().GetState() != outreachv1.NewsletterSubscription_UNSUBSCRIBED {
			w.t.Errorf("ended: %v", ended)
		}
	}
	w.news("もう届かない絵本の会", "children")
	second := w.issue(nil)
	w.send(second.GetId())
	if n := len(w.mailsTo(address)); n != 2 {
		w.t.Errorf("%d mails to who has ended it", n)
	}
	w.must(err2(public.EraseSubscription(w.t.Context(), &outreachv1.EraseSubscriptionRequest{Token: token})))
	_, err := public.GetSubscription(w.t.Context(), &outreachv1.GetSubscriptionRequest{Token: token})
	refused(w.t, err, "RESOURCE_NOT_FOUND")
	if n := w.count(`SELECT (SELECT count(*) FROM newsletter_reader) + (SELECT count(*) FROM newsletter_request WHERE reader_id IS NOT NULL)`); n != 4 {
		w.t.Errorf("%d rows are left of the two others", n)
	}
	if n := w.count(`SELECT count(*) FROM newsletter_erasure WHERE cause = 'LINK'`); n != 1 {
		w.t.Errorf("%d records of the erasure", n)
	}
	if n := w.count(`SELECT count(*) FROM newsletter_consent WHERE forget_on IS NOT NULL`); n != 1 {
		w.t.Errorf("%d records of consent end", n)
	}
}
