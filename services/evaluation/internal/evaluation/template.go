package evaluation

import (
	_ "embed" // for the criteria below
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// The default criteria; each row names the scheme that it was taken from.
//
//go:embed data/evaluation_criteria.csv
var criteriaCSV string

// Group is what a criterion is about; the values are those of the contract.
type Group string

// The groups.
const (
	Process Group = "PROCESS"
	Outcome Group = "OUTCOME"
)

// Label is the group in Japanese.
func (g Group) Label() string {
	if g == Process {
		return "協働の進め方"
	}
	return "事業の成果"
}

// Criterion is one item of both sheets.
type Criterion struct {
	No       int    `json:"no"`
	Group    Group  `json:"group"`
	Phase    string `json:"phase"`
	Name     string `json:"name"`
	Question string `json:"question"`
}

// Template is one version of the criteria.
type Template struct {
	Version   int
	Title     string
	Criteria  []Criterion
	CreatedAt time.Time // Zero for the default.
}

var usual = readCriteria()

// Default is the first version of the template, which comes with the program.
func Default() Template {
	return Template{Version: 1, Title: "相互評価 標準項目", Criteria: slices.Clone(usual)}
}

func readCriteria() []Criterion {
	rows, err := csv.NewReader(strings.NewReader(criteriaCSV)).ReadAll()
	if err != nil { // The file is embedded.
		panic(err)
	}
	var out []Criterion
	for _, r := range rows[1:] {
		no, err := strconv.Atoi(r[0])
		if err != nil {
			panic(fmt.Errorf("default criteria: %w", err))
		}
		out = append(out, Criterion{No: no, Group: Group(strings.ToUpper(r[1])), Phase: r[2], Name: r[3], Question: r[4]})
	}
	return out
}

// Check refuses a template with a number or a name that stands twice. Errors:
// INVALID_FIELD.
func (t Template) Check() error {
	numbers, names := map[int]bool{}, map[string]bool{}
	for _, c := range t.Criteria {
		if numbers[c.No] || names[c.Name] {
			return invalid("template.criteria", "評価項目の番号・名称は、重ならないようにしてください。", "Numbers and names of criteria stand once.")
		}
		numbers[c.No], names[c.Name] = true, true
	}
	return nil
}

func invalid(path, ja, en string) error {
	return fault.ErrInvalidField.On(fault.Wrong(path, ja, en))
}
