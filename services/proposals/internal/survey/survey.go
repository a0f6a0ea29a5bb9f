// Package survey is the survey of proposers about the scheme itself (提案制度の
// 評価). It does no I/O and has no clock.
package survey

import (
	"fmt"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

const (
	// Together is how many replies are shown at a time, so that no single one can be
	// told from what changes; fewer choosing one step are not shown either.
	Together = 5
	// Steps is the number of steps of an answer.
	Steps = 5
)

// Questions are answered from 1 (そう思わない) to 5 (そう思う). A question that has
// been asked keeps its number.
var Questions = []string{
	"募集の案内と提案の様式は、分かりやすかったですか。",
	"相談や事前協議で、必要な助言を得られましたか。",
	"区との協議は、対等な立場で行われましたか。",
	"審査の経過と決定の理由に、納得できましたか。",
	"提案から決定までの期間は、適切でしたか。",
}

// Score is the answer to one question.
type Score struct {
	No    int // From 1.
	Score int // 1 to 5.
}

// Reply is what one organization replied, without the organization.
type Reply struct {
	FiscalYear int // Of the call.
	Scores     []Score
	TextID     string // By chance.
	Text       string // Empty for none.
}

// Check refuses a reply that does not answer every question once. Errors:
// INVALID_FIELD.
func Check(scores []Score) error {
	seen := map[int]bool{}
	for i, s := range scores {
		if s.No < 1 || s.No > len(Questions) || seen[s.No] {
			return wrong(fmt.Sprintf("scores[%d].no", i))
		}
		seen[s.No] = true
	}
	if len(seen) < len(Questions) {
		return wrong("scores")
	}
	return nil
}

func wrong(path string) error {
	return fault.ErrInvalidField.On(fault.Wrong(path, "すべての設問に、一度ずつ答えてください。", "Answer every question once."))
}

// Result is one question with the replies that are shown.
type Result struct {
	No          int
	Question    string
	AverageX100 int   // 0 while nothing is shown.
	Counts      []int // By step, the first for 1; nil where a step was chosen by too few.
}

// Results are the results by question, of the replies that are shown.
func Results(shown map[Score]int) (replies int, results []Result) {
	for i, q := range Questions {
		r := Result{No: i + 1, Question: q, Counts: make([]int, Steps)}
		n, sum, few := 0, 0, false
		for step := 1; step <= Steps; step++ {
			c := shown[Score{No: r.No, Score: step}]
			r.Counts[step-1] = c
			n, sum, few = n+c, sum+c*step, few || c > 0 && c < Together
		}
		if n > 0 {
			r.AverageX100 = sum * 100 / n
		}
		if few || n == 0 {
			r.Counts = nil
		}
		replies, results = max(replies, n), append(results, r)
	}
	return replies, results
}
