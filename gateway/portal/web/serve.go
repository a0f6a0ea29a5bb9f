package web

import (
	"log/slog"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// ServeHTTP answers an address that Find knows; any other with a page that says
// that there is none.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	pattern, methods := s.find(r.URL.Path)
	setPathValues(r, pattern)
	q, cancel, err := s.open(w, r)
	defer cancel()
	defer q.close()
	if err == nil {
		err = s.serve(q, methods)
	}
	if err != nil {
		q.fail(err)
	}
}

func (s *Site) serve(q *Request, methods map[string]Route) error {
	method := q.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	route, ok := methods[method]
	switch {
	case methods == nil:
		return problem.ErrRouteNotFound
	case !ok && q.Method == http.MethodOptions:
		q.Writer.Header().Set("Allow", allow(methods))
		q.Writer.WriteHeader(http.StatusNoContent)
		return nil
	case !ok:
		q.Writer.Header().Set("Allow", allow(methods))
		return problem.ErrMethodNotAllowed
	}
	if method == http.MethodPost {
		if err := q.readForm(); err != nil {
			return err
		}
	}
	if route.signed && q.Caller.Kind != auth.KindPerson {
		return fault.ErrUnauthenticated
	}
	if route.needs != "" && !q.Site.may(q.Caller.Principal, route.needs) {
		return fault.ErrPermissionDenied
	}
	if method == http.MethodPost && !route.bare {
		if err := q.checkToken(); err != nil {
			return err
		}
	}
	return route.Serve(q)
}

// Fail answers a refusal of an address that is not of the portal with a page. It
// asks no service who the caller is: it must work when nothing else does.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, f *fault.Error) {
	lang, size := preferences(r)
	view := &ui.View{
		Lang: lang, Size: size, Path: "/", Today: s.today(), NewKey: newKey, May: func(string) bool { return false },
		CanSignIn: s.CanSignIn && f.Kind == fault.Unauthenticated, Sample: s.Sample,
	}
	if r.Method == http.MethodGet && s.Reads(r.URL.Path) {
		view.Path = r.URL.RequestURI()
	}
	q := &Request{Request: r.WithContext(ui.With(r.Context(), view)), Writer: w, Site: s, View: view}
	if err := q.failWith(f); err != nil {
		s.Log.Error("a page that says what failed failed", "page", r.Pattern, "error", err)
		http.Error(w, f.Reason, problem.Status(f))
	}
}

// mayPass reports whether the same form may succeed a little later: what was
// typed is then kept to be sent again.
func mayPass(f *fault.Error) bool {
	switch f.Kind {
	case fault.Unauthenticated, fault.Unavailable, fault.Deadline, fault.Aborted:
		return true
	}
	return f.Reason == errStaleForm.Reason || f.Reason == fault.ErrRateLimited.Reason
}

// fail answers an error with a page.
func (q *Request) fail(err error) {
	f := problem.Fault(err)
	if q.Method == http.MethodPost && q.PostForm == nil && mayPass(f) {
		_ = q.readForm() // refused before it was read; what was typed is kept where it can be
	}
	posted := q.Method == http.MethodPost && len(q.PostForm) > 0
	switch {
	case q.HTMX():
		err = q.RenderAs(problem.Status(f), liveFailed(f))
	case f.Kind == fault.Unauthenticated && !posted && q.Site.CanSignIn:
		http.Redirect(q.Writer, q.Request, "/auth/login?returnTo="+url.QueryEscape(q.View.Path), http.StatusSeeOther)
		return
	case posted && mayPass(f):
		q.retryAfter(f)
		err = q.RenderAs(problem.Status(f), interrupted(f, q.URL.RequestURI(), q.kept(), q.files()))
	default:
		err = q.failWith(f)
	}
	if err != nil {
		q.Site.Log.Error("a page of the portal failed", "page", q.Pattern, "error", err)
		http.Error(q.Writer, "INTERNAL", http.StatusInternalServerError)
	}
}

func (q *Request) failWith(f *fault.Error) error {
	status := problem.Status(f)
	incident := ""
	if status >= http.StatusInternalServerError {
		if incident = f.Metadata["incident"]; incident == "" {
			incident = q.Site.NewIncident()
		}
		level := slog.LevelWarn
		if f.Kind == fault.Internal {
			level = slog.LevelError
		}
		q.Site.Log.LogAttrs(q.Context(), level, "problem", slog.String("incident", incident), slog.String("reason", f.Reason),
			slog.String("method", q.Method), slog.String("page", q.Pattern), slog.Any("error", f)) // The path itself may be a secret.
	}
	q.retryAfter(f)
	return q.RenderAs(status, failed(f, status, incident))
}

// retryAfter tells programs and caches what the page tells people.
func (q *Request) retryAfter(f *fault.Error) {
	if f.RetryAfter > 0 {
		q.Writer.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds()))))
	}
}

// close removes what a form with files left on the disk.
func (q *Request) close() {
	if q.MultipartForm != nil {
		if err := q.MultipartForm.RemoveAll(); err != nil {
			q.Site.Log.Warn("the files of a form are left", "error", err)
		}
	}
}

// files are the fields in which files were sent: a page cannot hold them, the
// person chooses them again.
func (q *Request) files() []string {
	if q.MultipartForm == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(q.MultipartForm.File))
}

// kept is everything that was typed into a form, to be sent again.
func (q *Request) kept() *ui.Form {
	form := q.Posted()
	if q.Caller.Kind == auth.KindPerson {
		form.Values.Set("_token", q.View.Token)
	}
	return form
}

// allow lists the methods of an address for the Allow header.
func allow(methods map[string]Route) string {
	names := []string{http.MethodOptions}
	for m := range methods {
		names = append(names, m)
		if m == http.MethodGet {
			names = append(names, http.MethodHead)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// setPathValues gives the request its pattern and the variables in it, as ServeMux
// does where it serves.
func setPathValues(r *http.Request, pattern string) {
	r.Pattern = pattern
	parts := strings.Split(r.URL.Path, "/")
	for i, p := range strings.Split(pattern, "/") {
		if name, ok := strings.CutPrefix(p, "{"); ok && i < len(parts) {
			r.SetPathValue(strings.TrimSuffix(name, "}"), parts[i])
		}
	}
}

// validText reports whether a text is UTF-8 without NUL; what else is forbidden,
// the services refuse.
func validText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }
