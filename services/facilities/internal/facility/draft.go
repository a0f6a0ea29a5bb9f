package facility

import (
	"maps"
	"slices"
)

// With returns the catalogue as it would be with drafts approved, for trying them
// out; the catalogue itself stays as it is.
func (c *Catalogue) With(drafts ...*Item) *Catalogue {
	out := &Catalogue{
		Revision: c.Revision, items: maps.Clone(c.items), rules: maps.Clone(c.rules), rooms: slices.Clone(c.rooms),
		closures: maps.Clone(c.closures), facilities: slices.Clone(c.facilities),
	}
	for _, d := range drafts {
		d.describe()
		v := slices.SortedStableFunc(slices.Values(append(slices.Clip(out.items[d.ID]), d)), func(a, b *Item) int { return a.From.Compare(b.From) })
		out.items[d.ID] = v
		switch d.Kind {
		case KindFacility:
			out.facilities = replaced(out.facilities, v)
		case KindRoom:
			out.rooms = replaced(out.rooms, v)
		case KindClosure:
			out.closures[d.FacilityID] = replaced(slices.Clone(out.closures[d.FacilityID]), v)
		}
		if d.Code != "" {
			out.rules[codeKey{d.Kind, d.Code}] = v
		}
	}
	return out
}

// replaced puts the versions of an item in the place of those it had, or at the
// end.
func replaced(all []versions, v versions) []versions {
	if at := slices.IndexFunc(all, func(old versions) bool { return old[0].ID == v[0].ID }); at >= 0 {
		all[at] = v
		return all
	}
	return append(all, v)
}
