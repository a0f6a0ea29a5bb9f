// Package agreement is the agreement of a project (協定書): drafted from the
// rulebook, checked for what it must say, signed by both sides. It does no I/O
// and has no clock.
package agreement

import (
	"slices"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/rulebook"
)

// State is where a version stands; the values are those of the contract.
type State string

// The states.
const (
	Draft        State = "DRAFT"
	PartlySigned State = "PARTLY_SIGNED"
	Signed       State = "SIGNED"
	Abandoned    State = "ABANDONED"
)

// Agreement is one version of a project's agreement.
type Agreement struct {
	ProjectID             string
	Version               int // From 1.
	State                 State
	Title                 string
	Preamble              string
	Articles              []Article
	Closing               string
	Form                  string
	RulebookID            string
	RulebookNumber        int
	WardSignatory         string // Office that signs, never a name.
	OrganizationSignatory string // Office that signs for each organization.
	ImprovementIDs        []string
	Signatures            []Signature // In their order.
	Text                  string      // Canonical; empty for a draft.
	SHA256                string      // Of Text, lower-case hexadecimal; empty for a draft.
	CreatedBy             string
	CreatedAt             time.Time
	UpdatedAt             time.Time
	SignedAt              time.Time // Of the last signature; zero before.
	Revision              int64
}

// Article is one article; its number is its place.
type Article struct {
	Item  rulebook.Item `json:"item,omitempty"`
	Title string        `json:"title"`
	Text  string        `json:"text"`
}

// Signature is that of one party under the fixed text; a party signs once.
type Signature struct {
	Position       int // From 1.
	Side           project.Side
	OrganizationID string // Empty for the ward.
	DepartmentID   string // Empty for an organization.
	Name           string // As of the day.
	Signatory      string
	SignedBy       string // Pseudonym.
	SignedAt       time.Time
}

// The words of an agreement that the rulebook does not have.
const (
	usualPreamble = "千代田区（以下「甲」という。）と{団体名}（以下「乙」という。）とは、協働事業「{事業名}」の実施に当たり、対等の立場で互いの特性を生かして協力するため、次のとおり協定を締結する。"
	usualClosing  = "この協定の締結を証するため、甲及び乙は、この本文について、それぞれの権限のある者が電子的に署名し、その記録を各自保有する。"
	usualWard     = "千代田区長"
	usualParty    = "代表者"
)

// New drafts a version from the rulebook's model texts, filled in with what the
// project says. before is the newest version, nil for none: one that is signed
// stays, one that not everybody has signed is given up. Errors:
// AGREEMENT_IN_DRAFT, INVALID_STATE_TRANSITION, PERMISSION_DENIED.
func New(p *project.Project, by project.Reader, of *rulebook.Version, before *Agreement) (*Agreement, error) {
	if by.Side(p) == project.None {
		return nil, fault.ErrPermissionDenied
	}
	if err := open(p); err != nil {
		return nil, err
	}
	a := &Agreement{
		ProjectID: p.ID, Version: 1, State: Draft, Title: "「" + p.Title + "」に関する協定書", Preamble: fill(p, usualPreamble),
		Closing: usualClosing, Form: p.Form, RulebookID: of.ID, RulebookNumber: of.Number, WardSignatory: usualWard,
		OrganizationSignatory: usualParty, CreatedBy: by.ID, Revision: 1,
	}
	if before != nil {
		if before.State == Draft {
			return nil, ErrInDraft
		}
		if before.State == PartlySigned {
			before.State = Abandoned
		}
		a.Version, a.ImprovementIDs = before.Version+1, before.ImprovementIDs
	}
	for _, c := range of.Clauses {
		if c.Item != "" {
			a.Articles = append(a.Articles, Article{Item: c.Item, Title: c.Title, Text: fill(p, c.ModelText)})
		}
	}
	return a, nil
}

// open refuses agreements of a project that has ended. Errors:
// INVALID_STATE_TRANSITION.
func open(p *project.Project) error {
	if p.State.Ended() {
		return fault.Transition(string(p.State), string(project.Agreed))
	}
	return nil
}

// Edit is a change of named fields.
type Edit struct {
	Fields                []string // As in update masks.
	Title                 string
	Preamble              string
	Articles              []Article
	Closing               string
	WardSignatory         string
	OrganizationSignatory string
	ImprovementIDs        []string
}

// Fields are the fields that an edit may name.
var Fields = []string{
	"title", "preamble", "articles", "closing", "ward_signatory", "organization_signatory", "improvement_ids",
}

// Edit changes a draft, by either side. Errors: PERMISSION_DENIED,
// AGREEMENT_NOT_EDITABLE, INVALID_FIELD.
func (a *Agreement) Edit(p *project.Project, by project.Reader, e Edit) error {
	if by.Side(p) == project.None {
		return fault.ErrPermissionDenied
	}
	if a.State != Draft || p.State.Ended() {
		return ErrNotEditable.With("state", string(a.State))
	}
	for _, f := range e.Fields {
		switch f {
		case "title":
			a.Title = e.Title
		case "preamble":
			a.Preamble = e.Preamble
		case "articles":
			a.Articles = e.Articles
		case "closing":
			a.Closing = e.Closing
		case "ward_signatory":
			a.WardSignatory = e.WardSignatory
		case "organization_signatory":
			a.OrganizationSignatory = e.OrganizationSignatory
		case "improvement_ids":
			a.ImprovementIDs = e.ImprovementIDs
		}
	}
	if a.Title == "" {
		return fault.ErrInvalidField.On(fault.Missing("agreement.title"))
	}
	return nil
}

// Check is one line of the checklist.
type Check struct {
	Item     rulebook.Item
	Name     string
	Required bool
	Present  bool
}

// Checklist says of each item whether the agreement has it, with nothing left to
// be written.
func (a *Agreement) Checklist() []Check {
	out := make([]Check, len(rulebook.Items))
	for i, item := range rulebook.Items {
		out[i] = Check{Item: item.Item, Name: item.Name, Required: item.Required, Present: a.has(item.Item)}
	}
	return out
}

func (a *Agreement) has(item rulebook.Item) bool {
	if item == rulebook.Signatures {
		return a.WardSignatory != "" && a.OrganizationSignatory != ""
	}
	return slices.ContainsFunc(a.Articles, func(t Article) bool { return t.Item == item && !unfilled(t.Text) })
}

// complete refuses an agreement that lacks required items, all of them at once.
// Errors: AGREEMENT_INCOMPLETE.
func (a *Agreement) complete() error {
	var names []string
	var missing []fault.Field
	for _, c := range a.Checklist() {
		if c.Required && !c.Present {
			names = append(names, string(c.Item))
			missing = append(missing, fault.Field{
				Path: "articles." + string(c.Item), Reason: ErrIncomplete.Reason,
				Ja: "「" + c.Name + "」を定めてください。", En: "The item is missing or not written out.",
			})
		}
	}
	return ErrIncomplete.With("missing", strings.Join(names, ",")).OnAny(missing)
}
