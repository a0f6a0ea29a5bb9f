// Package credit is who stands behind a publication (主催・共催・後援・協力・受託):
// the ward's section and the organization side by side. It does no I/O and has no
// clock.
package credit

import (
	"fmt"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// Part is what the named one contributes; the values are those of the contract.
type Part string

// The parts, in the order in which they are printed.
const (
	Organizer   Part = "ORGANIZER"
	CoOrganizer Part = "CO_ORGANIZER"
	Patron      Part = "PATRON"
	Supporter   Part = "SUPPORTER"
	Contractor  Part = "CONTRACTOR"
)

var labels = []struct {
	part Part
	ja   string
}{
	{Organizer, "主催"}, {CoOrganizer, "共催"}, {Patron, "後援"}, {Supporter, "協力"}, {Contractor, "受託"},
}

// Line is one line of the credits.
type Line struct {
	Part           Part   `json:"part"`
	OrganizationID string `json:"organizationId,omitempty"`
	DepartmentID   string `json:"departmentId,omitempty"`
	Name           string `json:"name"` // As of the writing.
}

// Lines are the credits of a publication, in the order of the writing.
type Lines []Line

// Text is the credits as one line, such as 主催：ちよだの会／共催：政策経営部企画総務課.
func (l Lines) Text() string {
	var parts []string
	for _, p := range labels {
		if names := l.Names(p.part); len(names) > 0 {
			parts = append(parts, p.ja+"："+strings.Join(names, "、"))
		}
	}
	return strings.Join(parts, "／")
}

// Names are the names with a part; without parts all.
func (l Lines) Names(parts ...Part) []string {
	var names []string
	for _, c := range l {
		if len(parts) == 0 || slices.Contains(parts, c.Part) {
			names = append(names, c.Name)
		}
	}
	return names
}

// Organizations are the ids of the credited organizations, each once.
func (l Lines) Organizations() []string {
	return ids(l, func(c Line) string { return c.OrganizationID })
}

// Departments are the ids of the credited departments, each once.
func (l Lines) Departments() []string {
	return ids(l, func(c Line) string { return c.DepartmentID })
}

func ids(l Lines, id func(Line) string) []string {
	out := []string{}
	for _, c := range l {
		if v := id(c); v != "" && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// TwoSided reports whether both a section of the ward and an organization are
// named.
func (l Lines) TwoSided() bool { return len(l.Organizations()) > 0 && len(l.Departments()) > 0 }

// Check refuses lines that name both an organization and a department or neither,
// and lines that stand twice. Errors: INVALID_FIELD.
func (l Lines) Check() error {
	var wrong []fault.Field
	for i, c := range l {
		path := fmt.Sprintf("credits[%d]", i)
		if (c.OrganizationID == "") == (c.DepartmentID == "") {
			wrong = append(wrong, fault.Wrong(path, "団体か区の課のどちらか一方を指定してください。", "Name either an organization or a department."))
		}
		if slices.ContainsFunc(l[:i], func(o Line) bool { return o.Part == c.Part && o.sameName(c) }) {
			wrong = append(wrong, fault.Wrong(path, "同じ名義が重複しています。", "The same line stands twice."))
		}
	}
	return fault.ErrInvalidField.OnAny(wrong)
}

// Over returns l with the lines of base before it that name nobody of l.
func (l Lines) Over(base Lines) Lines {
	var out Lines
	for _, b := range base {
		if !slices.ContainsFunc(l, b.sameName) {
			out = append(out, b)
		}
	}
	return append(out, l...)
}

func (c Line) sameName(d Line) bool {
	return c.OrganizationID == d.OrganizationID && c.DepartmentID == d.DepartmentID
}

// Same reports whether two credits say the same of the same.
func (l Lines) Same(other Lines) bool {
	return slices.EqualFunc(l, other, func(a, b Line) bool { return a.Part == b.Part && a.sameName(b) })
}

// Follow moves the lines of an organization that lives on in another, whose name
// they take. A line that would then stand twice is dropped.
func (l Lines) Follow(merged, survivor, name string) Lines {
	var out Lines
	for _, c := range l {
		if c.OrganizationID == merged {
			c.OrganizationID, c.Name = survivor, name
		}
		if !slices.ContainsFunc(out, func(o Line) bool { return o.Part == c.Part && o.sameName(c) && o.Name == c.Name }) {
			out = append(out, c)
		}
	}
	return out
}
