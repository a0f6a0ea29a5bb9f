// Package step shows and takes the steps by which a thing goes on: each is one
// RPC, offered to whom its roles admit it in the states from which it can be
// taken, in a form of its own whose fields are named by the step, such as
// close.reason. Whether it is allowed, the service says.
package step

import (
	"context"
	"slices"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
)

// Step is one way on for a thing with states of type S.
type Step[S comparable] struct {
	Name   string   // Of the address, of the form's fields and of the texts.
	Method string   // RPC, by its full name; "" for a step that has a place of its own on the page.
	From   []S      // States from which it is offered; none for all.
	Sure   bool     // Whether it asks before, and says what follows.
	Grave  bool     // Whether it ends the thing.
	Form   bool     // Whether the page itself asks for something in the form.
	Done   string   // What is said when it was taken: the text done.<Done>; "" for that of its table.
	Inner  string   // Message of the request that the form fills, such as "survey."; "" for the request itself.
	Lists  []string // Fields of which every line is a value of its own.
	Take   Taker
}

// Table are the steps of one kind of thing, in the order of the page.
type Table[S comparable] struct {
	// Texts begins the keys of texts: <Texts>.step.<name> of the button, <Texts>.after.<name>
	// of what follows, <Texts>.do.<name> of the button in the form, where that says more.
	Texts  string
	Done   string    // What is said when a step was taken that has no words of its own: the text done.<Done>.
	Labels ui.Labels // Of the fields, by their names on the page, for the summary of what was refused.
	Steps  []Step[S]
}

// In lists states.
func In[S comparable](of ...S) []S { return of }

// Thing is a thing with what its page was asked.
type Thing[S comparable] struct {
	State S
	Path  string                 // Of its page.
	Etag  string                 // Version that the page shows; "" where its steps name none.
	Form  *ui.Form               // Of the step that was refused; nil for none.
	Asks  map[string][]Ask       // What the form of a step asks, by its name.
	Not   func(name string) bool // Whether a step makes no sense here; nil for none.
	Args  map[string][]any       // Values for the texts of what follows.
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
	Name, Path, Label, After, Do, Etag string
	Args                               []any
	Asks                               []Ask
	Form                               *ui.Form // With what was typed, where the step was refused.
	Plain                              bool     // Whether a button is enough.
	Open                               bool     // Whether the form is shown at once.
	Grave                              bool
}

// Offers are the steps that the page of a thing offers.
func (t *Table[S]) Offers(ctx context.Context, of *Thing[S]) []Offer {
	var out []Offer
	for _, s := range t.Steps {
		if s.Method == "" || !ui.Can(ctx, s.Method) || len(s.From) > 0 && !slices.Contains(s.From, of.State) || of.Not != nil && of.Not(s.Name) {
			continue
		}
		out = append(out, t.offer(&s, of))
	}
	return out
}

// Step is the step of a name, which the table must have.
func (t *Table[S]) Step(name string) Step[S] {
	return t.Steps[slices.IndexFunc(t.Steps, func(s Step[S]) bool { return s.Name == name })]
}

// Offer is the step of a name, wherever the thing stands.
func (t *Table[S]) Offer(name string, of *Thing[S]) Offer {
	s := t.Step(name)
	return t.offer(&s, of)
}

func (t *Table[S]) offer(s *Step[S], of *Thing[S]) Offer {
	o := Offer{Name: s.Name, Path: of.Path + "/steps/" + s.Name, Label: t.Texts + ".step." + s.Name, Etag: of.Etag, Args: of.Args[s.Name], Grave: s.Grave}
	if o.Do = t.Texts + ".do." + s.Name; !text.Has(o.Do) {
		o.Do = o.Label
	}
	if s.Sure {
		o.After = t.Texts + ".after." + s.Name
	}
	if Open(of.Form, s.Name) {
		o.Form, o.Open = of.Form, true
	}
	for _, a := range of.Asks[s.Name] {
		a.Name = s.Name + "." + a.Name
		o.Asks = append(o.Asks, a)
	}
	o.Plain = !s.Sure && !s.Form && len(o.Asks) == 0
	return o
}

// Open reports whether a step was refused, so that its form is shown at once.
func Open(f *ui.Form, name string) bool { return f.Get("_step") == name }
