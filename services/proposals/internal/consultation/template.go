package consultation

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// Template is a text for answers.
type Template struct {
	ID        string
	Title     string
	Body      string
	UpdatedAt time.Time
	Version   int64
}

// Check refuses a template without title or text. Errors: INVALID_FIELD.
func (t *Template) Check() error {
	var wrong []fault.Field
	if t.Title == "" {
		wrong = append(wrong, fault.Missing("replyTemplate.title"))
	}
	if t.Body == "" {
		wrong = append(wrong, fault.Missing("replyTemplate.body"))
	}
	return fault.ErrInvalidField.OnAny(wrong)
}
