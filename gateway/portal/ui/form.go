package ui

import (
	"context"
	"net/url"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// Form is what a person typed, and the refusal of it. The name of a field is its
// path in the RPC's request, such as content.title or content.roles[0].item, so
// that a refusal of the service finds its field.
type Form struct {
	Values  url.Values
	Refusal *fault.Error // nil before anything was refused.
	Status  int          // HTTP status of the refusal.
	Key     string       // Idempotency key; made when the form is first shown.
	Labels  Labels       // Names the fields in the summary of what was refused.
}

// Labels are the keys of labels by field, or by the beginning of its name.
type Labels map[string]string

// of returns the label of a field: that of the longest name that it begins with.
func (l Labels) of(ctx context.Context, name string) string {
	for at := name; at != ""; {
		if key, ok := l[at]; ok {
			return text.S(ctx, key)
		}
		at = at[:max(strings.LastIndexAny(at, ".["), 0)]
	}
	return ""
}

// NewForm returns a form with its first values.
func NewForm(values url.Values) *Form { return &Form{Values: values} }

// Get returns what stands in a field.
func (f *Form) Get(name string) string {
	if f == nil {
		return ""
	}
	return f.Values.Get(name)
}

// Has reports whether one of the field's values is v: for checkboxes.
func (f *Form) Has(name, v string) bool {
	if f == nil {
		return false
	}
	for _, got := range f.Values[name] {
		if got == v {
			return true
		}
	}
	return false
}

// Problem returns what is wrong with a field; "" when nothing is. A refusal of
// something below the field is one of the field.
func (f *Form) Problem(ctx context.Context, name string) string {
	for _, p := range f.problems(ctx) {
		if p.Name == name || strings.HasPrefix(p.Name, name+".") || strings.HasPrefix(p.Name, name+"[") {
			return p.Message
		}
	}
	return ""
}

// problem is one line of the summary.
type problem struct{ Name, Label, Message string }

func (f *Form) problems(ctx context.Context) []problem {
	if f == nil || f.Refusal == nil {
		return nil
	}
	var out []problem
	for _, v := range f.Refusal.Fields {
		message := v.Ja
		if text.Of(ctx) == text.English {
			message = v.En
		}
		out = append(out, problem{v.Path, f.Labels.of(ctx, v.Path), message})
	}
	return out
}

// sentence is the refusal in the language of the page.
func (f *Form) sentence(ctx context.Context) string { return Sentence(ctx, f.Refusal) }

// Sentence returns a refusal in the language of the page.
func Sentence(ctx context.Context, refusal *fault.Error) string {
	if text.Of(ctx) == text.English {
		return refusal.En
	}
	return refusal.Ja
}

// Trim takes a prefix off the fields of the refusal: that of the message in
// which the RPC takes what the form holds, such as "proposal.".
func (f *Form) Trim(prefix string) *Form {
	if f.Refusal == nil {
		return f
	}
	fields := make([]fault.Field, len(f.Refusal.Fields))
	for i, v := range f.Refusal.Fields {
		v.Path = strings.TrimPrefix(v.Path, prefix)
		fields[i] = v
	}
	cut := *f.Refusal
	cut.Fields = fields
	f.Refusal = &cut
	return f
}

// Input describes one field of a form. Label and Hint are keys of texts.
type Input struct {
	Name     string // Path of the field in the RPC's request.
	Label    string
	Hint     string // "" for none.
	Type     string // HTML type; "text" when empty.
	Rows     int    // Lines of a text area; 0 for a single line.
	Max      int    // Characters at most; 0 for no limit.
	Required bool
	Auto     string         // Value of autocomplete; "" for none.
	Attrs    map[string]any // More attributes, such as min, max, inputmode.
	Options  []Option       // Choices of a select or of radio buttons.
	Args     []any          // For the label's verbs.
}

// Option is one choice. Its text is shown as it is.
type Option struct{ Value, Text string }

// id is the element's id: the summary links to it.
func (in Input) id() string { return FieldID(in.Name) }

// FieldID returns the id of the element of a field.
func FieldID(name string) string {
	return "f-" + strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(name)
}

func (in Input) kind() string {
	if in.Type == "" {
		return "text"
	}
	return in.Type
}

// described is the value of aria-describedby.
func (in Input) described(ctx context.Context, f *Form) string {
	var ids []string
	if in.Hint != "" {
		ids = append(ids, in.id()+"-hint")
	}
	if f.Problem(ctx, in.Name) != "" {
		ids = append(ids, in.id()+"-problem")
	}
	return strings.Join(ids, " ")
}
