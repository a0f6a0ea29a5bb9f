// Package fault is the one error type of Kyodo.
//
// A fault is made where a rule is broken (domain or store), travels unchanged
// through the RPC method, becomes a gRPC status in package rpc and a problem
// document (RFC 9457) at the REST edge. Every other error is internal: it is
// logged once and never shown.
package fault

import (
	"errors"
	"maps"
	"slices"
	"time"
)

// Kind says how a fault is answered; package rpc maps it to a gRPC code.
type Kind int

// The kinds, each with its gRPC code and HTTP status.
const (
	Internal        Kind = iota // INTERNAL, 500: never made on purpose.
	Invalid                     // INVALID_ARGUMENT, 400: the request's form is wrong.
	Unauthenticated             // UNAUTHENTICATED, 401: nobody, or an unusable token.
	Denied                      // PERMISSION_DENIED, 403: known caller, never allowed.
	NotFound                    // NOT_FOUND, 404: also for what the caller may not know of.
	Exists                      // ALREADY_EXISTS, 409: a unique rule is broken.
	Precondition                // FAILED_PRECONDITION, 409 (412, 422, 428 by reason).
	Aborted                     // ABORTED, 409: a concurrent change won; read again.
	Exhausted                   // RESOURCE_EXHAUSTED, 429 (413 by reason).
	Unavailable                 // UNAVAILABLE, 503: try again after RetryAfter.
	Deadline                    // DEADLINE_EXCEEDED, 504.
	Cancelled                   // CANCELLED, 499: the caller went away.
)

// Field is one wrong field of a request.
type Field struct {
	Path   string // As in JSON, from the request's root: "budget.rows[2].amount".
	Reason string // One of the closed list of reasons, such as INVALID_FIELD.
	Ja     string // What to do, in Japanese.
	En     string // The same in English.
}

// Error is a refusal that the caller is meant to read. Values declared as
// package variables are never changed: every method returns a copy.
type Error struct {
	Kind       Kind
	Reason     string            // UPPER_SNAKE_CASE, from a closed list.
	Ja         string            // What happened and what to do, in Japanese.
	En         string            // The same in English.
	Fields     []Field           // The wrong fields, in the request's order.
	Metadata   map[string]string // Machine-readable facts, lowerCamelCase keys.
	RetryAfter time.Duration     // When a retry may help; zero for never.

	cause error
}

// New declares a refusal.
func New(kind Kind, reason, ja, en string) *Error {
	return &Error{Kind: kind, Reason: reason, Ja: ja, En: en}
}

// As returns the fault in err's chain, or false when there is none.
func As(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// Error returns the reason and the English text; it is for logs.
func (e *Error) Error() string {
	if e.cause != nil {
		return e.Reason + ": " + e.En + ": " + e.cause.Error()
	}
	return e.Reason + ": " + e.En
}

// Unwrap returns the cause given to Because, or nil.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is a fault with the same reason, so that
// errors.Is(err, ErrX) holds for copies of ErrX made by With, On or Because.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Reason == e.Reason
}

// With returns a copy that carries the metadata value under key.
func (e *Error) With(key, value string) *Error {
	c := *e
	c.Metadata = maps.Clone(e.Metadata)
	if c.Metadata == nil {
		c.Metadata = map[string]string{}
	}
	c.Metadata[key] = value
	return &c
}

// On returns a copy that names the wrong fields.
func (e *Error) On(fields ...Field) *Error {
	c := *e
	c.Fields = append(slices.Clip(e.Fields), fields...)
	return &c
}

// OnAny is On where a field is wrong, and nil where none is.
func (e *Error) OnAny(fields []Field) error {
	if len(fields) == 0 {
		return nil
	}
	return e.On(fields...)
}

// OnPath returns a copy that names one wrong field with the fault's own reason
// and texts.
func (e *Error) OnPath(path string) *Error {
	return e.On(Field{Path: path, Reason: e.Reason, Ja: e.Ja, En: e.En})
}

// After returns a copy that invites a retry after d.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// Because returns a copy that wraps cause for the log; the caller never sees it.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}
