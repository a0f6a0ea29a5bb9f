// Package rulebook is the ward's rules of collaboration (協働のルール) in versions
// that organizations comment on before they are adopted. It does no I/O and has
// no clock.
package rulebook

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// State is where a version stands; the values are those of the contract.
type State string

// The states.
const (
	Draft          State = "DRAFT"
	Commenting     State = "COMMENTING"
	CommentsClosed State = "COMMENTS_CLOSED"
	Adopted        State = "ADOPTED"
)

// UsualTitle is the name of a version that is not given one.
const UsualTitle = "千代田区協働のルール"

// Version is one version of the rulebook.
type Version struct {
	ID            string
	Number        int // Among the adopted ones, from 1; 0 before.
	Title         string
	Preamble      string
	Note          string
	Clauses       []Clause // By number.
	ReviewMeeting *Meeting // nil before.
	BasedOnID     string
	State         State
	CommentsUntil jp.Date // Last day, inclusive; zero before.
	EffectiveFrom jp.Date // Zero before the adoption.
	CreatedAt     time.Time
	UpdatedAt     time.Time
	AdoptedAt     time.Time // Zero before.
	Version       int64
}

// Clause is a numbered clause; the number is its identity from version to version.
type Clause struct {
	No        int    `json:"no"`
	Section   string `json:"section"`
	Title     string `json:"title"`
	Text      string `json:"text"`
	Item      Item   `json:"item,omitempty"`      // That the model text is for.
	ModelText string `json:"modelText,omitempty"` // Of an article of agreements.
}

// AgreementTerms is the section of the clauses that agreements are drafted from.
const AgreementTerms = "AGREEMENT_TERMS"

// Meeting is where ward and organizations reviewed a version.
type Meeting struct {
	HeldOn          jp.Date  `json:"heldOn"`
	OrganizationIDs []string `json:"organizationIds"`
	Summary         string   `json:"summary,omitempty"`
	MeetingID       string   `json:"meetingId,omitempty"`
}

// Edit is a change of named fields.
type Edit struct {
	Fields        []string // As in update masks.
	Title         string
	Preamble      string
	Note          string
	Clauses       []Clause
	ReviewMeeting *Meeting
}

// Fields are the fields that an edit may name.
var Fields = []string{"title", "preamble", "clauses", "review_meeting", "note"}

// Edit changes a version that is not adopted; while organizations comment, only
// the meeting and the note. Errors: RULEBOOK_NOT_EDITABLE, INVALID_FIELD.
func (v *Version) Edit(e Edit, now time.Time) error {
	has := func(f string) bool { return slices.Contains(e.Fields, f) }
	words := has("title") || has("preamble") || has("clauses")
	if v.State == Adopted || v.State == Commenting && words {
		return ErrNotEditable.With("state", string(v.State))
	}
	if has("title") {
		v.Title = e.Title
	}
	if has("preamble") {
		v.Preamble = e.Preamble
	}
	if has("note") {
		v.Note = e.Note
	}
	if has("clauses") {
		v.Clauses = e.Clauses
	}
	if has("review_meeting") {
		v.ReviewMeeting = e.ReviewMeeting
	}
	return v.Complete(now)
}

// Complete sorts the clauses, gives the usual title where there is none, and
// refuses what contradicts itself. Errors: INVALID_FIELD.
func (v *Version) Complete(now time.Time) error {
	if v.Title == "" {
		v.Title = UsualTitle
	}
	v.Clauses = slices.SortedStableFunc(slices.Values(v.Clauses), func(a, b Clause) int { return a.No - b.No })
	var wrong []fault.Field
	for i, c := range v.Clauses {
		path := fmt.Sprintf("version.clauses[%d]", i)
		if i > 0 && v.Clauses[i-1].No == c.No {
			wrong = append(wrong, fault.Wrong(path+".no", "条の番号が重複しています。", "Two clauses have the same number."))
		}
		if (c.Item != "" || c.ModelText != "") && c.Section != AgreementTerms {
			wrong = append(wrong, fault.Wrong(path+".item", "協定書の項目とひな形は、「協定に盛り込む事項」の条にだけ付けられます。", "Only clauses about agreements have an item and a model text."))
		}
		if (c.Item == "") != (c.ModelText == "") {
			wrong = append(wrong, fault.Wrong(path+".modelText", "協定書の項目とひな形は、両方を入力してください。", "An item and its model text go together."))
		}
	}
	if v.ReviewMeeting != nil && v.ReviewMeeting.HeldOn.After(jp.DateOf(now)) {
		wrong = append(wrong, fault.Wrong("version.reviewMeeting.heldOn", "検討会を開いた日は、今日以前の日にしてください。", "The meeting must have been held."))
	}
	return fault.ErrInvalidField.OnAny(wrong)
}

// OpenComments opens the version for comments until a day, inclusive. Errors:
// INVALID_STATE_TRANSITION, RULEBOOK_WITHOUT_CLAUSES, INVALID_FIELD.
func (v *Version) OpenComments(until jp.Date, now time.Time) error {
	if v.State != Draft && v.State != CommentsClosed {
		return v.refuse(Commenting)
	}
	if len(v.Clauses) == 0 {
		return ErrWithoutClauses
	}
	if until.Before(jp.DateOf(now)) {
		return fault.ErrInvalidField.On(fault.Wrong("until", "意見の募集の最終日は、今日以後の日にしてください。", "The last day must not be past."))
	}
	v.State, v.CommentsUntil = Commenting, until
	return nil
}

// CloseComments ends the comments. Errors: INVALID_STATE_TRANSITION.
func (v *Version) CloseComments() error {
	if v.State != Commenting {
		return v.refuse(CommentsClosed)
	}
	v.State = CommentsClosed
	return nil
}

// Adopt puts the version in force from a day on; unanswered are the clauses with
// comments that have no answer. The number is given by the caller. Errors:
// INVALID_STATE_TRANSITION, RULEBOOK_WITHOUT_CLAUSES, REVIEW_MEETING_REQUIRED,
// COMMENTS_UNANSWERED, INVALID_FIELD.
func (v *Version) Adopt(from jp.Date, unanswered []int, now time.Time) error {
	if v.State != Draft && v.State != CommentsClosed {
		return v.refuse(Adopted)
	}
	if len(v.Clauses) == 0 {
		return ErrWithoutClauses
	}
	if v.ReviewMeeting == nil || len(v.ReviewMeeting.OrganizationIDs) == 0 {
		return ErrMeetingRequired
	}
	if len(unanswered) > 0 {
		return ErrCommentsUnanswered.With("clauses", joined(unanswered))
	}
	if from.Before(jp.DateOf(now)) {
		return fault.ErrInvalidField.On(fault.Wrong("effectiveFrom", "施行日は、今日以後の日にしてください。", "The first day in force must not be past."))
	}
	v.State, v.EffectiveFrom, v.AdoptedAt = Adopted, from, now
	return nil
}

func joined(numbers []int) string {
	texts := make([]string, len(numbers))
	for i, n := range numbers {
		texts[i] = strconv.Itoa(n)
	}
	return strings.Join(texts, ",")
}

var next = map[State][]string{
	Draft: {"openComments", "adopt"}, Commenting: {"closeComments"}, CommentsClosed: {"openComments", "adopt"},
}

func (v *Version) refuse(to State) error {
	return fault.Transition(string(v.State), string(to), next[v.State]...)
}

// Clause returns the clause with a number. Errors: RESOURCE_NOT_FOUND.
func (v *Version) Clause(no int) (*Clause, error) {
	at := slices.IndexFunc(v.Clauses, func(c Clause) bool { return c.No == no })
	if at < 0 {
		return nil, fault.ErrNotFound
	}
	return &v.Clauses[at], nil
}
