package gateway

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"

	"github.com/klauspost/compress/gzhttp"
	"github.com/rs/cors"

	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// response notes what was answered, for metrics and for panics.
type response struct {
	http.ResponseWriter
	status int
	route  *route
}

// WriteHeader notes the status.
func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write notes that 200 was answered when nothing else was.
func (w *response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap leads http.ResponseController to what is below.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// observed tells the metrics which route a request has.
func observed(w http.ResponseWriter, rt *route) {
	if rw, ok := w.(*response); ok {
		rw.route = rt
	}
}

// buildHandler puts what every request passes around the routes.
func (g *Gateway) buildHandler() error {
	pages, err := g.pages()
	if err != nil {
		return err
	}
	guard := http.NewCrossOriginProtection()
	for _, o := range g.AllowedOrigins {
		if err := guard.AddTrustedOrigin(o); err != nil {
			return fmt.Errorf("allowed origin %s: %w", o, err)
		}
	}
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.problems.Write(w, r, problem.ErrCrossOrigin)
	}))
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if servedByContract(r.URL.Path) {
			g.serveAPI(w, r)
			return
		}
		pages.ServeHTTP(w, r)
	})
	h = g.observe(guard.Handler(h))
	compress, err := gzhttp.NewWrapper(gzhttp.ContentTypeFilter(compressible))
	if err != nil {
		return err
	}
	h = compress(h)
	if len(g.AllowedOrigins) > 0 {
		h = cors.New(cors.Options{
			AllowedOrigins: g.AllowedOrigins,
			AllowedMethods: []string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete},
			AllowedHeaders: []string{"Accept-Language", "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Kyodo-Access-Code", "Kyodo-Reason", "Last-Event-Id", "Traceparent"},
			ExposedHeaders: []string{"Content-Language", "ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After"},
			MaxAge:         600,
		}).Handler(h)
	}
	g.handler = h
	return nil
}

// servedByContract reports whether an address belongs to the contract, not to
// the edge's own pages.
func servedByContract(path string) bool {
	return strings.HasPrefix(path, "/v1/") || strings.HasPrefix(path, "/feeds/") || strings.HasPrefix(path, "/opendata/")
}

// compressible leaves streams and files alone.
func compressible(mediaType string) bool {
	return !strings.HasPrefix(mediaType, "text/event-stream") && !strings.HasPrefix(mediaType, "application/octet-stream") &&
		gzhttp.DefaultContentTypeFilter(mediaType)
}

// observe is the outermost handler of ours: it sets the security headers, checks
// what is true for every address, counts, and answers panics.
func (g *Gateway) observe(next http.Handler) http.Handler {
	secure := strings.HasPrefix(g.Origin, "https://")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rw := &response{ResponseWriter: w}
		start := g.Now()
		defer func() {
			if p := recover(); p != nil {
				g.recovered(rw, r, p)
			}
			g.metrics.observe(rw, g.Now().Sub(start))
		}()
		securityHeaders(w.Header(), secure)
		if err := checkEnvelope(r); err != nil {
			g.problems.Write(rw, r, err)
			return
		}
		next.ServeHTTP(rw, r)
	})
}

func checkEnvelope(r *http.Request) error {
	size := 0
	for name, values := range r.Header {
		for _, v := range values {
			size += len(name) + len(v) + 4
		}
	}
	if size > maxHeaders {
		return problem.ErrHeadersTooLarge
	}
	return checkAddress(r.RequestURI, r.URL)
}

// recovered answers a panic with INTERNAL, unless an answer has begun: then the
// connection is cut, so that nobody takes half an answer for a whole one.
func (g *Gateway) recovered(w *response, r *http.Request, p any) {
	if p == http.ErrAbortHandler { //nolint:errorlint // a panic's value, compared as net/http does
		panic(p)
	}
	err := fault.ErrInternal.Because(fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
	if w.status != 0 {
		g.Log.Error("panic after the answer began", "route", r.Pattern, "error", err)
		panic(http.ErrAbortHandler)
	}
	g.problems.Write(w, r, err)
}

var (
	nosniff    = []string{"nosniff"}
	noReferrer = []string{"same-origin"}
	deny       = []string{"DENY"}
	sameOrigin = []string{"same-origin"}
	apiPolicy  = []string{"default-src 'none'; frame-ancestors 'none'"}
	transport  = []string{"max-age=31536000; includeSubDomains"}
	variesBy   = []string{"Accept-Encoding", "Accept-Language, Authorization, Cookie, Origin"}
	noStore    = []string{"no-store"}
)

// securityHeaders sets what every answer carries. Pages loosen the policy for
// what they need; nothing is stored unless a page says so.
func securityHeaders(h http.Header, secure bool) {
	h["X-Content-Type-Options"] = nosniff
	h["Referrer-Policy"] = noReferrer
	h["X-Frame-Options"] = deny
	h["Cross-Origin-Opener-Policy"] = sameOrigin
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	h["Content-Security-Policy"] = apiPolicy
	h["Cache-Control"] = noStore
	h["Vary"] = variesBy
	if secure {
		h["Strict-Transport-Security"] = transport
	}
}

// statusClass is the label of a status: "2xx".
func statusClass(status int) string {
	if status == 0 {
		return "none"
	}
	return string(rune('0'+status/100)) + "xx"
}
