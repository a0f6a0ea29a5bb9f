package evaluation

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// Discussion is the record of the talk of both sides.
type Discussion struct {
	MeetingOn jp.Date          `json:"meetingOn"`
	Attendees []Attendee       `json:"attendees"`
	Items     []DiscussionItem `json:"items"`
	Summary   string           `json:"summary"`
}

// Attendee is a role at the talk; names of persons are not kept.
type Attendee struct {
	Side  project.Side `json:"side"`
	Role  string       `json:"role"`
	Count int          `json:"count"`
}

// DiscussionItem is what the talk said about one criterion.
type DiscussionItem struct {
	CriterionNo int    `json:"criterionNo"`
	Cause       string `json:"cause"`
	Improvement string `json:"improvement"`
}

// Discuss records the talk about compared items; agreements to an earlier record
// end. Errors: INVALID_STATE_TRANSITION, INVALID_FIELD, DISCUSSION_INCOMPLETE.
func (e *Evaluation) Discuss(d Discussion, items []Item, now time.Time) error {
	if e.State != BothSubmitted && e.State != Discussed {
		return e.refuse(Discussed)
	}
	if d.MeetingOn.After(jp.DateOf(now)) {
		return invalid("discussion.meetingOn", "協議を行った日（今日以前）を記入してください。", "The day of the talk is not in the future.")
	}
	seen := map[int]bool{}
	for i, item := range d.Items {
		known := slices.ContainsFunc(items, func(k Item) bool { return k.No == item.CriterionNo })
		if !known || seen[item.CriterionNo] {
			return invalid(fmt.Sprintf("discussion.items[%d].criterionNo", i), "評価項目の番号を確認してください。一つの項目は一度だけ記入します。", "Each criterion of the evaluation stands once.")
		}
		seen[item.CriterionNo] = true
	}
	var open []int
	for _, no := range ToDiscuss(items) {
		item := d.item(no)
		if strings.TrimSpace(item.Cause) == "" || strings.TrimSpace(item.Improvement) == "" {
			open = append(open, no)
		}
	}
	if len(open) > 0 {
		return ErrDiscussionIncomplete.With("criteria", numbers(open))
	}
	for i := range d.Attendees {
		d.Attendees[i].Count = max(1, d.Attendees[i].Count)
	}
	e.Discussion, e.State, e.Agreements = &d, Discussed, nil
	return nil
}

func (d *Discussion) item(no int) DiscussionItem {
	if d != nil {
		if at := slices.IndexFunc(d.Items, func(i DiscussionItem) bool { return i.CriterionNo == no }); at >= 0 {
			return d.Items[at]
		}
	}
	return DiscussionItem{CriterionNo: no}
}
