// Package trail is the chain of public facts that one public number leads
// through (経過), from the ward's challenge to the changed rule.
package trail

import "time"

// Kind is the part of the chain; the values are those of the contract.
type Kind string

// The parts, in the order of the chain.
const (
	Challenge    Kind = "CHALLENGE"
	Consultation Kind = "CONSULTATION"
	Proposal     Kind = "PROPOSAL"
	Negotiation  Kind = "NEGOTIATION"
	Decision     Kind = "DECISION"
	Agreement    Kind = "AGREEMENT"
	Project      Kind = "PROJECT"
	Evaluation   Kind = "EVALUATION"
	Improvement  Kind = "IMPROVEMENT"
	Clause       Kind = "CLAUSE"
)

// Entry is one public fact. Number, kind, object and step are its key: told again
// it changes nothing.
type Entry struct {
	PublicNumber string
	Kind         Kind
	ObjectID     string
	Step         string // Distinguishes the facts about one object.
	Title        string
	At           time.Time
}
