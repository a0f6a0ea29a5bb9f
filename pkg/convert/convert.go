// Package convert has the steps between the contract's messages and a domain
// that are the same in every service.
package convert

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// EnumName is the name of an enum value, as the domains write it; "" for the
// unspecified one.
func EnumName[E interface {
	~int32
	String() string
}](e E) string {
	if e == 0 {
		return ""
	}
	return e.String()
}

// Instant writes a time for the wire; nil for the zero time.
func Instant(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// Date writes a day for the wire; "" for the zero day.
func Date(d jp.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// Day reads an optional day whose form the contract has checked; the zero day
// for "". Errors: INVALID_FIELD at path for a day that does not exist.
func Day(path, s string) (jp.Date, error) {
	if s == "" {
		return jp.Date{}, nil
	}
	d, err := jp.ParseDate(s)
	if err != nil {
		return jp.Date{}, fault.ErrInvalidField.On(fault.Wrong(path, jp.ErrDate.Ja, jp.ErrDate.En))
	}
	return d, nil
}

// List converts the elements of a list in their order; nil stays nil.
func List[A, B any](list []A, one func(A) B) []B {
	if list == nil {
		return nil
	}
	out := make([]B, len(list))
	for i, v := range list {
		out[i] = one(v)
	}
	return out
}
