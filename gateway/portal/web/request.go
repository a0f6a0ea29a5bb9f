package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/gateway/identity"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
)

const (
	// callTime bounds all RPCs of one page together.
	callTime = 10 * time.Second
	// maxForm bounds the body of a form; one with a file may be larger.
	maxForm = 1 << 20

	langCookie = "kyodo-lang"
	sizeCookie = "kyodo-size"
)

// Request is a request with its caller. Its Context carries the deadline, the
// language, the view of the components, and the metadata by which RPCs are made
// on the caller's behalf.
type Request struct {
	*http.Request
	Writer http.ResponseWriter
	Site   *Site
	Caller identity.Caller
	View   *ui.View
}

// open identifies the caller and prepares the request. cancel is called when the
// answer is written.
func (s *Site) open(w http.ResponseWriter, r *http.Request) (q *Request, cancel func(), err error) {
	q = &Request{Request: r, Writer: w, Site: s}
	lang, size := preferences(r)
	q.View = &ui.View{
		Lang: lang, Size: size, Path: r.URL.RequestURI(), CanSignIn: s.CanSignIn, Sample: s.Sample,
		Today: s.today(), NewKey: newKey, May: func(method string) bool { return s.may(q.Caller.Principal, method) },
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		q.View.Path = comingFrom(r)
	}
	if done := "done." + r.URL.Query().Get("done"); text.Has(done) {
		q.View.Done = done
	}
	ctx, cancel := context.WithTimeout(ui.With(r.Context(), q.View), callTime)
	q.Request = r.WithContext(ctx)
	q.Caller, err = s.Identify(w, r)
	if err != nil {
		return q, cancel, err
	}
	q.View.Caller, q.View.Name, q.View.Token = q.Caller.Principal, q.Caller.DisplayName, s.token(q.Caller.ID)
	if err := s.Count(w, r, q.Caller); err != nil {
		return q, cancel, err
	}
	md, err := s.Metadata(http.Header{
		"Accept-Language": {lang.Tag()}, "Traceparent": r.Header["Traceparent"],
	}, q.Caller.Token)
	if err != nil {
		return q, cancel, err
	}
	q.Request = r.WithContext(metadata.NewOutgoingContext(ctx, md))
	return q, cancel, nil
}

// preferences are what a person chose on this browser; the language follows the
// browser until then.
func preferences(r *http.Request) (lang text.Lang, size string) {
	lang = text.Lang(rpc.Language(r.Header.Get("Accept-Language")))
	if c, err := r.Cookie(langCookie); err == nil {
		if chosen, ok := text.Parse(c.Value); ok {
			lang = chosen
		}
	}
	if c, err := r.Cookie(sizeCookie); err == nil && (c.Value == "large" || c.Value == "larger") {
		size = c.Value
	}
	return lang, size
}

// comingFrom is the page that a form stands on, to come back to; the home page
// when the browser does not say.
func comingFrom(r *http.Request) string {
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host || !strings.HasPrefix(from.Path, "/") {
		return "/"
	}
	return from.RequestURI()
}

// Once returns the context for an RPC that must not take effect twice: it
// carries the key of the form, so that sending it again gets the first answer. What
// cannot be a key is left out; the RPC says that it needs one.
func (q *Request) Once() context.Context {
	key := q.PostFormValue("_key")
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return q.Context()
	}
	return metadata.AppendToOutgoingContext(q.Context(), rpc.MetaIdempotencyKey, key)
}

// Because returns the context for an RPC that reads or changes what belongs to
// others, with the reason that the person stated.
func (q *Request) Because(reason string) context.Context {
	return metadata.AppendToOutgoingContext(q.Context(), rpc.MetaReason, rpc.EncodeReason(reason))
}

// Today is the day in Tokyo.
func (q *Request) Today() jp.Date { return q.View.Today }

// Day returns a day of the query or today; a text that is no day is today too.
func (q *Request) Day(name string) jp.Date {
	d, err := jp.ParseDate(q.URL.Query().Get(name))
	if err != nil {
		return q.Today()
	}
	return d
}

// Query returns a parameter of the query.
func (q *Request) Query(name string) string { return q.URL.Query().Get(name) }

// With returns the address of this page with one parameter changed, or without
// it for an empty value; others stay.
func (q *Request) With(name, value string) string {
	query := q.URL.Query()
	query.Del("done")
	if query.Set(name, value); value == "" {
		query.Del(name)
	}
	if len(query) == 0 {
		return q.URL.Path
	}
	return q.URL.Path + "?" + query.Encode()
}

// Pages returns the addresses for ui.Pager: that of the first page, "" when this
// is it, and that of the next one.
func (q *Request) Pages(nextToken string) (first, next string) {
	if q.Query("page") != "" {
		first = q.With("page", "")
	}
	if nextToken != "" {
		next = q.With("page", nextToken)
	}
	return first, next
}

// ID returns a variable of the path that is an identifier. Errors:
// RESOURCE_NOT_FOUND for what cannot be one.
func (q *Request) ID(name string) (string, error) {
	id := q.PathValue(name)
	if len(id) != 36 || strings.ContainsFunc(id, func(r rune) bool { return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'f') }) {
		return "", fault.ErrNotFound
	}
	return id, nil
}

// HTMX reports whether a part of a page is asked for, not a page.
func (q *Request) HTMX() bool { return q.Header.Get("Hx-Request") == "true" }
