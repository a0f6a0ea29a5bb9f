package organization

import (
	"errors"
	"slices"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// findings collects what is wrong with single fields.
type findings []fault.Field

func (f *findings) add(path, reason, ja, en string) {
	*f = append(*f, fault.Field{Path: path, Reason: reason, Ja: ja, En: en})
}

// refused notes err, in the words of package jp, under path.
func (f *findings) refused(path string, err error) {
	var pe *jp.ParseError
	if errors.As(err, &pe) {
		f.add(path, pe.Reason, pe.Ja, pe.En)
	}
}

// normalize brings the profile into the form in which it is stored. Errors:
// INVALID_FIELD with every field that cannot be.
func (p *Profile) normalize(today jp.Date) error {
	var f findings
	p.normalizeTexts(&f)
	p.normalizeNumbers(&f)
	p.normalizeAddress(&f)
	p.normalizeContact(&f)
	p.checkDates(&f, today)
	p.checkChoices(&f, today)
	return fault.ErrInvalidField.OnAny(f)
}

// normalizeTexts cleans free texts, refuses those in which a マイナンバー may
// stand, and makes readings katakana.
func (p *Profile) normalizeTexts(f *findings) {
	for _, t := range []struct {
		path string
		text *string
	}{
		{"name", &p.Name},
		{"nameEn", &p.NameEn},
		{"alternateName", &p.AlternateName},
		{"jurisdiction", &p.Jurisdiction},
		{"purpose", &p.Purpose},
		{"description", &p.Description},
		{"representativeName", &p.RepresentativeName},
		{"representativeTitle", &p.RepresentativeTitle},
		{"contactPoint.name", &p.ContactName},
		{"sourceName", &p.SourceName},
	} {
		*t.text = jp.Clean(*t.text)
		if jp.LooksLikeMyNumber(*t.text) {
			f.refused(t.path, jp.ErrMyNumber)
		}
		// Open data carry texts as they are, and spreadsheet programs run formulas.
		if strings.IndexAny(*t.text, "=+-@") == 0 {
			f.add(t.path, textLikeFormula, "「=」「+」「-」「@」で始まる文字は入力できません。別の文字から始めてください。", "The text must not begin with = + - @.")
		}
	}
	if p.Name == "" {
		*f = append(*f, fault.Missing("name"))
	}
	for _, k := range []struct {
		path string
		text *string
	}{
		{"nameKana", &p.NameKana},
		{"representativeNameKana", &p.RepresentativeNameKana},
	} {
		kana, err := jp.NormalizeKana(*k.text)
		f.refused(k.path, err)
		*k.text = kana
	}
}

func (p *Profile) normalizeNumbers(f *findings) {
	if p.CorporateNumber != "" {
		n, err := jp.ParseCorporateNumber(p.CorporateNumber)
		f.refused("corporateNumber", err)
		p.CorporateNumber = n
	}
	p.ActivityFields = append([]int32{}, p.ActivityFields...)
	slices.Sort(p.ActivityFields)
	p.Capabilities = append([]string{}, p.Capabilities...)
}

// normalizeAddress splits and normalises addresses in the wards of Tokyo; one
// elsewhere is kept as it was typed.
func (p *Profile) normalizeAddress(f *findings) {
	a := &p.Address
	if *a == (Address{}) {
		return
	}
	if a.PostalCode != "" {
		code, err := jp.ParsePostalCode(a.PostalCode)
		f.refused("address.postalCode", err)
		a.PostalCode = code
	}
	if a.MunicipalityCode != "" && !jp.ValidMunicipalityCode(a.MunicipalityCode) {
		f.refused("address.municipalityCode", jp.ErrMunicipalityCode)
	}
	for _, text := range []*string{&a.Prefecture, &a.City, &a.Town, &a.StreetNumber, &a.Building} {
		*text = jp.Clean(*text)
	}
	if a.Town == "" {
		return
	}
	parsed, err := jp.ParseAddress(strings.TrimSpace(a.Prefecture + a.City + a.Town + a.StreetNumber + " " + a.Building))
	switch {
	case err == nil:
		a.Prefecture, a.City, a.Town = parsed.Prefecture, parsed.City, parsed.Town
		a.StreetNumber, a.Building = parsed.StreetNumber, parsed.Building
	case a.City == "" || a.City == jp.ChiyodaName:
		f.refused("address.town", err)
	}
	if a.City == jp.ChiyodaName {
		a.MunicipalityCode = jp.ChiyodaCode
	}
}

func (p *Profile) normalizeContact(f *findings) {
	if p.ContactPhoneNumber != "" {
		n, err := jp.ParsePhone(p.ContactPhoneNumber)
		f.refused("contactPoint.phoneNumber", err)
		p.ContactPhoneNumber = n
	}
	p.ContactEmail = strings.ToLower(p.ContactEmail)
}

func (p *Profile) checkDates(f *findings, today jp.Date) {
	for _, d := range []struct {
		path string
		date *jp.Date
	}{
		{"establishedOn", p.EstablishedOn},
		{"certifiedOn", p.CertifiedOn},
		{"registeredOn", p.RegisteredOn},
	} {
		if d.date != nil && d.date.After(today) {
			f.add(d.path, dateInFuture, "今日までの日付を入力してください。", "The date must not lie in the future.")
		}
	}
	if from, until := p.CertificationFrom, p.CertificationUntil; from != nil && until != nil && until.Before(*from) {
		f.add("certificationUntil", datesInWrongOrder, "開始日以降の日付を入力してください。", "The last day lies before the first.")
	}
}

// checkChoices checks values against lists that are data.
func (p *Profile) checkChoices(f *findings, today jp.Date) {
	if p.Kind == "" {
		*f = append(*f, fault.Missing("kind"))
	}
	if p.LegalForm != "" && !knownLegalForm(p.LegalForm) {
		f.add("legalForm", unknownLegalForm, "法人格は一覧から選んでください。", "Choose the legal form from the list.")
	}
	for _, n := range p.ActivityFields {
		if !activityFieldInForce(n, today) {
			f.add("activityFields", unknownActivityField, "活動分野は一覧から選んでください。", "Choose the activity fields from the list.")
		}
	}
	if len(p.Capabilities) > 0 && p.Kind != Intermediary {
		f.add("capabilities", notForThisKind, "支援の種類は、中間支援組織だけが入力できます。", "Capabilities are for intermediaries only.")
	}
}
