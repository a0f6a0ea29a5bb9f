package outreach_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

func TestComposeByTopicsAndPeriod(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.magazine()
	children, disaster, old := w.news("絵本の会", "children"), w.news("防災訓練", "disaster"), w.news("先月の会", "children")
	w.exec(`UPDATE search_entry SET published_at = now() - interval '20 days' WHERE id = $1`, old)
	w.exec(`UPDATE publication SET source = 'call:' || id WHERE id = $1`, w.news("令和8年度の提案募集"))
	w.tellAs("proposals", event.Event{Aggregate: "proposal", ID: none, Visibility: event.Public, Message: &proposalsv1.ProposalStatusChanged{
		ProposalId: none, Number: "R8-提-0001", PublicTo: proposalsv1.ProgressEntry_IN_EXAMINATION, OrganizationId: org1,
	}})
	w.until("the course of a proposal", func() bool { return w.count(`SELECT count(*) FROM progress_item`) == 1 })
	var titles []string
	for _, i := range w.issue(nil).GetItems() {
		titles = append(titles, strings.TrimPrefix(i.GetSection().String(), "NEWSLETTER_SECTION_")+" "+i.GetTitle()+" "+strings.Join(i.GetTopics(), ","))
	}
	want := "NOTICE 絵本の会 children|NOTICE 防災訓練 disaster|CALL 令和8年度の提案募集 grants|PROGRESS 提案 R8-提-0001：審査中 progress"
	if got := strings.Join(titles, "|"); got != want {
		t.Errorf("items %s, want %s", got, want)
	}
	narrow := w.issue(func(in *outreachv1.NewsletterIssueInput) { in.Topics = []string{"children"} })
	if got := narrow.GetItems(); len(got) != 1 || got[0].GetSourceId() != children {
		t.Errorf("of one topic: %v", got)
	}
	wide := w.issue(func(in *outreachv1.NewsletterIssueInput) {
		in.Topics, in.PeriodFrom = []string{"children"}, today().AddDays(-30).String()
	})
	if got := wide.GetItems(); len(got) != 2 || got[0].GetSourceId() != old {
		t.Errorf("of a month: %v", got)
	}
	_, err := w.issues(desk).CreateIssue(t.Context(), &outreachv1.CreateIssueRequest{Issue: &outreachv1.NewsletterIssueInput{PeriodFrom: "2020-01-01"}})
	refused(t, err, "INVALID_FIELD")
	// The editor's own choice, order and words; then composed anew.
	chosen := &outreachv1.UpdateIssueRequest{
		Id: wide.GetId(), Etag: wide.GetEtag(), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"items"}},
		Issue: &outreachv1.NewsletterIssueInput{Items: []*outreachv1.NewsletterItemInput{
			{SourceId: disaster, Areas: []string{"fujimi"}, Comment: "ぜひご参加ください。"}, {SourceId: children, Topics: []string{"disaster"}},
		}},
	}
	changed, err := w.issues(desk).UpdateIssue(t.Context(), chosen)
	w.must(err)
	got := changed.GetIssue().GetItems()
	if len(got) != 2 || got[0].GetSourceId() != disaster || got[0].GetComment() == "" || got[1].GetTopics()[0] != "disaster" {
		t.Errorf("chosen: %v", got)
	}
	chosen.Etag, chosen.Issue.Items[0].SourceId = changed.GetIssue().GetEtag(), none
	_, err = w.issues(desk).UpdateIssue(t.Context(), chosen)
	refused(t, err, "ITEM_NOT_PUBLIC")
	anew, err := w.issues(desk).ComposeIssue(t.Context(), &outreachv1.ComposeIssueRequest{Id: wide.GetId()})
	w.must(err)
	if got := anew.GetIssue().GetItems(); len(got) != 2 || got[0].GetSourceId() != old || got[1].GetComment() != "" {
		t.Errorf("anew: %v", got)
	}
}

func TestPreviewAndTestMail(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.magazine()
	article := w.news("富士見の絵本の会", "children")
	w.news("防災訓練", "disaster")
	issue := w.issue(nil)
	w.must(err2(w.issues(desk).UpdateIssue(t.Context(), &outreachv1.UpdateIssueRequest{
		Id: issue.GetId(), Etag: issue.GetEtag(), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"items"}},
		Issue: &outreachv1.NewsletterIssueInput{Items: []*outreachv1.NewsletterItemInput{{SourceId: article, Areas: []string{"fujimi"}}}},
	})))
	for _, c := range []struct {
		topics, areas []string
		items         int32
	}{
		{nil, nil, 1},
		{[]string{"children"}, nil, 1},
		{[]string{"children"}, []string{"fujimi", "jimbocho"}, 1},
		{[]string{"children"}, []string{"jimbocho"}, 0},
		{[]string{"disaster"}, nil, 0},
	} {
		shown, err := w.issues(approver).PreviewIssue(t.Context(), &outreachv1.PreviewIssueRequest{Id: issue.GetId(), Topics: c.topics, Areas: c.areas})
		w.must(err)
		if shown.GetItems() != c.items || strings.Contains(shown.GetText(), "富士見の絵本の会") != (c.items == 1) || (shown.GetHtml() == "") != (c.items == 0) {
			t.Errorf("%v %v: %v", c.topics, c.areas, shown)
		}
	}
	_, err := w.issues(desk).PreviewIssue(t.Context(), &outreachv1.PreviewIssueRequest{Id: issue.GetId(), Topics: []string{"football"}})
	refused(t, err, "TOPIC_UNKNOWN")
	send := func(email string, topics ...string) error {
		_, err := w.issues(desk).SendTestIssue(t.Context(), &outreachv1.SendTestIssueRequest{Id: issue.GetId(), Email: email, Topics: topics})
		return err
	}
	refused(t, send("anybody@example.jp"), "TEST_ADDRESS_FORBIDDEN")
	refused(t, send("clerk@city.example.jp", "disaster"), "NOTHING_TO_SEND")
	w.must(send("Clerk@city.example.jp"))
	if got := w.mailsTo("clerk@city.example.jp"); len(got) != 1 || !strings.HasPrefix(got[0].Subject, "【試し配信】") || !strings.Contains(got[0].HTML, "富士見の絵本の会") {
		t.Errorf("test mails %v", got)
	}
}

// Nobody approves what they wrote or put forward; what is put forward does not change.
func TestApprovalByAnotherPerson(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.magazine()
	article := w.news("絵本の会", "children")
	issue := w.issue(func(in *outreachv1.NewsletterIssueInput) { in.Contact, in.Title = "", "" })
	id := issue.GetId()
	request := func(by auth.Principal) error {
		_, err := w.issues(by).RequestIssueApproval(t.Context(), &outreachv1.RequestIssueApprovalRequest{Id: id})
		return err
	}
	refused(t, request(desk), "ISSUE_INCOMPLETE")
	etag := issue.GetEtag()
	update := func() error {
		changed, err := w.issues(desk).UpdateIssue(t.Context(), &outreachv1.UpdateIssueRequest{
			Id: id, Etag: etag, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"title", "contact"}},
			Issue: &outreachv1.NewsletterIssueInput{Title: "お知らせ", Contact: "総合窓口"},
		})
		etag = changed.GetIssue().GetEtag()
		return err
	}
	w.must(update())
	w.must(request(desk2))
	approve := func(by auth.Principal) error {
		_, err := w.issues(by).ApproveIssue(t.Context(), &outreachv1.ApproveIssueRequest{Id: id})
		return err
	}
	refused(t, approve(desk), "SELF_APPROVAL_FORBIDDEN")
	refused(t, approve(desk2), "SELF_APPROVAL_FORBIDDEN")
	etag = ""
	refused(t, update(), "PRECONDITION_REQUIRED")
	etag = "*"
	refused(t, update(), "ISSUE_NOT_EDITABLE")
	_, err := w.issues(desk).ComposeIssue(t.Context(), &outreachv1.ComposeIssueRequest{Id: id})
	refused(t, err, "ISSUE_NOT_EDITABLE")
	returned, err := w.issues(approver).ReturnIssue(t.Context(), &outreachv1.ReturnIssueRequest{Id: id, Reason: "題名を直してください。"})
	w.must(err)
	if returned.GetIssue().GetReturnReason() == "" || returned.GetIssue().GetState() != outreachv1.NewsletterIssue_DRAFT {
		t.Errorf("returned: %v", returned)
	}
	w.must(request(desk))
	refused(t, approve(approver), "")
	_, err = outreachv1.NewNewsletterIssueServiceClient(w.Bare(approver)).SendIssue(t.Context(), &outreachv1.SendIssueRequest{Id: id})
	refused(t, err, "IDEMPOTENCY_KEY_REQUIRED")
	for range 2 { // A repetition is the same answer.
		sent, err := w.issues(approver).SendIssue(withKey(t.Context(), "the-same-key-of-this-issue"), &outreachv1.SendIssueRequest{Id: id})
		w.must(err)
		if sent.GetIssue().GetState() != outreachv1.NewsletterIssue_SCHEDULED {
			t.Errorf("sent: %v", sent)
		}
	}
	_, err = w.issues(auth.Anonymous).GetIssue(t.Context(), &outreachv1.GetIssueRequest{Id: id})
	refused(t, err, "RESOURCE_NOT_FOUND")
	// What is not public any more when the sending begins is left out.
	w.must(err2(w.articles(staff).WithdrawArticle(t.Context(), &outreachv1.WithdrawArticleRequest{Id: article, Reason: "誤り"})))
	w.reads("hanako@example.jp", choice("children"))
	w.exec(`UPDATE newsletter_issue SET send_at = now() WHERE id = $1`, id)
	w.run("send-newsletters")
	if got := w.status(id); got.GetSkipped() != 1 || got.GetSent() != 0 || got.GetState() != outreachv1.NewsletterIssue_SENT {
		t.Errorf("status %v", got)
	}
}

func TestRecallPauseAndCancel(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.magazine()
	w.reads("hanako@example.jp", choice("children"))
	w.news("絵本の会", "children")
	scheduled := func(n int) string {
		w.t.Helper()
		id := w.issue(nil).GetId()
		w.issueApproved(id)
		w.must(err2(w.issues(desk).SendIssue(withKey(t.Context(), fmt.Sprintf("schedule-issue-number-%d", n)), &outreachv1.SendIssueRequest{Id: id})))
		return id
	}
	due := func(id string) {
		w.t.Helper()
		w.exec(`UPDATE newsletter_issue SET send_at = now() WHERE id = $1`, id)
		w.run("send-newsletters")
	}
	recalled := scheduled(1)
	w.must(err2(w.issues(approver).CancelIssue(t.Context(), &outreachv1.CancelIssueRequest{Id: recalled, Reason: "誤りがあるため"})))
	due(recalled)
	if n := len(w.mailsTo("hanako@example.jp")); n != 1 {
		t.Errorf("%d mails, one of them for the confirmation", n)
	}
	_, err := w.issues(approver).ResumeIssue(t.Context(), &outreachv1.ResumeIssueRequest{Id: recalled})
	refused(t, err, "INVALID_STATE_TRANSITION")
	paused := scheduled(2)
	w.must(err2(w.issues(desk).PauseIssue(t.Context(), &outreachv1.PauseIssueRequest{Id: paused})))
	due(paused)
	if got := w.status(paused); got.GetState() != outreachv1.NewsletterIssue_PAUSED || got.GetReaders() != 0 {
		t.Errorf("paused: %v", got)
	}
	w.must(err2(w.issues(desk).ResumeIssue(t.Context(), &outreachv1.ResumeIssueRequest{Id: paused})))
	w.run("send-newsletters")
	if got := w.status(paused); got.GetState() != outreachv1.NewsletterIssue_SENT || got.GetSent() != 1 {
		t.Errorf("resumed: %v", got)
	}
	if got := w.told(paused); got != "NewsletterSent" {
		t.Errorf("told %q", got)
	}
	public := w.issues(auth.Anonymous)
	archive, err := public.ListIssues(t.Context(), &outreachv1.ListIssuesRequest{})
	w.must(err)
	if got := archive.GetIssues(); len(got) != 1 || got[0].GetId() != paused || !strings.HasSuffix(got[0].GetNumber(), "-信-0001") || len(got[0].GetItems()) != 0 {
		t.Errorf("archive %v", got)
	}
	shown, err := public.GetIssue(t.Context(), &outreachv1.GetIssueRequest{Id: paused})
	w.must(err)
	if len(shown.GetIssue().GetItems()) != 1 || shown.GetIssue().GetReturnReason() != "" {
		t.Errorf("shown %v", shown)
	}
	feed, err := w.feeds().GetFeed(t.Context(), &outreachv1.GetFeedRequest{Name: "newsletter.atom"})
	w.must(err)
	if body := string(feed.GetDocument().GetContent()); !strings.Contains(body, "/newsletter/issues/"+paused) || !strings.Contains(body, "絵本の会") || strings.Contains(body, recalled) {
		t.Errorf("feed %s", body)
	}
	_, err = w.feeds().GetFeed(t.Context(), &outreachv1.GetFeedRequest{Name: "newsletter.atom", Topic: "children"})
	refused(t, err, "RESOURCE_NOT_FOUND")
}

func TestWeeklyDraft(t *testing.T) {
	t.Parallel()
	w := quiet(t)
	w.magazine()
	id := w.news("絵本の会", "children")
	w.run("draft-newsletter")
	if n := w.count(`SELECT count(*) FROM newsletter_issue`); n != 0 {
		t.Fatalf("%d drafts of a week without anything", n)
	}
	w.exec(`UPDATE search_entry SET published_at = published_at - interval '7 days' WHERE id = $1`, id)
	for range 3 {
		w.run("draft-newsletter")
	}
	drafts, err := w.issues(desk).ListIssues(t.Context(), &outreachv1.ListIssuesRequest{State: outreachv1.NewsletterIssue_DRAFT, PageSize: 1})
	w.must(err)
	if got := drafts.GetIssues(); len(got) != 1 || !got[0].GetDrafted() || drafts.GetNextPageToken() != "" {
		t.Fatalf("drafts %v", drafts)
	}
}
