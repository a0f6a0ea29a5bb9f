package gateway

import (
	"embed"
	"html/template"
	"io/fs"
	"net/http"
	"regexp"
	"strings"

	"github.com/swaggest/swgui/v5/static"

	"github.com/chiyoda-kyodo/kyodo/gateway/limit"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/asset"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
)

//go:embed page/*
var pageFiles embed.FS

var templates = template.Must(template.ParseFS(pageFiles, "page/*.html"))

// pagePolicy lets a page use the style sheet and scripts of this installation,
// and nothing from anywhere else. Swagger UI writes style attributes and shows
// pictures that it carries in its own text.
const (
	pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' https:; base-uri 'none'; frame-ancestors 'none'"
	docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
	drawPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

// policies are those of the pages that run a script.
var policies = map[string]string{"docs.html": docsPolicy, "draw.html": drawPolicy}

// drawPath is the page that recomputes a lottery in the browser.
var drawPath = regexp.MustCompile(`^/lotteries/[0-9a-f-]{36}/verify$`)

// page is one address outside the API.
type page struct {
	method string // GET stands for HEAD too.
	serve  http.HandlerFunc
}

// pages serves what is not an RPC: health, metrics, documents, sign-in. Paths are
// matched as they are: nothing is cleaned or redirected.
func (g *Gateway) pages() (http.Handler, error) {
	docs, err := docsFiles()
	if err != nil {
		return nil, err
	}
	signIns := limit.New("sign-ins", g.Limits.SignIns)
	limited := func(next http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			key := network(address(r.RemoteAddr, r.Header["X-Forwarded-For"], g.TrustedProxies))
			if ok, wait := signIns.Take(key, g.Now(), w.Header()); !ok {
				g.problems.Write(w, r, fault.ErrRateLimited.After(wait))
				return
			}
			next(w, r)
		}
	}
	table := map[string]page{
		"/healthz":         {method: http.MethodGet, serve: alive},
		"/readyz":          {method: http.MethodGet, serve: g.serveReady},
		"/metrics":         {method: http.MethodGet, serve: g.metrics.handler().ServeHTTP},
		"/openapi.json":    {method: http.MethodGet, serve: g.serveOpenAPI},
		"/docs":            {method: http.MethodGet, serve: g.serveDocs},
		"/problems":        {method: http.MethodGet, serve: g.serveProblems},
		"/assets/page.css": {method: http.MethodGet, serve: serveAsset("page/page.css", "text/css; charset=utf-8")},
		"/assets/draw.js":  {method: http.MethodGet, serve: serveAsset("page/draw.js", "text/javascript; charset=utf-8")},
		"/docs/start.js":   {method: http.MethodGet, serve: serveAsset("page/docs.js", "text/javascript; charset=utf-8")},
		"/auth/login":      {method: http.MethodGet, serve: limited(g.signin.Login)},
		"/auth/callback":   {method: http.MethodGet, serve: limited(g.signin.Callback)},
		"/auth/logout":     {method: http.MethodPost, serve: g.signin.Logout},
	}
	if g.Mails != nil {
		table[MailsPath] = page{method: http.MethodGet, serve: g.Mails.ServeHTTP}
	}
	for path, serve := range docs {
		table[path] = page{method: http.MethodGet, serve: serve}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { g.servePage(w, r, table) }), nil
}

func (g *Gateway) servePage(w http.ResponseWriter, r *http.Request, table map[string]page) {
	path := r.URL.Path
	if g.Issuer != nil && (path == g.IssuerPath || strings.HasPrefix(path, g.IssuerPath+"/")) {
		w.Header().Del("Content-Security-Policy") // the issuer brings its own
		g.Issuer.ServeHTTP(w, r)
		return
	}
	if h := asset.Find(path); h != nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
		h.ServeHTTP(w, r)
		return
	}
	if g.portal.Find(path) != nil {
		g.portal.ServeHTTP(w, r)
		return
	}
	p, ok := table[path]
	switch {
	case ok:
		r.Pattern = path
	case strings.HasPrefix(path, "/problems/"):
		p, ok = page{method: http.MethodGet, serve: g.serveProblem}, true
	case drawPath.MatchString(path):
		p, ok = page{method: http.MethodGet, serve: g.serveDraw}, true
	}
	if !ok {
		g.notFound(w, r)
		return
	}
	switch {
	case r.Method == p.method, r.Method == http.MethodHead && p.method == http.MethodGet:
		p.serve(w, r)
	default:
		methods := allow(map[string]*route{p.method: {}})
		w.Header().Set("Allow", methods)
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		g.problems.Write(w, r, problem.ErrMethodNotAllowed.With("allow", methods))
	}
}

// knownPage reports whether a browser may be sent to a path after signing in.
func (g *Gateway) knownPage(path string) bool {
	if path == "/docs" || path == "/problems" || g.portal.Reads(path) {
		return true
	}
	if drawPath.MatchString(path) {
		return true
	}
	methods, _ := g.tree.find(path)
	return methods[http.MethodGet] != nil
}

// serveAsset serves a file of ours; browsers may keep it for an hour.
func serveAsset(name, mediaType string) http.HandlerFunc {
	body, err := pageFiles.ReadFile(name)
	if err != nil { // the file is embedded beside this one
		panic(err)
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Cache-Control", "public, max-age=3600")
		_, _ = w.Write(body) // the caller is gone when this fails
	}
}

// docsFiles are the files of Swagger UI, which come compressed.
func docsFiles() (map[string]http.HandlerFunc, error) {
	out := map[string]http.HandlerFunc{}
	for name, mediaType := range map[string]string{
		"swagger-ui.css.gz":       "text/css; charset=utf-8",
		"swagger-ui-bundle.js.gz": "text/javascript; charset=utf-8",
	} {
		packed, err := fs.ReadFile(static.FS, name)
		if err != nil {
			return nil, err
		}
		out["/docs/"+strings.TrimSuffix(name, ".gz")] = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", mediaType)
			w.Header().Set("Cache-Control", "public, max-age=86400")
			writePacked(w, r, packed)
		}
	}
	return out, nil
}

func (g *Gateway) serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "public, max-age=300")
	_, _ = w.Write(g.OpenAPI) // the caller is gone when this fails
}

func (g *Gateway) serveDocs(w http.ResponseWriter, r *http.Request) {
	g.render(w, r, "docs.html", nil)
}

func (g *Gateway) serveDraw(w http.ResponseWriter, r *http.Request) {
	g.render(w, r, "draw.html", nil)
}

// entry is one reason on the pages below /problems.
type entry struct {
	Reason, Title, Text string
	Status              int
}

func reasons(lang string) []entry {
	var out []entry
	for _, f := range problem.Edge {
		e := entry{Reason: f.Reason, Text: f.Ja, Status: problem.Status(f)}
		if lang == "en" {
			e.Text = f.En
		}
		e.Title = problem.Title(e.Status, lang)
		out = append(out, e)
	}
	return out
}

func (g *Gateway) serveProblems(w http.ResponseWriter, r *http.Request) {
	g.render(w, r, "problems.html", reasons(language(r)))
}

var reasonForm = regexp.MustCompile(`^[A-Z][A-Z0-9_]{2,60}$`)

// serveProblem explains one reason. Those of the services are explained where
// they come from: in the detail of the problem and in the document of the API.
func (g *Gateway) serveProblem(w http.ResponseWriter, r *http.Request) {
	reason := strings.TrimPrefix(r.URL.Path, "/problems/")
	for _, e := range reasons(language(r)) {
		if e.Reason == reason {
			g.render(w, r, "problems.html", []entry{e})
			return
		}
	}
	if !reasonForm.MatchString(reason) || !strings.Contains(string(g.OpenAPI), reason) {
		g.problems.Write(w, r, problem.ErrRouteNotFound)
		return
	}
	g.render(w, r, "problems.html", []entry{{Reason: reason}})
}

func language(r *http.Request) string { return rpc.Language(r.Header.Get("Accept-Language")) }

// render answers a page; the data may ask for the language as .Lang.
func (g *Gateway) render(w http.ResponseWriter, r *http.Request, name string, data any) {
	h := w.Header()
	policy, ok := policies[name]
	if !ok {
		policy = pagePolicy
	}
	h["Content-Security-Policy"] = []string{policy}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", language(r))
	var body strings.Builder
	if err := templates.ExecuteTemplate(&body, name, map[string]any{"Lang": language(r), "Data": data}); err != nil {
		g.problems.Write(w, r, err)
		return
	}
	_, _ = w.Write([]byte(body.String())) // the caller is gone when this fails
}
