package review

import (
	"slices"
	"strconv"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/proposal"
)

// State is where a sheet stands; the values are those of the contract.
type State string

// The states.
const (
	Assigned   State = "ASSIGNED"
	InProgress State = "IN_PROGRESS"
	Submitted  State = "SUBMITTED"
	Abstained  State = "ABSTAINED"
	Recused    State = "RECUSED"
)

// Review is one sheet of one reviewer for one proposal in one phase.
type Review struct {
	ID         string
	PhaseID    string
	CallID     string
	ProposalID string
	ReviewerID string // Pseudonym.
	State      State
	Scores     Sheet
	Comment    string
	Reason     string // Why the reviewer abstained or left.
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Version    int64

	// Of the phase and the proposal, as they are now.
	PhaseClosed    bool
	DueOn          jp.Date
	ProposalNumber string
	ProposalTitle  string
	// Parties are the organizations of the proposal.
	Parties []string
	// DepartmentIDs are the departments with a part in the proposal, lead first.
	DepartmentIDs []string
}

// Conflicted reports whether the reader is a member of an organization of the
// proposal.
func (r *Review) Conflicted(by proposal.Reader) bool {
	return slices.ContainsFunc(r.Parties, func(id string) bool { return slices.Contains(by.Members, id) })
}

// ShowsScores reports whether the reader sees scores and comment: the own ones,
// and those of others when the phase is closed, but never after a conflict of
// interest.
func (r *Review) ShowsScores(by proposal.Reader) bool {
	if r.State == Recused {
		return false
	}
	return r.ReviewerID == by.ID || r.PhaseClosed
}

// Save keeps a sheet that may be incomplete. Errors: PERMISSION_DENIED,
// CONFLICT_OF_INTEREST, PHASE_CLOSED, INVALID_STATE_TRANSITION, SCORE_INVALID.
func (r *Review) Save(by proposal.Reader, of []call.Criterion, scores Sheet, comment string) error {
	if err := r.writable(by, InProgress); err != nil {
		return err
	}
	if err := scores.check(of); err != nil {
		return err
	}
	r.State, r.Scores, r.Comment = InProgress, scores, comment
	return nil
}

// Submit hands the sheet in, complete; nothing given leaves what was saved.
// Errors: those of Save, SHEET_INCOMPLETE.
func (r *Review) Submit(by proposal.Reader, of []call.Criterion, scores Sheet, comment string) error {
	if err := r.writable(by, Submitted); err != nil {
		return err
	}
	if len(scores) == 0 {
		scores = r.Scores
	}
	if comment == "" {
		comment = r.Comment
	}
	if err := scores.check(of); err != nil {
		return err
	}
	for _, c := range of {
		if !slices.ContainsFunc(scores, func(s Score) bool { return s.No == c.No }) {
			return ErrIncomplete.With("missing", strconv.Itoa(c.No))
		}
	}
	r.State, r.Scores, r.Comment = Submitted, scores, comment
	return nil
}

// Abstain leaves the sheet empty; it does not count. Errors: PERMISSION_DENIED,
// CONFLICT_OF_INTEREST, PHASE_CLOSED, INVALID_STATE_TRANSITION, INVALID_FIELD.
func (r *Review) Abstain(by proposal.Reader, reason string) error {
	if err := r.writable(by, Abstained); err != nil {
		return err
	}
	if reason == "" {
		return fault.ErrInvalidField.On(fault.Missing("reason"))
	}
	r.State, r.Scores, r.Comment, r.Reason = Abstained, nil, "", reason
	return nil
}

func (r *Review) writable(by proposal.Reader, to State) error {
	switch {
	case r.ReviewerID != by.ID:
		return fault.ErrPermissionDenied
	case r.Conflicted(by):
		return ErrConflict
	case r.PhaseClosed:
		return ErrPhaseClosed
	case r.State != Assigned && r.State != InProgress:
		return fault.Transition(string(r.State), string(to))
	}
	return nil
}

// Recuse declares a conflict of interest: by the reviewer, the desk or a
// department with a part in the proposal. What was scored goes. Errors: PERMISSION_DENIED, PHASE_CLOSED,
// INVALID_STATE_TRANSITION.
func (r *Review) Recuse(by proposal.Reader, reason string) error {
	part := by.Staff && by.Department != "" && slices.Contains(r.DepartmentIDs, by.Department)
	switch {
	case r.ReviewerID != by.ID && !by.Desk && !part:
		return fault.ErrPermissionDenied
	case r.PhaseClosed:
		return ErrPhaseClosed
	case r.State == Recused:
		return fault.Transition(string(r.State), string(Recused))
	}
	r.State, r.Scores, r.Comment, r.Reason = Recused, nil, "", reason
	return nil
}

// check refuses scores that the criteria do not have. Errors: SCORE_INVALID.
func (s Sheet) check(of []call.Criterion) error {
	seen := map[int]bool{}
	for _, score := range s {
		i := slices.IndexFunc(of, func(c call.Criterion) bool { return c.No == score.No })
		if i < 0 || seen[score.No] || score.Points < 0 || score.Points > of[i].MaxPoints {
			return ErrScore.With("no", strconv.Itoa(score.No))
		}
		seen[score.No] = true
	}
	return nil
}
