// Package listing is the domain of the exchange: needs and offers, from the draft
// over the check by a second person to what came of them.
package listing

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/member"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
)

// State is where a listing stands; the names are the contract's.
type State string

// The states.
const (
	Draft     State = "DRAFT"     // Being written.
	Pending   State = "PENDING"   // Waits to be checked.
	Published State = "PUBLISHED" // Public and open.
	Closed    State = "CLOSED"    // Ended by its own side or the desk.
	Expired   State = "EXPIRED"   // Ended by its last day.
)

// The sides.
const (
	Need  = "NEED"
	Offer = "OFFER"
)

// openDays is how long a listing is open when nobody says, maxMonths how long at
// most, MaxHeld how many an owner has that are not ended.
const (
	openDays  = 90
	maxMonths = 12
	MaxHeld   = 50
)

// Text is what somebody writes of a listing.
type Text struct {
	Kind           string   `db:"kind"`     // Need or Offer.
	Category       string   `db:"category"` // Name in the contract.
	Title          string   `db:"title"`
	Description    string   `db:"description"`
	Conditions     string   `db:"conditions"`
	Quantity       string   `db:"quantity"`
	ActivityFields []int32  `db:"activity_fields"` // In order.
	Town           string   `db:"town"`            // Empty for the whole ward.
	AvailableFrom  *jp.Date `db:"available_from"`
	AvailableUntil *jp.Date `db:"available_until"`
	ExpiresOn      *jp.Date `db:"expires_on"` // Last day on which it is open.
	SourceName     string   `db:"source_name"`
	SourceURL      string   `db:"source_url"`
}

// Listing is one need or one offer of an organization or a department.
type Listing struct {
	Text
	ID               string     `db:"id"`
	State            State      `db:"state"`
	OrganizationID   string     `db:"organization_id"` // Empty for a department's.
	DepartmentID     string     `db:"department_id"`   // Empty for an organization's.
	SourceID         string     `db:"source_id"`       // Intermediary from whose list it is; empty for none.
	CorrectionReason string     `db:"correction_reason"`
	Outcome          string     `db:"outcome"` // Name in the contract; empty before.
	OutcomeNote      string     `db:"outcome_note"`
	WrittenBy        string     `db:"written_by"`   // Pseudonym of who wrote it last.
	PublishedBy      string     `db:"published_by"` // Pseudonym of who checked it; empty before.
	PublishedAt      *time.Time `db:"published_at"`
	ClosedAt         *time.Time `db:"closed_at"`
	CreatedAt        time.Time  `db:"created_at"`
	UpdatedAt        time.Time  `db:"updated_at"`
	Version          int64      `db:"version"`
}

// Caller is who acts on a listing, as the rows and the token know it now.
type Caller struct {
	Actor        string      // Pseudonym.
	Role         member.Role // In the owning organization; Delegate for who acts for it.
	DepartmentID string      // Of staff and facility clerks; empty for others.
	Staff        bool        // Whether that is staff.
	Desk         bool
	Checks       bool // Whether an editor or representative of a published intermediary.
}

// Writes reports whether the caller acts for the owner of the listing: as the
// desk, in the owner's own name or by its delegation.
func (c Caller) Writes(l *Listing) bool {
	switch {
	case c.Desk:
		return true
	case l.DepartmentID != "":
		return l.DepartmentID == c.DepartmentID
	}
	return c.Role == member.Editor || c.Role == member.Representative || c.Role == member.Delegate
}

// mayCheck decides who is the second person: of an organization's listing the
// desk or an intermediary, of a department's the desk or the department's staff.
// Errors: PERMISSION_DENIED, SELF_APPROVAL_FORBIDDEN.
func (c Caller) mayCheck(l *Listing) error {
	checks := c.Desk || (l.DepartmentID == "" && c.Checks) || (l.DepartmentID != "" && c.Staff && c.DepartmentID == l.DepartmentID)
	member := l.DepartmentID == "" && c.Role != member.None && c.Role != member.Delegate
	switch {
	case checks && (member || c.Actor == l.WrittenBy):
		return fault.ErrSelfApprovalForbidden
	case !checks:
		return fault.ErrPermissionDenied
	}
	return nil
}

// New begins a draft that has its owner and text; held is how many the owner has
// that are not ended. Errors: TOO_MANY_LISTINGS, INVALID_FIELD,
// LISTING_PERIOD_INVALID.
func New(l Listing, held int, now time.Time) (*Listing, error) {
	if held >= MaxHeld {
		return nil, ErrTooMany
	}
	today := jp.DateOf(now)
	if l.ExpiresOn == nil {
		until := today.AddDays(openDays)
		l.ExpiresOn = &until
	}
	l.State, l.CreatedAt, l.UpdatedAt, l.Version = Draft, now, now, 1
	if err := l.normalize(today); err != nil {
		return nil, err
	}
	return &l, l.open(today)
}

// normalize brings the text into the form in which it is stored. Errors:
// INVALID_FIELD with every field that cannot be, LISTING_PERIOD_INVALID.
func (t *Text) normalize(today jp.Date) error {
	var wrong []fault.Field
	for _, f := range []struct {
		path     string
		text     *string
		required bool
	}{
		{"kind", &t.Kind, true},
		{"category", &t.Category, true},
		{"title", &t.Title, true},
		{"description", &t.Description, true},
		{"conditions", &t.Conditions, false},
		{"quantity", &t.Quantity, false},
		{"town", &t.Town, false},
		{"sourceName", &t.SourceName, false},
	} {
		*f.text = jp.Clean(*f.text)
		switch {
		case *f.text == "" && f.required:
			wrong = append(wrong, fault.Missing(f.path))
		case jp.LooksLikeMyNumber(*f.text):
			wrong = append(wrong, fault.Field{Path: f.path, Reason: jp.ErrMyNumber.Reason, Ja: jp.ErrMyNumber.Ja, En: jp.ErrMyNumber.En})
		}
	}
	t.ActivityFields = append([]int32{}, t.ActivityFields...)
	slices.Sort(t.ActivityFields)
	for _, n := range t.ActivityFields {
		if fieldName(n, today) == "" {
			wrong = append(wrong, fault.Field{Path: "activityFields", Reason: unknownActivityField, Ja: "活動分野は一覧から選んでください。", En: "Choose the activity fields from the list."})
			break
		}
	}
	if len(wrong) > 0 {
		return fault.ErrInvalidField.On(wrong...)
	}
	if from, until := t.AvailableFrom, t.AvailableUntil; from != nil && until != nil && until.Before(*from) {
		return ErrPeriodInvalid.OnPath("availableUntil")
	}
	return nil
}

// fieldName is the short name of an activity field; empty for one that is not in
// force.
func fieldName(number int32, on jp.Date) string {
	for _, f := range organization.ActivityFields(on) {
		if f.Number == number {
			return f.ShortName
		}
	}
	return ""
}

// open refuses a last day on which nothing can be open. Errors:
// LISTING_PERIOD_INVALID.
func (l *Listing) open(today jp.Date) error {
	if l.ExpiresOn == nil || l.ExpiresOn.Before(today) || l.ExpiresOn.After(today.AddMonths(maxMonths)) {
		return ErrPeriodInvalid.OnPath("expiresOn")
	}
	return nil
}
