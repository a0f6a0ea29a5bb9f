package challenge

import (
	"errors"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

var (
	noon   = time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)
	keeper = proposal.Reader{ID: "s", Staff: true, Department: "d1"}
	other  = proposal.Reader{ID: "o", Staff: true, Department: "d2"}
)

func in(s State) *Challenge {
	return &Challenge{State: s, Title: "x", Body: "x", DepartmentID: "d1", ClosesOn: jp.DateOf(noon)}
}

func TestEveryVerbInEveryState(t *testing.T) {
	for _, from := range []State{Draft, Published, Closed} {
		for to, verb := range map[State]func(*Challenge, proposal.Reader) error{
			Published: func(c *Challenge, r proposal.Reader) error { return c.Publish(r, noon) },
			Closed:    func(c *Challenge, r proposal.Reader) error { return c.Close(r, "") },
		} {
			c := in(from)
			err := verb(c, keeper)
			if want := next[from] == to; want != (err == nil) || want && c.State != to || !want && !errors.Is(err, fault.ErrInvalidStateTransition) {
				t.Errorf("%s to %s: %v, state %s", from, to, err, c.State)
			}
			if err := verb(in(from), other); !errors.Is(err, fault.ErrPermissionDenied) {
				t.Errorf("%s to %s by another department: %v", from, to, err)
			}
		}
	}
	for _, c := range []*Challenge{{State: Draft, Title: "x", DepartmentID: "d1"}, {State: Draft, Body: "x", DepartmentID: "d1"}, in(Draft)} {
		if err := c.Publish(keeper, noon.AddDate(0, 0, 1)); !errors.Is(err, ErrIncomplete) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// The last day is inclusive, to its end in Tokyo.
func TestTakesAnswersUntilTheEndOfTheLastDay(t *testing.T) {
	for at, want := range map[time.Time]error{
		time.Date(2026, 6, 1, 14, 59, 59, 0, time.UTC): nil,
		time.Date(2026, 6, 1, 15, 0, 0, 0, time.UTC):   ErrClosed,
	} {
		if err := in(Published).Takes(at); !errors.Is(err, want) {
			t.Errorf("%s: %v", at, err)
		}
	}
	if err := in(Closed).Takes(noon); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
	if err := in(Draft).Takes(noon); !errors.Is(err, fault.ErrNotFound) {
		t.Error(err)
	}
}

func TestWhatIsEditable(t *testing.T) {
	for state, fields := range map[State]map[string]bool{
		Draft:     {"title": true, "outcome": true, "closes_on": true},
		Published: {"title": false, "outcome": true, "closes_on": true},
		Closed:    {"title": false, "outcome": true, "closes_on": false},
	} {
		for field, ok := range fields {
			if err := in(state).Editable(keeper, []string{field}); ok != (err == nil) || !ok && !errors.Is(err, ErrNotEditable) {
				t.Errorf("%s in %s: %v", field, state, err)
			}
		}
	}
}

func TestWhoConverts(t *testing.T) {
	desk := proposal.Reader{Desk: true}
	writer := proposal.Reader{Members: []string{"o"}, Writers: []string{"o"}}
	viewer := proposal.Reader{Members: []string{"o"}}
	for to, allowed := range map[Target]map[*proposal.Reader]bool{
		IntoConsultation: {&desk: true, &keeper: true, &other: false, &writer: false, &viewer: false},
		IntoProposal:     {&desk: true, &keeper: false, &other: false, &writer: true, &viewer: false},
		IntoCall:         {&desk: true, &keeper: false, &other: false, &writer: false, &viewer: false},
	} {
		for by, ok := range allowed {
			c := &Contribution{OrganizationID: "o"}
			if err := c.Convertible(in(Published), *by, to); ok != (err == nil) {
				t.Errorf("into %d by %+v: %v", to, by, err)
			}
			c.Into.CallID = "k"
			if err := c.Convertible(in(Published), *by, to); ok && !errors.Is(err, proposal.ErrConverted) {
				t.Errorf("a second time into %d: %v", to, err)
			}
		}
	}
}
