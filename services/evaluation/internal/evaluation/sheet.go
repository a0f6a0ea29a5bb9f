package evaluation

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// Sheet is what one side writes.
type Sheet struct {
	Answers   []Answer `json:"answers"`
	Strengths string   `json:"strengths"`
	Issues    string   `json:"issues"`
	Next      string   `json:"next"`
}

// Answer is a side's answer to one criterion.
type Answer struct {
	CriterionNo int    `json:"criterionNo"`
	Score       int    `json:"score"` // 1 to 5; 0 where the criterion does not apply (対象外).
	Reason      string `json:"reason"`
}

// SaltSize is the length of a commitment's salt in bytes.
const SaltSize = 32

// Sealed is a sheet as it is kept sealed: with the salt of its commitment, so
// that the commitment cannot be tried out.
type Sealed struct {
	Sheet Sheet  `json:"sheet"`
	Salt  []byte `json:"salt"`
	// SavedBy is who saved it last.
	SavedBy string `json:"savedBy"`
}

// Text is the canonical text of a sheet: JSON with the fields in their order and
// the answers by number.
func (s Sheet) Text() string {
	s.Answers = slices.Clone(s.Answers)
	slices.SortFunc(s.Answers, func(a, b Answer) int { return a.CriterionNo - b.CriterionNo })
	raw, err := json.Marshal(s)
	if err != nil { // Texts and numbers always encode.
		panic(fmt.Errorf("text of a sheet: %w", err))
	}
	return string(raw)
}

// Commitment is the SHA-256 over salt and text in lower-case hexadecimal: it fixes
// the sheet without telling of it.
func (s Sealed) Commitment() string {
	sum := sha256.Sum256(append(slices.Clone(s.Salt), s.Sheet.Text()...))
	return hex.EncodeToString(sum[:])
}

// Answer returns the answer to a criterion, or false where there is none.
func (s Sheet) Answer(no int) (Answer, bool) {
	at := slices.IndexFunc(s.Answers, func(a Answer) bool { return a.CriterionNo == no })
	if at < 0 {
		return Answer{CriterionNo: no}, false
	}
	return s.Answers[at], true
}

// Check refuses a draft that answers what is not asked, or twice. Errors:
// INVALID_FIELD.
func (s Sheet) Check(criteria []Criterion) error {
	seen := map[int]bool{}
	for i, a := range s.Answers {
		known := slices.ContainsFunc(criteria, func(c Criterion) bool { return c.No == a.CriterionNo })
		if !known || seen[a.CriterionNo] {
			return invalid(fmt.Sprintf("sheet.answers[%d].criterionNo", i), "評価項目の番号を確認してください。一つの項目には一度だけ答えます。", "Answer each criterion of the evaluation once.")
		}
		seen[a.CriterionNo] = true
	}
	return nil
}

// Complete refuses a sheet that cannot be submitted. Errors: SHEET_INCOMPLETE,
// SCORE_REASON_REQUIRED.
func (s Sheet) Complete(criteria []Criterion) error {
	var open, bare []int
	for _, c := range criteria {
		a, ok := s.Answer(c.No)
		switch {
		case !ok:
			open = append(open, c.No)
		case a.NeedsReason():
			bare = append(bare, c.No)
		}
	}
	if len(open) > 0 {
		return ErrIncomplete.With("criteria", numbers(open))
	}
	if len(bare) > 0 {
		return ErrReasonRequired.With("criteria", numbers(bare))
	}
	return nil
}

// NeedsReason reports whether the score is 1 or 2 and its reason is missing.
func (a Answer) NeedsReason() bool {
	return (a.Score == 1 || a.Score == 2) && strings.TrimSpace(a.Reason) == ""
}

// numbers writes numbers with commas between.
func numbers(of []int) string {
	out := make([]string, len(of))
	for i, n := range of {
		out[i] = strconv.Itoa(n)
	}
	return strings.Join(out, ",")
}

// SideOf is the side to which the reader belongs as far as sheets are concerned:
// the desk and delegated coordinators belong to none. Who belongs to both belongs
// to the organizations, so that nobody reads both sealed sheets.
func SideOf(r project.Reader, p *project.Project) project.Side {
	switch {
	case project.Reader{Members: r.Members}.Inside(p):
		return project.Organization
	case project.Reader{Department: r.Department}.Inside(p):
		return project.Ward
	default:
		return project.None
	}
}

// Writes reports whether the reader writes the side's sheet: an editor or
// representative, or staff of a department that is party to the project.
func Writes(r project.Reader, p *project.Project, side project.Side) bool {
	if SideOf(r, p) != side {
		return false
	}
	if side == project.Organization {
		return project.Reader{Writers: r.Writers}.Side(p) == project.Organization
	}
	return r.Staff
}

// Submits reports whether the reader submits the side's sheet: a representative,
// or staff or an approver of a department that is party to the project.
func Submits(r project.Reader, p *project.Project, side project.Side) bool {
	if SideOf(r, p) != side {
		return false
	}
	if side == project.Organization {
		return r.Heads(p)
	}
	return r.Staff || r.Approver
}
