package gateway

import (
	"context"
	"html/template"
	"net/http"
	"regexp"

	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/gateway/limit"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// The pages that mails, feeds, calendars and QR codes lead to.
var publicPath = regexp.MustCompile(`^/(events|articles|opportunities|registrations)/([A-Za-z0-9_-]{1,100})(/confirm|/cancel)?$`)

// publicPage finds the page of an address; ok is false for any other.
func (g *Gateway) publicPage(path string) (p page, ok bool) {
	m := publicPath.FindStringSubmatch(path)
	if m == nil || m[3] != "" && m[1] != "registrations" {
		return page{}, false
	}
	serve := func(show shower) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if err := g.asVisitor(w, r, show, m[2]); err != nil {
				g.problems.Write(w, r, err)
			}
		}
	}
	switch m[1] + m[3] {
	case "events":
		return page{method: http.MethodGet, serve: serve(g.showEvent)}, true
	case "articles":
		return page{method: http.MethodGet, serve: serve(g.showArticle)}, true
	case "opportunities":
		return page{method: http.MethodGet, serve: serve(g.showOpportunity)}, true
	case "registrations":
		return page{method: http.MethodGet, serve: serve(g.showRegistration)}, true
	case "registrations/confirm":
		return page{method: http.MethodPost, serve: serve(g.confirmRegistration)}, true
	default:
		return page{method: http.MethodPost, serve: serve(g.cancelRegistration)}, true
	}
}

// shower shows what an address names.
type shower = func(ctx context.Context, w http.ResponseWriter, r *http.Request, id string) error

// asVisitor counts the request and calls outreach without an identity: these
// pages show everybody the same, or what a link opens.
func (g *Gateway) asVisitor(w http.ResponseWriter, r *http.Request, show shower, id string) error {
	limiter := g.limits.anonymousReads
	if r.Method == http.MethodPost {
		limiter = g.limits.anonymousWrites
	}
	return g.visit(limiter, w, r, func(ctx context.Context) error { return show(ctx, w, r, id) })
}

// visit is asVisitor with the limit that counts.
func (g *Gateway) visit(limiter *limit.Limiter, w http.ResponseWriter, r *http.Request, show func(context.Context) error) error {
	key := network(address(r.RemoteAddr, r.Header["X-Forwarded-For"], g.TrustedProxies))
	if ok, wait := limiter.Take(key, g.Now(), w.Header()); !ok {
		return fault.ErrRateLimited.After(wait)
	}
	if g.Backends["outreach"] == nil {
		return fault.ErrDependencyUnavailable.With("dependency", "outreach")
	}
	out, err := outgoing(http.Header{"Accept-Language": r.Header["Accept-Language"], "Traceparent": r.Header["Traceparent"]}, "")
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(metadata.NewOutgoingContext(r.Context(), out), callTime)
	defer cancel()
	return show(ctx)
}

// publication is what an event or an article shows.
type publication struct {
	Title, Summary string
	Body           template.HTML // Made safe by outreach.
	Facts          [][2]string
	Credits        []*typev1.Credit
	CreditText     string
	Cancelled      bool
	API            string
}

func (g *Gateway) showEvent(ctx context.Context, w http.ResponseWriter, r *http.Request, id string) error {
	resp, err := outreachv1.NewEventServiceClient(g.Backends["outreach"]).GetEvent(ctx, &outreachv1.GetEventRequest{Id: id})
	if err != nil {
		return hiddenForm(err)
	}
	e := resp.GetEvent()
	p := publication{
		Title: e.GetTitle(), Summary: e.GetSummary(), Body: template.HTML(e.GetBodyHtml()), //nolint:gosec // G203: outreach has sanitized it
		Credits: e.GetCredits(), CreditText: e.GetCreditText(), Cancelled: e.GetState() == outreachv1.Event_CANCELLED, API: "/v1/events/" + e.GetId(),
	}
	time := e.GetStartTime()
	if e.GetEndTime() != "" {
		time += "から" + e.GetEndTime()
	}
	for _, fact := range [][2]string{{"日", e.GetStartsOn()}, {"時間", time}, {"場所", e.GetPlace().GetName()}, {"対象", e.GetTarget()}, {"問合せ", e.GetContact().GetName()}} {
		if fact[1] != "" {
			p.Facts = append(p.Facts, fact)
		}
	}
	g.render(w, r, "publication.html", p)
	return nil
}

func (g *Gateway) showArticle(ctx context.Context, w http.ResponseWriter, r *http.Request, id string) error {
	resp, err := outreachv1.NewArticleServiceClient(g.Backends["outreach"]).GetArticle(ctx, &outreachv1.GetArticleRequest{Id: id})
	if err != nil {
		return hiddenForm(err)
	}
	a := resp.GetArticle()
	g.render(w, r, "publication.html", publication{
		Title: a.GetTitle(), Summary: a.GetSummary(), Body: template.HTML(a.GetBodyHtml()), //nolint:gosec // G203: outreach has sanitized it
		Credits: a.GetCredits(), CreditText: a.GetCreditText(), API: "/v1/articles/" + a.GetId(),
	})
	return nil
}

// hiddenForm answers an id that is none as one that is not there: these
// addresses are read by people.
func hiddenForm(err error) error {
	if problem.Fault(err).Kind == fault.Invalid {
		return fault.ErrNotFound
	}
	return err
}

// registration is what the link in a mail shows. GET changes nothing.
type registration struct {
	Token     string
	State     string
	Position  int32
	Confirmed bool
	Event     string
}

func (g *Gateway) showRegistration(ctx context.Context, w http.ResponseWriter, r *http.Request, token string) error {
	resp, err := outreachv1.NewRegistrationServiceClient(g.Backends["outreach"]).GetRegistrationLink(ctx, &outreachv1.GetRegistrationLinkRequest{Token: token})
	if err != nil {
		return hiddenForm(err)
	}
	g.renderRegistration(w, r, token, resp.GetRegistration())
	return nil
}

func (g *Gateway) confirmRegistration(ctx context.Context, w http.ResponseWriter, r *http.Request, token string) error {
	resp, err := outreachv1.NewRegistrationServiceClient(g.Backends["outreach"]).ConfirmRegistration(ctx, &outreachv1.ConfirmRegistrationRequest{Token: token})
	if err != nil {
		return hiddenForm(err)
	}
	g.renderRegistration(w, r, token, resp.GetRegistration())
	return nil
}

func (g *Gateway) cancelRegistration(ctx context.Context, w http.ResponseWriter, r *http.Request, token string) error {
	resp, err := outreachv1.NewRegistrationServiceClient(g.Backends["outreach"]).CancelRegistrationByLink(ctx, &outreachv1.CancelRegistrationByLinkRequest{Token: token})
	if err != nil {
		return hiddenForm(err)
	}
	g.renderRegistration(w, r, token, resp.GetRegistration())
	return nil
}

func (g *Gateway) renderRegistration(w http.ResponseWriter, r *http.Request, token string, found *outreachv1.Registration) {
	w.Header().Set("Referrer-Policy", "no-referrer") // the address is the key
	g.render(w, r, "registration.html", registration{
		Token: token, State: found.GetState().String(), Position: found.GetPosition(), Confirmed: found.GetConfirmed(), Event: found.GetEventId(),
	})
}
