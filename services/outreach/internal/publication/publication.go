// Package publication is what goes public: an article, an event or an opportunity,
// from draft by approval of another person to publication and its end. It does no
// I/O and has no clock.
package publication

import (
	"slices"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/credit"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/event"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
)

// Kind is what is published.
type Kind string

// The kinds.
const (
	Article     Kind = "ARTICLE"
	Event       Kind = "EVENT"
	Opportunity Kind = "OPPORTUNITY"
)

// Text is what all of them have to be read.
type Text struct {
	Title       string   `json:"title,omitempty"`
	Summary     string   `json:"summary,omitempty"`
	Body        string   `json:"body,omitempty"`    // Markdown.
	PlainJa     string   `json:"plainJa,omitempty"` // Markdown with readings.
	Topics      []string `json:"topics,omitempty"`
	PublicUntil jp.Date  `json:"publicUntil,omitzero"` // Last day of publication; zero for no end.
}

// Content is what an author writes and an approver checks; a kept version.
type Content struct {
	Text
	Event       *event.Details       `json:"event,omitempty"`       // Of an event.
	Opportunity *opportunity.Details `json:"opportunity,omitempty"` // Of an opportunity.
	Credits     credit.Lines         `json:"credits"`
}

// Kind is that of the content: events and opportunities have details.
func (c Content) Kind() Kind {
	switch {
	case c.Event != nil:
		return Event
	case c.Opportunity != nil:
		return Opportunity
	}
	return Article
}

// Confirmation is the word of one credited organization for the credits as they
// are.
type Confirmation struct {
	OrganizationID string    `json:"organizationId"`
	By             string    `json:"by"` // Pseudonym of its representative.
	At             time.Time `json:"at"`
}

// Names are the names of the owner as the projection knows them.
type Names struct {
	Organization string
	Department   string
}

// Publication is an article, an event or an opportunity.
type Publication struct {
	Content
	ID             string
	Kind           Kind
	State          State
	OrganizationID string // Owner; "" for the ward's.
	DepartmentID   string // Owner in the ward; "" for an organization's and for the desk's own drafts.
	ProjectID      string // "" for none.
	Source         string // What a consumer drafted it from; "" for a person's.
	Confirmations  []Confirmation
	CreatedBy      string
	EditedBy       string // Who changed the content last.
	RequestedBy    string // Who asked for approval last.
	ApprovedBy     string
	ReturnReason   string
	WithdrawReason string // Also of a cancellation.
	PublishAt      time.Time
	WasPublic      bool // Whether it was ever public; a cancelled one stays visible then.
	Revision       int
	CreatedAt      time.Time
	UpdatedAt      time.Time
	// ChangedAt is when what the public sees last changed; zero before it saw
	// anything. Sequence counts these changes.
	ChangedAt time.Time
	Sequence  int
	Version   int64
	Names     Names
}

// Visible reports whether everybody may read it.
func (p *Publication) Visible() bool {
	return p.State == Published || p.State == Ended || p.State == Cancelled && p.WasPublic
}

// Collaboration reports whether it belongs to a collaboration: to a project, or
// with an organization in its credits beside the ward or beside its owner.
func (p *Publication) Collaboration() bool {
	return p.ProjectID != "" || p.Credits.TwoSided() ||
		slices.ContainsFunc(p.Credits.Organizations(), func(id string) bool { return id != p.OrganizationID })
}

// Unconfirmed are the credited organizations that have not confirmed the credits
// of a collaboration.
func (p *Publication) Unconfirmed() []string {
	if !p.Collaboration() {
		return nil
	}
	return slices.DeleteFunc(p.Credits.Organizations(), func(id string) bool {
		return slices.ContainsFunc(p.Confirmations, func(c Confirmation) bool { return c.OrganizationID == id })
	})
}

// checkCredits refuses to show a collaboration without both sides' names and
// words. Errors: CREDITS_INCOMPLETE, CREDITS_UNCONFIRMED.
func (p *Publication) checkCredits() error {
	if !p.Collaboration() {
		return nil
	}
	if !p.Credits.TwoSided() {
		missing := "department"
		if len(p.Credits.Organizations()) == 0 {
			missing = "organization"
		}
		return ErrCreditsIncomplete.With("missing", missing)
	}
	if open := p.Unconfirmed(); len(open) > 0 {
		return ErrCreditsUnconfirmed.With("organizationIds", strings.Join(open, ","))
	}
	return nil
}

// Editable refuses changes of anything but a draft and what was withdrawn.
// Errors: PERMISSION_DENIED, PUBLICATION_NOT_EDITABLE.
func (p *Publication) Editable(by Reader) error {
	if !by.Writes(p) {
		return fault.ErrPermissionDenied
	}
	if p.State != Draft && p.State != Withdrawn {
		return ErrNotEditable.With("state", string(p.State))
	}
	return nil
}

// Edit puts new content in. Other credits end their confirmations. Errors:
// INVALID_FIELD, TRAINING_HOST_REQUIRED.
func (p *Publication) Edit(by Reader, c Content, projectID string) error {
	if c.Event != nil {
		if err := c.Event.Check(); err != nil {
			return err
		}
	}
	if c.Opportunity != nil {
		if c.Opportunity.Kind == opportunity.StaffPlacement && p.OrganizationID == "" {
			return opportunity.ErrHost.OnPath("opportunity.organizationId")
		}
		if err := c.Opportunity.Check(); err != nil {
			return err
		}
	}
	if !c.Credits.Same(p.Credits) {
		p.Confirmations = nil
	}
	p.Content, p.ProjectID, p.EditedBy = c, projectID, by.ID
	return nil
}

// incomplete names what the approval needs and is empty.
func (p *Publication) incomplete() error {
	kind := strings.ToLower(string(p.Kind))
	var missing []fault.Field
	if p.Title == "" {
		missing = append(missing, fault.Missing(kind+".title"))
	}
	if p.Kind == Article && p.Body == "" {
		missing = append(missing, fault.Missing(kind+".body"))
	}
	if len(p.Credits) == 0 {
		missing = append(missing, fault.Missing(kind+".credits"))
	}
	if p.Event != nil {
		missing = append(missing, p.Event.Missing()...)
	}
	if p.Opportunity != nil {
		missing = append(missing, p.Opportunity.Missing()...)
	}
	return ErrIncomplete.OnAny(missing)
}

// LastPublicOn is the last day of publication; zero for no end.
func (p *Publication) LastPublicOn() jp.Date {
	switch {
	case p.PublicUntil.IsZero() && p.Event != nil:
		return p.Event.LastOn()
	case p.PublicUntil.IsZero() && p.Opportunity != nil:
		return p.Opportunity.LastOn()
	}
	return p.PublicUntil
}
