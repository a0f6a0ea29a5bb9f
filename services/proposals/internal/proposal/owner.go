package proposal

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// OwnerDays is how many office days a proposal may be without an owner before it
// is escalated to the desk.
const OwnerDays = 10

// UnownedSince is when the proposal was submitted, while no lead department has
// accepted it; zero else.
func (p *Proposal) UnownedSince() time.Time {
	lead := p.assignment(p.LeadID())
	if !slices.Contains([]State{Submitted, Returned, Accepted, Assigned}, p.State) || lead != nil && lead.Response == AcceptedBy {
		return time.Time{}
	}
	return p.SubmittedAt
}

// Escalates reports whether what is without an owner since then is to be
// escalated at now: on the tenth office day after.
func Escalates(since, now time.Time) bool {
	return !jp.AddOfficeDays(jp.DateOf(since), OwnerDays).After(jp.DateOf(now))
}
