// Package follow is what a person follows. It does no I/O and has no clock.
package follow

import (
	"regexp"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// Kind is what is followed; the values are those of the contract.
type Kind string

// The kinds.
const (
	Topic        Kind = "TOPIC"
	Organization Kind = "ORGANIZATION"
	Proposal     Kind = "PROPOSAL"
	Project      Kind = "PROJECT"
)

// Limit is how many follows a person has at most.
const Limit = 500

// Follow is the wish of one person to be told of one thing.
type Follow struct {
	ID        string
	PersonID  string // Pseudonym.
	Kind      Kind
	Target    string
	CreatedAt time.Time
}

var (
	topicForm = regexp.MustCompile(`^[a-z][a-zA-Z0-9]{0,39}$`)
	idForm    = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
)

// Check refuses a target that cannot be one of its kind. Errors: INVALID_FIELD.
func (f *Follow) Check() error {
	field := fault.Wrong("follow.target", "フォローする団体、提案または事業の識別子を指定してください。", "Give the identifier (UUID) of the organization, proposal or project.")
	form := idForm
	if f.Kind == Topic {
		form = topicForm
		field.Ja, field.En = "フォローする話題のコードを英数字で指定してください。", "Give the code of the topic, lowerCamelCase."
	}
	if !form.MatchString(f.Target) {
		return fault.ErrInvalidField.On(field)
	}
	return nil
}
