// Package survey is the anonymous survey of beneficiaries (受益者アンケート). It
// does no I/O and has no clock.
package survey

import (
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

const (
	// MinReplies is the number of replies from which anything of them is shown.
	MinReplies = 5
	// MaxLinks is how many links a survey has at most.
	MaxLinks = 5000
	// Steps is the number of steps of an answer.
	Steps = 5
)

// The refusals about surveys.
var (
	// ErrExists refuses a second survey of an evaluation.
	ErrExists = fault.New(fault.Exists, "SURVEY_EXISTS", "この評価には、アンケートがすでにあります。", "The evaluation has a survey already.")
	// ErrClosed refuses what needs a survey that has not ended.
	ErrClosed = fault.New(fault.Precondition, "SURVEY_CLOSED", "このアンケートは終了しました。", "The survey has ended.")
	// ErrLinkLimit refuses more links than a survey may have; metadata limit.
	ErrLinkLimit = fault.New(fault.Precondition, "SURVEY_LINK_LIMIT", "発行できる回答用リンクの数の上限に達しています。", "The survey has as many links as it may.")
	// ErrLinkInvalid answers for links that were used, have ended or never were.
	ErrLinkInvalid = fault.New(fault.NotFound, "SURVEY_LINK_INVALID", "この回答用リンクは使えません。回答が済んでいるか、期間が終わっています。", "The link cannot be used: it was used, or the survey has ended.")
)

// Survey is the survey of one evaluation.
type Survey struct {
	EvaluationID string
	Title        string
	Introduction string
	Questions    []string
	ClosesOn     jp.Date // Last day, inclusive.
	Ended        bool    // Before its last day.
	Links        int     // That were made.
	Replies      int
}

// Closed reports whether the survey takes no more replies.
func (s *Survey) Closed(now time.Time) bool { return s.Ended || jp.DateOf(now).After(s.ClosesOn) }

// Begin refuses a survey that would have ended. Errors: INVALID_FIELD.
func (s *Survey) Begin(now time.Time) error {
	if s.ClosesOn.Before(jp.DateOf(now)) {
		return fault.ErrInvalidField.On(fault.Wrong("survey.closesOn", "回答の締切日は、今日以後の日にしてください。", "The last day is today or later."))
	}
	return nil
}

// Issue counts further links. Errors: SURVEY_CLOSED, SURVEY_LINK_LIMIT.
func (s *Survey) Issue(count int, now time.Time) error {
	if s.Closed(now) {
		return ErrClosed
	}
	if s.Links+count > MaxLinks {
		return ErrLinkLimit.With("limit", "5000")
	}
	s.Links += count
	return nil
}

// End ends the survey before its last day. Errors: SURVEY_CLOSED.
func (s *Survey) End(now time.Time) error {
	if s.Closed(now) {
		return ErrClosed
	}
	s.Ended = true
	return nil
}

// Score is the reply to one question.
type Score struct {
	No    int // From 1.
	Score int // 1 to 5.
}

// Check refuses replies to what is not asked, or twice. Errors: INVALID_FIELD.
func (s *Survey) Check(scores []Score) error {
	seen := map[int]bool{}
	for _, r := range scores {
		if r.No < 1 || r.No > len(s.Questions) || seen[r.No] {
			return fault.ErrInvalidField.On(fault.Wrong("scores", "設問の番号を確認してください。一つの設問には一度だけ答えます。", "Answer each question of the survey once."))
		}
		seen[r.No] = true
	}
	return nil
}

// Result holds the replies to one question.
type Result struct {
	No       int    `json:"no"`
	Question string `json:"question"`
	// Counts are the replies by step, the first for 1; nil where suppressed.
	Counts     []int `json:"counts,omitempty"`
	Replies    int   `json:"replies,omitempty"` // 0 where suppressed.
	Suppressed bool  `json:"suppressed,omitempty"`
}

// Results are the replies to all questions, those of fewer than five replies
// suppressed.
func (s *Survey) Results(counts map[Score]int) []Result {
	out := make([]Result, len(s.Questions))
	for i, q := range s.Questions {
		r := Result{No: i + 1, Question: q, Counts: make([]int, Steps)}
		for step := range Steps {
			r.Counts[step] = counts[Score{No: i + 1, Score: step + 1}]
			r.Replies += r.Counts[step]
		}
		if r.Replies < MinReplies {
			r = Result{No: r.No, Question: q, Suppressed: true}
		}
		out[i] = r
	}
	return out
}
