// Package move has the steps that pages offer for a thing with a state: which
// are offered, the form of each, and the RPC that takes it.
package move

import (
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

// Step is one step: to whom the RPC's roles admit it, in the states from which it
// can be taken.
type Step[S comparable] struct {
	Name   string // Of the address and of the texts.
	Method string // RPC, by its full name.
	From   []S
	Take   Taker
}

// Taker takes a step with what stands in its form.
type Taker func(ctx context.Context, q *web.Request, values url.Values) error

// In lists states.
func In[S comparable](of ...S) []S { return of }

// Offered reports whether a page offers a step. Whether it is allowed, the
// service says.
func (s Step[S]) Offered(ctx context.Context, state S) bool {
	return slices.Contains(s.From, state) && ui.Can(ctx, s.Method)
}

// Of returns those of the steps that a page offers in a state.
func Of[S comparable](ctx context.Context, steps []Step[S], state S) []Step[S] {
	var out []Step[S]
	for _, s := range steps {
		if s.Offered(ctx, state) {
			out = append(out, s)
		}
	}
	return out
}

// By takes a step by an RPC: its request is what the form says.
func By[C any, Q any, P interface {
	*Q
	proto.Message
}, R any](client func(*web.Request) C, call func(C, context.Context, P, ...grpc.CallOption) (R, error)) Taker {
	return func(ctx context.Context, q *web.Request, values url.Values) error {
		req := P(new(Q))
		if err := web.Bind(values, req); err != nil {
			return err
		}
		_, err := call(client(q), ctx, req)
		return err
	}
}

// Why is the name of the field for the reason that goes beside a request, where
// the service wants one.
const Why = "_why"

// ErrNone refuses a step that there is not.
var ErrNone = problem.ErrRouteNotFound

// errWhy refuses a step for which no reason was stated.
var errWhy = fault.New(fault.Invalid, fault.ErrReasonRequired.Reason, "理由を入力してください。記録に残ります。", "State the reason; it is kept in the log.")

// Take takes the step that the address names, with the fields of its form and
// those given, name and value in turn. A refusal is one of that form. Errors:
// ROUTE_NOT_FOUND for a step that there is not.
func Take[S comparable](q *web.Request, steps []Step[S], given ...string) error {
	at := slices.IndexFunc(steps, func(s Step[S]) bool { return s.Name == q.PathValue("step") })
	if at < 0 {
		return ErrNone
	}
	return Run(q, steps[at].Name, steps[at].Take, given...)
}

// Run takes a step of which the form's fields begin with its name and a dot.
func Run(q *web.Request, name string, take Taker, given ...string) error {
	values := url.Values{}
	for field, v := range q.PostForm {
		if short, ok := strings.CutPrefix(field, name+"."); ok {
			values[short] = slices.Clone(v)
		}
	}
	for i := 0; i+1 < len(given); i += 2 {
		values.Set(given[i], given[i+1])
	}
	ctx := q.Once()
	if why := strings.TrimSpace(values.Get(Why)); why != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, rpc.MetaReason, rpc.EncodeReason(why))
	}
	err := take(ctx, q, values)
	if err == nil {
		return nil
	}
	f := *problem.Fault(err)
	f.Fields = slices.Clone(f.Fields)
	for i := range f.Fields {
		f.Fields[i].Path = name + "." + f.Fields[i].Path
	}
	q.PostForm.Set("_step", name)
	return Reasoned(&f, name+"."+Why)
}

// Reasoned says in the portal's words that the reason is missing, at the field
// that asks for it; any other refusal it returns as it is.
func Reasoned(f *fault.Error, field string) *fault.Error {
	if f.Reason != errWhy.Reason {
		return f
	}
	return errWhy.On(fault.Field{Path: field, Reason: errWhy.Reason, Ja: errWhy.Ja, En: errWhy.En})
}
