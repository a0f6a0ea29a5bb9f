package gateway

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// The pages of the mail magazine: those that a reader's link opens, and the archive.
var newsletterPath = regexp.MustCompile(`^/newsletter/(?:([A-Za-z0-9_-]{43})(/confirm|/preferences|/unsubscribe|/erase)?|issues/([0-9a-f-]{36}))$`)

// maxForm bounds what a form of these pages holds.
const maxForm = 64 << 10

// newsletterPage finds the page of an address; ok is false for any other. GET shows and
// changes nothing, whoever asks: mail programs and scanners follow links.
func (g *Gateway) newsletterPage(path string) (p page, ok bool) {
	m := newsletterPath.FindStringSubmatch(path)
	if m == nil {
		return page{}, false
	}
	id := m[1] + m[3]
	serve := func(show shower) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Referrer-Policy", "no-referrer") // the address is the key
			if err := g.asVisitor(w, r, show, id); err != nil {
				g.problems.Write(w, r, err)
			}
		}
	}
	switch {
	case m[3] != "":
		return page{method: http.MethodGet, serve: serve(g.showIssue)}, true
	case m[2] == "":
		return page{method: http.MethodGet, serve: serve(g.showSubscription)}, true
	case m[2] == "/unsubscribe":
		return page{method: http.MethodGet, serve: serve(g.showUnsubscribe), post: func(w http.ResponseWriter, r *http.Request) {
			// By the limit of reads: mail providers ask for many readers from one address.
			if err := g.visit(g.limits.anonymousReads, w, r, func(ctx context.Context) error { return g.unsubscribe(ctx, w, r, id) }); err != nil {
				g.problems.Write(w, r, err)
			}
		}}, true
	case m[2] == "/confirm":
		return page{method: http.MethodPost, serve: serve(g.confirmSubscription)}, true
	case m[2] == "/preferences":
		return page{method: http.MethodPost, serve: serve(g.changeSubscription)}, true
	default:
		return page{method: http.MethodPost, serve: serve(g.eraseSubscription)}, true
	}
}

// choice is something that a reader may choose.
type choice struct {
	Code, Name, Description string
	Chosen                  bool
}

// subscription is what a reader's link shows.
type subscription struct {
	Token, State, Etag, Format string
	Topics, Areas              []choice
	Leaving                    bool // Whether the page asks for nothing but the end.
}

func (g *Gateway) newsletter() outreachv1.NewsletterSubscriptionServiceClient {
	return outreachv1.NewNewsletterSubscriptionServiceClient(g.Backends["outreach"])
}

func (g *Gateway) showSubscription(ctx context.Context, w http.ResponseWriter, r *http.Request, token string) error {
	resp, err := g.newsletter().GetSubscription(ctx, &outreachv1.GetSubscriptionRequest{Token: token})
	if err != nil {
		return hiddenForm(err)
	}
	return g.renderSubscription(ctx, w, r, subscription{Token: token}, resp.GetSubscription())
}

func (g *Gateway) showUnsubscribe(ctx context.Context, w http.ResponseWriter, r *http.Request, token string) error {
	resp, err := g.newsletter().GetSubscription(ctx, &outreachv1.GetSubscriptionRequest{Token: token})
	if err != nil {
		return hiddenForm(err)
	}
	return g.renderSubscription(ctx, w, r, subscription{Token: token, Leaving: true}, resp.GetSubscription())
}

func (g *Gateway) confirmSubscription(ctx context.Context, w http.ResponseWriter, r *http.Request, token string) error {
	resp, err := g.newsletter().ConfirmSubscription(ctx, &outreachv1.ConfirmSubscriptionRequest{Token: token})
	if err != nil {
		return hiddenForm(err)
	}
	s := resp.GetSubscription()
	s.Etag = "" // The link of this mail confirms; the readers' own one stands in every issue.
	return g.renderSubscription(ctx, w, r, subscription{Token: token}, s)
}

// unsubscribe ends a subscription: by the button of the page, or by a mail program with
// one request (RFC 8058), which has neither a cookie nor anything else to show who asks.
func (g *Gateway) unsubscribe(ctx context.Context, w http.ResponseWriter, r *http.Request, token string) error {
	resp, err := g.newsletter().Unsubscribe(ctx, &outreachv1.UnsubscribeRequest{Token: token})
	if err != nil {
		return hiddenForm(err)
	}
	return g.renderSubscription(ctx, w, r, subscription{Token: token, Leaving: true}, resp.GetSubscription())
}

func (g *Gateway) changeSubscription(ctx context.Context, w http.ResponseWriter, r *http.Request, token string) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return fault.ErrInvalidField.Because(err)
	}
	format := outreachv1.NewsletterSubscription_Format(outreachv1.NewsletterSubscription_Format_value[r.PostForm.Get("format")])
	resp, err := g.newsletter().UpdateSubscription(ctx, &outreachv1.UpdateSubscriptionRequest{
		Token: token, Etag: r.PostForm.Get("etag"), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"topics", "areas", "format"}},
		Subscription: &outreachv1.SubscriptionInput{Topics: r.PostForm["topics"], Areas: r.PostForm["areas"], Format: format},
	})
	if err != nil {
		return err
	}
	return g.renderSubscription(ctx, w, r, subscription{Token: token}, resp.GetSubscription())
}

func (g *Gateway) eraseSubscription(ctx context.Context, w http.ResponseWriter, r *http.Request, token string) error {
	if _, err := g.newsletter().EraseSubscription(ctx, &outreachv1.EraseSubscriptionRequest{Token: token}); err != nil {
		return hiddenForm(err)
	}
	g.render(w, r, "newsletter.html", subscription{State: "ERASED"})
	return nil
}

func (g *Gateway) renderSubscription(ctx context.Context, w http.ResponseWriter, r *http.Request, s subscription, found *outreachv1.NewsletterSubscription) error {
	all, err := outreachv1.NewNewsletterTopicServiceClient(g.Backends["outreach"]).ListNewsletterTopics(ctx, &outreachv1.ListNewsletterTopicsRequest{})
	if err != nil {
		return err
	}
	s.State, s.Etag, s.Format = found.GetState().String(), found.GetEtag(), found.GetFormat().String()
	for _, t := range all.GetTopics() {
		s.Topics = append(s.Topics, choice{t.GetCode(), t.GetName(), t.GetDescription(), slices.Contains(found.GetTopics(), t.GetCode())})
	}
	for _, a := range all.GetAreas() {
		s.Areas = append(s.Areas, choice{Code: a.GetCode(), Name: a.GetName(), Chosen: slices.Contains(found.GetAreas(), a.GetCode())})
	}
	g.render(w, r, "newsletter.html", s)
	return nil
}

// archived is an issue as its page shows it.
type archived struct {
	Number, Title, Publisher string
	Paragraphs               []string
	Parts                    []archivedPart
}

type archivedPart struct {
	Name  string
	Items []*outreachv1.NewsletterItem
}

var sectionNames = []struct {
	section outreachv1.NewsletterSection
	name    string
}{
	{outreachv1.NewsletterSection_NEWSLETTER_SECTION_NOTICE, "お知らせ"},
	{outreachv1.NewsletterSection_NEWSLETTER_SECTION_EVENT, "イベント"},
	{outreachv1.NewsletterSection_NEWSLETTER_SECTION_VOLUNTEER, "ボランティア募集"},
	{outreachv1.NewsletterSection_NEWSLETTER_SECTION_CALL, "助成・提案募集"},
	{outreachv1.NewsletterSection_NEWSLETTER_SECTION_PROGRESS, "検討経過"},
}

func (g *Gateway) showIssue(ctx context.Context, w http.ResponseWriter, r *http.Request, id string) error {
	resp, err := outreachv1.NewNewsletterIssueServiceClient(g.Backends["outreach"]).GetIssue(ctx, &outreachv1.GetIssueRequest{Id: id})
	if err != nil {
		return hiddenForm(err)
	}
	i := resp.GetIssue()
	a := archived{Number: i.GetNumber(), Title: i.GetTitle(), Publisher: i.GetPublisher()}
	for p := range strings.SplitSeq(i.GetIntroduction(), "\n") {
		if p = strings.TrimSpace(p); p != "" {
			a.Paragraphs = append(a.Paragraphs, p)
		}
	}
	for _, s := range sectionNames {
		p := archivedPart{Name: s.name}
		for _, item := range i.GetItems() {
			if item.GetSection() == s.section {
				p.Items = append(p.Items, item)
			}
		}
		if len(p.Items) > 0 {
			a.Parts = append(a.Parts, p)
		}
	}
	g.render(w, r, "newsletter_issue.html", a)
	return nil
}
