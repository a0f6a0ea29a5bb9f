package review

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// Phase is one phase of the review of a call.
type Phase struct {
	ID            string
	CallID        string
	No            int // Within the call, from 1.
	Name          string
	FloorX100     int     // Average under which a proposal fails; 0 for none.
	DueOn         jp.Date // Last day for sheets; zero for none.
	Closed        bool
	Venue         string
	Presentations []Presentation
	CreatedAt     time.Time
	ClosedAt      time.Time // Zero while open.
	Version       int64

	Counts Counts
}

// Counts are the sheets of a phase, those of withdrawn proposals not among them.
type Counts struct {
	Assigned  int
	Submitted int // Abstentions among them.
	Recused   int
}

// Presentation is the time of one proposal.
type Presentation struct {
	ProposalID string    `json:"proposalId"`
	StartAt    time.Time `json:"startAt"`
	Minutes    int       `json:"minutes"`
}

// Close averages and opens the scores. Errors: INVALID_STATE_TRANSITION,
// REVIEWS_PENDING.
func (p *Phase) Close(now time.Time) error {
	if p.Closed {
		return fault.Transition("CLOSED", "CLOSED")
	}
	if pending := p.Counts.Assigned - p.Counts.Submitted - p.Counts.Recused; pending > 0 {
		return pendingReviews(pending)
	}
	p.Closed, p.ClosedAt = true, now
	return nil
}

// Program is how presentations follow each other.
type Program struct {
	Venue          string
	StartAt        time.Time
	Minutes, Pause int
	ProposalIDs    []string // In their order.
}

// Schedule sets the presentations, in place of those before. Errors:
// INVALID_STATE_TRANSITION.
func (p *Phase) Schedule(g Program) error {
	if p.Closed {
		return fault.Transition("CLOSED", "OPEN")
	}
	p.Venue, p.Presentations = g.Venue, nil
	at := g.StartAt
	for _, id := range g.ProposalIDs {
		p.Presentations = append(p.Presentations, Presentation{ProposalID: id, StartAt: at, Minutes: g.Minutes})
		at = at.Add(time.Duration(g.Minutes+g.Pause) * time.Minute)
	}
	return nil
}
