// Package offer is how a page offers the steps of a thing with a state: a button
// or a dialog for each step that the state allows and the caller's roles admit.
// Whether a step is allowed, the service says.
package offer

import (
	"context"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
)

// Step is one step; S are the states.
type Step[S comparable] struct {
	Name   string // Of the address and of the texts.
	Method string // RPC, by its full name.
	From   []S    // States from which it can be taken.
	Form   bool   // Whether it asks for something, or says first what follows.
	Take   Taker
}

// Taker takes a step on the thing with the id, as the form says.
type Taker func(ctx context.Context, q *web.Request, id string) error

// Offered reports whether a page offers the step in a state.
func (s Step[S]) Offered(ctx context.Context, state S) bool {
	return slices.Contains(s.From, state) && ui.Can(ctx, s.Method)
}

// Find returns the step that the path variable step names. Errors:
// ROUTE_NOT_FOUND.
func Find[S comparable](q *web.Request, graph []Step[S]) (Step[S], error) {
	at := slices.IndexFunc(graph, func(s Step[S]) bool { return s.Name == q.PathValue("step") })
	if at < 0 {
		return Step[S]{}, problem.ErrRouteNotFound
	}
	return graph[at], nil
}

// By takes a step by its RPC: the request is what the form says, and the id.
func By[C, Q any, P interface {
	*Q
	proto.Message
}, R any](client func(*web.Request) C, rpc func(C, context.Context, P, ...grpc.CallOption) (R, error)) Taker {
	return func(ctx context.Context, q *web.Request, id string) error {
		q.PostForm.Set("id", id)
		req := P(new(Q))
		if err := web.Bind(q.PostForm, req); err != nil {
			return err
		}
		_, err := rpc(client(q), ctx, req)
		return err
	}
}

// Refused marks the form of a refused step, so that its dialog is shown open.
func Refused(form *ui.Form, name string, labels ui.Labels) *ui.Form {
	form.Values.Set("_step", name)
	form.Labels = labels
	return form
}
