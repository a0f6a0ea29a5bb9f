// Package ui holds the layout and the components of the portal's pages. A page
// is made of them and brings no look of its own; see the portal's README.
package ui

import (
	"context"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// View is what components know of the request that they answer.
type View struct {
	Lang      text.Lang
	Size      string // "", "large" or "larger": how big the person wants letters.
	Path      string // Address of the page with its query, to come back to.
	Caller    auth.Principal
	Name      string  // Of the signed-in person; may be empty.
	CanSignIn bool    // Whether browsers can sign in here.
	Sample    bool    // Whether this is a development installation with sample people.
	Token     string  // Proves that a form is one of ours; see Tokens.
	Today     jp.Date // In Tokyo.
	NewKey    func() string
	May       func(method string) bool // Whether the caller's roles admit an RPC, by its full name.
	Done      string                   // Key of what has just been done, said at the top; "" for nothing.
}

type viewKey struct{}

// With returns a context whose components show the view.
func With(ctx context.Context, v *View) context.Context {
	return context.WithValue(text.With(ctx, v.Lang), viewKey{}, v)
}

// ViewOf returns the view of a context; an empty one when it has none.
func ViewOf(ctx context.Context) *View {
	if v, ok := ctx.Value(viewKey{}).(*View); ok {
		return v
	}
	return &View{Lang: text.Japanese, NewKey: func() string { return "" }, May: func(string) bool { return false }}
}

// SignedIn reports whether somebody is signed in.
func (v *View) SignedIn() bool { return v.Caller.Kind == auth.KindPerson }

// Can reports whether the caller's roles admit an RPC, by its full name. It
// decides what a page offers; what is allowed, the service decides.
func Can(ctx context.Context, method string) bool { return ViewOf(ctx).May(method) }

// sizeClass is the class of the root element.
func sizeClass(v *View) string {
	class := "size-" + v.Size
	if v.Size == "" {
		class = "size-normal"
	}
	if v.Lang == text.Plain {
		class += " plain"
	}
	return class
}
