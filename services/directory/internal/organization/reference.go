package organization

import (
	_ "embed" // for the lists below
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// The texts of the 20 fields are those of the annex of 特定非営利活動促進法 as the
// Cabinet Office publishes them; the dates follow the number of fields (12 from
// 1998-12-01, 17 from 2003-05-01, 20 from 2012-04-01). Short names are ours.
//
//go:embed data/activity_fields.csv
var activityFieldsCSV string

// The kind codes are those of the National Tax Agency (GIF code list).
//
//go:embed data/legal_forms.csv
var legalFormsCSV string

// ActivityField is a field of specified non-profit activities.
type ActivityField struct {
	Number        int32
	Name          string // The law's text.
	ShortName     string
	EffectiveFrom jp.Date
}

// LegalForm is a legal form (法人格).
type LegalForm struct {
	Code               string
	Name               string
	TaxAgencyKindCode  string // Three digits or empty.
	HasCorporateNumber bool
}

var (
	activityFields = readActivityFields()
	legalForms     = readLegalForms()
)

// ActivityFields returns the fields in force on a day, by number.
func ActivityFields(on jp.Date) []ActivityField {
	var in []ActivityField
	for _, f := range activityFields {
		if !on.Before(f.EffectiveFrom) {
			in = append(in, f)
		}
	}
	return in
}

// LegalForms returns all legal forms in the order for a form.
func LegalForms() []LegalForm { return slices.Clone(legalForms) }

func activityFieldInForce(number int32, on jp.Date) bool {
	return slices.ContainsFunc(ActivityFields(on), func(f ActivityField) bool { return f.Number == number })
}

func knownLegalForm(code string) bool {
	return slices.ContainsFunc(legalForms, func(f LegalForm) bool { return f.Code == code })
}

func readActivityFields() []ActivityField {
	var all []ActivityField
	for _, r := range rows(activityFieldsCSV) {
		number, err := strconv.Atoi(r[0])
		if err != nil {
			panic(fmt.Sprintf("data/activity_fields.csv: %v", err))
		}
		from, err := jp.ParseDate(r[3])
		if err != nil {
			panic(fmt.Sprintf("data/activity_fields.csv: %v", err))
		}
		all = append(all, ActivityField{Number: int32(number), Name: r[1], ShortName: r[2], EffectiveFrom: from})
	}
	return all
}

func readLegalForms() []LegalForm {
	var all []LegalForm
	for _, r := range rows(legalFormsCSV) {
		all = append(all, LegalForm{Code: r[0], Name: r[1], TaxAgencyKindCode: r[2], HasCorporateNumber: r[3] == "1"})
	}
	return all
}

// rows reads an embedded file without its header; a broken one is a mistake of
// the build.
func rows(file string) [][]string {
	all, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		panic(err)
	}
	return all[1:]
}
