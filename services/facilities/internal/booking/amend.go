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
// identity, its payment, its reduction and its times of grace.
func (b *Booking) Amend(to *Booking, now time.Time) Move {
	m := Move{Action: Amend, From: b.State, To: b.State}
	keep := b.Detail
	b.FacilityID, b.RoomID, b.Date, b.SlotNos = to.FacilityID, to.RoomID, to.Date, to.SlotNos
	b.StartsAt, b.EndsAt = to.StartsAt, to.EndsAt
	b.Detail = to.Detail
	b.Payment, b.Reduction, b.Inquiry, b.GraceUntil = keep.Payment, keep.Reduction, keep.Inquiry, keep.GraceUntil
	b.Conditions, b.ApprovedOn, b.Channel, b.PaperNote = keep.Conditions, keep.ApprovedOn, keep.Channel, keep.PaperNote
	b.Fee.Reduction = keep.Fee.Reduction
	b.Fee.compute()
	b.Payment.reckon(b.Fee.Amount)
	if b.State == Tentative {
		b.ExpiresAt = earlier(b.ExpiresAt, b.StartsAt)
		if b.Payment.State != Due {
			b.ExpiresAt = b.EndsAt
		}
		b.approveIfFree(now)
		m.To = b.State
	}
	return m
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
