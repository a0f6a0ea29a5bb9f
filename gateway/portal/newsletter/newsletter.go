// Package newsletter has the pages of the mail magazine for everybody: the
// subscription, what the links in mails open, and the archive. Its readers have
// no account: a link is the key to what it opens.
package newsletter

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// Routes are the area's pages. A step without a token is that of a mail program,
// which ends a subscription by one request (RFC 8058).
func Routes() []web.Route {
	return []web.Route{
		web.Public(http.MethodGet, "/newsletter", begin),
		web.Public(http.MethodPost, "/newsletter", subscribe),
		web.Public(http.MethodGet, "/newsletter/requested", requested),
		web.Public(http.MethodGet, "/newsletter/issues", archive),
		web.Public(http.MethodGet, "/newsletter/issues/{id}", issue),
		web.Public(http.MethodGet, "/newsletter/{token}", show),
		web.Public(http.MethodGet, "/newsletter/{token}/{step}", show),
		web.Public(http.MethodPost, "/newsletter/{token}/{step}", take).WithoutToken(),
	}
}

// OneClick are the addresses by which mail programs end subscriptions: many of
// them from one network, for many readers.
var OneClick = regexp.MustCompile(`^/newsletter/[A-Za-z0-9_-]{43}/unsubscribe$`)

func readers(q *web.Request) outreachv1.NewsletterSubscriptionServiceClient {
	return outreachv1.NewNewsletterSubscriptionServiceClient(q.Site.Service("outreach"))
}

// labels name the fields in the summary of what was refused.
var labels = ui.Labels{
	"email": "newsletter.email", "subscription.topics": "newsletter.topics", "subscription.areas": "newsletter.areas",
	"subscription.format": "newsletter.format", "consentVersion": "newsletter.consent",
}

// offer is what can be chosen, with what was.
type offer struct {
	*outreachv1.ListNewsletterTopicsResponse
	form *ui.Form
}

// choices asks what can be chosen.
func choices(ctx context.Context, q *web.Request, form *ui.Form) (*offer, error) {
	resp, err := outreachv1.NewNewsletterTopicServiceClient(q.Site.Service("outreach")).ListNewsletterTopics(ctx, &outreachv1.ListNewsletterTopicsRequest{})
	form.Labels = labels
	return &offer{resp, form}, err
}

func begin(q *web.Request) error {
	return answerBegin(q, ui.NewForm(url.Values{"subscription.format": {outreachv1.NewsletterSubscription_HTML.String()}}), http.StatusOK)
}

func answerBegin(q *web.Request, form *ui.Form, status int) error {
	o, err := choices(q.Context(), q, form)
	if err != nil {
		return err
	}
	return q.RenderAs(status, beginPage(o))
}

// errConsent refuses a form without the consent, which the page asks for in a box
// of its own.
var errConsent = fault.ErrInvalidField.On(fault.Field{
	Path: "consentVersion", Reason: fault.ErrInvalidField.Reason,
	Ja: "同意文を読み、同意するときは印を付けてください。", En: "Read the consent, and tick the box if you agree.",
})

// subscribe asks for the magazine. The answer is the same for every address.
func subscribe(q *web.Request) error {
	req := &outreachv1.SubscribeRequest{}
	err := web.Bind(q.PostForm, req)
	if err == nil && req.GetConsentVersion() == "" {
		err = errConsent
	}
	if err == nil {
		_, err = readers(q).Subscribe(q.Once(), req)
	}
	if form, refused := q.Refused(err); refused {
		return answerBegin(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect("/newsletter/requested", "")
}

func requested(q *web.Request) error { return q.Render(requestedPage()) }

// tokenForm is what a link of ours has.
var tokenForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// link is what a link of a mail opens.
type link struct {
	*offer
	token        string
	subscription *outreachv1.NewsletterSubscription
	leaving      bool // Whether the page asks for nothing but the end.
}

// visitor prepares what a link opens: nobody's identity goes to the service, and
// the address, which is the key, to no other page. Errors: RESOURCE_NOT_FOUND for
// what cannot be a link.
func visitor(q *web.Request) (context.Context, *link, error) {
	q.Writer.Header().Set("Referrer-Policy", "no-referrer")
	l := &link{token: q.PathValue("token")}
	if !tokenForm.MatchString(l.token) {
		return nil, nil, fault.ErrNotFound
	}
	md, err := q.Site.Metadata(http.Header{"Accept-Language": {q.View.Lang.Tag()}, "Traceparent": q.Header["Traceparent"]}, "")
	return metadata.NewOutgoingContext(q.Context(), md), l, err
}

// steps are what can be done by a link.
var steps = []string{"confirm", "preferences", "unsubscribe", "erase"}

// show shows and changes nothing, whoever asks: mail programs and scanners follow
// links.
func show(q *web.Request) error {
	ctx, l, err := visitor(q)
	if err != nil {
		return err
	}
	switch step := q.PathValue("step"); {
	case step == "unsubscribe":
		l.leaving = true
	case slices.Contains(steps, step):
		q.Writer.Header().Set("Allow", "OPTIONS, POST")
		return problem.ErrMethodNotAllowed
	case step != "":
		return problem.ErrRouteNotFound
	}
	resp, err := readers(q).GetSubscription(ctx, &outreachv1.GetSubscriptionRequest{Token: l.token})
	if err != nil {
		return err
	}
	return answerLink(ctx, q, l, resp.GetSubscription(), nil)
}

// answerLink shows a subscription, with what was refused where something was.
func answerLink(ctx context.Context, q *web.Request, l *link, found *outreachv1.NewsletterSubscription, refused *ui.Form) error {
	status, form := http.StatusOK, ui.NewForm(web.Values("subscription.", found))
	if refused != nil {
		status, form = refused.Status, refused
	}
	var err error
	if l.offer, err = choices(ctx, q, form); err != nil {
		return err
	}
	l.subscription = found
	return q.RenderAs(status, linkPage(l))
}

// take does what a form of a link's page asks for.
func take(q *web.Request) error {
	ctx, l, err := visitor(q)
	if err != nil {
		return err
	}
	switch q.PathValue("step") {
	case "confirm":
		resp, err := readers(q).ConfirmSubscription(ctx, &outreachv1.ConfirmSubscriptionRequest{Token: l.token})
		if err != nil {
			return err
		}
		found := resp.GetSubscription()
		found.Etag = "" // The link of this mail confirms; the readers' own one stands in every issue.
		return answerLink(ctx, q, l, found, nil)
	case "unsubscribe":
		l.leaving = true
		resp, err := readers(q).Unsubscribe(ctx, &outreachv1.UnsubscribeRequest{Token: l.token})
		if err != nil {
			return err
		}
		return answerLink(ctx, q, l, resp.GetSubscription(), nil)
	case "erase":
		if _, err := readers(q).EraseSubscription(ctx, &outreachv1.EraseSubscriptionRequest{Token: l.token}); err != nil {
			return err
		}
		return q.Render(erasedPage())
	case "preferences":
		return change(ctx, q, l)
	}
	return problem.ErrRouteNotFound
}

// change writes what the reader chose.
func change(ctx context.Context, q *web.Request, l *link) error {
	req := &outreachv1.UpdateSubscriptionRequest{Subscription: &outreachv1.SubscriptionInput{}}
	err := web.Bind(q.PostForm, req)
	if err == nil {
		req.Token, req.UpdateMask = l.token, &fieldmaskpb.FieldMask{Paths: []string{"topics", "areas", "format"}}
		_, err = readers(q).UpdateSubscription(ctx, req)
	}
	form, refused := q.Refused(err)
	if err != nil && !refused {
		return err
	}
	if !refused {
		return q.Redirect("/newsletter/"+l.token, "newsletter")
	}
	resp, err := readers(q).GetSubscription(ctx, &outreachv1.GetSubscriptionRequest{Token: l.token})
	if err != nil {
		return err
	}
	return answerLink(ctx, q, l, resp.GetSubscription(), form)
}
