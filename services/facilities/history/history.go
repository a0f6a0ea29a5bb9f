// Package history records what concurrent clients saw of the rooms that they
// booked, and checks with Porcupine that it is linearizable: that there is one
// order of all operations, each at an instant between its call and its answer, in
// which every answer is the right one. It knows neither gRPC nor REST: whoever
// uses it does the operation and says what came of it.
package history

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"
)

// MaxAtoms is how many atoms a history has at most: rooms times slots.
const MaxAtoms = 16

// Set is a set of atoms, by their number from 0.
type Set uint16

// Atoms returns the set of the numbers.
func Atoms(numbers ...int) Set {
	var s Set
	for _, n := range numbers {
		s |= 1 << n
	}
	return s
}

// Booking names a booking within a history, from 1.
type Booking uint16

// Recorder records operations; it is safe for concurrent use. An operation that
// returns an error has no certain answer: it must be repeated inside the function
// until it has one (with the same idempotency key), or the history is not
// checked.
type Recorder struct {
	clock    atomic.Int64
	bookings atomic.Uint32

	mu         sync.Mutex
	operations []porcupine.Operation
	uncertain  error
}

type kind uint8

const (
	book kind = iota
	cancel
	move
	read
)

// input is what a client asked.
type input struct {
	kind    kind
	booking Booking
	atoms   Set
}

// output is what it was answered.
type output struct {
	had   bool // Book and move: whether it got the atoms. Cancel: whether it had them.
	taken Set  // Read.
}

// Book books atoms: had says whether it got all of them, or somebody else has
// one.
func (r *Recorder) Book(client int, atoms Set, do func() (had bool, err error)) (Booking, bool) {
	b := Booking(r.bookings.Add(1))
	out := r.record(client, input{kind: book, booking: b, atoms: atoms}, func() (output, error) {
		had, err := do()
		return output{had: had}, err
	})
	return b, out.had
}

// Cancel gives up all atoms of a booking: had says whether it still had them.
func (r *Recorder) Cancel(client int, b Booking, do func() (had bool, err error)) {
	r.record(client, input{kind: cancel, booking: b}, func() (output, error) {
		had, err := do()
		return output{had: had}, err
	})
}

// Move gives a booking other atoms in place of its own: had says whether it got
// all of them, or somebody else has one.
func (r *Recorder) Move(client int, b Booking, atoms Set, do func() (had bool, err error)) {
	r.record(client, input{kind: move, booking: b, atoms: atoms}, func() (output, error) {
		had, err := do()
		return output{had: had}, err
	})
}

// Read reads which atoms are taken.
func (r *Recorder) Read(client int, do func() (taken Set, err error)) {
	r.record(client, input{kind: read}, func() (output, error) {
		taken, err := do()
		return output{taken: taken}, err
	})
}

// record notes an operation between two readings of a clock that never stands
// still.
func (r *Recorder) record(client int, in input, do func() (output, error)) output {
	call := r.clock.Add(1)
	out, err := do()
	back := r.clock.Add(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.uncertain = errors.Join(r.uncertain, err)
		return out
	}
	r.operations = append(r.operations, porcupine.Operation{ClientId: client, Input: in, Call: call, Output: out, Return: back})
	return out
}

// Check returns nil when the history is linearizable. It gives up after limit.
func (r *Recorder) Check(limit time.Duration) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.uncertain != nil {
		return fmt.Errorf("history with uncertain answers: %w", r.uncertain)
	}
	switch porcupine.CheckOperationsTimeout(model, r.operations, limit) {
	case porcupine.Ok:
		return nil
	case porcupine.Illegal:
		return fmt.Errorf("a history of %d operations is not linearizable", len(r.operations))
	default:
		return fmt.Errorf("a history of %d operations was not checked within %s", len(r.operations), limit)
	}
}

// state is which booking has each atom; 0 for none.
type state [MaxAtoms]Booking

var model = porcupine.Model{
	Init:              func() any { return state{} },
	Step:              func(s, in, out any) (bool, any) { return s.(state).step(in.(input), out.(output)) },
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v → %+v", in, out) },
}

// step is the rooms as they ought to be, one operation at a time.
func (s state) step(in input, out output) (bool, any) {
	switch in.kind {
	case book, move:
		if free := s.heldByOthers(in.booking)&in.atoms == 0; free != out.had {
			return false, s
		}
		if out.had {
			return true, s.with(in.booking, in.atoms)
		}
		return true, s
	case cancel:
		if has := s.taken()&^s.heldByOthers(in.booking) != 0; has != out.had {
			return false, s
		}
		return true, s.with(in.booking, 0)
	default:
		return s.taken() == out.taken, s
	}
}

func (s state) taken() Set { return s.heldByOthers(0) }

func (s state) heldByOthers(b Booking) Set {
	var set Set
	for i, holder := range s {
		if holder != 0 && holder != b {
			set |= 1 << i
		}
	}
	return set
}

// with is the state in which a booking has exactly these atoms.
func (s state) with(b Booking, atoms Set) state {
	for i, holder := range s {
		switch {
		case atoms&(1<<i) != 0:
			s[i] = b
		case holder == b:
			s[i] = 0
		}
	}
	return s
}
