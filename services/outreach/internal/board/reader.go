package board

import (
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// Reader is a caller as far as postings are concerned.
type Reader struct {
	ID         string   // Pseudonym of the person.
	Members    []string // Organizations whose requests the caller reads.
	Represents []string // Organizations for which the caller asks.
	Keeper     string   // Department of a clerk, who looks after its boards; else "".
	Department string   // Of the ward's staff; else "".
	Desk       bool
}

// Inside reports whether the reader sees the posting in every state. The store's
// scope admits exactly these and the approved ones; a test holds them together.
func (r Reader) Inside(p *Posting) bool {
	return r.Desk || p.OrganizationID != "" && slices.Contains(r.Members, p.OrganizationID) ||
		r.Keeper != "" && slices.Contains(p.Keepers, r.Keeper)
}

// Sees reports whether the reader may know of the posting.
func (r Reader) Sees(p *Posting) bool { return p.State == Approved || r.Inside(p) }

// Decides reports whether the reader decides about the posting: the desk, and the
// clerk of all its boards.
func (r Reader) Decides(p *Posting) bool {
	others := func(department string) bool { return department != r.Keeper }
	return r.Desk || r.Keeper != "" && !slices.ContainsFunc(p.Keepers, others)
}

// Writes reports whether the reader changes the posting and takes it back.
func (r Reader) Writes(p *Posting) bool {
	return r.Decides(p) || p.OrganizationID != "" && slices.Contains(r.Represents, p.OrganizationID)
}

// Owner decides whose a new posting is: an organization that the caller
// represents; any, or the ward, for the desk and for clerks. Errors: INVALID_FIELD
// where the caller represents several, PERMISSION_DENIED.
func (r Reader) Owner(organizationID string) (string, error) {
	switch ward := r.Desk || r.Keeper != ""; {
	case ward, slices.Contains(r.Represents, organizationID):
		return organizationID, nil
	case organizationID == "" && len(r.Represents) == 1:
		return r.Represents[0], nil
	case organizationID == "" && len(r.Represents) > 1:
		return "", fault.ErrInvalidField.On(fault.Missing("posting.organizationId"))
	}
	return "", fault.ErrPermissionDenied
}
