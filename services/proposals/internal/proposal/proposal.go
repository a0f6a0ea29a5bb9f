// Package proposal is the way of a proposal (協働事業提案) from draft to published
// decision: its state graph, its form and who sees what of it. It does no I/O
// and has no clock; verbs change a locked aggregate and return what happened.
package proposal

import (
	"fmt"
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// Proposal is a proposal from the draft to the published decision. Its row is locked
// for every change of it and of what belongs to it.
type Proposal struct {
	ID             string
	Number         string // R8-提-0012; empty before the first submission.
	Serial         int    // Of the number; 0 before.
	CallID         string
	FiscalYear     int // Of the call.
	OrganizationID string
	State          State
	Step           int // Steps of the call that are done or begun.
	Content        Content
	Assignments    []Assignment
	Correction     *Correction // While RETURNED, and until the next submission is accepted.
	Decision       *Decision   // The newest one, drafted or public.
	Channel        string      // WEB, DESK, PHONE, MAIL or FAX.
	OnBehalf       bool        // Written down by the desk.
	PaperNote      string
	PostmarkOn     jp.Date // That decided about the deadline; zero for none.
	PredecessorID  string
	SuccessorID    string
	ConsultationID string // That it was made of; empty for others.
	Published      bool   // Whether everybody may read it.
	Revision       int    // Number of submitted versions.
	WithdrawReason string
	CreatedBy      string
	CreatedAt      time.Time
	UpdatedAt      time.Time
	SubmittedAt    time.Time // Of the first submission; zero before.
	PublicSince    time.Time // When the present public state began.
	Version        int64

	// Reviewers are the pseudonyms of those who review it without a conflict of
	// interest.
	Reviewers []string

	// Names are the present names of the parties, as far as they are known.
	Names Names
}

// Names are present names by id.
type Names struct {
	Organizations map[string]string
	Departments   map[string]string // Full names (部＋課).
}

// Correction asks the organization for changes (補正).
type Correction struct {
	Fields  []string  `json:"fields"`
	Message string    `json:"message"`
	DueOn   jp.Date   `json:"dueOn"`
	AskedAt time.Time `json:"askedAt"`
	// Before is the version that was returned: other fields must stay as here.
	Before int `json:"before"`
}

// Move is one step that was taken.
type Move struct {
	Action     Action
	From, To   State
	PublicFrom PublicState
	PublicTo   PublicState
	Days       int    // That the public state lasted which the step ends.
	Reason     string // That the actor gave; internal.
}

// Public reports whether everybody sees the step.
func (m Move) Public() bool { return m.PublicFrom != m.PublicTo }

// permit refuses an action that is not the reader's to take, or that the state
// does not have. Errors: PERMISSION_DENIED, INVALID_STATE_TRANSITION.
func (p *Proposal) permit(action Action, by Reader) error {
	if who := actor(action); !by.is(who, p) {
		return fault.ErrPermissionDenied.With("by", string(who))
	}
	if _, allowed, ok := find(p.State, action); !ok {
		return fault.Transition(string(p.State), string(target(action)), allowed...)
	}
	return nil
}

// move takes the step to a state that the graph has for the action.
func (p *Proposal) move(action Action, to State, now time.Time) Move {
	t, _, ok := find(p.State, action)
	if !ok || !slices.Contains(t.To, to) {
		panic(fmt.Sprintf("proposal: %s from %s to %s is not in the graph", action, p.State, to))
	}
	m := Move{
		Action: action, From: p.State, To: to,
		PublicFrom: p.State.Public(), PublicTo: to.Public(),
	}
	p.State = to
	if m.Public() {
		if !p.PublicSince.IsZero() {
			m.Days = jp.DateOf(p.PublicSince).DaysUntil(jp.DateOf(now))
		}
		p.PublicSince = now
	}
	return m
}

// JointIDs are the organizations that propose together with the first one.
func (p *Proposal) JointIDs() []string { return p.Content.JointOrganizationIDs }

// Hidden reports whether title and organization may not be named to everybody:
// a proposal that was not adopted, without consent.
func (p *Proposal) Hidden() bool {
	return (p.State == Rejected || p.State == Withdrawn) && !p.Published && !p.Content.PublishConsent
}

// OrganizationName is the present name of the proposing organization.
func (p *Proposal) OrganizationName() string { return p.Names.Organizations[p.OrganizationID] }
