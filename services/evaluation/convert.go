package evaluation

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// text is the name of an enum value; nothing for the unspecified one. The domain
// uses the names of the contract.
func text[E interface {
	~int32
	String() string
}](e E) string {
	if e == 0 {
		return ""
	}
	return e.String()
}

// value is the enum value with a name of the domain; the unspecified one for
// none.
func value[E ~int32, S ~string](names map[string]int32, s S) E { return E(names[string(s)]) }

// instant writes a time for the wire; nothing for none.
func instant(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// day reads an optional day whose form the contract has checked. Errors:
// INVALID_FIELD for a day that does not exist.
func day(path, s string) (jp.Date, error) {
	if s == "" {
		return jp.Date{}, nil
	}
	d, err := jp.ParseDate(s)
	if err != nil {
		return jp.Date{}, fault.ErrInvalidField.On(fault.Field{
			Path: path, Reason: fault.ErrInvalidField.Reason, Ja: jp.ErrDate.Ja, En: jp.ErrDate.En,
		})
	}
	return d, nil
}

// date writes a day for the wire; nothing for none.
func date(d jp.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// each converts a list; none stays none.
func each[A, B any](list []A, convert func(A) B) []B {
	if list == nil {
		return nil
	}
	out := make([]B, len(list))
	for i, v := range list {
		out[i] = convert(v)
	}
	return out
}

// paged cuts the row that a list reads beyond its page, and returns the sort
// values of the last row where there was one.
func paged[T any](rows []T, page pg.Page, after func(T) []string) ([]T, []string) {
	if len(rows) <= page.Size {
		return rows, nil
	}
	rows = rows[:page.Size]
	return rows, after(rows[len(rows)-1])
}
