// Package faq is a public answer of the desk (よくある質問). It does no I/O and has
// no clock.
package faq

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// Faq is one question with its answer.
type Faq struct {
	ID             string
	Question       string
	Answer         string
	Category       string
	DepartmentID   string // That answered; empty for the desk.
	DepartmentName string // Present full name.
	Published      bool
	ConsultationID string
	CreatedAt      time.Time
	UpdatedAt      time.Time
	Version        int64
}

// Check refuses a FAQ without question or answer. Errors: INVALID_FIELD.
func (f *Faq) Check() error {
	var wrong []fault.Field
	if f.Question == "" {
		wrong = append(wrong, fault.Missing("faq.question"))
	}
	if f.Answer == "" {
		wrong = append(wrong, fault.Missing("faq.answer"))
	}
	return fault.ErrInvalidField.OnAny(wrong)
}
