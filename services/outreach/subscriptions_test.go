package outreach_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach"
)

// An address that is entered a thousand times gets one mail in 15 minutes and three a
// day, and nobody learns anything from the answer.
func TestSubscriptionBombing(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.magazine()
	const victim = "victim@example.jp"
	all := sync.WaitGroup{}
	for k := range 8 {
		all.Go(func() {
			for i := range 125 {
				in := choice("children")
				if (k+i)%2 == 0 {
					in = choice("disaster")
				}
				if err := w.subscribe(victim, in); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	w.run("send-newsletter-confirmations")
	if n := len(w.mailsTo(victim)); n != 1 {
		t.Fatalf("%d mails", n)
	}
	for round := range 4 {
		for range 3 {
			w.must(w.subscribe(victim, choice("children")))
		}
		w.run("send-newsletter-confirmations")
		if n := len(w.mailsTo(victim)); n != min(1+round, 3) {
			t.Errorf("round %d: %d mails before the 15 minutes are over", round, n)
		}
		w.exec(`UPDATE newsletter_request SET due_at = due_at - interval '15 minutes' WHERE mail_state = 'QUEUED'`)
		w.exec(`UPDATE mail_quota SET next_at = next_at - interval '15 minutes'`)
		w.run("send-newsletter-confirmations")
	}
	if n := len(w.mailsTo(victim)); n != 3 {
		t.Errorf("%d mails in a day", n)
	}
	if n := w.count(`SELECT count(*) FROM newsletter_request`); n != 3 {
		t.Errorf("%d wishes are kept", n)
	}
}

// The mails that strangers cause go 20 a minute, those of registrations with them; an
// hour of them may wait.
func TestConfirmationsOfEverybodyArePaced(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.magazine()
	id := w.published(admission(100))
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() {
			address := fmt.Sprintf("p%d@example.jp", i)
			if i%2 == 0 {
				w.registerPatiently(id, address)
			} else if err := w.subscribe(address, choice("children")); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := w.count(`
		SELECT max(n)
		FROM (
			SELECT date_trunc('minute', due_at), count(*) AS n
			FROM (
				SELECT due_at FROM newsletter_request WHERE tries = 0
				UNION ALL
				SELECT confirm_before - interval '24 hours' FROM registration) AS m
			GROUP BY 1) AS minutes`); n > 20 {
		t.Errorf("%d mails in a minute", n)
	}
	if n := w.count(`SELECT count(*) FROM mail_place`); n != 50 {
		t.Errorf("%d mails have their place", n)
	}
	w.exec(`
		INSERT INTO mail_place (minute, place)
		SELECT m, p
		FROM generate_series(date_trunc('minute', now()), now() + interval '70 minutes', interval '1 minute') AS m
		CROSS JOIN generate_series(1, 20) AS p
		ON CONFLICT DO NOTHING`)
	refused(t, w.subscribe("late@example.jp", choice("children")), "RATE_LIMITED")
}

func TestWhatSubscribingRefuses(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.magazine()
	public := w.subscriptions(auth.Anonymous)
	_, err := public.Subscribe(t.Context(), &outreachv1.SubscribeRequest{Email: "a@example.jp", Subscription: choice("children"), ConsentVersion: "1999-1"})
	refused(t, err, "CONSENT_OUTDATED")
	refused(t, w.subscribe("a@example.jp", choice("football")), "TOPIC_UNKNOWN")
	refused(t, w.subscribe("a@example.jp", choice()), "INVALID_FIELD")
	refused(t, w.subscribe("a@example.jp\r\nBcc: b@example.jp", choice("children")), "FORBIDDEN_CHARACTER")
	_, err = public.GetSubscription(t.Context(), &outreachv1.GetSubscriptionRequest{Token: strings.Repeat("a", 43)})
	refused(t, err, "RESOURCE_NOT_FOUND")
	w.must(w.subscribe("late@example.jp", choice("children")))
	w.run("send-newsletter-confirmations")
	token := w.newsletterToken("late@example.jp")
	w.exec(`UPDATE newsletter_request SET expires_at = now()`)
	_, err = public.GetSubscription(t.Context(), &outreachv1.GetSubscriptionRequest{Token: token})
	refused(t, err, "LINK_EXPIRED")
	_, err = public.ConfirmSubscription(t.Context(), &outreachv1.ConfirmSubscriptionRequest{Token: token})
	refused(t, err, "LINK_EXPIRED")
	w.run("tidy-newsletter")
	_, err = public.GetSubscription(t.Context(), &outreachv1.GetSubscriptionRequest{Token: token})
	refused(t, err, "RESOURCE_NOT_FOUND")
}

// readersToken is the secret of a reader's own link, out of an issue.
func (w *world) readersToken(address string) string {
	w.t.Helper()
	w.news("毎号の話題", "children", "disaster")
	w.send(w.issue(nil).GetId())
	return w.newsletterToken(address)
}

func TestPreferencesByLink(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.magazine()
	public := w.subscriptions(auth.Anonymous)
	w.reads("hanako@example.jp", choice("children"))
	token := w.readersToken("hanako@example.jp")
	change := &outreachv1.UpdateSubscriptionRequest{
		Token: token, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"topics", "areas"}},
		Subscription: &outreachv1.SubscriptionInput{Topics: []string{"disaster"}, Areas: []string{"fujimi"}},
	}
	_, err := public.UpdateSubscription(t.Context(), change)
	refused(t, err, "PRECONDITION_REQUIRED")
	change.Etag = `"9"`
	_, err = public.UpdateSubscription(t.Context(), change)
	refused(t, err, "ETAG_MISMATCH")
	change.Etag, change.Subscription.Topics = `"1"`, []string{"football"}
	_, err = public.UpdateSubscription(t.Context(), change)
	refused(t, err, "TOPIC_UNKNOWN")
	change.Subscription.Topics = []string{"disaster"}
	changed, err := public.UpdateSubscription(t.Context(), change)
	w.must(err)
	if got := changed.GetSubscription(); got.GetTopics()[0] != "disaster" || got.GetAreas()[0] != "fujimi" || got.GetFormat() != outreachv1.NewsletterSubscription_HTML {
		t.Errorf("changed: %v", got)
	}
	// Who asks again at the same address gets the new wishes once they are confirmed, and
	// the answer is that of a new address.
	answer, err := public.Subscribe(t.Context(), &outreachv1.SubscribeRequest{Email: "Hanako@example.jp", Subscription: choice("grants"), ConsentVersion: consent})
	w.must(err)
	fresh, err := public.Subscribe(t.Context(), &outreachv1.SubscribeRequest{Email: "new@example.jp", Subscription: choice("grants"), ConsentVersion: consent})
	w.must(err)
	if answer.String() != fresh.String() {
		t.Errorf("%v and %v", answer, fresh)
	}
	w.exec(`UPDATE newsletter_request SET due_at = now() WHERE mail_state = 'QUEUED'`)
	w.run("send-newsletter-confirmations")
	w.must(err2(public.ConfirmSubscription(t.Context(), &outreachv1.ConfirmSubscriptionRequest{Token: w.newsletterToken("hanako@example.jp")})))
	shown, err := public.GetSubscription(t.Context(), &outreachv1.GetSubscriptionRequest{Token: token})
	w.must(err)
	if got := shown.GetSubscription(); len(got.GetTopics()) != 1 || got.GetTopics()[0] != "grants" {
		t.Errorf("after the second wish: %v", got)
	}
	if n := w.count(`SELECT count(*) FROM newsletter_consent WHERE method = 'DOUBLE_OPT_IN' AND consent_version = $1`, consent); n != 2 {
		t.Errorf("%d consents are recorded", n)
	}
}

// An address is sealed where it is, and nowhere else; with the reader it is gone.
func TestAddressesAreSealedAndErased(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.magazine()
	const canary = "canary-9f3a@example.jp"
	w.reads(canary, choice("children"))
	token := w.readersToken(canary)
	anywhere := func() int {
		w.t.Helper()
		n := 0
		rows, err := w.DB("outreach").Query(t.Context(), `SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'outreach' AND table_type = 'BASE TABLE'`)
		w.must(err)
		var tables []string
		for rows.Next() {
			var name string
			w.must(rows.Scan(&name))
			tables = append(tables, name)
		}
		w.must(rows.Err())
		for _, name := range tables {
			n += w.count(`SELECT count(*) FROM ` + name + ` AS r WHERE r::text LIKE '%canary-9f3a%' OR r::text LIKE '%' || encode('canary-9f3a', 'hex') || '%'`)
		}
		return n
	}
	if n := anywhere(); n != 0 {
		t.Errorf("%d rows have the address in clear", n)
	}
	public := w.subscriptions(auth.Anonymous)
	w.must(err2(public.EraseSubscription(t.Context(), &outreachv1.EraseSubscriptionRequest{Token: token})))
	_, err := public.EraseSubscription(t.Context(), &outreachv1.EraseSubscriptionRequest{Token: token})
	refused(t, err, "RESOURCE_NOT_FOUND")
	if n := w.count(`SELECT (SELECT count(*) FROM newsletter_reader) + (SELECT count(*) FROM newsletter_request)`); n != 0 {
		t.Errorf("%d rows are left", n)
	}
	w.exec(`UPDATE newsletter_consent SET forget_on = current_date - 1`)
	w.run("tidy-newsletter")
	if n := w.count(`SELECT count(*) FROM newsletter_consent`); n != 0 {
		t.Errorf("%d consents are left after their time", n)
	}
}

// Who never confirms can have the address deleted too; who ended it is deleted 31 days
// later.
func TestErasureBeforeAndAfter(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.magazine()
	public := w.subscriptions(auth.Anonymous)
	w.must(w.subscribe("never@example.jp", choice("children")))
	w.run("send-newsletter-confirmations")
	w.must(err2(public.EraseSubscription(t.Context(), &outreachv1.EraseSubscriptionRequest{Token: w.newsletterToken("never@example.jp")})))
	if n := w.count(`SELECT count(*) FROM newsletter_request`); n != 0 {
		t.Errorf("%d wishes are left", n)
	}
	w.reads("gone@example.jp", choice("children"))
	token := w.readersToken("gone@example.jp")
	w.must(err2(public.Unsubscribe(t.Context(), &outreachv1.UnsubscribeRequest{Token: token})))
	w.run("tidy-newsletter")
	if n := w.count(`SELECT count(*) FROM newsletter_reader`); n != 1 {
		t.Errorf("%d readers the day after", n)
	}
	w.exec(`UPDATE newsletter_reader SET ended_at = now() - interval '32 days'`)
	w.run("tidy-newsletter")
	if n := w.count(`SELECT count(*) FROM newsletter_reader`); n != 0 {
		t.Errorf("%d readers after their time", n)
	}
	if n := w.count(`SELECT count(*) FROM newsletter_erasure WHERE cause = 'RETENTION'`); n != 1 {
		t.Errorf("%d records of it", n)
	}
}

func TestBouncesAndComplaints(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.magazine()
	report := func(address string, kind outreachv1.ReportBounceRequest_Kind) {
		w.t.Helper()
		var id string
		n := w.count(`SELECT count(*) FROM newsletter_reader`)
		if n == 0 {
			t.Fatal("no reader")
		}
		w.must(w.DB("outreach").QueryRow(t.Context(), `SELECT id::text FROM newsletter_reader WHERE topics = ARRAY[$1::text]`, address).Scan(&id))
		w.must(err2(w.subscriptions(desk).ReportBounce(t.Context(), &outreachv1.ReportBounceRequest{ReturnPath: "<" + outreach.ReturnPath(w.deps, id) + ">", Kind: kind})))
	}
	state := func(topic string) (s string) {
		w.t.Helper()
		w.must(w.DB("outreach").QueryRow(t.Context(), `SELECT state FROM newsletter_reader WHERE topics = ARRAY[$1::text]`, topic).Scan(&s))
		return s
	}
	w.reads("a@example.jp", choice("children"))
	w.reads("b@example.jp", choice("disaster"))
	w.reads("c@example.jp", choice("grants"))
	report("children", outreachv1.ReportBounceRequest_HARD)
	if s := state("children"); s != "SUSPENDED" {
		t.Error("hard:", s)
	}
	for n := range 5 {
		if s := state("disaster"); s != "ACTIVE" {
			t.Errorf("after %d soft ones: %s", n, s)
		}
		for range 2 { // Two of a day count once.
			report("disaster", outreachv1.ReportBounceRequest_SOFT)
		}
		w.exec(`UPDATE newsletter_reader SET bounced_on = bounced_on - 1`)
	}
	if s := state("disaster"); s != "SUSPENDED" {
		t.Error("five soft ones:", s)
	}
	report("grants", outreachv1.ReportBounceRequest_COMPLAINT)
	if s := state("grants"); s != "UNSUBSCRIBED" {
		t.Error("complaint:", s)
	}
	for _, forged := range []string{"kyodo@city.example.jp", "kyodo+aaaa@city.example.jp", strings.Replace(outreach.ReturnPath(w.deps, none), "+a", "+b", 1)} {
		w.must(err2(w.subscriptions(desk).ReportBounce(t.Context(), &outreachv1.ReportBounceRequest{ReturnPath: forged, Kind: outreachv1.ReportBounceRequest_HARD})))
	}
	counts, err := w.subscriptions(staff).GetSubscriptionStatistics(t.Context(), &outreachv1.GetSubscriptionStatisticsRequest{})
	w.must(err)
	if counts.GetActive() != 0 || counts.GetSuspended() != 2 || counts.GetUnsubscribed() != 1 || len(counts.GetTopics()) != 4 {
		t.Errorf("counts %v", counts)
	}
}

func TestTopics(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.magazine()
	create := func(code string) error {
		_, err := w.topics(desk).CreateNewsletterTopic(t.Context(), &outreachv1.CreateNewsletterTopicRequest{Topic: &outreachv1.NewsletterTopicInput{Code: code, Name: code}})
		return err
	}
	refused(t, create("children"), "TOPIC_EXISTS")
	refused(t, create(""), "INVALID_FIELD")
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			if err := create(fmt.Sprintf("topic%d", i)); reason(err) != "" && reason(err) != "TOPIC_LIMIT_REACHED" {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := w.count(`SELECT count(*) FROM newsletter_topic`); n != 30 {
		t.Errorf("%d topics", n)
	}
	refused(t, create("one"), "TOPIC_LIMIT_REACHED")
	end := &outreachv1.UpdateNewsletterTopicRequest{Code: "children", UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"ended"}}, Topic: &outreachv1.NewsletterTopicInput{Ended: true}}
	_, err := w.topics(desk).UpdateNewsletterTopic(t.Context(), end)
	refused(t, err, "PRECONDITION_REQUIRED")
	end.Etag = `"1"`
	ended, err := w.topics(desk).UpdateNewsletterTopic(t.Context(), end)
	w.must(err)
	if !ended.GetTopic().GetEnded() || ended.GetTopic().GetName() != "子ども・子育て" {
		t.Errorf("ended: %v", ended)
	}
	refused(t, w.subscribe("a@example.jp", choice("children")), "TOPIC_UNKNOWN")
	shown, err := w.topics(auth.Anonymous).ListNewsletterTopics(t.Context(), &outreachv1.ListNewsletterTopicsRequest{})
	w.must(err)
	if len(shown.GetTopics()) != 29 || len(shown.GetAreas()) != 6 || shown.GetConsent().GetVersion() != consent {
		t.Errorf("%d topics, %v", len(shown.GetTopics()), shown.GetConsent())
	}
}
