package newsletter

import (
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// Section is a part of an issue; the values are those of the contract without their
// prefix.
type Section string

// The sections, in the order of the mail.
const (
	Notice    Section = "NOTICE"
	Event     Section = "EVENT"
	Volunteer Section = "VOLUNTEER"
	Call      Section = "CALL"
	Progress  Section = "PROGRESS"
)

// Sections are all sections with their headings, in the order of the mail.
var Sections = []struct {
	Section Section
	Name    string
}{
	{Notice, "お知らせ"}, {Event, "イベント"}, {Volunteer, "ボランティア募集"}, {Call, "助成・提案募集"}, {Progress, "検討経過"},
}

// Source is something public that an issue can tell.
type Source struct {
	ID       string   `json:"id"`
	Section  Section  `json:"section"`
	Title    string   `json:"title"`
	Summary  string   `json:"summary,omitempty"`
	URL      string   `json:"url"`
	Credits  string   `json:"credits,omitempty"` // In one line.
	StartsOn jp.Date  `json:"startsOn,omitzero"` // Of an event; zero for none.
	Codes    []string `json:"-"`                 // Topics that it carries itself.
}

// Item is one thing that an issue tells.
type Item struct {
	Source
	Topics  []string `json:"topics"`
	Areas   []string `json:"areas,omitempty"` // None for the whole ward.
	Comment string   `json:"comment,omitempty"`
}

// For reports whether the item belongs to a reader with this wish: it has one of the
// topics, and concerns one of the areas where both say any.
func (i Item) For(w Wish) bool {
	return overlap(i.Topics, w.Topics) && (len(i.Areas) == 0 || len(w.Areas) == 0 || overlap(i.Areas, w.Areas))
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// Select are the items of a reader, in the order of the mail; none is no mail.
func Select(items []Item, w Wish) []Item {
	var out []Item
	for _, i := range items {
		if i.For(w) {
			out = append(out, i)
		}
	}
	return out
}

// order puts items into the order of the sections and keeps that within each.
func order(items []Item) {
	at := func(i Item) int {
		for n, s := range Sections {
			if s.Section == i.Section {
				return n
			}
		}
		return len(Sections)
	}
	slices.SortStableFunc(items, func(a, b Item) int { return at(a) - at(b) })
}

// Compose makes items of what belongs to one of the wanted topics; of all topics
// where none is wanted.
func Compose(sources []Source, topics Topics, wanted []string) []Item {
	items := []Item{}
	for _, s := range sources {
		i := Item{Source: s, Topics: topics.Of(s.Section, s.Codes)}
		if len(i.Topics) > 0 && (len(wanted) == 0 || overlap(i.Topics, wanted)) && len(items) < ItemLimit {
			items = append(items, i)
		}
	}
	order(items)
	return items
}
