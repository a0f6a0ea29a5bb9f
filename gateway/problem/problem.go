// Package problem answers refusals at the REST edge as problem documents
// (RFC 9457), in the caller's language.
package problem

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"math"
	"net/http"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
)

// MediaType is the type of every problem document.
const MediaType = "application/problem+json"

// retryUnavailable is what a caller waits when the fault does not say.
const retryUnavailable = 2 * time.Second

// Document is a problem as it goes over the wire. Its keys stand in this order.
type Document struct {
	Type     string            `json:"type"`     // "/problems/" and the reason.
	Title    string            `json:"title"`    // The same for every problem of this status.
	Status   int               `json:"status"`   // HTTP status.
	Detail   string            `json:"detail"`   // What happened and what to do.
	Instance string            `json:"instance"` // Path of the request.
	Reason   string            `json:"reason"`   // UPPER_SNAKE_CASE, stable.
	Domain   string            `json:"domain"`   // Always "kyodo".
	Code     string            `json:"code"`     // Name of the gRPC code.
	Metadata map[string]string `json:"metadata"` // Facts for programs; never null.
	Errors   []Field           `json:"errors"`   // The wrong fields; never null.
	Incident string            `json:"incident,omitempty"`
}

// Field is one wrong field.
type Field struct {
	Field   string `json:"field"` // As in the JSON body, or a parameter's or header's name.
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

// Writer answers problems.
type Writer struct {
	Log         *slog.Logger
	NewIncident func() string // Makes the number that a caller quotes for a 5xx.
	// Page answers a browser with a page instead and reports whether it did; nil
	// for no pages.
	Page func(w http.ResponseWriter, r *http.Request, f *fault.Error) bool
}

// Write answers err: a fault, a gRPC status of a service, or anything else,
// which is internal. Everything from 500 up gets an incident number and one line
// in the log, with the pattern of the route: a path may be the secret of a link.
func (p *Writer) Write(w http.ResponseWriter, r *http.Request, err error) {
	f := Fault(err)
	w.Header().Del("ETag")
	if p.Page != nil && p.Page(w, r, f) {
		return
	}
	lang := rpc.Language(r.Header.Get("Accept-Language"))
	doc := document(f, lang, r.URL.EscapedPath())
	if doc.Status >= http.StatusInternalServerError {
		p.report(r, f, &doc)
	}
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(doc); err != nil { // a struct of texts always encodes
		panic(err)
	}
	h := w.Header()
	h.Set("Content-Type", MediaType)
	h.Set("Content-Language", lang)
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Length", strconv.Itoa(body.Len()))
	challenge(h, f)
	retryAfter(h, f)
	w.WriteHeader(doc.Status)
	_, _ = w.Write(body.Bytes()) // the caller is gone when this fails
}

func (p *Writer) report(r *http.Request, f *fault.Error, doc *Document) {
	doc.Incident = doc.Metadata["incident"]
	delete(doc.Metadata, "incident")
	if doc.Incident == "" {
		doc.Incident = p.NewIncident()
	}
	level := slog.LevelWarn
	if f.Kind == fault.Internal {
		level = slog.LevelError
	}
	p.Log.LogAttrs(r.Context(), level, "problem", slog.String("incident", doc.Incident), slog.String("reason", f.Reason),
		slog.String("method", r.Method), slog.String("route", r.Pattern), slog.Any("error", f))
}

func document(f *fault.Error, lang, path string) Document {
	doc := Document{
		Type:     "/problems/" + f.Reason,
		Status:   Status(f),
		Detail:   pick(lang, f.Ja, f.En),
		Instance: path,
		Reason:   f.Reason,
		Domain:   rpc.Domain,
		Code:     codeName(f),
		Metadata: maps.Clone(f.Metadata),
		Errors:   make([]Field, 0, len(f.Fields)),
	}
	if doc.Metadata == nil {
		doc.Metadata = map[string]string{}
	}
	doc.Title = Title(doc.Status, lang)
	for _, v := range f.Fields {
		doc.Errors = append(doc.Errors, Field{Field: v.Path, Reason: v.Reason, Message: pick(lang, v.Ja, v.En)})
	}
	return doc
}

// challenge tells a caller without a usable token how to send one (RFC 6750).
func challenge(h http.Header, f *fault.Error) {
	switch {
	case f.Kind != fault.Unauthenticated:
	case f.Reason == fault.ErrUnauthenticated.Reason:
		h.Set("WWW-Authenticate", `Bearer realm="kyodo"`)
	default:
		h.Set("WWW-Authenticate", `Bearer realm="kyodo", error="invalid_token", error_description="`+f.Reason+`"`)
	}
}

func retryAfter(h http.Header, f *fault.Error) {
	wait := f.RetryAfter
	if wait == 0 && f.Kind == fault.Unavailable {
		wait = retryUnavailable
	}
	if wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
}

// Fault returns the refusal that err is to the caller.
func Fault(err error) *fault.Error {
	if f, ok := fault.As(err); ok {
		return f
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fault.ErrDeadline.Because(err)
	case errors.Is(err, context.Canceled):
		return fault.ErrCancelled.Because(err)
	}
	st, ok := status.FromError(err)
	if !ok {
		return fault.ErrInternal.Because(err)
	}
	if f, ok := rpc.FromStatus(st); ok {
		return f
	}
	return unlabelled(st, err)
}

// unlabelled reads a status that no service of ours made: gRPC itself, or the
// decoding of a request.
func unlabelled(st *status.Status, err error) *fault.Error {
	switch st.Code() {
	case codes.InvalidArgument, codes.OutOfRange:
		return fault.ErrInvalidField.Because(err)
	case codes.Unavailable:
		return fault.ErrDependencyUnavailable.Because(err)
	case codes.DeadlineExceeded:
		return fault.ErrDeadline.Because(err)
	case codes.Canceled:
		return fault.ErrCancelled.Because(err)
	case codes.ResourceExhausted:
		return fault.ErrPayloadTooLarge.Because(err)
	case codes.Unimplemented:
		return ErrUnimplemented.Because(err)
	default:
		return fault.ErrInternal.Because(err)
	}
}

func pick(lang, ja, en string) string {
	if lang == "en" {
		return en
	}
	return ja
}
