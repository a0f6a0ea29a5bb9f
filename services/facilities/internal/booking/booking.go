// Package booking is the way of a booking (使用申込み) from the tentative hold to
// the use: its state graph, what it must fulfil, what it costs and who sees it.
// It does no I/O and has no clock; verbs change a locked aggregate and return
// what happened.
package booking

import (
	"fmt"
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// Booking is the aggregate.
type Booking struct {
	ID         string
	Number     string // R8-施-000123.
	FiscalYear int    // Of the day of booking.
	State      State
	// HolderID is whose booking it is: an organization, or the person of a
	// resident's own booking.
	HolderID       string
	OrganizationID string // Empty for a resident's own booking.
	FacilityID     string
	RoomID         string
	Date           jp.Date
	SlotNos        []int // Of the room's pattern, ascending.
	StartsAt       time.Time
	EndsAt         time.Time
	ExpiresAt      time.Time // Of the tentative hold; zero for none.
	SeriesID       string    // Empty outside a series.
	CreatedBy      string
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Version        int64
	Detail

	// OrganizationName is the present name, as far as it is known.
	OrganizationName string
}

// Detail is the part of a booking that is never searched.
type Detail struct {
	Place             Place       `json:"place"`
	UserClass         string      `json:"userClass"`
	OrganizationKind  string      `json:"organizationKind,omitempty"` // As directory named it.
	Purpose           string      `json:"purpose"`
	Title             string      `json:"title,omitempty"`
	Note              string      `json:"note,omitempty"`
	Headcount         int         `json:"headcount"`
	Equipment         []Equipment `json:"equipment,omitempty"`
	PublishAsEvent    bool        `json:"publishAsEvent,omitempty"`
	CallForVolunteers bool        `json:"callForVolunteers,omitempty"`
	VolunteersWanted  int         `json:"volunteersWanted,omitempty"`
	Fee               Fee         `json:"fee"`
	Payment           Payment     `json:"payment"`
	Reduction         *Reduction  `json:"reduction,omitempty"`
	Granted           *Reduction  `json:"granted,omitempty"` // That the fee has while a later one is drafted or was returned.
	Inquiry           *Inquiry    `json:"inquiry,omitempty"`
	GraceUntil        time.Time   `json:"graceUntil"`
	CancelUntil       time.Time   `json:"cancelUntil"` // Exclusive.
	NeedsApproval     bool        `json:"needsApproval,omitempty"`
	Conditions        []string    `json:"conditions,omitempty"` // Of the approval.
	ApprovedOn        jp.Date     `json:"approvedOn,omitzero"`
	EndReason         string      `json:"endReason,omitempty"`
	Cause             Cause       `json:"cause,omitempty"`
	CancelledLate     bool        `json:"cancelledLate,omitempty"`
	Attendance        int         `json:"attendance,omitempty"`
	Channel           Channel     `json:"channel"`
	PaperNote         string      `json:"paperNote,omitempty"`
}

// Place is where and when, as it was called when it was booked.
type Place struct {
	Facility  string   `json:"facility"`
	Address   string   `json:"address"`
	Room      string   `json:"room"`
	Atoms     []int32  `json:"atoms"` // Ascending.
	SlotCodes []string `json:"slotCodes"`
	SlotNames []string `json:"slotNames"`
	Start     string   `json:"start"` // HH:MM in Tokyo.
	End       string   `json:"end"`
	// Conditions of the room and notice (教示) of the facility, for the approval
	// document.
	Conditions string `json:"conditions,omitempty"`
	Notice     string `json:"notice,omitempty"`
}

// Equipment is a piece of the room's equipment that is wanted.
type Equipment struct {
	Code  string `json:"code"`
	Name  string `json:"name,omitempty"`
	Count int    `json:"count"`
}

// Inquiry asks whose booking it is for information.
type Inquiry struct {
	Message    string    `json:"message"`
	DueOn      jp.Date   `json:"dueOn"`
	AskedAt    time.Time `json:"askedAt"`
	Answer     string    `json:"answer,omitempty"`
	AnsweredAt time.Time `json:"answeredAt,omitzero"`
}

// Channel is how a booking came in; the values are those of the contract.
type Channel string

// The channels.
const (
	Online   Channel = "ONLINE"
	Desk     Channel = "DESK"
	Phone    Channel = "PHONE"
	Lottery  Channel = "LOTTERY"
	Waitlist Channel = "WAITLIST"
)

// Cause is who caused a cancellation; the values are those of the contract.
type Cause string

// The causes.
const (
	ByUser Cause = "USER"
	ByWard Cause = "WARD"
)

// Numbered gives the public number.
func (b *Booking) Numbered(serial int) {
	b.Number = fmt.Sprintf("%s-施-%06d", jp.FiscalYearCode(b.FiscalYear), serial)
}

// Expired reports whether the tentative hold has run out at now.
func (b *Booking) Expired(now time.Time) bool {
	return b.State == Tentative && !b.ExpiresAt.IsZero() && !now.Before(b.ExpiresAt)
}

// StateAt is the state as anybody reads it at now: a hold that has run out is
// expired, whether it was swept up or not.
func (b *Booking) StateAt(now time.Time) State {
	if b.Expired(now) {
		return Expired
	}
	return b.State
}

// Move is one step that was taken.
type Move struct {
	Action   Action
	From, To State
	Reason   string // That the actor gave.
	// Freed tells that the slots as they were before are free again.
	Freed bool
	// Late tells that the users cancelled after the deadline.
	Late bool
}

// permit refuses an action that is not the reader's to take, that the state
// does not have, or whose hold has run out. Errors: PERMISSION_DENIED,
// INVALID_STATE_TRANSITION, BOOKING_EXPIRED.
func (b *Booking) permit(action Action, by Reader, now time.Time) error {
	t, ok := Graph[action]
	if !ok || !by.is(t.By, b) {
		return fault.ErrPermissionDenied.With("by", string(t.By))
	}
	if b.Expired(now) && action != Expire {
		return ErrExpired.With("expireTime", b.ExpiresAt.UTC().Format(time.RFC3339))
	}
	if !t.leavesFrom(b.State) {
		if b.State == Expired { // The same answer before and after the job.
			return ErrExpired
		}
		return fault.Transition(string(b.State), string(t.To(b.State)), allowed(b.State)...)
	}
	return nil
}

// move takes the step.
func (b *Booking) move(action Action, to State) Move {
	m := Move{Action: action, From: b.State, To: to}
	b.State = to
	if to != Tentative {
		b.ExpiresAt = time.Time{}
	}
	return m
}

// Part is the booking with some of its slots and atoms only, as what of it was
// given up.
func (b *Booking) Part(atoms []int32, slotNos []int) *Booking {
	p := *b
	p.Place.Atoms, p.SlotNos = atoms, slotNos
	p.Place.SlotCodes = nil
	for i, no := range b.SlotNos {
		if slices.Contains(slotNos, no) {
			p.Place.SlotCodes = append(p.Place.SlotCodes, b.Place.SlotCodes[i])
		}
	}
	return &p
}
