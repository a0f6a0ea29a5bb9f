package history_test

import (
	"errors"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/services/facilities/history"
)

func answer(had bool) func() (bool, error) { return func() (bool, error) { return had, nil } }

func reads(s history.Set) func() (history.Set, error) {
	return func() (history.Set, error) { return s, nil }
}

// What can be is accepted, what cannot is found.
func TestCheck(t *testing.T) {
	one, two := history.Atoms(0), history.Atoms(0, 1)
	for name, tt := range map[string]struct {
		do func(*history.Recorder)
		ok bool
	}{
		"book, refuse, cancel, book": {func(r *history.Recorder) {
			b, _ := r.Book(0, two, answer(true))
			r.Book(1, one, answer(false))
			r.Read(1, reads(two))
			r.Cancel(0, b, answer(true))
			r.Cancel(0, b, answer(false))
			r.Book(1, one, answer(true))
			r.Read(1, reads(one))
		}, true},
		"double booking": {func(r *history.Recorder) {
			r.Book(0, two, answer(true))
			r.Book(1, one, answer(true))
		}, false},
		"refused although free": {func(r *history.Recorder) { r.Book(0, one, answer(false)) }, false},
		"read of what was given up": {func(r *history.Recorder) {
			b, _ := r.Book(0, one, answer(true))
			r.Cancel(0, b, answer(true))
			r.Read(0, reads(one))
		}, false},
		"stale read": {func(r *history.Recorder) {
			r.Book(0, one, answer(true))
			r.Read(0, reads(0))
		}, false},
		"a move frees what it leaves": {func(r *history.Recorder) {
			b, _ := r.Book(0, two, answer(true))
			r.Move(0, b, history.Atoms(1, 2), answer(true))
			r.Book(1, one, answer(true))
			r.Move(0, b, one, answer(false))
			r.Read(0, reads(history.Atoms(0, 1, 2)))
		}, true},
		"a move that loses a slot": {func(r *history.Recorder) {
			b, _ := r.Book(0, one, answer(true))
			r.Move(0, b, two, answer(true))
			r.Read(0, reads(one))
		}, false},
		// Both answers come while the other operation is under way.
		"side by side, in either order": {func(r *history.Recorder) {
			r.Read(1, func() (history.Set, error) {
				r.Book(0, one, answer(true))
				return 0, nil
			})
			r.Read(1, func() (history.Set, error) {
				r.Book(0, history.Atoms(1), answer(true))
				return two, nil
			})
		}, true},
		"an uncertain answer": {func(r *history.Recorder) {
			r.Book(0, one, func() (bool, error) { return false, errors.New("no answer") })
		}, false},
	} {
		var r history.Recorder
		tt.do(&r)
		if err := r.Check(10 * time.Second); (err == nil) != tt.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
