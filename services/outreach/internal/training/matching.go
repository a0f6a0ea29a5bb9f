package training

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/opportunity"
)

// MaxEntries is how many applications one matching takes.
const MaxEntries = 2000

// Reason is why an application is not matched with an offer; the values are those
// of the contract.
type Reason string

// The reasons.
const (
	NotApproved Reason = "NOT_APPROVED"
	Screening   Reason = "SCREENING"
	Department  Reason = "DEPARTMENT"
	Declaration Reason = "DECLARED"
	Closed      Reason = "CLOSED"
)

// Exclusion keeps an application from an offer, "" for all.
type Exclusion struct {
	OpportunityID string `json:"opportunityId"`
	Reason        Reason `json:"reason"`
}

// Entry is an application as an input of a matching.
type Entry struct {
	ApplicationID string      `json:"applicationId"`
	Wishes        []string    `json:"wishes"`
	Exclusions    []Exclusion `json:"exclusions,omitempty"`
}

// Capacity is an offer with its free places as an input of a matching.
type Capacity struct {
	OpportunityID string `json:"opportunityId"`
	Places        int    `json:"places"`
}

// Place is the result for one application; without an offer it got none.
type Place struct {
	ApplicationID string `json:"applicationId"`
	OpportunityID string `json:"opportunityId"`
	Rank          int    `json:"rank"` // Which wish, from 1; 0 for none.
}

// Run is where a matching stands.
type Run string

// The states of a matching.
const (
	Open Run = "OPEN"
	Done Run = "RUN"
)

// Matching gives the places of a fiscal year and level.
type Matching struct {
	ID         string
	FiscalYear int
	Level      opportunity.Kind
	State      Run
	Commitment string
	SealedSeed []byte // Before the run.
	Seed       string // In hexadecimal, after it.
	Root       string
	Offers     []Capacity
	Entries    []Entry
	Places     []Place
	CreatedBy  string
	CreatedAt  time.Time
	RunAt      time.Time
	Version    int64
}

// Take refuses to run it twice or with nobody. Errors: INVALID_STATE_TRANSITION,
// TRAINING_NOTHING_TO_MATCH.
func (m *Matching) Take() error {
	if m.State != Open {
		return fault.Transition(string(m.State), string(Done))
	}
	if !slices.ContainsFunc(m.Entries, Entry.admitted) {
		return ErrNothing
	}
	return nil
}

// admitted reports whether the superior has approved it.
func (e Entry) admitted() bool { return !e.excluded("") }

func (e Entry) excluded(opportunityID string) bool {
	return slices.ContainsFunc(e.Exclusions, func(x Exclusion) bool { return x.OpportunityID == opportunityID })
}

// Match gives the places, going through the applications in the order of their
// ids; those without the superior's approval are not in the result. It depends on
// its arguments alone.
func Match(order []string, entries []Entry, offers []Capacity) []Place {
	free := map[string]int{}
	for _, o := range offers {
		free[o.OpportunityID] = o.Places
	}
	places := []Place{}
	for _, id := range order {
		at := slices.IndexFunc(entries, func(e Entry) bool { return e.ApplicationID == id })
		if at < 0 || !entries[at].admitted() {
			continue
		}
		p := Place{ApplicationID: id}
		for i, wish := range entries[at].Wishes {
			if free[wish] > 0 && !entries[at].excluded(wish) {
				free[wish]--
				p.OpportunityID, p.Rank = wish, i+1
				break
			}
		}
		places = append(places, p)
	}
	return places
}

// Pending is a proposal that is not decided yet.
type Pending struct {
	OrganizationIDs []string
	DepartmentIDs   []string
}

// Conflict is why the applicant must not go to the host of an offer; "" for no
// reason. The proposals are the pending ones.
func (a *Application) Conflict(o Offer, proposals []Pending) Reason {
	if o.OrganizationID == "" {
		return ""
	}
	if slices.ContainsFunc(a.Conflicts, func(c Conflict) bool { return c.OrganizationID == o.OrganizationID }) {
		return Declaration
	}
	for _, p := range proposals {
		switch {
		case !slices.Contains(p.OrganizationIDs, o.OrganizationID):
		case slices.Contains(p.DepartmentIDs, a.DepartmentID):
			return Department
		case a.Screens:
			return Screening
		}
	}
	return ""
}

// Entry is the application as an input of a matching with the offers.
func (a *Application) Entry(offers []Offer, proposals []Pending) Entry {
	e := Entry{ApplicationID: a.ID, Wishes: a.Wishes}
	if a.State == Requested {
		e.Exclusions = []Exclusion{{Reason: NotApproved}}
		return e
	}
	for _, id := range a.Wishes {
		why := Closed
		if at := slices.IndexFunc(offers, func(o Offer) bool { return o.ID == id }); at >= 0 {
			why = a.Conflict(offers[at], proposals)
		}
		if why != "" {
			e.Exclusions = append(e.Exclusions, Exclusion{OpportunityID: id, Reason: why})
		}
	}
	return e
}

var conflictRefusals = map[Reason]*fault.Error{Screening: ErrScreening, Department: ErrDepartment, Declaration: ErrDeclared}

// Place refuses a place of an offer by hand. Errors: TRAINING_NOT_APPROVED,
// TRAINING_WISH_CLOSED, TRAINING_WISHES_MIXED, TRAINING_CONFLICT_SCREENING,
// TRAINING_CONFLICT_DEPARTMENT, TRAINING_CONFLICT_DECLARED, TRAINING_FULL.
func (a *Application) Place(o Offer, free int, proposals []Pending) error {
	if a.State != Approved && a.State != Unmatched {
		return ErrNotApproved.With("state", string(a.State))
	}
	if err := a.fits(o); err != nil {
		return err
	}
	if why := a.Conflict(o, proposals); why != "" {
		return conflictRefusals[why]
	}
	if free <= 0 {
		return ErrFull
	}
	a.Give(o, "")
	return nil
}
