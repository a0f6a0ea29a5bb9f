package booking

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// Amendment is what is to change; nil stays as it is.
type Amendment struct {
	RoomID            *string
	Date              *jp.Date
	SlotCodes         []string // None stays.
	Purpose           *string
	Title, Note       *string
	Headcount         *int
	Equipment         *[]Equipment
	PublishAsEvent    *bool
	CallForVolunteers *bool
	VolunteersWanted  *int
}

// Moves reports whether room, day or slots become others than those of b.
func (a *Amendment) Moves(b *Booking) bool {
	return a.RoomID != nil && *a.RoomID != b.RoomID || a.Date != nil && *a.Date != b.Date ||
		len(a.SlotCodes) > 0 && !sameCodes(a.SlotCodes, b.Place.SlotCodes)
}

// Takes reports whether b gets slots that it does not have: in another room, on
// another day, or more of them.
func (a *Amendment) Takes(b *Booking) bool {
	return a.RoomID != nil && *a.RoomID != b.RoomID || a.Date != nil && *a.Date != b.Date ||
		slices.ContainsFunc(a.SlotCodes, func(code string) bool { return !slices.Contains(b.Place.SlotCodes, code) })
}

func sameCodes(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

func (a *Amendment) empty() bool {
	return a.RoomID == nil && a.Date == nil && len(a.SlotCodes) == 0 && a.Purpose == nil && a.Title == nil && a.Note == nil &&
		a.Headcount == nil && a.Equipment == nil && a.PublishAsEvent == nil && a.CallForVolunteers == nil && a.VolunteersWanted == nil
}

// Wish is the booking as it would be after the amendment.
func (a *Amendment) Wish(b *Booking) *Wish {
	w := &Wish{
		OrganizationID: b.OrganizationID, OrganizationKind: b.OrganizationKind, RoomID: or(a.RoomID, b.RoomID), Date: or(a.Date, b.Date),
		SlotCodes: b.Place.SlotCodes, UserClass: b.UserClass, Purpose: or(a.Purpose, b.Purpose), Title: or(a.Title, b.Title),
		Note: or(a.Note, b.Note), Headcount: or(a.Headcount, b.Headcount), Equipment: or(a.Equipment, b.Equipment),
		PublishAsEvent: or(a.PublishAsEvent, b.PublishAsEvent), CallForVolunteers: or(a.CallForVolunteers, b.CallForVolunteers),
		VolunteersWanted: or(a.VolunteersWanted, b.VolunteersWanted), Channel: b.Channel, PaperNote: b.PaperNote, SeriesID: b.SeriesID,
	}
	if len(a.SlotCodes) > 0 {
		w.SlotCodes = a.SlotCodes
	}
	return w
}

// AskedBy is the channel by which the reader asks for other slots than those that
// a booking has: what was won, offered or booked at the desk opens nothing else.
func AskedBy(by Reader, booked Channel) Channel {
	switch {
	case !by.Desk:
		return Online
	case booked == Lottery || booked == Waitlist:
		return Desk
	}
	return booked
}

func or[T any](v *T, otherwise T) T {
	if v == nil {
		return otherwise
	}
	return *v
}

// MayAmend refuses who may not change the booking so, or not any more. Errors:
// PERMISSION_DENIED, BOOKING_EXPIRED, INVALID_STATE_TRANSITION, INVALID_FIELD,
// AMENDMENT_CLOSED.
func (b *Booking) MayAmend(by Reader, a *Amendment, now time.Time) error {
	if err := b.permit(Amend, by, now); err != nil {
		return err
	}
	if a.empty() {
		return fault.ErrInvalidField.On(fault.Missing("roomId"))
	}
	if !now.Before(b.StartsAt) || !by.Desk && b.closedToHolder(a, now) {
		return ErrAmendmentClosed
	}
	return nil
}

// closedToHolder reports whether whose booking it is comes too late: after the
// ward's approval, and for a move after the grace period.
func (b *Booking) closedToHolder(a *Amendment, now time.Time) bool {
	grace := now.Before(b.GraceUntil)
	switch {
	case b.State != Tentative && (b.NeedsApproval || !grace):
		return true
	case grace:
		return false
	}
	return a.Moves(b) || !now.Before(b.CancelUntil)
}

// Amend takes over what the wish after the amendment booked: b keeps its
// identity, its payment, its reduction and its times of grace; and, where it does
// not move, the terms by which it was booked. Errors: NEW_BOOKING_NEEDED.
func (b *Booking) Amend(by Reader, to *Booking, now time.Time) (Move, error) {
	m, before := Move{Action: Amend, From: b.State, To: b.State}, *b
	b.FacilityID, b.RoomID, b.Date, b.SlotNos = to.FacilityID, to.RoomID, to.Date, to.SlotNos
	b.StartsAt, b.EndsAt = to.StartsAt, to.EndsAt
	b.Detail = to.Detail
	b.Payment, b.Reduction, b.Granted = before.Payment, before.Reduction, before.Granted
	b.Inquiry, b.GraceUntil = before.Inquiry, before.GraceUntil
	b.Conditions, b.ApprovedOn, b.Channel, b.PaperNote = before.Conditions, before.ApprovedOn, before.Channel, before.PaperNote
	if b.RoomID == before.RoomID && b.Date == before.Date && slices.Equal(b.SlotNos, before.SlotNos) {
		b.Place, b.CancelUntil, b.NeedsApproval = before.Place, before.CancelUntil, before.NeedsApproval
		if slices.EqualFunc(b.Equipment, before.Equipment, func(a, b Equipment) bool { return a.Code == b.Code && a.Count == b.Count }) {
			b.Fee = before.Fee
		}
	}
	b.Fee.Reduction = before.Fee.Reduction
	b.Fee.compute()
	b.Payment.reckon(b.Fee.Amount)
	if b.State != Tentative {
		return m, b.stillApproved(by, &before)
	}
	b.ExpiresAt = b.amendedExpiry(&before, to)
	b.approveIfFree(now)
	m.To = b.State
	return m, nil
}

// stillApproved refuses what would make an approved booking of one that waits for
// its approval or payment. Who decides about bookings may do without the one, the
// desk and the clerks without the other. Errors: NEW_BOOKING_NEEDED.
func (b *Booking) stillApproved(by Reader, before *Booking) error {
	unapproved := b.NeedsApproval && !before.NeedsApproval && !by.is(ByDecider, b)
	unpaid := b.Payment.State == Due && before.Payment.State != Due && !by.Desk
	if unapproved || unpaid {
		return ErrNewBookingNeeded
	}
	return nil
}

// amendedExpiry is when the hold of a tentative booking ends after an amendment.
// A day for the payment that was given stays; what is due only now, or was to be
// paid by the begin of the use that was, has that of a new booking.
func (b *Booking) amendedExpiry(before, to *Booking) time.Time {
	switch {
	case b.Payment.State != Due:
		return b.EndsAt
	case before.Payment.State != Due || !before.ExpiresAt.Before(before.StartsAt):
		return to.ExpiresAt
	}
	return earlier(before.ExpiresAt, b.StartsAt)
}

// Beyond are the parts of a booking that the other does not have, each with the same atoms in all
// its slots.
func (b *Booking) Beyond(other *Booking) []*Booking {
	var parts []*Booking
	for _, no := range b.SlotNos {
		atoms := b.Place.Atoms
		if other.Date == b.Date && slices.Contains(other.SlotNos, no) {
			atoms = slices.DeleteFunc(slices.Clone(atoms), func(a int32) bool { return slices.Contains(other.Place.Atoms, a) })
		}
		if len(atoms) == 0 {
			continue
		}
		if last := len(parts) - 1; last >= 0 && slices.Equal(parts[last].Place.Atoms, atoms) {
			parts[last] = b.Part(atoms, append(slices.Clip(parts[last].SlotNos), no))
			continue
		}
		parts = append(parts, b.Part(atoms, []int{no}))
	}
	return parts
}
