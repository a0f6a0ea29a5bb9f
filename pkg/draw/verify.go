package draw

import (
	"encoding/hex"
	"slices"
)

// Record is a lottery as it was published, as far as it has come.
type Record struct {
	Commitment string   // From the opening on.
	Root       string   // From the closing on; empty before.
	Ballot     string   // From the closing on.
	Seed       string   // In hexadecimal; empty before the draw.
	Entropy    string   // Public random value; may be empty.
	Key        string   // In hexadecimal; from the draw on.
	Cap        int      // Slots that one group can win.
	Taken      []string // Places that were not free when it was drawn.
	Tickets    []Drawn  // In the published order; without outcomes before the draw.
}

// Step is a part of a lottery that can be recomputed.
type Step int

// The steps, in the order in which they follow from each other.
const (
	StepCommitment Step = iota + 1
	StepRoot
	StepBallot
	StepKey
	StepOrder
	StepResult
)

// Check is one recomputed step.
type Check struct {
	Step Step
	// Published and Computed are the two values; for order and results the first
	// tickets that differ, empty when none does.
	Published, Computed string
	Valid               bool
}

// Verify recomputes every step that the record allows: none before the closing,
// root and ballot before the draw, everything after it.
func Verify(r Record) []Check {
	drawn := r.Seed != "" || r.Key != "" // A hidden seed is no draw to come.
	if r.Root == "" && !drawn {
		return nil
	}
	tickets := make([]Ticket, len(r.Tickets))
	for i, t := range r.Tickets {
		tickets[i] = t.Ticket
	}
	root := Root(tickets)
	checks := []Check{
		equal(StepRoot, r.Root, root),
		equal(StepBallot, r.Ballot, Ballot(tickets)),
	}
	if !drawn {
		return checks
	}
	seed, err := hex.DecodeString(r.Seed)
	if err != nil { // No seed has such a text.
		seed = nil
	}
	key := Key(seed, root, r.Entropy)
	computed := Walk(Order(key, tickets), r.Cap, r.Taken)
	order, result := compared(r.Tickets, computed)
	return slices.Concat([]Check{equal(StepCommitment, r.Commitment, Commitment(seed))}, checks,
		[]Check{equal(StepKey, r.Key, hex.EncodeToString(key)), order, result})
}

// Valid reports whether all checks hold.
func Valid(checks []Check) bool {
	return !slices.ContainsFunc(checks, func(c Check) bool { return !c.Valid })
}

func equal(s Step, published, computed string) Check {
	return Check{Step: s, Published: published, Computed: computed, Valid: published == computed}
}

// compared finds the first ticket in another place and the first with another
// outcome.
func compared(published, computed []Drawn) (order, result Check) {
	order, result = Check{Step: StepOrder, Valid: true}, Check{Step: StepResult, Valid: true}
	for i, p := range published {
		c := computed[i]
		if order.Valid && p.ID != c.ID {
			order = equal(StepOrder, p.ID, c.ID)
		}
		if result.Valid && (p.ID != c.ID || p.Outcome != c.Outcome) {
			result = Check{Step: StepResult, Published: p.ID + " " + p.Outcome.String(), Computed: c.ID + " " + c.Outcome.String()}
		}
	}
	return order, result
}

// String returns won, lost(cap), lost(taken) or not drawn.
func (o Outcome) String() string {
	switch o {
	case Won:
		return "won"
	case LostCap:
		return "lost(cap)"
	case LostTaken:
		return "lost(taken)"
	}
	return "not drawn"
}

// String returns the name of the step.
func (s Step) String() string {
	return [...]string{"unknown", "commitment", "root", "ballot", "key", "order", "result"}[s]
}
