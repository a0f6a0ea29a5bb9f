package outreach_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/credit"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/store"
)

// enter puts entries into the search.
func (w *world) enter(entries ...store.SearchEntry) {
	w.t.Helper()
	_, err := pg.InTx(w.t.Context(), w.DB("outreach"), func(_ context.Context, tx *pg.Tx) (struct{}, error) {
		for _, e := range entries {
			store.PutSearchEntry(tx, e)
		}
		return struct{}{}, nil
	})
	w.must(err)
}

func TestSearchFindsWords(t *testing.T) {
	t.Parallel()
	w := start(t)
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	entry := func(n int, kind, title, summary string) store.SearchEntry {
		return store.SearchEntry{Kind: kind, ID: fmt.Sprintf("01980000-0000-7000-8000-0000000001%02d", n), Title: title, Summary: summary, PublishedAt: at.Add(time.Duration(n) * time.Hour)}
	}
	walk := entry(1, "EVENT", "神田の街歩き", "昔の地図を手に歩く")
	walk.Credits = credit.Lines{{Part: credit.Organizer, OrganizationID: org1, Name: "見本の会"}, {Part: credit.CoOrganizer, DepartmentID: dept1, Name: "区民生活部商工振興課"}}
	walk.StartsAt, walk.Text, walk.URL = at, []string{"ミホンヒロバ", "雨天中止"}, "https://kyodo.example/events/1"
	w.enter(walk, entry(2, "ARTICLE", "ボランティアを募集します", "月に一度の街歩きの手伝い"), entry(3, "ITEM", "髙橋さんの写真展", "デザインの展示"),
		entry(4, "ARTICLE", "100%のジュース", "a_b"))
	find := func(q string, kind outreachv1.Hit_Kind) string {
		t.Helper()
		return numbers(w.search(q, kind), (*outreachv1.Hit).GetTitle)
	}
	for _, c := range []struct {
		q    string
		kind outreachv1.Hit_Kind
		want string
	}{
		{"街歩き", 0, "ボランティアを募集します 神田の街歩き"},
		{"街歩き", outreachv1.Hit_EVENT, "神田の街歩き"},
		{"街歩", 0, "ボランティアを募集します 神田の街歩き"},
		{"街歩き　神田", 0, "神田の街歩き"},
		{"神田 募集", 0, ""},
		{"ぼらんてぃあ", 0, "ボランティアを募集します"},
		{"ﾎﾞﾗﾝﾃｨｱ", 0, "ボランティアを募集します"},
		{"高橋", 0, "髙橋さんの写真展"},
		{"でざいん", 0, "髙橋さんの写真展"},
		{"見本の会", 0, "神田の街歩き"},
		{"商工振興課", 0, "神田の街歩き"},
		{"みほんひろば", 0, "神田の街歩き"},
		{"雨天", 0, "神田の街歩き"},
		{"100%", 0, "100%のジュース"},
		{"歩街", 0, ""},
		{"田の", 0, "神田の街歩き"},
		{"' OR 1=1 --", 0, ""},
		{"手に歩く昔の", 0, ""},
	} {
		if got := find(c.q, c.kind); got != c.want {
			t.Errorf("%q: %q, want %q", c.q, got, c.want)
		}
	}
	hit := w.search("神田", 0)[0]
	if diff := cmp.Diff([]string{"ORGANIZER 見本の会", "CO_ORGANIZER 区民生活部商工振興課"}, lines(hit.GetCredits())); diff != "" || hit.GetUrl() == "" || !hit.GetStartTime().AsTime().Equal(at) {
		t.Errorf("hit = %v, credits (-want +got):\n%s", hit, diff)
	}
	client := outreachv1.NewSearchServiceClient(w.As(auth.Anonymous))
	for q, want := range map[string]string{"": "QUERY_TOO_SHORT", "街": "QUERY_TOO_SHORT", "街歩き の": "QUERY_TOO_SHORT", "いち にい さん しい ごお ろく": "INVALID_FIELD", "、。": "QUERY_TOO_SHORT"} {
		_, err := client.Search(t.Context(), &outreachv1.SearchRequest{Q: q})
		refused(t, err, want)
	}
	page, err := client.Search(t.Context(), &outreachv1.SearchRequest{Q: "街歩き", PageSize: 1})
	w.must(err)
	rest, err := client.Search(t.Context(), &outreachv1.SearchRequest{Q: "街歩き", PageSize: 1, PageToken: page.GetNextPageToken()})
	w.must(err)
	if rest.GetHits()[0].GetTitle() != "神田の街歩き" || rest.GetNextPageToken() != "" {
		t.Errorf("second page = %v", rest)
	}
	_, err = client.Search(t.Context(), &outreachv1.SearchRequest{Q: "神田", PageToken: page.GetNextPageToken()})
	refused(t, err, "PAGE_TOKEN_MISMATCH")
	walk.Title = "見本町の街歩き"
	w.enter(walk)
	if got := find("神田", 0); got != "" {
		t.Errorf("an old title is found: %s", got)
	}
}

// An event is found when it is published, under its new title, and no more when it is
// withdrawn.
func TestSearchFollowsPublication(t *testing.T) {
	t.Parallel()
	w := start(t)
	found := func() string {
		t.Helper()
		return numbers(w.search("街歩き", 0), func(h *outreachv1.Hit) string { return h.GetKind().String() + ":" + h.GetTitle() })
	}
	id := w.approved(nil)
	if got := found(); got != "" {
		t.Errorf("before the publication: %s", got)
	}
	w.must(w.publish(id))
	if got := found(); got != "EVENT:神田の街歩き" {
		t.Errorf("published: %s", got)
	}
	if hit := w.search("神田公園区民館", 0); len(hit) != 1 || len(hit[0].GetCredits()) == 0 {
		t.Errorf("by place: %v", hit)
	}
	w.must(err2(w.events(desk).WithdrawEvent(t.Context(), &outreachv1.WithdrawEventRequest{Id: id, Reason: "誤りのため"})))
	if got := found(); got != "" {
		t.Errorf("withdrawn: %s", got)
	}
}

// What belonged to a merged organization belongs to its survivor.
func TestMergedOrganization(t *testing.T) {
	t.Parallel()
	w := start(t)
	board := w.board("1", nil).GetId()
	posting := w.asked(board).GetId()
	application := w.applied(nil).GetId()
	src := w.source("https://partner.example/", func(in *outreachv1.SourceInput) { in.OrganizationId = org1 }).GetId()
	w.must(err2(w.follow(resident, outreachv1.Follow_ORGANIZATION, org1)))
	w.must(err2(w.follow(resident, outreachv1.Follow_ORGANIZATION, org2)))
	w.must(err2(w.follow(staff, outreachv1.Follow_ORGANIZATION, org1)))
	w.tell("directory", "organization", org1, &directoryv1.OrganizationMerged{OrganizationId: org1, SurvivorId: org2, SurvivorName: "団体2", Version: 2})
	w.until("the merge", func() bool { return w.count(`SELECT count(*) FROM source WHERE organization_id = $1`, org2) == 1 })
	p, err := w.posting(head2, posting)
	w.must(err)
	if p.GetOrganizationId() != org2 || p.GetCredits()[0].GetOrganizationId() != org2 {
		t.Errorf("posting = %v", p)
	}
	_, err = w.ask(head2, postingInput(board)) // The survivor holds these days now.
	refused(t, err, "BOARD_ALREADY_USED")
	w.must(err2(w.sponsorship(head2, application)))
	w.must(err2(w.getSource(head2, src)))
	_, err = w.posting(head, posting)
	refused(t, err, "RESOURCE_NOT_FOUND")
	for person, want := range map[string]int{"resident": 1, "staff": 1} {
		if n := w.count(`SELECT count(*) FROM follow WHERE person_id = $1 AND target = $2`, person, org2); n != want {
			t.Errorf("%s follows %d times", person, n)
		}
		if n := w.count(`SELECT used FROM follow_count WHERE person_id = $1`, person); n != want {
			t.Errorf("%s is counted %d times", person, n)
		}
	}
}
