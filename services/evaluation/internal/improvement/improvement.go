// Package improvement is what an evaluation calls for (改善事項), until it is
// closed. It does no I/O and has no clock.
package improvement

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// The refusals about improvements.
var (
	// ErrUnknown refuses the id of an improvement that is not there; metadata improvementIds.
	ErrUnknown = fault.New(fault.Invalid, "IMPROVEMENT_UNKNOWN", "指定された改善事項はありません。", "There is no such improvement.")
	// ErrClosed refuses changes of what has come to its end.
	ErrClosed = fault.New(fault.Precondition, "IMPROVEMENT_CLOSED", "この改善事項は完了しています。", "The improvement is closed.")
)

// State is where an improvement stands; the values are those of the contract.
type State string

// The states.
const (
	Open   State = "OPEN"
	Closed State = "CLOSED"
)

// Outcome is what came of it; the values are those of the contract.
type Outcome string

// The outcomes.
const (
	Done       Outcome = "DONE"
	PartlyDone Outcome = "PARTLY_DONE"
	Dropped    Outcome = "DROPPED"
)

// Label is the outcome in Japanese.
func (o Outcome) Label() string {
	return map[Outcome]string{Done: "実施済み", PartlyDone: "一部実施", Dropped: "見送り"}[o]
}

// Improvement is one thing to be improved.
type Improvement struct {
	ID            string
	EvaluationID  string
	ProjectID     string
	PublicNumber  string
	FiscalYear    int
	CriterionNo   int
	CriterionName string
	Cause         string
	Text          string
	State         State
	Responsible   project.Side // None for both, or not said.
	DueOn         jp.Date      // Zero while not said.
	Progress      string
	Outcome       Outcome // Empty before the end.
	Result        string
	ClosedOn      jp.Date // Zero before the end.
	CreatedAt     time.Time
	Version       int64

	// TakenOver are the signed agreements that took it over, oldest first.
	TakenOver []Takeover
}

// Takeover is an agreement that took an improvement over.
type Takeover struct {
	ProjectID    string
	PublicNumber string
	SignedOn     jp.Date
}

// Editable refuses changes of a closed one. Errors: IMPROVEMENT_CLOSED.
func (i *Improvement) Editable() error {
	if i.State == Closed {
		return ErrClosed
	}
	return nil
}

// Close brings it to its end. Errors: IMPROVEMENT_CLOSED.
func (i *Improvement) Close(outcome Outcome, result string, now time.Time) error {
	if err := i.Editable(); err != nil {
		return err
	}
	i.State, i.Outcome, i.Result, i.ClosedOn = Closed, outcome, result, jp.DateOf(now)
	return nil
}
