package gateway

import (
	"context"
	"net/http"
	"regexp"

	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// The pages that the links in mails lead to.
var publicPath = regexp.MustCompile(`^/registrations/([A-Za-z0-9_-]{1,100})(/confirm|/cancel)?$`)

// publicPage finds the page of an address; ok is false for any other.
func (g *Gateway) publicPage(path string) (p page, ok bool) {
	m := publicPath.FindStringSubmatch(path)
	if m == nil {
		return page{}, false
	}
	serve := func(show shower) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if err := g.asVisitor(w, r, show, m[1]); err != nil {
				g.problems.Write(w, r, err)
			}
		}
	}
	switch m[2] {
	case "":
		return page{method: http.MethodGet, serve: serve(g.showRegistration)}, true
	case "/confirm":
		return page{method: http.MethodPost, serve: serve(g.confirmRegistration)}, true
	default:
		return page{method: http.MethodPost, serve: serve(g.cancelRegistration)}, true
	}
}

// shower shows what an address names.
type shower = func(ctx context.Context, w http.ResponseWriter, r *http.Request, id string) error

// asVisitor counts the request and calls outreach without an identity: these
// pages show what a link opens.
func (g *Gateway) asVisitor(w http.ResponseWriter, r *http.Request, show shower, id string) error {
	limiter := g.limits.anonymousReads
	if r.Method == http.MethodPost {
		limiter = g.limits.anonymousWrites
	}
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
	return show(ctx, w, r, id)
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
