// Package review is the review of proposals (審査): who reviews what, the sheets,
// and what they come to. It does no I/O and has no clock.
package review

import "github.com/chiyoda-kyodo/kyodo/services/proposals/internal/call"

// Score is the score for one criterion.
type Score struct {
	No     int `json:"no"`
	Points int `json:"points"`
}

// Sheet is the scores of one reviewer.
type Sheet []Score

// Total is the sum of the points.
func (s Sheet) Total() int {
	total := 0
	for _, score := range s {
		total += score.Points
	}
	return total
}

// points are those for a criterion; 0 without a score.
func (s Sheet) points(no int) int {
	for _, score := range s {
		if score.No == no {
			return score.Points
		}
	}
	return 0
}

// Result is what the counted sheets of a proposal come to.
type Result struct {
	AverageX100 int // Hundredths of a point, rounded down; 0 without sheets.
	Criteria    []CriterionResult
	Passed      bool
}

// CriterionResult is the average of one criterion.
type CriterionResult struct {
	call.Criterion
	AverageX100 int // Hundredths of a point, rounded down.
	BelowFloor  bool
}

// Average averages the counted sheets in whole hundredths: floor(sum × 100 /
// sheets). A proposal passes with an average at or above the floor and no
// criterion under the share of its points; without sheets it does not pass.
func Average(criteria []call.Criterion, floorX100 int, sheets []Sheet) Result {
	if len(sheets) == 0 {
		return Result{}
	}
	sum := 0
	for _, s := range sheets {
		sum += s.Total()
	}
	r := Result{AverageX100: sum * 100 / len(sheets)}
	r.Passed = r.AverageX100 >= floorX100
	for _, c := range criteria {
		points := 0
		for _, s := range sheets {
			points += s.points(c.No)
		}
		item := CriterionResult{Criterion: c, AverageX100: points * 100 / len(sheets)}
		item.BelowFloor = item.AverageX100 < c.MaxPoints*c.FloorPercent
		r.Passed = r.Passed && !item.BelowFloor
		r.Criteria = append(r.Criteria, item)
	}
	return r
}

// necessity is the criterion that decides between equal averages.
const necessity = "協働の必要性"

// Before reports whether the result ranks before another one: by the average,
// then by 協働の必要性.
func (r Result) Before(o Result) bool {
	if r.AverageX100 != o.AverageX100 {
		return r.AverageX100 > o.AverageX100
	}
	return r.of(necessity) > o.of(necessity)
}

func (r Result) of(name string) int {
	for _, c := range r.Criteria {
		if c.Name == name {
			return c.AverageX100
		}
	}
	return 0
}
