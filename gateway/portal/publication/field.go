package publication

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// eventFields are the fields of the form of an event, by their names in the input.
var eventFields = []string{
	"title", "titleKana", "titleEn", "subtitle", "summary", "body", "plainJa", "topics", "keywords", "eventType", "startsOn", "endsOn",
	"startTime", "endTime", "timeNote", "recurrence", "exceptOn", "place", "online", "target", "targetNote", "condition", "fee", "contact",
	"contactExtension", "url", "admission", "accessibility", "image", "note", "publicUntil", "credits",
}

// callFields are those of a call; trainingFields only of offers of training.
var (
	callFields = []string{
		"title", "summary", "body", "plainJa", "topics", "purpose", "role", "activityField", "startsOn", "endsOn", "weekdays", "startTime",
		"endTime", "timeNote", "place", "station", "headcount", "selection", "trialPlaces", "requirements", "beginners", "parentChild",
		"schoolGroups", "companyGroups", "cost", "insurance", "bring", "applyUntil", "applyNote", "contact", "screening", "pledge", "url",
		"sourceNote", "publicUntil", "credits",
	}
	trainingFields = []string{"trainingDays", "hoursPerDay"}
)

// callFieldsOf are the fields of the form of a call.
func callFieldsOf(p post) []string {
	if c, ok := p.(*outreachv1.Opportunity); ok && Training(c.GetKind()) {
		return append(slices.Clone(callFields), trainingFields...)
	}
	return callFields
}

var capital = regexp.MustCompile(`[A-Z]`)

func snakes(names []string) []string {
	out := make([]string, 0, len(names))
	for _, name := range names {
		out = append(out, capital.ReplaceAllStringFunc(name, func(c string) string { return "_" + strings.ToLower(c) }))
	}
	return out
}

// fieldKey is the key of the label of a field: publication.field.placeName for
// event.place.name.
func fieldKey(path string) string {
	_, rest, _ := strings.Cut(path, ".")
	rest, _, _ = strings.Cut(rest, "[")
	parts := strings.Split(rest, ".")
	for i := range parts[1:] {
		if p := parts[i+1]; p != "" {
			parts[i+1] = strings.ToUpper(p[:1]) + p[1:]
		}
	}
	return "publication.field." + strings.Join(parts, "")
}

// labelsOf names the fields of the form in the summary of what was refused.
func labelsOf(n *noun) ui.Labels {
	out := ui.Labels{
		"return.reason": "publication.reasonname", "withdraw.reason": "publication.reasonname", "cancel.reason": "publication.reasonname",
		"publish.publishTime": "publication.publishon",
	}
	for path := range leaves(n) {
		out[path], out["request."+path] = fieldKey(path), fieldKey(path)
	}
	out[n.name+".credits"] = "publication.credits"
	return out
}

// leaves are the paths of all fields that have a label.
func leaves(n *noun) map[string]bool {
	out := map[string]bool{}
	var input proto.Message = &outreachv1.EventInput{}
	if n.name == call.name {
		input = &outreachv1.OpportunityInput{}
	}
	fields := input.ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		out[n.name+"."+fd.JSONName()] = true
		if fd.Message() == nil || fd.IsList() {
			continue
		}
		for j := range fd.Message().Fields().Len() {
			out[n.name+"."+fd.JSONName()+"."+fd.Message().Fields().Get(j).JSONName()] = true
		}
	}
	return out
}

// inputs are the fields of a post as its form shows them.
func inputs(p post) url.Values {
	switch p := p.(type) {
	case *outreachv1.Event:
		return web.Values("event.", p)
	case *outreachv1.Opportunity:
		return web.Values("opportunity.", p)
	}
	return url.Values{}
}

// byForm orders paths of fields as the form has them.
func (n *noun) byForm(a, b string) int {
	place := func(path string) int {
		_, rest, _ := strings.Cut(path, ".")
		top, _, _ := strings.Cut(rest, ".")
		if at := slices.Index(n.fields, top); at >= 0 {
			return at
		}
		return len(n.fields)
	}
	return cmp.Or(cmp.Compare(place(a), place(b)), strings.Compare(a, b))
}

// enums begin the keys of the words of enumerations, by the names of the fields.
var enums = map[string]string{
	"kind": "opportunity.kind", "weekdays": "opportunity.weekday", "selection": "opportunity.selection", "screening": "publication.screening",
	"fee.kind": "publication.fee", "admission.mode": "publication.mode", "accessibility": "publication.ease",
}

// words are the values of a field as a person reads them.
func words(ctx context.Context, path string, values []string) string {
	_, name, _ := strings.Cut(path, ".")
	prefix, ok := enums[name]
	if !ok && strings.HasPrefix(name, "accessibility.") {
		prefix = enums["accessibility"]
	}
	out := make([]string, 0, len(values))
	for _, v := range values {
		switch {
		case prefix != "" && text.Has(prefix+"."+v):
			v = text.S(ctx, prefix+"."+v)
		case v == "true":
			v = text.S(ctx, "publication.yes")
		case strings.HasSuffix(name, "On") || strings.HasSuffix(name, "Until"):
			v = ui.LongDate(ctx, v)
		}
		out = append(out, v)
	}
	return strings.Join(out, "、")
}

// line is a field for one line of text; its label and bounds follow from its path.
func (d *draft) line(name string) ui.Input {
	path := d.noun.name + "." + name
	in := ui.Input{Name: path, Label: fieldKey(path), Max: web.Max(d.request(), path)}
	if hint := "publication.hint." + strings.TrimPrefix(in.Label, "publication.field."); text.Has(hint) {
		in.Hint = hint
	}
	return in
}

func (d *draft) request() proto.Message {
	if d.noun == &call {
		return &outreachv1.CreateOpportunityRequest{}
	}
	return &outreachv1.CreateEventRequest{}
}

// needed marks a field that the approval needs. A draft may be kept without it.
func needed(in ui.Input) ui.Input {
	in.Required = true
	return in
}

func (d *draft) area(name string, rows int) ui.Input {
	in := d.line(name)
	in.Rows = rows
	return in
}

func (d *draft) typed(name, kind string) ui.Input {
	in := d.line(name)
	in.Type, in.Max = kind, 0
	return in
}

func (d *draft) number(name string, most int) ui.Input {
	in := d.typed(name, "number")
	in.Attrs = map[string]any{"min": "0", "max": fmt.Sprint(most), "inputmode": "numeric"}
	return in
}

func (d *draft) choice(name string, options []ui.Option) ui.Input {
	in := d.line(name)
	in.Options = options
	return in
}

// opened reports whether a part of the form that few need is shown at once: it
// holds something, or something there was refused.
func (d *draft) opened(ctx context.Context, names ...string) bool {
	for _, name := range names {
		path := d.noun.name + "." + name
		if d.form.Problem(ctx, path) != "" {
			return true
		}
		for field, v := range d.form.Values {
			if (field == path || strings.HasPrefix(field, path+".")) && strings.Join(v, "") != "" {
				return true
			}
		}
	}
	return false
}

// enum are values of an enumeration as choices, after an empty first one where it
// has a name.
func enum[E fmt.Stringer](ctx context.Context, first string, words func(E) string, values ...E) []ui.Option {
	var out []ui.Option
	if first != "" {
		out = append(out, ui.Option{Text: text.S(ctx, first)})
	}
	for _, v := range values {
		out = append(out, ui.Option{Value: v.String(), Text: words(v)})
	}
	return out
}
