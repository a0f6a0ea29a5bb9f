package booking

import (
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// Reader is what a caller is as far as bookings are concerned.
type Reader struct {
	ID       string   // Pseudonym.
	Members  []string // Organizations of which it reads the bookings.
	Writers  []string // Organizations for which it books.
	Desk     bool     // The general desk or a facility clerk.
	Clerk    bool     // A facility clerk.
	Approver bool
	System   bool // A job or consumer of the service itself.
}

// Ward reports whether the reader sees every booking.
func (r Reader) Ward() bool { return r.Desk || r.Clerk || r.Approver || r.System }

// Holders are whose bookings the reader sees apart from the ward.
func (r Reader) Holders() []string { return append(slices.Clip(r.Members), r.ID) }

// own reports whether the reader acts as whose booking it is, not for the ward.
func (r Reader) own(b *Booking) bool {
	if b.OrganizationID == "" {
		return b.HolderID == r.ID
	}
	return slices.Contains(r.Writers, b.OrganizationID)
}

// Books refuses who may not book for the organization; an empty one is the
// reader's own. Errors: PERMISSION_DENIED.
func (r Reader) Books(organizationID string) error {
	switch {
	case organizationID == "" && r.Desk:
		return fault.ErrInvalidField.On(fault.Missing("organizationId"))
	case organizationID == "" || r.Desk || slices.Contains(r.Writers, organizationID):
		return nil
	}
	return fault.ErrPermissionDenied
}

func (r Reader) is(who Who, b *Booking) bool {
	switch who {
	case ByHolder:
		return r.Desk || r.System || r.own(b)
	case ByDeskSide:
		return r.Desk
	case ByDecider:
		return r.Clerk || r.Approver
	case ByApprover:
		return r.Approver
	case BySystem:
		return r.System
	}
	return false
}
