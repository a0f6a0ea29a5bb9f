package consultation

import "strings"

// The kinds of entries. Steps are seen by who asked; interim answers too; notes
// by the ward only.
const (
	StepReceived  = "RECEIVED"
	StepRouted    = "ROUTED"
	StepReferred  = "REFERRED"
	StepStarted   = "STARTED"
	StepAnswered  = "ANSWERED"
	StepClosed    = "CLOSED"
	StepReopened  = "REOPENED"
	StepConverted = "CONVERTED"
	KindInterim   = "INTERIM"
	KindNote      = "NOTE"
)

// Entry is one step, answer or note; it is never changed.
type Entry struct {
	No   int // Within the consultation, from 1.
	Kind string
	Body string // Text of an answer, a question or a note; else empty.
	// FromAsker is whether who asked wrote it.
	FromAsker bool
	// Department is that of who wrote it, by its name on that day; empty for who
	// asked.
	DepartmentID, DepartmentName         string
	FromDepartmentID, FromDepartmentName string
	ToDepartmentID, ToDepartmentName     string
	OrganizationID, OrganizationName     string // Of a referral.
	CreatedBy                            string
}

// here is a step that leaves the holder.
func (c *Consultation) here(kind string) Entry {
	name := c.Names.Departments[c.DepartmentID]
	return Entry{
		Kind: kind, FromDepartmentID: c.DepartmentID, FromDepartmentName: name, ToDepartmentID: c.DepartmentID, ToDepartmentName: name,
	}
}

// Received is the first entry; a department that holds the consultation from the
// beginning has the second one. Errors: CONSULTATION_FULL.
func (c *Consultation) Received(by Reader, departmentID, departmentName string) ([]Entry, error) {
	entries := []Entry{{Kind: StepReceived}}
	if departmentID != "" {
		c.State = Routed
		c.hold(departmentID, departmentName)
		entries = append(entries, Entry{Kind: StepRouted, ToDepartmentID: departmentID, ToDepartmentName: departmentName})
	}
	return c.add(by, entries...)
}

// add numbers and signs the entries. Errors: CONSULTATION_FULL.
func (c *Consultation) add(by Reader, entries ...Entry) ([]Entry, error) {
	if c.Entries+len(entries) > MaxEntries {
		return nil, ErrFull
	}
	for i := range entries {
		e := &entries[i]
		c.Entries++
		e.No, e.CreatedBy = c.Entries, by.ID
		e.FromAsker = by.View(c) == ForAsker
		if !e.FromAsker {
			e.DepartmentID, e.DepartmentName = by.Department, c.Names.Departments[by.Department]
		}
	}
	return entries, nil
}

// Fill puts the facts of the consultation into the text of a template.
func (c *Consultation) Fill(template string) string {
	holder := c.Names.Departments[c.DepartmentID]
	if holder == "" {
		holder = "総合窓口"
	}
	return strings.NewReplacer(
		"{番号}", c.Number, "{担当}", holder, "{期限}", c.DueOn.String(), "{件名}", c.Subject,
	).Replace(template)
}
