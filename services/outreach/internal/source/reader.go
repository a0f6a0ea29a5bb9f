package source

import (
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// Reader is a caller as far as sources are concerned.
type Reader struct {
	Members    []string // Organizations whose sources the caller reads in every state.
	Coordinate []string // Intermediaries for which the caller keeps sources.
	Desk       bool
}

// Inside reports whether the reader sees the sources and items of an organization
// in every state. The store's scope admits exactly these and the public ones; a
// test holds them together.
func (r Reader) Inside(organizationID string) bool {
	return r.Desk || organizationID != "" && slices.Contains(r.Members, organizationID)
}

// Writes reports whether the reader changes the source.
func (r Reader) Writes(s *Source) bool {
	return r.Desk || s.OrganizationID != "" && slices.Contains(r.Coordinate, s.OrganizationID)
}

// Owner decides whose a new source is: any or nobody's for the desk, for a
// coordinator an own intermediary. Errors: INVALID_FIELD where there are several,
// PERMISSION_DENIED.
func (r Reader) Owner(organizationID string) (string, error) {
	switch {
	case r.Desk, slices.Contains(r.Coordinate, organizationID):
		return organizationID, nil
	case organizationID == "" && len(r.Coordinate) == 1:
		return r.Coordinate[0], nil
	case organizationID == "" && len(r.Coordinate) > 1:
		return "", fault.ErrInvalidField.On(fault.Missing("source.organizationId"))
	}
	return "", fault.ErrPermissionDenied
}
