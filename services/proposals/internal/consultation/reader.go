package consultation

import (
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"strings"
)

// Reader is a caller as far as consultations are concerned.
type Reader struct {
	ID       string   // Pseudonym, or "anonymous".
	SignedIn bool     // Whether ID is a person.
	Members  []string // Organizations of the caller.
	// Department is that of ward staff.
	Department string
	Staff      bool
	Desk       bool
	// CodeHash is HashCode of the access code that came along; nil without one.
	CodeHash []byte
}

// View is how much of a consultation a reader sees.
type View int

// The views, each with more than the one before.
const (
	Nothing View = iota
	ForIntermediary
	ForAsker
	ForWard
)

// View returns how much the reader sees. The code is compared in a time that
// does not depend on where it differs.
func (r Reader) View(c *Consultation) View {
	byCode := subtle.ConstantTimeCompare(r.CodeHash, c.CodeHash) == 1 && len(r.CodeHash) == sha256.Size
	switch {
	case r.Desk, r.Staff && r.Department != "" && slices.Contains(c.DepartmentIDs, r.Department):
		return ForWard
	case byCode,
		r.SignedIn && r.ID == c.AskerID,
		c.OrganizationID != "" && slices.Contains(r.Members, c.OrganizationID):
		return ForAsker
	case c.ReferredOrganizationID != "" && slices.Contains(r.Members, c.ReferredOrganizationID):
		return ForIntermediary
	default:
		return Nothing
	}
}

// Holds reports whether the reader works on the consultation for the ward.
func (r Reader) Holds(c *Consultation) bool {
	return r.Desk || r.Staff && r.Department != "" && r.Department == c.DepartmentID
}

func (r Reader) is(who Who, c *Consultation) bool {
	switch who {
	case ByDesk:
		return r.Desk
	case ByHolder:
		return r.Holds(c)
	case ByAsker:
		return r.Holds(c) || r.View(c) == ForAsker
	default:
		return false
	}
}

// HashCode is what is stored of an access code. Case, spaces and hyphens of what
// was typed do not matter.
func HashCode(code string) []byte {
	plain := strings.ToUpper(strings.NewReplacer("-", "", " ", "", "　", "").Replace(code))
	sum := sha256.Sum256([]byte(plain))
	return sum[:]
}

// Nobody is compared with where no consultation is found, so that it takes the
// same steps.
var Nobody = &Consultation{CodeHash: make([]byte, sha256.Size)}
