package jp

// ParseError says why an input was refused, in words a form can show beside the field.
//
// Two ParseErrors are the same to errors.Is when their Reason is equal, so that the Err variables of this
// package match every message of their kind.
type ParseError struct {
	// Reason is the stable code of the refusal in UPPER_SNAKE_CASE.
	Reason string
	// Ja is the text for the user in Japanese; it tells what to do next.
	Ja string
	// En is the same text in English.
	En string
}

// Error returns the English text.
func (e *ParseError) Error() string { return e.En }

// Is reports whether target is a ParseError with the same Reason.
func (e *ParseError) Is(target error) bool {
	t, ok := target.(*ParseError)
	return ok && t.Reason == e.Reason
}

// saying returns a refusal of the same kind with other words.
func (e *ParseError) saying(ja, en string) *ParseError {
	return &ParseError{Reason: e.Reason, Ja: ja, En: en}
}
