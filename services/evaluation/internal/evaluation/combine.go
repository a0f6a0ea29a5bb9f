package evaluation

// Class is how the scores of both sides stand to each other; the values are those
// of the contract.
type Class string

// The classes.
const (
	NeedsDiscussion Class = "NEEDS_DISCUSSION"
	SharedStrength  Class = "SHARED_STRENGTH"
	SharedIssue     Class = "SHARED_ISSUE"
	MostlyAgreed    Class = "MOSTLY_AGREED"
	OneSideOnly     Class = "ONE_SIDE_ONLY"
	NotApplicable   Class = "NOT_APPLICABLE"
)

// Label is the class in Japanese.
func (c Class) Label() string {
	return map[Class]string{
		NeedsDiscussion: "要協議", SharedStrength: "共通の強み", SharedIssue: "共通の課題",
		MostlyAgreed: "概ね一致", OneSideOnly: "片方のみ", NotApplicable: "対象外",
	}[c]
}

// Combined is one item of both sheets.
type Combined struct {
	Class Class `json:"class"`
	// Gap is organization less ward, MeanX10 the mean of both times ten; both are
	// nil unless both have a score.
	Gap     *int `json:"gap,omitempty"`
	MeanX10 *int `json:"meanX10,omitempty"`
}

// Combine holds two scores against each other; 0 is none.
func Combine(organization, ward int) Combined {
	switch {
	case organization == 0 && ward == 0:
		return Combined{Class: NotApplicable}
	case organization == 0 || ward == 0:
		return Combined{Class: OneSideOnly}
	}
	gap, mean := organization-ward, (organization+ward)*5
	c := Combined{Class: MostlyAgreed, Gap: &gap, MeanX10: &mean}
	switch {
	case gap >= 2 || gap <= -2:
		c.Class = NeedsDiscussion
	case organization >= 4 && ward >= 4:
		c.Class = SharedStrength
	case organization <= 2 && ward <= 2:
		c.Class = SharedIssue
	}
	return c
}

// Item is one criterion with both answers.
type Item struct {
	Criterion
	Organization Answer `json:"organization"`
	Ward         Answer `json:"ward"`
	Combined
	Cause       string `json:"cause,omitempty"`
	Improvement string `json:"improvement,omitempty"`
}

// Compare puts both sheets side by side, in the order of the criteria.
func Compare(criteria []Criterion, organization, ward Sheet) []Item {
	items := make([]Item, len(criteria))
	for i, c := range criteria {
		o, _ := organization.Answer(c.No)
		w, _ := ward.Answer(c.No)
		items[i] = Item{Criterion: c, Organization: o, Ward: w, Combined: Combine(o.Score, w.Score)}
	}
	return items
}

// OverallX10 is the mean of both sides over the items that both have scored,
// times ten, rounded half up; nil where there is none.
func OverallX10(items []Item) *int {
	sum, n := 0, 0
	for _, i := range items {
		if i.MeanX10 != nil {
			sum, n = sum+*i.MeanX10, n+1
		}
	}
	return rounded(sum, n)
}

// MeanX10 is the mean of n scores times ten, rounded half up; nil for none.
func MeanX10(sum, n int) *int { return rounded(10*sum, n) }

// rounded is sum by n, rounded half up; nil for n of 0.
func rounded(sum, n int) *int {
	if n == 0 {
		return nil
	}
	mean := (2*sum + n) / (2 * n)
	return &mean
}

// ToDiscuss are the numbers of the items that need to be talked about.
func ToDiscuss(items []Item) []int {
	var out []int
	for _, i := range items {
		if i.Class == NeedsDiscussion {
			out = append(out, i.No)
		}
	}
	return out
}
