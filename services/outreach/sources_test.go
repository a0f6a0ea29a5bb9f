package outreach_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

func TestSourceRegistration(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	create := func(by auth.Principal, in *outreachv1.SourceInput) (*outreachv1.Source, error) {
		resp, err := w.sources(by).CreateSource(ctx, &outreachv1.CreateSourceRequest{Source: in})
		return resp.GetSource(), err
	}
	const address = "https://partner.example/feed.xml"
	for name, c := range map[string]struct {
		by   auth.Principal
		in   *outreachv1.SourceInput
		want string
	}{
		"public":                       {auth.Anonymous, &outreachv1.SourceInput{}, "UNAUTHENTICATED"},
		"representative":               {head, &outreachv1.SourceInput{}, "PERMISSION_DENIED"},
		"staff":                        {staff, &outreachv1.SourceInput{}, "PERMISSION_DENIED"},
		"another's intermediary":       {intermediary, &outreachv1.SourceInput{Name: "見本", Url: address, OrganizationId: org1}, "PERMISSION_DENIED"},
		"coordinator of nobody":        {coordinator(), &outreachv1.SourceInput{Name: "見本", Url: address}, "PERMISSION_DENIED"},
		"nothing":                      {desk, &outreachv1.SourceInput{}, "INVALID_FIELD"},
		"every minute":                 {desk, &outreachv1.SourceInput{Name: "見本", Url: address, IntervalMinutes: 1}, "INVALID_FIELD"},
		"loopback":                     {desk, &outreachv1.SourceInput{Name: "見本", Url: "http://127.0.0.1/"}, "SOURCE_ADDRESS_FORBIDDEN"},
		"loopback in another spelling": {desk, &outreachv1.SourceInput{Name: "見本", Url: "http://0x7f.1/"}, "SOURCE_ADDRESS_FORBIDDEN"},
		"metadata of the cloud":        {desk, &outreachv1.SourceInput{Name: "見本", Url: "http://169.254.169.254/"}, "SOURCE_ADDRESS_FORBIDDEN"},
		"a name of the inside":         {desk, &outreachv1.SourceInput{Name: "見本", Url: "http://localhost/"}, "SOURCE_ADDRESS_FORBIDDEN"},
		"a port of the inside":         {desk, &outreachv1.SourceInput{Name: "見本", Url: "http://partner.example:5432/"}, "SOURCE_ADDRESS_FORBIDDEN"},
		"a site of the inside":         {desk, &outreachv1.SourceInput{Name: "見本", Url: address, SiteUrl: "http://[::1]/"}, "SOURCE_ADDRESS_FORBIDDEN"},
		"unknown organization":         {desk, &outreachv1.SourceInput{Name: "見本", Url: address, OrganizationId: none}, "ORGANIZATION_UNKNOWN"},
		"organization not verified":    {desk, &outreachv1.SourceInput{Name: "見本", Url: address, OrganizationId: org3}, "ORGANIZATION_NOT_VERIFIED"},
	} {
		if _, err := create(c.by, c.in); reason(err) != c.want {
			t.Errorf("%s: %q, want %q", name, reason(err), c.want)
		}
	}
	own, err := create(intermediary, &outreachv1.SourceInput{Name: "見本", Url: address})
	w.must(err)
	if own.GetState() != outreachv1.Source_QUARANTINED || own.GetOrganizationId() != org2 || own.GetOrganizationName() != "団体2" ||
		own.GetSiteUrl() != "https://partner.example/" || own.GetIntervalMinutes() != 60 || own.GetHealth() != outreachv1.Source_UNCHECKED {
		t.Errorf("registered = %v", own)
	}
	_, err = create(desk, &outreachv1.SourceInput{Name: "見本", Url: address})
	refused(t, err, "SOURCE_EXISTS")
	for _, p := range []auth.Principal{auth.Anonymous, resident, head, staff, coordinator()} {
		_, err := w.getSource(p, own.GetId())
		refused(t, err, "RESOURCE_NOT_FOUND")
	}
	for _, p := range []auth.Principal{desk, intermediary, head2} {
		w.must(err2(w.getSource(p, own.GetId())))
	}
	w.release(own.GetId())
	public, err := w.getSource(auth.Anonymous, own.GetId())
	w.must(err)
	if public.GetNextTime() != nil || public.GetState() != outreachv1.Source_ACTIVE {
		t.Errorf("public = %v", public)
	}
	w.peer.setDown(true)
	_, err = create(desk, &outreachv1.SourceInput{Name: "見本", Url: "https://other.example/", OrganizationId: org1})
	refused(t, err, "DEPENDENCY_UNAVAILABLE")
}

func TestSourceChanges(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	created, err := w.sources(intermediary).CreateSource(ctx, &outreachv1.CreateSourceRequest{Source: &outreachv1.SourceInput{Name: "見本", Url: "https://partner.example/"}})
	w.must(err)
	id := created.GetSource().GetId()
	w.source("https://other.example/", nil)
	update := func(by auth.Principal, etag string, in *outreachv1.SourceInput, paths ...string) (*outreachv1.Source, error) {
		resp, err := w.sources(by).UpdateSource(ctx, &outreachv1.UpdateSourceRequest{Id: id, Source: in, Etag: etag, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}})
		return resp.GetSource(), err
	}
	in := &outreachv1.SourceInput{Name: "新しい名", Url: "https://other.example/"}
	_, err = update(coordinator(), "*", in, "name")
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = update(intermediary, "", in, "name")
	refused(t, err, "PRECONDITION_REQUIRED")
	_, err = update(intermediary, `"9"`, in, "name")
	refused(t, err, "ETAG_MISMATCH")
	_, err = update(intermediary, "*", in, "kind")
	refused(t, err, "INVALID_FIELD_MASK")
	_, err = update(intermediary, "*", in, "url")
	refused(t, err, "SOURCE_EXISTS")
	_, err = update(intermediary, "*", &outreachv1.SourceInput{Url: "http://10.0.0.1/"}, "url")
	refused(t, err, "SOURCE_ADDRESS_FORBIDDEN")
	_, err = update(intermediary, "*", &outreachv1.SourceInput{}, "name")
	refused(t, err, "INVALID_FIELD")
	w.release(id)
	renamed, err := update(intermediary, "*", in, "name")
	w.must(err)
	if renamed.GetName() != "新しい名" || renamed.GetState() != outreachv1.Source_ACTIVE {
		t.Errorf("renamed = %v", renamed)
	}
	_, err = update(coordinator(), "*", in, "name") // Public now, and not theirs.
	refused(t, err, "PERMISSION_DENIED")
	moved, err := update(intermediary, "*", &outreachv1.SourceInput{Url: "https://partner.example/new"}, "url")
	w.must(err)
	if moved.GetState() != outreachv1.Source_QUARANTINED {
		t.Errorf("another address is not in quarantine: %v", moved)
	}

	step := func(by auth.Principal, verb string, etag string) error {
		switch c := w.sources(by); verb {
		case "release":
			return err2(c.ReleaseSource(ctx, &outreachv1.ReleaseSourceRequest{Id: id, Etag: etag}))
		case "pause":
			return err2(c.PauseSource(ctx, &outreachv1.PauseSourceRequest{Id: id, Etag: etag}))
		default:
			return err2(c.ResumeSource(ctx, &outreachv1.ResumeSourceRequest{Id: id, Etag: etag}))
		}
	}
	refused(t, step(intermediary, "release", ""), "PERMISSION_DENIED")
	refused(t, step(desk, "resume", ""), "INVALID_STATE_TRANSITION")
	refused(t, step(desk, "pause", `"1"`), "ETAG_MISMATCH")
	refused(t, step(coordinator(), "pause", ""), "RESOURCE_NOT_FOUND")
	w.must(step(intermediary, "pause", ""))
	refused(t, step(desk, "pause", ""), "INVALID_STATE_TRANSITION")
	refused(t, step(desk, "release", ""), "INVALID_STATE_TRANSITION")
	w.must(step(intermediary, "resume", ""))
	if s, err := w.getSource(desk, id); err != nil || s.GetState() != outreachv1.Source_QUARANTINED {
		t.Errorf("resumed without release: %v %v", s, err)
	}
	w.must(step(desk, "release", ""))
	w.must(step(desk, "pause", ""))
	w.must(step(desk, "resume", ""))
	if s, err := w.getSource(desk, id); err != nil || s.GetState() != outreachv1.Source_ACTIVE {
		t.Errorf("resumed: %v %v", s, err)
	}
	remove := func(by auth.Principal, etag string) error {
		return err2(w.sources(by).DeleteSource(ctx, &outreachv1.DeleteSourceRequest{Id: id, Etag: etag}))
	}
	refused(t, remove(coordinator(), ""), "PERMISSION_DENIED")
	refused(t, remove(intermediary, `"1"`), "ETAG_MISMATCH")
	w.must(remove(intermediary, ""))
	refused(t, remove(intermediary, ""), "RESOURCE_NOT_FOUND")
}

// What a partner publishes is read in quarantine, public once it is released, found
// by the search, and gone with its source.
func TestItemsFromFeedToSearch(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	p := w.partner(rss(
		`<item><guid>1</guid><title>見本の展示会</title><link>https://partner.example/1</link><description>絵画と写真</description><pubDate>Mon, 02 Nov 2026 09:00:00 +0900</pubDate></item>`,
		`<item><guid>2</guid><title>見本の講座</title><pubDate>Tue, 03 Nov 2099 09:00:00 +0900</pubDate></item>`))
	src := w.source("https://partner.example/feed.xml", func(in *outreachv1.SourceInput) { in.OrganizationId = org1 })
	w.at(src.GetId(), p.URL)
	w.read(p)
	if got := titles(w.items(desk, &outreachv1.ListItemsRequest{})); got != "見本の講座 見本の展示会" {
		t.Errorf("the desk sees %q", got)
	}
	if got := titles(w.items(viewer, &outreachv1.ListItemsRequest{OrganizationId: org1})); got != "見本の講座 見本の展示会" {
		t.Errorf("the organization sees %q", got)
	}
	item := w.items(desk, &outreachv1.ListItemsRequest{Q: "絵画 写真"})[0]
	getItem := func(by auth.Principal) (*outreachv1.Item, error) {
		resp, err := w.sources(by).GetItem(ctx, &outreachv1.GetItemRequest{Id: item.GetId()})
		return resp.GetItem(), err
	}
	hidden := func() {
		t.Helper()
		if got := titles(w.items(auth.Anonymous, &outreachv1.ListItemsRequest{})); strings.Contains(got, "展示会") {
			t.Errorf("everybody sees %q", got)
		}
		if got := w.search("展示会", 0); len(got) != 0 {
			t.Errorf("found %v", got)
		}
		_, err := getItem(head2)
		refused(t, err, "RESOURCE_NOT_FOUND")
	}
	hidden()
	w.release(src.GetId())
	public, err := getItem(auth.Anonymous)
	w.must(err)
	if public.GetSourceName() != "見本の団体だより" || public.GetSourceSiteUrl() != "https://partner.example/" || public.GetUrl() != "https://partner.example/1" ||
		public.GetOrganizationId() != org1 || !public.GetPublishTime().AsTime().Equal(time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("public = %v", public)
	}
	hits := w.search("ﾃﾝｼﾞ", 0)
	if len(hits) != 0 { // 展示 is kanji: no reading is known of it.
		t.Errorf("found %v", hits)
	}
	hits = w.search("展示会　写真", outreachv1.Hit_ITEM)
	if len(hits) != 1 || hits[0].GetSourceName() != "見本の団体だより" || hits[0].GetUrl() != "https://partner.example/1" || hits[0].GetSummary() != "絵画と写真" {
		t.Errorf("found %v", hits)
	}
	if got := w.search("展示会", outreachv1.Hit_EVENT); len(got) != 0 {
		t.Errorf("an item among events: %v", got)
	}
	for _, i := range w.items(auth.Anonymous, &outreachv1.ListItemsRequest{SourceId: src.GetId()}) {
		if i.GetPublishTime().AsTime().After(time.Now()) {
			t.Errorf("published in the future: %v", i)
		}
	}

	// The desk takes one item out; reading again does not bring it back.
	_, err = w.sources(intermediary).HideItem(ctx, &outreachv1.HideItemRequest{Id: item.GetId()})
	refused(t, err, "PERMISSION_DENIED")
	w.must(err2(w.sources(desk).HideItem(ctx, &outreachv1.HideItemRequest{Id: item.GetId()})))
	w.read(p)
	hidden()
	w.must(err2(w.sources(desk).ShowItem(ctx, &outreachv1.ShowItemRequest{Id: item.GetId()})))
	if got := w.search("展示会", 0); len(got) != 1 {
		t.Errorf("found %v", got)
	}
	_, err = w.sources(desk).HideItem(ctx, &outreachv1.HideItemRequest{Id: none})
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.sources(desk).ShowItem(ctx, &outreachv1.ShowItemRequest{Id: none})
	refused(t, err, "RESOURCE_NOT_FOUND")

	w.must(err2(w.sources(desk).PauseSource(ctx, &outreachv1.PauseSourceRequest{Id: src.GetId()})))
	hidden()
	w.must(err2(w.sources(desk).ResumeSource(ctx, &outreachv1.ResumeSourceRequest{Id: src.GetId()})))
	w.must(err2(getItem(auth.Anonymous)))
	w.must(err2(w.sources(desk).DeleteSource(ctx, &outreachv1.DeleteSourceRequest{Id: src.GetId()})))
	hidden()
	_, err = w.sources(auth.Anonymous).ListItems(ctx, &outreachv1.ListItemsRequest{Q: "展"})
	refused(t, err, "QUERY_TOO_SHORT")
}

// An item is there once: whatever of its id, address, title or day it is known by,
// in one source or in two.
func TestItemsAreThereOnce(t *testing.T) {
	t.Parallel()
	w := start(t)
	entry := func(guid, link, title string) string {
		return fmt.Sprintf(`<item><guid>%s</guid><link>%s</link><title>%s</title><pubDate>Mon, 02 Nov 2026 09:00:00 +0900</pubDate></item>`, guid, link, title)
	}
	p := w.partner(rss(entry("1", "https://partner.example/1", "いち"), entry("1", "https://partner.example/x", "いち再掲"),
		entry("", "https://partner.example/2", "に"), entry("", "http://PARTNER.example/2/?utm_source=mail#top", "に"), entry("", "", "さん"), entry("", "", "さん")))
	first, second := w.source("https://partner.example/a", nil).GetId(), w.source("https://partner.example/b", nil).GetId()
	w.at(first, p.URL+"/a")
	w.at(second, p.URL+"/b")
	w.release(first)
	w.release(second)
	w.read(p)
	w.read(p)
	w.read(p)
	if got := titles(w.items(auth.Anonymous, &outreachv1.ListItemsRequest{})); len(strings.Fields(got)) != 3 {
		t.Errorf("items = %q", got)
	}
	before := w.items(auth.Anonymous, &outreachv1.ListItemsRequest{Q: "いち"})[0]
	p.now(rss(entry("1", "https://partner.example/1", "いち改め")))
	w.exec(`UPDATE source SET due_at = now() + interval '1 hour' WHERE id <> $1`, before.GetSourceId())
	w.exec(`UPDATE source SET due_at = now() WHERE id = $1`, before.GetSourceId())
	w.readDue(p)
	after := w.items(auth.Anonymous, &outreachv1.ListItemsRequest{Q: "いち改め"})
	if len(after) != 1 || after[0].GetId() != before.GetId() || !after[0].GetPublishTime().AsTime().Equal(before.GetPublishTime().AsTime()) {
		t.Errorf("a changed entry is another item: %v, %v", before, after)
	}
	if got := w.search("いち改め", 0); len(got) != 1 {
		t.Errorf("found %v", got)
	}
}

// A feed cannot flood: one reading takes the newest hundred, a source keeps five
// hundred.
func TestFloodOfItems(t *testing.T) {
	t.Parallel()
	w := start(t)
	flood := func(from int) http.HandlerFunc {
		var items []string
		for i := range 300 {
			at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(from+i) * time.Minute)
			items = append(items, fmt.Sprintf(`<item><guid>%d</guid><title>第%d号</title><pubDate>%s</pubDate></item>`, from+i, from+i, at.Format(time.RFC1123Z)))
		}
		return rss(items...)
	}
	p := w.partner(flood(0))
	id := w.source("https://partner.example/a", nil).GetId()
	w.at(id, p.URL)
	w.release(id)
	for i := range 6 {
		p.now(flood(i * 1000))
		w.read(p)
	}
	if n := w.count(`SELECT count(*) FROM item`); n != 500 {
		t.Errorf("%d items", n)
	}
	if n := w.count(`SELECT count(*) FROM search_entry`); n != 500 {
		t.Errorf("%d entries of the search", n)
	}
	if got := w.items(auth.Anonymous, &outreachv1.ListItemsRequest{PageSize: 1})[0].GetTitle(); got != "第5299号" {
		t.Errorf("newest = %s", got)
	}
}

// A malicious feed leaves no script in any answer.
func TestMaliciousFeed(t *testing.T) {
	t.Parallel()
	w := start(t)
	evil := []string{
		`<script>alert(1)</script>見本`, `&lt;script&gt;alert(1)&lt;/script&gt;見本`, `<![CDATA[<script>alert(1)</script>見本]]>`,
		`&amp;lt;script src=//x&amp;gt;&amp;lt;/script&amp;gt;見本`, `<![CDATA[<img src=x onerror=alert(1)>見本]]>`, `<![CDATA[<svg/onload=alert(1)>見本]]>`,
		`<![CDATA[<a href="javascript:alert(1)">見本</a>]]>`, `<![CDATA[<iframe srcdoc="<script>alert(1)</script>">見本]]>`, `<![CDATA[<<script>script>alert(1)<</script>/script>見本]]>`,
		"見本\u202e\u2066逆", `見本<![CDATA[<style>@import 'javascript:alert(1)'</style>]]>`, `<![CDATA[<math><mi//xlink:href="data:x,<script>alert(1)</script>">見本]]>`,
	}
	var items []string
	for i, e := range evil {
		items = append(items, fmt.Sprintf(`<item><guid>%d</guid><title>%s その%d</title><description>%s</description><link>javascript:alert(%d)</link></item>`, i, e, i, e, i))
	}
	p := w.partner(rss(items...))
	id := w.source("https://partner.example/a", nil).GetId()
	w.at(id, p.URL)
	w.release(id)
	w.read(p)
	list, err := w.sources(auth.Anonymous).ListItems(t.Context(), &outreachv1.ListItemsRequest{})
	w.must(err)
	found, err := outreachv1.NewSearchServiceClient(w.As(auth.Anonymous)).Search(t.Context(), &outreachv1.SearchRequest{Q: "見本"})
	w.must(err)
	if len(list.GetItems()) < 8 || len(found.GetHits()) < 8 {
		t.Errorf("%d items, %d hits", len(list.GetItems()), len(found.GetHits()))
	}
	for _, answer := range []string{protojson.Format(list), protojson.Format(found)} {
		for _, bad := range []string{"<script", "javascript:", "onerror=alert(1)>", "onload=", "<img", "<svg", "<iframe", "<a ", "<style", "\u202e", "\u2066"} {
			if strings.Contains(strings.ToLower(answer), bad) {
				t.Errorf("%q is left in %s", bad, answer)
			}
		}
	}
	for _, i := range list.GetItems() {
		if i.GetUrl() != "https://partner.example/" {
			t.Errorf("link to %s", i.GetUrl())
		}
	}
}
