package proposal

import (
	"testing"
	"time"
)

func TestWithoutAnOwner(t *testing.T) {
	at := time.Date(2026, 6, 1, 3, 0, 0, 0, time.UTC)
	lead := func(r Response) []Assignment { return []Assignment{{DepartmentID: "d", Part: Lead, Response: r}} }
	for _, tt := range []struct {
		state State
		to    []Assignment
		want  bool
	}{
		{Draft, nil, false},
		{Submitted, nil, true},
		{Returned, nil, true},
		{Accepted, nil, true},
		{Assigned, lead(Pending), true},
		{Assigned, lead(DeclinedBy), true},
		{Assigned, lead(AcceptedBy), false},
		{UnderReview, lead(AcceptedBy), false},
		{Withdrawn, nil, false},
	} {
		p := &Proposal{State: tt.state, Assignments: tt.to}
		if tt.state != Draft {
			p.SubmittedAt = at
		}
		if got := !p.UnownedSince().IsZero(); got != tt.want {
			t.Errorf("%s %v: %v", tt.state, tt.to, got)
		}
	}
}

// Ten office days: over a usual month, over Golden Week, over the New Year.
func TestEscalatesAfterTenOfficeDays(t *testing.T) {
	for since, day := range map[string]string{"2026-06-01": "2026-06-15", "2026-04-24": "2026-05-14", "2026-12-21": "2027-01-08"} {
		from, err := time.Parse(time.RFC3339, since+"T12:00:00+09:00")
		if err != nil {
			t.Fatal(err)
		}
		on, err := time.Parse(time.RFC3339, day+"T00:00:00+09:00")
		if err != nil {
			t.Fatal(err)
		}
		if !Escalates(from, on) || Escalates(from, on.Add(-time.Second)) {
			t.Errorf("since %s not on %s", since, day)
		}
	}
}
