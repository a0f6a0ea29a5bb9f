package project

import (
	_ "embed" // for the list below
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// The forms are those of 横浜コード and of 北海道; each row names its source.
//
//go:embed data/collaboration_forms.csv
var formsCSV string

// Form is a form of collaboration (協働の形態).
type Form struct {
	Code        string
	Name        string
	Description string
	Document    string // That it needs, such as 協定書または覚書.
}

var forms = readForms()

// Forms returns the forms in the usual order.
func Forms() []Form { return slices.Clone(forms) }

// FormOf returns the form with the code; the zero value for none.
func FormOf(code string) Form {
	if at := slices.IndexFunc(forms, func(f Form) bool { return f.Code == code }); at >= 0 {
		return forms[at]
	}
	return Form{}
}

func readForms() []Form {
	rows, err := csv.NewReader(strings.NewReader(formsCSV)).ReadAll()
	if err != nil { // The file is embedded.
		panic(err)
	}
	var all []Form
	for _, r := range rows[1:] {
		all = append(all, Form{Code: r[0], Name: r[1], Description: r[2], Document: r[3]})
	}
	return all
}

// Number writes a public number, such as R8-協-0001.
func Number(kind string, fiscalYear, serial int) string {
	return fmt.Sprintf("%s-%s-%04d", jp.FiscalYearCode(fiscalYear), kind, serial)
}

// Part is what a party contributes; the values are those of kyodo.type.v1.Credit.
type Part string

// The parts.
const (
	Organizer   Part = "ORGANIZER"
	CoOrganizer Part = "CO_ORGANIZER"
	Patron      Part = "PATRON"
	Supporter   Part = "SUPPORTER"
	Contractor  Part = "CONTRACTOR"
)

// Credit is one line of who stands behind a project; exactly one id is set.
type Credit struct {
	Part           Part   `json:"part"`
	OrganizationID string `json:"organizationId,omitempty"`
	DepartmentID   string `json:"departmentId,omitempty"`
	Name           string `json:"name,omitempty"` // As far as it is known.
}

// Credits are the departments and organizations side by side, in the parts that
// the form of collaboration gives them.
func (p *Project) Credits() []Credit {
	ward, organization := partsOf(p.Form)
	var out []Credit
	for _, id := range p.DepartmentIDs() {
		out = append(out, Credit{Part: ward, DepartmentID: id, Name: p.Names.Departments[id]})
	}
	for _, id := range p.OrganizationIDs {
		out = append(out, Credit{Part: organization, OrganizationID: id, Name: p.Names.Organizations[id]})
	}
	return out
}

func partsOf(form string) (ward, organization Part) {
	switch form {
	case "commission":
		return Organizer, Contractor
	case "koen":
		return Patron, Organizer
	case "subsidy", "property", "information":
		return Supporter, Organizer
	default: // 共催, 事業協力, 実行委員会, and while it is not set.
		return CoOrganizer, CoOrganizer
	}
}
