package ui

import (
	"net/url"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// At returns the instant in Tokyo of a Moment; nil where it is not given or none.
func At(values url.Values, name string) *timestamppb.Timestamp {
	at, err := time.ParseInLocation("2006-01-02 15:04", values.Get(name+".date")+" "+values.Get(name+".time"), jp.Tokyo)
	if err != nil {
		return nil
	}
	return timestamppb.New(at)
}

// SetMoment puts an instant into the fields of a Moment.
func SetMoment(values url.Values, name string, t *timestamppb.Timestamp) {
	if t == nil {
		return
	}
	at := t.AsTime().In(jp.Tokyo)
	values.Set(name+".date", at.Format(time.DateOnly))
	values.Set(name+".time", at.Format("15:04"))
}
