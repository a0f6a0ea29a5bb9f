// Package step shows and takes the steps by which a thing goes on: each is one
// RPC, offered to whom its roles admit it in the states from which it can be
// taken. Whether it is allowed, the service says.
package step

import (
	"context"
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

// Step is one way on for a thing with states of type S.
type Step[S comparable] struct {
	Name   string // Of the address and of the texts.
	Method string // RPC, by its full name.
	From   []S    // States from which it is offered; none for all.
	Sure   bool   // Whether it asks before, and says what follows.
	Take   Taker
}

// Taker takes a step with the thing of the id; values are what its form holds, by
// their paths in the request.
type Taker func(ctx context.Context, q *web.Request, id string, values url.Values) error

// By takes a step by an RPC whose request names the thing by its id.
func By[C, Q any, P interface {
	*Q
	proto.Message
}, R any](client func(*web.Request) C, rpc func(C, context.Context, P, ...grpc.CallOption) (R, error)) Taker {
	return func(ctx context.Context, q *web.Request, id string, values url.Values) error {
		values.Set("id", id)
		req := P(new(Q))
		if err := web.Bind(values, req); err != nil {
			return err
		}
		_, err := rpc(client(q), ctx, req)
		return err
	}
}

// Graph are the steps of one kind of thing, in the order of the page.
type Graph[S comparable] struct {
	Area  string                   // Of the texts done.<area><Step>.
	Label func(name string) string // Key of the button of a step.
	After func(name string) string // Key of what follows from a step that asks before.
	Steps []Step[S]
}

// Thing is a thing with what its page was asked.
type Thing[S comparable] struct {
	State S
	Path  string                 // Of its page.
	Etag  string                 // Version that the page shows.
	Form  *ui.Form               // Of the step that was refused; nil for none.
	Asks  map[string][]Ask       // What the form of a step asks, by its name.
	Not   func(name string) bool // Whether a step makes no sense here; nil for none.
	Texts map[string][]any       // Values for the texts of what follows.
}

// Ask is one field of a step's form.
type Ask struct {
	Kind Kind
	ui.Input
}

// Kind is how a field looks.
type Kind string

// The kinds of fields.
const (
	Line   Kind = "" // A line or an area of text.
	Select Kind = "select"
	Radios Kind = "radios"
	Check  Kind = "check"
)

// Offer is a step that a page offers.
type Offer struct {
	Path, Label, After, Etag string
	Args                     []any
	Asks                     []Ask
	Form                     *ui.Form // With what was typed, where the step was refused.
	Sure                     bool
}

// Offers are the steps that the page of a thing offers.
func (g *Graph[S]) Offers(ctx context.Context, t *Thing[S]) []Offer {
	var out []Offer
	for _, s := range g.Steps {
		if len(s.From) > 0 && !slices.Contains(s.From, t.State) || !ui.Can(ctx, s.Method) || t.Not != nil && t.Not(s.Name) {
			continue
		}
		o := Offer{Path: t.Path + "/steps/" + s.Name, Label: g.Label(s.Name), Etag: t.Etag, Sure: s.Sure, Args: t.Texts[s.Name]}
		if s.Sure {
			o.After = g.After(s.Name)
		}
		if t.Form.Get("_step") == s.Name {
			o.Form = t.Form
		}
		for _, a := range t.Asks[s.Name] {
			a.Name = s.Name + "." + a.Name
			o.Asks = append(o.Asks, a)
		}
		out = append(out, o)
	}
	return out
}

// Take takes the step that the address names and leads back to the page of the
// thing. A refusal is returned as the form to show there; its fields are named
// after the step, so that each field of the page has a name of its own.
func (g *Graph[S]) Take(q *web.Request, id, path string) (refused *ui.Form, err error) {
	at := slices.IndexFunc(g.Steps, func(s Step[S]) bool { return s.Name == q.PathValue("step") })
	if at < 0 {
		return nil, problem.ErrRouteNotFound
	}
	s := g.Steps[at]
	values := url.Values{}
	for name, v := range q.PostForm {
		if name == "etag" {
			values[name] = v
		}
		if field, own := strings.CutPrefix(name, s.Name+"."); own {
			values[field] = slices.Clone(v)
		}
	}
	err = s.Take(q.Once(), q, id, values)
	if form, ok := q.Refused(err); ok {
		form.Refusal = below(form.Refusal, s.Name)
		form.Values.Set("_step", s.Name)
		return form, nil
	}
	if err != nil {
		return nil, err
	}
	return nil, q.Redirect(path, g.Area+strings.ToUpper(s.Name[:1])+s.Name[1:])
}

// below names the fields of a refusal after their step.
func below(refusal *fault.Error, name string) *fault.Error {
	out := *refusal
	out.Fields = slices.Clone(refusal.Fields)
	for i := range out.Fields {
		out.Fields[i].Path = name + "." + out.Fields[i].Path
	}
	return &out
}
