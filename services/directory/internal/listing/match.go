package listing

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// The weights of what two listings have in common; 100 in all.
const (
	sameCategory   = 40
	sharedField    = 15
	maxSharedField = 30
	sameTown       = 20
	neighbourTown  = 10
	samePeriod     = 10
)

// Candidate is what is compared of an open listing.
type Candidate struct {
	ID             string    `db:"id"`
	Category       string    `db:"category"`
	ActivityFields []int32   `db:"activity_fields"` // In order.
	Town           string    `db:"town"`
	AvailableFrom  *jp.Date  `db:"available_from"`
	AvailableUntil *jp.Date  `db:"available_until"`
	PublishedAt    time.Time `db:"published_at"`
}

// Match is a candidate that fits.
type Match struct {
	ID      string
	Score   int      // 1 to 100.
	Reasons []string // Why, in Japanese; the weightiest first.

	publishedAt time.Time
}

// categoryNames are what people read.
var categoryNames = map[string]string{
	"PEOPLE": "人手", "SKILL": "技能・知識", "PLACE": "場所", "GOODS": "物品", "MONEY": "資金", "OTHER": "その他",
}

// Suggest returns at most limit of the candidates that fit the listing, the best
// first, equal ones the newest first. The same input gives the same answer.
func (t *Text) Suggest(candidates []*Candidate, on jp.Date, limit int) []Match {
	var out []Match
	for _, c := range candidates {
		if m := t.compare(c, on); m.Score > 0 {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), b.publishedAt.Compare(a.publishedAt), strings.Compare(a.ID, b.ID))
	})
	return out[:min(len(out), limit)]
}

// compare scores a candidate: 0 when neither the category nor an activity field
// is the same, or when the periods lie apart.
func (t *Text) compare(c *Candidate, on jp.Date) Match {
	m := Match{ID: c.ID, publishedAt: c.PublishedAt}
	overlap, period := t.overlap(c)
	if !overlap {
		return m
	}
	if t.Category == c.Category {
		m.add(sameCategory, fmt.Sprintf("分類が同じです（%s）。", categoryNames[c.Category]))
	}
	var shared []string
	for _, n := range t.ActivityFields {
		if slices.Contains(c.ActivityFields, n) {
			shared = append(shared, "「"+fieldName(n, on)+"」")
		}
	}
	if len(shared) > 0 {
		m.add(min(len(shared)*sharedField, maxSharedField), "活動分野が共通です（"+strings.Join(shared, "")+"）。")
	}
	if m.Score == 0 {
		return m
	}
	switch {
	case t.Town == "" || c.Town == "":
	case t.Town == c.Town:
		m.add(sameTown, fmt.Sprintf("地域が同じです（%s）。", c.Town))
	case quarter(t.Town) == quarter(c.Town):
		m.add(neighbourTown, fmt.Sprintf("地域が近くです（%s）。", quarter(c.Town)))
	}
	if period != "" {
		m.add(samePeriod, "期間が重なっています（"+period+"）。")
	}
	return m
}

func (m *Match) add(points int, reason string) {
	m.Score += points
	m.Reasons = append(m.Reasons, reason)
}

// overlap reports whether both periods have a day in common, and the common
// period in words when both sides name days. A side without a day is open there.
func (t *Text) overlap(c *Candidate) (ok bool, period string) {
	from, until := later(t.AvailableFrom, c.AvailableFrom), earlier(t.AvailableUntil, c.AvailableUntil)
	if from != nil && until != nil && until.Before(*from) {
		return false, ""
	}
	if (t.AvailableFrom == nil && t.AvailableUntil == nil) || (c.AvailableFrom == nil && c.AvailableUntil == nil) {
		return true, ""
	}
	for i, d := range []*jp.Date{from, until} {
		if i == 1 {
			period += "〜"
		}
		if d != nil {
			period += fmt.Sprintf("%d年%d月%d日", d.Year, d.Month, d.Day)
		}
	}
	return true, period
}

func later(a, b *jp.Date) *jp.Date {
	if a == nil || (b != nil && b.After(*a)) {
		return b
	}
	return a
}

func earlier(a, b *jp.Date) *jp.Date {
	if a == nil || (b != nil && b.Before(*a)) {
		return b
	}
	return a
}

var block = regexp.MustCompile(`[一二三四五六七八九十]+丁目$`)

// quarter is a town without its 丁目.
func quarter(town string) string { return block.ReplaceAllString(town, "") }
