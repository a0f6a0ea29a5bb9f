package outreach_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	ical "github.com/arran4/golang-ical"
	"github.com/mmcdole/gofeed"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// An event, written by a partner and checked by the desk, is found in every
// output, each with the same two names; before the partner's confirmation in none.
func TestOneEventReachesEveryChannelWithBothNames(t *testing.T) {
	t.Parallel()
	w := start(t)
	const names = "主催：団体1／共催：区民生活部商工振興課"
	id := w.approved(func(in *outreachv1.EventInput) {
		in.Credits = bothSides()
		in.Title = "とても長い題名の街歩き：神田の記憶を子どもたちと一緒にたどり、次の世代に伝えるための秋の会"
	})
	refused(t, w.publish(id), "CREDITS_UNCONFIRMED")
	if got := w.channels(id); got != "" {
		t.Errorf("without the partner's confirmation it is in %s", got)
	}
	w.must(err2(w.events(head).ConfirmEventCredit(t.Context(), &outreachv1.ConfirmEventCreditRequest{Id: id})))
	if got := w.channels(id); got != "" {
		t.Errorf("before the publication it is in %s", got)
	}
	w.must(w.publish(id))
	if got := w.channels(id); got != "list get atom json ics csv gif search" {
		t.Errorf("it is in %s", got)
	}
	list, err := w.events(auth.Anonymous).ListEvents(t.Context(), &outreachv1.ListEventsRequest{From: today().String(), OrganizationId: org1, DepartmentId: dept1})
	w.must(err)
	if e := list.GetEvents()[0]; e.GetCreditText() != names || e.GetBody() != "" {
		t.Errorf("list = %v", e)
	}
	for _, name := range []string{"events.atom", "events.json"} {
		feed, err := gofeed.NewParser().ParseString(w.feed(name))
		w.must(err)
		if i := feed.Items[0]; len(feed.Items) != 1 || i.Authors[0].Name != names || !strings.Contains(i.Content, names) || !strings.Contains(i.GUID, id) {
			t.Errorf("%s = %+v", name, i)
		}
	}
	w.checkCalendar(id, names)
	w.checkExports(names)
	// What is withdrawn is nowhere any more.
	w.must(err2(w.events(head).WithdrawEvent(t.Context(), &outreachv1.WithdrawEventRequest{Id: id, Reason: "日程を見直すため"})))
	if got := w.channels(id); got != "" {
		t.Errorf("after the withdrawal it is in %s", got)
	}
}

// channels are the outputs in which an event is.
func (w *world) channels(id string) string {
	w.t.Helper()
	var in []string
	add := func(name string, is bool) {
		if is {
			in = append(in, name)
		}
	}
	list, err := w.events(auth.Anonymous).ListEvents(w.t.Context(), &outreachv1.ListEventsRequest{})
	w.must(err)
	add("list", len(list.GetEvents()) > 0)
	_, err = w.get(auth.Anonymous, id)
	add("get", err == nil)
	add("atom", strings.Contains(w.feed("events.atom"), id))
	add("json", strings.Contains(w.feed("events.json"), id))
	add("ics", strings.Contains(w.feed("events.ics"), id))
	add("csv", strings.Contains(w.export(""), strings.ReplaceAll(id, "-", "")))
	add("gif", strings.Contains(w.export("gif"), strings.ReplaceAll(id, "-", "")))
	found, err := outreachv1.NewSearchServiceClient(w.As(auth.Anonymous)).Search(w.t.Context(), &outreachv1.SearchRequest{Q: "街歩き"})
	w.must(err)
	add("search", len(found.GetHits()) > 0)
	return strings.Join(in, " ")
}

// checkCalendar reads the calendar back with another library, and its lines by
// hand: one event, folded by octets between characters.
func (w *world) checkCalendar(id, names string) {
	w.t.Helper()
	raw := w.feed("events.ics")
	for l := range strings.SplitSeq(strings.TrimSuffix(raw, "\r\n"), "\r\n") {
		if len(l) > 75 || strings.ToValidUTF8(l, "?") != l || strings.Contains(l, "\n") {
			w.t.Errorf("line of %d octets: %q", len(l), l)
		}
	}
	parsed, err := ical.ParseCalendar(strings.NewReader(raw))
	w.must(err)
	if n := len(parsed.Events()); n != 1 {
		w.t.Fatalf("%d events in the calendar", n)
	}
	e := parsed.Events()[0]
	if got := e.GetProperty(ical.ComponentPropertyDescription).Value; !strings.Contains(got, names) {
		w.t.Errorf("description = %s", got)
	}
	if got := e.GetProperty(ical.ComponentPropertySummary).Value; got != "とても長い題名の街歩き：神田の記憶を子どもたちと一緒にたどり、次の世代に伝えるための秋の会" {
		w.t.Errorf("summary = %s", got)
	}
	if begins, err := e.GetStartAt(); err != nil || begins.UTC().Format("15:04") != "01:00" || e.Id() != id+"@"+"kyodo.example" {
		w.t.Errorf("begins %v, %v, uid %s", begins, err, e.Id())
	}
}

// checkExports reads the open data back: 79 columns, BOM, CRLF, both names.
func (w *world) checkExports(names string) {
	w.t.Helper()
	raw := w.export("")
	if !strings.HasPrefix(raw, "\ufeff全国地方公共団体コード,") || strings.Count(raw, "\r\n") != 2 {
		w.t.Errorf("export = %q", raw)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(raw, "\ufeff"))).ReadAll()
	w.must(err)
	row := map[string]string{}
	for i, column := range rows[0] {
		row[column] = rows[1][i]
	}
	if len(rows) != 2 || len(rows[0]) != 79 || "主催："+row["主催者"]+"／共催："+row["共催団体"] != names || row["開始時間"] != "10:00" ||
		row["説明"] != "雨天のときは中止します。" || row["所在地_連結表記"] != "東京都千代田区神田司町二丁目2" || row["状態"] != "開催予定" {
		w.t.Errorf("row = %v", row)
	}
	var gif []map[string]any
	w.must(json.Unmarshal([]byte(w.export("gif")), &gif))
	if g := gif[0]; len(gif) != 1 || g["organizer"] != "団体1" || g["coorganizer"] != "区民生活部商工振興課" || g["webinarStatus"] != "無" || g["dateOfStart"] != row["開始日"] {
		w.t.Errorf("gif = %v", g)
	}
}

// Every required field of GIF is there, and every column that we fill is known.
func TestOpenDataNames(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.published(func(in *outreachv1.EventInput) { in.Target, in.EventType = "どなたでも", "まち歩き" })
	var gif []map[string]any
	w.must(json.Unmarshal([]byte(w.export("gif")), &gif))
	for _, name := range []string{"id", "eventName", "description", "eventType", "eventUrl", "webinarStatus", "organizer", "targetPerson", "feeStatus", "contactPointInformation"} {
		if gif[0][name] == nil {
			t.Errorf("%s is missing in %v", name, gif[0])
		}
	}
}

// A hostile title is refused, or shown as text in every output.
func TestHostileTitles(t *testing.T) {
	t.Parallel()
	w := start(t)
	for title, want := range map[string]string{
		"=1+1":                   "INVALID_FIELD",
		"+81":                    "INVALID_FIELD",
		"@cmd":                   "INVALID_FIELD",
		"-x":                     "INVALID_FIELD",
		"a\r\nBEGIN:VEVENT":      "FORBIDDEN_CHARACTER",
		"a\nBEGIN:VEVENT":        "INVALID_FIELD",
		"a\tb":                   "INVALID_FIELD",
		"神田\u202eevil":           "FORBIDDEN_CHARACTER",
		"神田\x00":                 "FORBIDDEN_CHARACTER",
		strings.Repeat("𠮷", 101): "INVALID_FIELD",
	} {
		in := eventInput()
		in.Title = title
		_, err := w.events(editor).CreateEvent(t.Context(), &outreachv1.CreateEventRequest{Event: in})
		refused(t, err, want)
	}
	const title = `"𠮷野屋" <script>alert(1)</script> & 'x'; {{.}}, 🎉\n` + "\u200fא"
	id := w.published(func(in *outreachv1.EventInput) {
		admission(1)(in)
		in.Title, in.Summary = title, "<b>要約</b>"
		in.Body = "<script>alert(2)</script>\n\n[x](javascript:alert(3)) ![y](http://a.example/p.png) <http://b.example/?a=1&b=2>\n\n" + title
	})
	e, err := w.get(auth.Anonymous, id)
	w.must(err)
	if e.GetTitle() != title || strings.Contains(e.GetBodyHtml(), "<script") || strings.Contains(e.GetBodyHtml(), "javascript:") || strings.Contains(e.GetBodyHtml(), "<img") {
		t.Errorf("event = %s\n%s", e.GetTitle(), e.GetBodyHtml())
	}
	for _, name := range []string{"events.atom", "events.json"} {
		raw := w.feed(name)
		feed, err := gofeed.NewParser().ParseString(raw)
		w.must(err)
		if i := feed.Items[0]; len(feed.Items) != 1 || i.Title != title || strings.Contains(raw, "<script") || strings.Contains(i.Content, "<script") {
			t.Errorf("%s = %s", name, raw)
		}
	}
	parsed, err := ical.ParseCalendar(strings.NewReader(w.feed("events.ics")))
	w.must(err)
	if n := len(parsed.Events()); n != 1 {
		t.Fatalf("%d events", n)
	}
	if got := parsed.Events()[0].GetProperty(ical.ComponentPropertySummary).Value; got != title {
		t.Errorf("summary = %s", got)
	}
	rows, err := csv.NewReader(strings.NewReader(w.export(""))).ReadAll()
	w.must(err)
	if rows[1][4] != title {
		t.Errorf("csv = %s", rows[1][4])
	}
	if got := w.export("gif"); strings.Contains(got, "<script") || !json.Valid([]byte(got)) {
		t.Errorf("gif = %s", got)
	}
	w.hostileElsewhere(id, title)
}

// hostileElsewhere looks at the outputs that are no files: search, mail, notice,
// sheet.
func (w *world) hostileElsewhere(id, title string) {
	w.t.Helper()
	hits := w.search("野屋", outreachv1.Hit_EVENT)
	if len(hits) != 1 || hits[0].GetTitle() != title || strings.Contains(hits[0].GetSummary(), "<script") {
		w.t.Errorf("hits = %v", hits)
	}
	w.must(err2(w.register(auth.Anonymous, id, "a@example.com")))
	w.sent()
	mails := w.mailsTo("a@example.com")
	if len(mails) != 1 || mails[0].Subject != "【要確認】"+title+"：お申し込みの確認をお願いします" || mails[0].HTML != "" || mails[0].Header.Get("Bcc") != "" {
		w.t.Errorf("mails = %v", mails)
	}
	w.until("the notice", func() bool { w.deliver(); return len(w.notified(head)) > 0 })
	// Marks that turn the direction of a text do not reach a mail.
	if got, want := w.notified(head)[0].GetSubject(), "公開しました："+strings.ReplaceAll(title, "\u200f", ""); got != want {
		w.t.Errorf("notice = %q, want %q", got, want)
	}
	in := postingInput(w.board("1", nil).GetId())
	in.EventId, in.Title, in.DepartmentId = id, string([]rune(title)[:40]), dept1
	p, err := w.ask(head, in)
	w.must(err)
	if _, page := w.sheet(head, p.GetId()); strings.Contains(page, "<script>alert") || !strings.Contains(page, "&lt;script&gt;alert(1)") {
		w.t.Errorf("sheet = %s", page)
	}
}

// Feeds change with what they show, and only with that.
func TestFeedsAreConditional(t *testing.T) {
	t.Parallel()
	w := start(t)
	empty := w.document(&outreachv1.GetFeedRequest{Name: "events.atom"})
	if empty.GetModifyTime() != nil || empty.GetEtag() == "" {
		t.Errorf("empty = %v", empty)
	}
	id := w.published(nil)
	first := w.document(&outreachv1.GetFeedRequest{Name: "events.atom"})
	w.draft(nil)
	w.exec(`UPDATE publication SET updated_at = now() + interval '1 hour'`)
	if same := w.document(&outreachv1.GetFeedRequest{Name: "events.atom"}); same.GetEtag() != first.GetEtag() || !same.GetModifyTime().AsTime().Equal(first.GetModifyTime().AsTime()) {
		t.Errorf("changed without a change: %v, %v", first, same)
	}
	w.must(err2(w.events(head).CancelEvent(t.Context(), &outreachv1.CancelEventRequest{Id: id, Reason: "荒天のため"})))
	last := w.document(&outreachv1.GetFeedRequest{Name: "events.atom"})
	if last.GetEtag() == first.GetEtag() || !last.GetModifyTime().AsTime().After(first.GetModifyTime().AsTime()) || !strings.Contains(string(last.GetContent()), "【中止】神田の街歩き") {
		t.Errorf("unchanged: %v", last)
	}
	if raw := w.feed("events.ics"); !strings.Contains(raw, "STATUS:CANCELLED") || !strings.Contains(raw, "SEQUENCE:1") {
		t.Errorf("calendar = %s", raw)
	}
	for _, tt := range []struct {
		req  *outreachv1.GetFeedRequest
		want int
	}{
		{&outreachv1.GetFeedRequest{Name: "events.json", Topic: "history"}, 1},
		{&outreachv1.GetFeedRequest{Name: "events.json", Topic: "sports"}, 0},
		{&outreachv1.GetFeedRequest{Name: "events.json", OrganizationId: org1}, 1},
		{&outreachv1.GetFeedRequest{Name: "events.json", OrganizationId: org2}, 0},
		{&outreachv1.GetFeedRequest{Name: "articles.json"}, 0},
	} {
		feed, err := gofeed.NewParser().ParseString(string(w.document(tt.req).GetContent()))
		w.must(err)
		if len(feed.Items) != tt.want {
			t.Errorf("%v: %d entries, want %d", tt.req, len(feed.Items), tt.want)
		}
	}
	for _, name := range []string{"events", "events.rss", "people.atom", "progress.ics"} {
		_, err := w.feeds().GetFeed(t.Context(), &outreachv1.GetFeedRequest{Name: name})
		refused(t, err, "RESOURCE_NOT_FOUND")
	}
}
