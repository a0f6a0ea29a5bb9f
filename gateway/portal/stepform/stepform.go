// Package stepform takes the steps that the page of a thing offers, each in a form
// of its own: the fields of a form are named by its step, such as close.reason,
// so that many stand on one page.
package stepform

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// Step is one step of a thing.
type Step struct {
	Name   string    // Of the form, of its fields and in its address.
	Done   string    // What is said when it was taken: the text done.<Done>.
	Inner  string    // Message of the request that the form fills, such as "milestone."; "" for the request itself.
	Labels ui.Labels // By field, without the name of the step.
	Lists  []string  // Fields of which every line is a value of its own.
	Take   func(ctx context.Context, q *web.Request, in url.Values) error
}

// Page is the page on which steps are taken.
type Page struct {
	Path  string // Where a step that was taken leads.
	Again func(form *ui.Form, status int) error
}

// Name is the name of a step's field.
func Name(step, field string) string { return step + "." + field }

// Open reports whether a step was refused, so that its form is shown at once.
func Open(f *ui.Form, step string) bool { return f.Get("_step") == step }

// Take takes the step that the address names. Errors: ROUTE_NOT_FOUND.
func Take(q *web.Request, steps []Step, p Page) error {
	at := slices.IndexFunc(steps, func(s Step) bool { return s.Name == q.PathValue("step") })
	if at < 0 {
		return problem.ErrRouteNotFound
	}
	s := steps[at]
	err := s.Take(q.Once(), q, s.fields(q))
	if form, refused := q.Refused(err); refused {
		q.URL.Path, q.URL.RawQuery = p.Path, "" // what the page links to begins at its own address
		return p.Again(s.named(form), form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(p.Path, s.Done)
}

// fields are the step's own fields, by their names in the request.
func (s Step) fields(q *web.Request) url.Values {
	out := url.Values{}
	for name, v := range q.PostForm {
		field, own := strings.CutPrefix(name, s.Name+".")
		switch {
		case !own:
		case slices.Contains(s.Lists, field):
			out[s.Inner+field] = Lines(v[0])
		default:
			out[s.Inner+field] = slices.Clone(v)
		}
	}
	return out
}

// named leads a refusal to the fields of the form.
func (s Step) named(form *ui.Form) *ui.Form {
	form.Trim(s.Inner)
	refusal := *form.Refusal
	refusal.Fields = slices.Clone(refusal.Fields)
	for i := range refusal.Fields {
		refusal.Fields[i].Path = Name(s.Name, refusal.Fields[i].Path)
	}
	form.Refusal = &refusal
	form.Values.Set("_step", s.Name)
	form.Labels = ui.Labels{}
	for field, label := range s.Labels {
		form.Labels[Name(s.Name, field)] = label
	}
	return form
}

// By takes a step by its RPC: the request is what the form says, and what the
// address names.
func By[C, Q any, P interface {
	*Q
	proto.Message
}, R any](client func(*web.Request) C, rpc func(C, context.Context, P, ...grpc.CallOption) (R, error), named ...string) func(context.Context, *web.Request, url.Values) error {
	return func(ctx context.Context, q *web.Request, in url.Values) error {
		for _, name := range named {
			in.Set(name, q.PathValue(name))
		}
		req := P(new(Q))
		if err := web.Bind(in, req); err != nil {
			return err
		}
		_, err := rpc(client(q), ctx, req)
		return err
	}
}

// Closed reports whether an RPC answered that something is not there, or not for
// the caller.
func Closed(err error) bool {
	if err == nil {
		return false
	}
	kind := problem.Fault(err).Kind
	return kind == fault.NotFound || kind == fault.Denied
}

// Lines are the lines of a text area without the empty ones.
func Lines(s string) []string {
	var out []string
	for l := range strings.Lines(s) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// Blank is a form that nobody has filled in yet.
func Blank() *ui.Form { return ui.NewForm(url.Values{}) }

// First is how a page begins: a blank form, and status 200.
func First() (*ui.Form, int) { return Blank(), http.StatusOK }
