package gateway

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// readers answer for one subscription and note what is done to it.
type readers struct {
	outreachv1.UnimplementedNewsletterSubscriptionServiceServer
	outreachv1.UnimplementedNewsletterTopicServiceServer
	outreachv1.UnimplementedNewsletterIssueServiceServer

	mu    sync.Mutex
	done  []string
	state outreachv1.NewsletterSubscription_State
}

func (l *readers) take(token, deed string, state outreachv1.NewsletterSubscription_State) (*outreachv1.NewsletterSubscription, error) {
	if token != linkToken {
		return nil, fault.ErrNotFound
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if deed != "" {
		l.done, l.state = append(l.done, deed), state
	}
	return &outreachv1.NewsletterSubscription{
		State: l.state, Topics: []string{"children"}, Areas: []string{"fujimi"}, Format: outreachv1.NewsletterSubscription_TEXT, Etag: `"7"`,
	}, nil
}

func (l *readers) deeds() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.done)
}

func (l *readers) GetSubscription(_ context.Context, req *outreachv1.GetSubscriptionRequest) (*outreachv1.GetSubscriptionResponse, error) {
	s, err := l.take(req.GetToken(), "", 0)
	return &outreachv1.GetSubscriptionResponse{Subscription: s}, err
}

func (l *readers) ConfirmSubscription(_ context.Context, req *outreachv1.ConfirmSubscriptionRequest) (*outreachv1.ConfirmSubscriptionResponse, error) {
	s, err := l.take(req.GetToken(), "confirm", outreachv1.NewsletterSubscription_ACTIVE)
	return &outreachv1.ConfirmSubscriptionResponse{Subscription: s}, err
}

func (l *readers) UpdateSubscription(_ context.Context, req *outreachv1.UpdateSubscriptionRequest) (*outreachv1.UpdateSubscriptionResponse, error) {
	in := req.GetSubscription()
	s, err := l.take(req.GetToken(), strings.Join(append(append(in.GetTopics(), in.GetAreas()...), in.GetFormat().String(), req.GetEtag()), " "), outreachv1.NewsletterSubscription_ACTIVE)
	return &outreachv1.UpdateSubscriptionResponse{Subscription: s}, err
}

func (l *readers) Unsubscribe(_ context.Context, req *outreachv1.UnsubscribeRequest) (*outreachv1.UnsubscribeResponse, error) {
	s, err := l.take(req.GetToken(), "unsubscribe", outreachv1.NewsletterSubscription_UNSUBSCRIBED)
	return &outreachv1.UnsubscribeResponse{Subscription: s}, err
}

func (l *readers) EraseSubscription(_ context.Context, req *outreachv1.EraseSubscriptionRequest) (*outreachv1.EraseSubscriptionResponse, error) {
	_, err := l.take(req.GetToken(), "erase", outreachv1.NewsletterSubscription_UNSUBSCRIBED)
	return &outreachv1.EraseSubscriptionResponse{}, err
}

func (l *readers) ListNewsletterTopics(context.Context, *outreachv1.ListNewsletterTopicsRequest) (*outreachv1.ListNewsletterTopicsResponse, error) {
	return &outreachv1.ListNewsletterTopicsResponse{
		Topics: []*outreachv1.NewsletterTopic{{Code: "children", Name: "子ども"}, {Code: "disaster", Name: "防災"}},
		Areas:  []*outreachv1.NewsletterArea{{Code: "fujimi", Name: "富士見"}},
	}, nil
}

func (l *readers) GetIssue(_ context.Context, req *outreachv1.GetIssueRequest) (*outreachv1.GetIssueResponse, error) {
	if req.GetId() != someID {
		return nil, fault.ErrNotFound
	}
	return &outreachv1.GetIssueResponse{Issue: &outreachv1.NewsletterIssue{
		Number: "R8-信-0001", Title: "<b>お知らせ</b>", Introduction: "はじめに", PageUrl: "https://kyodo.example/newsletter/issues/" + someID,
		Items: []*outreachv1.NewsletterItem{{Section: outreachv1.NewsletterSection_NEWSLETTER_SECTION_EVENT, Title: "朝の清掃", Url: "https://kyodo.example/events/1"}},
	}}, nil
}

func TestOneClickUnsubscribe(t *testing.T) {
	e := start(t)
	path := "/newsletter/" + linkToken + "/unsubscribe"
	e.readers.state = outreachv1.NewsletterSubscription_ACTIVE
	for range 3 {
		resp := e.do(ask{method: "GET", path: path})
		if body := text(t, resp); !strings.Contains(body, `action="`+path+`"`) || resp.Header.Get("Referrer-Policy") != "no-referrer" {
			t.Fatalf("%s %s", resp.Status, body)
		}
	}
	if e.do(ask{method: "HEAD", path: path}).StatusCode != http.StatusOK || len(e.readers.deeds()) != 0 {
		t.Errorf("looking did %v", e.readers.deeds())
	}
	for range 2 { // As RFC 8058 has it: no cookie, nothing of who asks.
		resp := e.do(ask{method: "POST", path: path, header: asForm, body: "List-Unsubscribe=One-Click"})
		if body := text(t, resp); resp.StatusCode != http.StatusOK || !strings.Contains(body, "配信を停止しました") || resp.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s %s", resp.Status, body)
		}
	}
	if got := e.readers.deeds(); !slices.Equal(got, []string{"unsubscribe", "unsubscribe"}) {
		t.Errorf("done: %v", got)
	}
	if doc, _ := e.problem(ask{method: "POST", path: path, header: []string{"Sec-Fetch-Site: cross-site"}}); doc.Reason != "CROSS_ORIGIN_FORBIDDEN" {
		t.Error(doc.Reason)
	}
	resp := e.do(ask{method: "PUT", path: path})
	if allowed := resp.Header.Get("Allow"); resp.StatusCode != http.StatusMethodNotAllowed || !strings.Contains(allowed, "POST") || !strings.Contains(allowed, "GET") {
		t.Error(resp.Status, allowed)
	}
}

func TestReadersPages(t *testing.T) {
	e := start(t)
	path := "/newsletter/" + linkToken
	e.readers.state = outreachv1.NewsletterSubscription_REQUESTED
	if body := text(t, e.do(ask{method: "GET", path: path})); !strings.Contains(body, path+"/confirm") || len(e.readers.deeds()) != 0 {
		t.Errorf("%v %s", e.readers.deeds(), body)
	}
	for _, step := range []string{"/confirm", "/preferences", "/erase"} {
		if resp := e.do(ask{method: "GET", path: path + step}); resp.StatusCode != http.StatusMethodNotAllowed {
			t.Error(step, resp.Status)
		}
	}
	if body := text(t, e.do(ask{method: "POST", path: path + "/confirm", header: asForm})); !strings.Contains(body, "登録されています") {
		t.Error(body)
	}
	if body := text(t, e.do(ask{method: "GET", path: path})); !strings.Contains(body, `value="children" checked`) || strings.Contains(body, `value="disaster" checked`) || !strings.Contains(body, `value="TEXT" checked`) {
		t.Error(body)
	}
	form := "etag=%227%22&subscription.topics=children&subscription.topics=disaster&subscription.areas=fujimi&subscription.format=HTML"
	if resp := e.do(ask{method: "POST", path: path + "/preferences", header: asForm, body: form}); resp.StatusCode != http.StatusSeeOther || resp.Header.Get("Location") != path+"?done=newsletter" {
		t.Errorf("%s %s", resp.Status, text(t, resp))
	}
	if body := text(t, e.do(ask{method: "POST", path: path + "/erase", header: asForm})); !strings.Contains(body, "すべて削除しました") {
		t.Error(body)
	}
	if got := e.readers.deeds(); !slices.Equal(got, []string{"confirm", `children disaster fujimi HTML "7"`, "erase"}) {
		t.Errorf("done: %q", got)
	}
	for _, gone := range []string{"/newsletter/" + strings.Repeat("B", 43), "/newsletter/short", "/newsletter/issues/" + otherID, "/newsletter/issues/x", path + "/other"} {
		if resp := e.do(ask{method: "GET", path: gone}); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", gone, resp.Status)
		}
	}
}

func TestArchivePage(t *testing.T) {
	e := start(t)
	body := text(t, e.do(ask{method: "GET", path: "/newsletter/issues/" + someID}))
	for _, want := range []string{"R8-信-0001", "&lt;b&gt;", "<h2>イベント</h2>", `<a href="/events/1">朝の清掃</a>`, "はじめに"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q: %s", want, body)
		}
	}
}

// asForm makes the body that of a form.
var asForm = []string{"Content-Type: ", "Content-Type: application/x-www-form-urlencoded"}
