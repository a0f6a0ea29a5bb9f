// Package call is a call for proposals (募集): its period, its rules and the form
// that it asks for. It does no I/O and has no clock.
package call

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// State is where a call stands; the values are those of the contract.
type State string

// The states, in the order in which a call takes them.
const (
	Draft     State = "DRAFT"
	Published State = "PUBLISHED"
	Closed    State = "CLOSED"
	Concluded State = "CONCLUDED"
)

// Mode is how long proposals are taken.
type Mode string

// The modes.
const (
	FixedPeriod Mode = "FIXED_PERIOD"
	AllYear     Mode = "ALL_YEAR"
)

// ThemeKind is who sets the theme.
type ThemeKind string

// The kinds of theme.
const (
	Free   ThemeKind = "FREE"
	Themed ThemeKind = "THEMED"
)

// Step is one part of the examination.
type Step string

// The steps.
const (
	Review      Step = "REVIEW"
	Negotiation Step = "NEGOTIATION"
)

// Call is one call for proposals.
type Call struct {
	ID           string
	Title        string
	Summary      string
	GuidelineURL string
	FiscalYear   int
	Round        int // Within the fiscal year, from 1.
	Mode         Mode
	OpensOn      jp.Date // First day; zero while a draft does not say.
	ClosesOn     jp.Date // Last day, inclusive; zero for no end.
	PostmarkRule bool    // 消印有効.
	ThemeKind    ThemeKind
	Steps        []Step
	// ReleaseTogether has the decisions made public by ReleaseDecisions only.
	ReleaseTogether bool
	Fields          []Field
	Criteria        []Criterion
	Declarations    []Declaration
	MaxProposals    int // Of one organization; 0 for no limit.
	Note            string
	ChallengeIDs    []string // Public challenges that a themed call is for.
	State           State
	CreatedAt       time.Time
	UpdatedAt       time.Time
	PublishedAt     time.Time // Zero for a draft.
	Version         int64
}

// Field is one own field of the call's form.
type Field struct {
	Key       string   `json:"key"`
	Label     string   `json:"label"`
	Type      string   `json:"type"` // TEXT, NUMBER, DATE, CHOICE or FILE.
	Required  bool     `json:"required,omitempty"`
	Choices   []string `json:"choices,omitempty"`
	MaxLength int      `json:"maxLength,omitempty"` // Characters; 0 for 2,000.
}

// Criterion is one criterion of the review.
type Criterion struct {
	No           int    `json:"no"`
	Name         string `json:"name"`
	Question     string `json:"question,omitempty"`
	MaxPoints    int    `json:"maxPoints"`
	FloorPercent int    `json:"floorPercent,omitempty"`
}

// Declaration is one statement that every organization makes.
type Declaration struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// Complete fills what the desk left open with the usual values.
func (c *Call) Complete() {
	if c.Round == 0 {
		c.Round = 1
	}
	if c.Mode == "" {
		c.Mode = FixedPeriod
	}
	if c.ThemeKind == "" {
		c.ThemeKind = Free
	}
	if len(c.Steps) == 0 {
		c.Steps = []Step{Negotiation, Review}
		if c.Mode == AllYear {
			c.Steps = []Step{Review, Negotiation}
		}
	}
	if len(c.Criteria) == 0 {
		c.Criteria = slices.Clone(sampleCriteria)
	}
	if len(c.Declarations) == 0 {
		c.Declarations = slices.Clone(usualDeclarations)
	}
}

// Check refuses values that contradict each other. Errors: INVALID_FIELD.
func (c *Call) Check() error {
	var wrong []fault.Field
	add := func(path, ja, en string) {
		wrong = append(wrong, fault.Wrong(path, ja, en))
	}
	if !c.OpensOn.IsZero() && !c.ClosesOn.IsZero() && c.ClosesOn.Before(c.OpensOn) {
		add("call.closesOn", "締切日は受付開始日以後の日にしてください。", "The closing day must not be before the opening day.")
	}
	for i := 1; i < len(c.Steps); i++ {
		if c.Steps[i] == c.Steps[i-1] {
			add("call.steps", "同じ段階を続けて指定することはできません。", "A step cannot follow itself.")
		}
	}
	if repeats(c.Fields, func(f Field) string { return f.Key }) {
		add("call.fields", "項目のキーが重複しています。", "Two fields have the same key.")
	}
	if repeats(c.Criteria, func(k Criterion) int { return k.No }) {
		add("call.criteria", "審査基準の番号が重複しています。", "Two criteria have the same number.")
	}
	if repeats(c.Declarations, func(d Declaration) string { return d.Code }) {
		add("call.declarations", "誓約事項のコードが重複しています。", "Two declarations have the same code.")
	}
	for _, f := range c.Fields {
		if f.Type == "CHOICE" && len(f.Choices) == 0 {
			add("call.fields", "選択式の項目には選択肢が必要です。", "A choice field needs choices.")
		}
	}
	return fault.ErrInvalidField.OnAny(wrong)
}

func repeats[T any, K comparable](list []T, key func(T) K) bool {
	seen := map[K]bool{}
	for _, v := range list {
		if seen[key(v)] {
			return true
		}
		seen[key(v)] = true
	}
	return false
}

// Editable refuses changes of anything but a draft. Errors: CALL_NOT_EDITABLE.
func (c *Call) Editable() error {
	if c.State != Draft {
		return ErrNotEditable.With("state", string(c.State))
	}
	return nil
}

// Publish makes a complete draft public. Errors: INVALID_STATE_TRANSITION,
// CALL_INCOMPLETE.
func (c *Call) Publish(now time.Time) error {
	if c.State != Draft {
		return c.refuse(Published)
	}
	var missing []fault.Field
	for _, f := range []struct {
		path  string
		empty bool
	}{
		{"title", c.Title == ""},
		{"fiscalYear", c.FiscalYear == 0},
		{"opensOn", c.OpensOn.IsZero()},
		{"closesOn", c.Mode == FixedPeriod && c.ClosesOn.IsZero()},
	} {
		if f.empty {
			missing = append(missing, fault.Missing(f.path))
		}
	}
	if len(missing) > 0 {
		return ErrIncomplete.On(missing...)
	}
	c.State, c.PublishedAt = Published, now
	return nil
}

// Extend moves the closing day of a published call to a later day that is not
// past. Errors: INVALID_STATE_TRANSITION, INVALID_FIELD.
func (c *Call) Extend(to jp.Date, now time.Time) error {
	if c.State != Published {
		return c.refuse(Published)
	}
	if c.ClosesOn.IsZero() || !to.After(c.ClosesOn) || to.Before(jp.DateOf(now)) {
		return fault.ErrInvalidField.On(fault.Wrong("closesOn", "いまの締切日より後の、今日以後の日を指定してください。", "Name a day after the present closing day that is not past."))
	}
	c.ClosesOn = to
	return nil
}

// Close ends the taking of proposals. Errors: INVALID_STATE_TRANSITION.
func (c *Call) Close() error {
	if c.State != Published {
		return c.refuse(Closed)
	}
	c.State = Closed
	return nil
}

// Conclude ends the call when none of its proposals is undecided. Errors:
// INVALID_STATE_TRANSITION, PROPOSALS_UNDECIDED.
func (c *Call) Conclude(undecided int) error {
	if c.State != Closed {
		return c.refuse(Concluded)
	}
	if undecided > 0 {
		return undecidedProposals(undecided)
	}
	c.State = Concluded
	return nil
}

var nextState = map[State]State{Draft: Published, Published: Closed, Closed: Concluded}

func (c *Call) refuse(to State) error {
	var allowed []string
	if next, ok := nextState[c.State]; ok {
		allowed = append(allowed, string(next))
	}
	return fault.Transition(string(c.State), string(to), allowed...)
}

// Overdue reports whether a published call is past its last day at now.
func (c *Call) Overdue(now time.Time) bool {
	return c.State == Published && !c.ClosesOn.IsZero() && !now.Before(c.ClosesOn.NextMidnight())
}
