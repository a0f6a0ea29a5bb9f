package outreach

import (
	"github.com/chiyoda-kyodo/kyodo/pkg/convert"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// invalid refuses a field for what jp says of it.
func invalid(path string, why *jp.ParseError) error {
	return fault.ErrInvalidField.On(fault.Wrong(path, why.Ja, why.En))
}

// daysOf reads the days of a list, both optional. Errors: INVALID_FIELD.
func daysOf(req interface {
	GetFrom() string
	GetTo() string
},
) (from, to jp.Date, err error) {
	if from, err = convert.Day("from", req.GetFrom()); err != nil {
		return from, to, err
	}
	if to, err = convert.Day("to", req.GetTo()); err != nil {
		return from, to, err
	}
	if !from.IsZero() && !to.IsZero() && to.Before(from) {
		err = fault.ErrInvalidField.OnPath("to")
	}
	return from, to, err
}
