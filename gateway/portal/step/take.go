package step

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
)

// Taker takes a step with what its form holds, by the paths in the request.
type Taker func(ctx context.Context, q *web.Request, in url.Values) error

// By takes a step by its RPC: the request is what the form says, and those values
// of the address that are named, which is the id where none are.
func By[C, Q any, P interface {
	*Q
	proto.Message
}, R any](client func(*web.Request) C, rpc func(C, context.Context, P, ...grpc.CallOption) (R, error), named ...string) Taker {
	if len(named) == 0 {
		named = []string{"id"}
	}
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

// Take takes the step that the address names and leads to the page of its thing;
// again shows that page with the form of a step that was refused. Errors:
// ROUTE_NOT_FOUND.
func (t *Table[S]) Take(q *web.Request, page string, again func(q *web.Request, form *ui.Form, status int) error) error {
	at := slices.IndexFunc(t.Steps, func(s Step[S]) bool { return s.Name == q.PathValue("step") })
	if at < 0 {
		return problem.ErrRouteNotFound
	}
	s := t.Steps[at]
	err := s.Run(q)
	if form, refused := q.Refused(err); refused {
		form.Labels = t.Labels
		q.URL.Path, q.URL.RawQuery = page, "" // what the page links to begins at its own address
		return again(q, form, form.Status)
	}
	if err != nil {
		return err
	}
	return q.Redirect(page, cmp.Or(s.Done, t.Done))
}

// Run takes the step with the fields of its form. A refusal is one of that form.
func (s Step[S]) Run(q *web.Request) error {
	in := s.fields(q.PostForm)
	err := s.Take(Stated(q.Once(), in.Get(Why)), q, in)
	if err == nil {
		return nil
	}
	s.keep(q.PostForm, in)
	q.PostForm.Set("_step", s.Name)
	f := *problem.Fault(err)
	f.Fields = slices.Clone(f.Fields)
	for i := range f.Fields {
		f.Fields[i].Path = s.Name + "." + strings.TrimPrefix(f.Fields[i].Path, s.Inner)
	}
	return Reasoned(&f, s.Name+"."+Why)
}

// fields are the step's own fields, by their paths in the request.
func (s Step[S]) fields(form url.Values) url.Values {
	out := url.Values{}
	for name, v := range form {
		field, own := strings.CutPrefix(name, s.Name+".")
		switch {
		case !own:
		case field == Why:
			out[field] = slices.Clone(v)
		case slices.Contains(s.Lists, field):
			out[s.Inner+field] = lines(v[0])
		default:
			out[s.Inner+field] = slices.Clone(v)
		}
	}
	return out
}

// keep leaves the rows of lists in the form as the request had them, without the
// empty ones, so that a refusal finds its row.
func (s Step[S]) keep(form, in url.Values) {
	for name := range form {
		if strings.HasPrefix(name, s.Name+".") && strings.Contains(name, "[") {
			delete(form, name)
		}
	}
	for path, v := range in {
		if strings.Contains(path, "[") {
			form[s.Name+"."+strings.TrimPrefix(path, s.Inner)] = v
		}
	}
}

// lines are the lines of a text area without the empty ones.
func lines(s string) []string {
	var out []string
	for l := range strings.Lines(s) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

// Why is the name of the field for the reason that goes beside a request, where
// the service wants one.
const Why = "_why"

// errWhy refuses a step for which no reason was stated.
var errWhy = fault.New(fault.Invalid, fault.ErrReasonRequired.Reason, "理由を入力してください。記録に残ります。", "State the reason; it is kept in the log.")

// Stated is the context of a call with the reason beside it, where one was stated.
func Stated(ctx context.Context, why string) context.Context {
	if why = strings.TrimSpace(why); why == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, rpc.MetaReason, rpc.EncodeReason(why))
}

// Reasoned says in the portal's words that the reason is missing, at the field
// that asks for it; any other refusal it returns as it is.
func Reasoned(f *fault.Error, field string) *fault.Error {
	if f.Reason != errWhy.Reason {
		return f
	}
	return errWhy.On(fault.Field{Path: field, Reason: errWhy.Reason, Ja: errWhy.Ja, En: errWhy.En})
}
