// Package facility holds what can be booked: facilities, their rooms and
// closures, all of them versions of items that one person drafts and another one
// approves, and the catalogue of what is in force.
package facility

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/rule"
	"github.com/chiyoda-kyodo/kyodo/services/facilities/internal/slot"
)

// Kind is what an item is.
type Kind string

// The kinds of items.
const (
	KindFacility    Kind = "FACILITY"
	KindRoom        Kind = "ROOM"
	KindClosure     Kind = "CLOSURE"
	KindSlotPattern Kind = "SLOT_PATTERN"
	KindUserClass   Kind = "USER_CLASS"
	KindOpeningRule Kind = "OPENING_RULE"
	KindFeeTable    Kind = "FEE_TABLE"
	KindPenalty     Kind = "PENALTY_RULE"
)

// State is whether a version of an item is in force.
type State string

// The states.
const (
	Draft    State = "DRAFT"
	Approved State = "APPROVED"
)

// Content is what a version says. Check fills in what is usual and refuses what
// does not hold together.
type Content interface{ Check() error }

// NewContent returns the empty content of a kind.
func NewContent(k Kind) Content {
	switch k {
	case KindFacility:
		return &Facility{}
	case KindRoom:
		return &Room{}
	case KindClosure:
		return &Closure{}
	case KindSlotPattern:
		return &slot.Pattern{}
	case KindUserClass:
		return &rule.UserClass{}
	case KindOpeningRule:
		return &rule.OpeningRule{}
	case KindFeeTable:
		return &rule.FeeTable{}
	default:
		return &rule.Penalty{}
	}
}

// Item is one thing of the catalogue through all its versions, seen in one of
// them.
type Item struct {
	ID         string
	Kind       Kind
	Code       string // Of facilities and rules; unique in the kind, never changed.
	FacilityID string // Of rooms and closures.
	Place      Place  // Of rooms.
	Version    int64  // Of the item; grows with every change.
	DraftOpen  bool

	Number     int // Of this version, from 1.
	State      State
	Name       string
	From, To   jp.Date // First and last day; To is zero for no end.
	Source     string
	Content    Content
	Drafters   []string // Who wrote on this version.
	ApprovedBy string
	UpdatedAt  time.Time
	ApprovedAt time.Time
}

// Place is what of a room never changes, because bookings count on it.
type Place struct {
	Number  int32    // Of the room in booking_atom.
	PartIDs []string // Rooms that it is made of; none for a room of its own.
	Atoms   []int32  // Numbers of the rooms that a booking of it takes, ascending.
	Pattern string   // Code of its slot pattern.
}

// Check refuses a version that does not hold together. Errors: INVALID_FIELD.
func (i *Item) Check() error {
	if i.Name == "" && i.Kind != KindClosure {
		return fault.ErrInvalidField.On(fault.Missing("name"))
	}
	if c, ok := i.Content.(*Closure); ok && c.Kind == DateRange && i.To.IsZero() {
		return fault.ErrInvalidField.On(fault.Missing("validTo"))
	}
	if !i.To.IsZero() && i.To.Before(i.From.AddDays(-1)) {
		return fault.ErrInvalidField.On(fault.Wrong("validTo",
			"適用終了日は適用開始日以後にしてください。取りやめるときは開始日の前日を入力してください。",
			"The last day must not be before the first; the day before the first withdraws it."))
	}
	return i.Content.Check()
}

// Redraft makes the version a draft of the one after it, unless it is a draft
// already.
func (i *Item) Redraft(today jp.Date) {
	if i.State == Draft {
		return
	}
	i.Number++
	i.State, i.DraftOpen = Draft, true
	i.From, i.To = today.AddDays(1), jp.Date{}
	i.Drafters, i.ApprovedBy, i.ApprovedAt = nil, "", time.Time{}
}

// DraftBy notes who wrote on the draft.
func (i *Item) DraftBy(who string) {
	if !slices.Contains(i.Drafters, who) {
		i.Drafters = append(i.Drafters, who)
	}
}

// Approve puts the draft into force; nobody who wrote on it can. Errors: DRAFT_MISSING,
// SELF_APPROVAL_FORBIDDEN, RETROACTIVE_CHANGE.
func (i *Item) Approve(by string, now time.Time) error {
	switch today := jp.DateOf(now); {
	case i.State != Draft:
		return ErrDraftMissing
	case slices.Contains(i.Drafters, by):
		return fault.ErrSelfApprovalForbidden
	case i.From.Before(today):
		return ErrRetroactive.With("validFrom", i.From.String())
	}
	i.State, i.DraftOpen, i.ApprovedBy, i.ApprovedAt = Approved, false, by, now
	return nil
}
