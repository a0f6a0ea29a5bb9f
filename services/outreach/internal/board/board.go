// Package board is the notice boards in the street (区内広報板): their rules, and the
// postings that hang on them. It does no I/O and has no clock.
package board

import (
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// Size is the size of a sheet; the values are those of the contract.
type Size string

// The sizes.
const (
	A4 Size = "A4"
	A3 Size = "A3"
)

// Places are the A4 places that a sheet takes.
func (s Size) Places() int {
	if s == A3 {
		return 2
	}
	return 1
}

// Board is one notice board with its rules.
type Board struct {
	ID               string
	Number           string // As painted on it.
	Name             string
	Location         string
	DepartmentID     string // That looks after it.
	DepartmentName   string // Today.
	Sizes            []Size
	Places           int // A4 sheets at a time.
	MaxDays          int // Of a posting, first and last counted.
	CopiesPerPosting int
	ApplyFromMonths  int // Before the first day.
	NeedsStamp       bool
	Note             string
	InUse            bool
	CreatedAt        time.Time
	UpdatedAt        time.Time
	Version          int64
}

// Complete fills the rules that the desk left open: the usual ones of Japanese
// municipalities, because Chiyoda's own are not published.
func (b *Board) Complete() {
	if len(b.Sizes) == 0 {
		b.Sizes = []Size{A4, A3}
	}
	for _, rule := range []struct {
		value *int
		usual int
	}{{&b.Places, 8}, {&b.MaxDays, 28}, {&b.CopiesPerPosting, 1}, {&b.ApplyFromMonths, 6}} {
		if *rule.value == 0 {
			*rule.value = rule.usual
		}
	}
}

// Check refuses a board that lacks something. Errors: INVALID_FIELD.
func (b *Board) Check() error {
	var missing []fault.Field
	for _, f := range []struct{ path, value string }{
		{"board.number", b.Number}, {"board.name", b.Name}, {"board.departmentId", b.DepartmentID},
	} {
		if f.value == "" {
			missing = append(missing, fault.Missing(f.path))
		}
	}
	return fault.ErrInvalidField.OnAny(missing)
}

// NumberKey orders numbers as people do: 2 before 10.
func (b *Board) NumberKey() string {
	const width = 8
	var key, digits strings.Builder
	flush := func() {
		if n := digits.Len(); n > 0 {
			key.WriteString(strings.Repeat("0", max(width-n, 0)) + digits.String())
			digits.Reset()
		}
	}
	for _, r := range b.Number {
		if r >= '0' && r <= '9' {
			digits.WriteRune(r)
			continue
		}
		flush()
		key.WriteRune(r)
	}
	flush()
	return key.String()
}
