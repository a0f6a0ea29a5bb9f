package issue

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

// itemField names a field of an item; _place is its place in the issue, none for
// an item that is left out. Both stand beside the fields of the request.
func itemField(n int, name string) string {
	if name == "place" {
		return fmt.Sprintf("_place%d", n)
	}
	return fmt.Sprintf("issue.items[%d].%s", n, name)
}

// place is the number that the editor sees.
func place(n int) string { return strconv.Itoa(n + 1) }

// ordered are the items by the places that the editor gave them; those without a
// place are not in the issue.
func ordered(form url.Values, items []*outreachv1.NewsletterItemInput) []*outreachv1.NewsletterItemInput {
	type placed struct {
		item  *outreachv1.NewsletterItemInput
		place float64
	}
	var kept []placed
	for n, item := range items {
		at, err := strconv.ParseFloat(strings.TrimSpace(norm.NFKC.String(form.Get(itemField(n, "place")))), 64)
		if err == nil {
			kept = append(kept, placed{item, at})
		}
	}
	slices.SortStableFunc(kept, func(a, b placed) int { return cmp.Compare(a.place, b.place) })
	var out []*outreachv1.NewsletterItemInput
	for _, k := range kept {
		out = append(out, k.item)
	}
	return out
}

// topicOptions are the topics that are chosen today, and those of the form.
func topicOptions(all *outreachv1.ListNewsletterTopicsResponse, chosen []string) []ui.Option {
	var out []ui.Option
	for _, t := range all.GetTopics() {
		if !t.GetEnded() || slices.Contains(chosen, t.GetCode()) {
			out = append(out, ui.Option{Value: t.GetCode(), Text: t.GetName()})
		}
	}
	return out
}

func areaOptions(all *outreachv1.ListNewsletterTopicsResponse) []ui.Option {
	var out []ui.Option
	for _, a := range all.GetAreas() {
		out = append(out, ui.Option{Value: a.GetCode(), Text: a.GetName()})
	}
	return out
}

func formatOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, f := range []outreachv1.NewsletterSubscription_Format{outreachv1.NewsletterSubscription_HTML, outreachv1.NewsletterSubscription_TEXT} {
		out = append(out, ui.Option{Value: f.String(), Text: text.Enum(ctx, "newsletter.formats", f)})
	}
	return out
}

func stateOptions(ctx context.Context) []ui.Option {
	out := []ui.Option{{Text: text.S(ctx, "issue.allstates")}}
	for _, s := range states {
		out = append(out, ui.Option{Value: s.String(), Text: text.Enum(ctx, "issue.state", s)})
	}
	return out
}

func tone(s outreachv1.NewsletterIssue_State) ui.Tone {
	switch s {
	case outreachv1.NewsletterIssue_PENDING, outreachv1.NewsletterIssue_PAUSED, outreachv1.NewsletterIssue_SCHEDULED:
		return ui.Warning
	case outreachv1.NewsletterIssue_SENT:
		return ui.Good
	case outreachv1.NewsletterIssue_CANCELLED:
		return ui.Ended
	default:
		return ui.Calm
	}
}

// count is how many items the form has.
func (d *draft) count() int {
	n := 0
	for d.form.Values.Has(itemField(n, "sourceId")) {
		n++
	}
	return n
}

// item is what the form's item is about.
func (d *draft) item(n int) *outreachv1.NewsletterItem {
	id := d.form.Get(itemField(n, "sourceId"))
	for _, item := range d.issue.GetItems() {
		if item.GetSourceId() == id {
			return item
		}
	}
	return &outreachv1.NewsletterItem{SourceId: id}
}
