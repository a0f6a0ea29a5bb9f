package organization

import (
	"slices"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// field is one writable field under its path in the update mask.
type field struct {
	path  string
	legal bool // Written by representatives only.
	copy  func(to, from *Profile)
}

// fields are all writable fields, in the order of the contract.
var fields = []field{
	{"name", true, func(to, from *Profile) { to.Name = from.Name }},
	{"name_kana", true, func(to, from *Profile) { to.NameKana = from.NameKana }},
	{"name_en", false, func(to, from *Profile) { to.NameEn = from.NameEn }},
	{"alternate_name", false, func(to, from *Profile) { to.AlternateName = from.AlternateName }},
	{"kind", true, func(to, from *Profile) { to.Kind = from.Kind }},
	{"legal_form", true, func(to, from *Profile) { to.LegalForm = from.LegalForm }},
	{"corporate_number", true, func(to, from *Profile) { to.CorporateNumber = from.CorporateNumber }},
	{"jurisdiction", false, func(to, from *Profile) { to.Jurisdiction = from.Jurisdiction }},
	{"purpose", false, func(to, from *Profile) { to.Purpose = from.Purpose }},
	{"description", false, func(to, from *Profile) { to.Description = from.Description }},
	{"activity_fields", false, func(to, from *Profile) { to.ActivityFields = from.ActivityFields }},
	{"representative_name", false, func(to, from *Profile) { to.RepresentativeName = from.RepresentativeName }},
	{"representative_name_kana", false, func(to, from *Profile) { to.RepresentativeNameKana = from.RepresentativeNameKana }},
	{"representative_title", false, func(to, from *Profile) { to.RepresentativeTitle = from.RepresentativeTitle }},
	{"established_on", false, func(to, from *Profile) { to.EstablishedOn = from.EstablishedOn }},
	{"certified_on", false, func(to, from *Profile) { to.CertifiedOn = from.CertifiedOn }},
	{"registered_on", false, func(to, from *Profile) { to.RegisteredOn = from.RegisteredOn }},
	{"certification", false, func(to, from *Profile) { to.Certification = from.Certification }},
	{"certification_from", false, func(to, from *Profile) { to.CertificationFrom = from.CertificationFrom }},
	{"certification_until", false, func(to, from *Profile) { to.CertificationUntil = from.CertificationUntil }},
	{"member_count", false, func(to, from *Profile) { to.MemberCount = from.MemberCount }},
	{"annual_budget", false, func(to, from *Profile) { to.AnnualBudget = from.AnnualBudget }},
	{"address", true, func(to, from *Profile) { to.Address = from.Address }},
	{"address.postal_code", true, func(to, from *Profile) { to.PostalCode = from.PostalCode }},
	{"address.municipality_code", true, func(to, from *Profile) { to.MunicipalityCode = from.MunicipalityCode }},
	{"address.prefecture", true, func(to, from *Profile) { to.Prefecture = from.Prefecture }},
	{"address.city", true, func(to, from *Profile) { to.City = from.City }},
	{"address.town", true, func(to, from *Profile) { to.Town = from.Town }},
	{"address.street_number", true, func(to, from *Profile) { to.StreetNumber = from.StreetNumber }},
	{"address.building", true, func(to, from *Profile) { to.Building = from.Building }},
	{"contact_point", false, func(to, from *Profile) { to.ContactPoint = from.ContactPoint }},
	{"contact_point.name", false, func(to, from *Profile) { to.ContactName = from.ContactName }},
	{"contact_point.phone_number", false, func(to, from *Profile) { to.ContactPhoneNumber = from.ContactPhoneNumber }},
	{"contact_point.email", false, func(to, from *Profile) { to.ContactEmail = from.ContactEmail }},
	{"contact_point.url", false, func(to, from *Profile) { to.ContactURL = from.ContactURL }},
	{"url", false, func(to, from *Profile) { to.URL = from.URL }},
	{"capabilities", false, func(to, from *Profile) { to.Capabilities = from.Capabilities }},
	{"source_name", false, func(to, from *Profile) { to.SourceName = from.SourceName }},
	{"source_url", false, func(to, from *Profile) { to.SourceURL = from.SourceURL }},
	{"publicity", false, func(to, from *Profile) { to.Publicity = from.Publicity }},
	{"publicity.representative", false, func(to, from *Profile) { to.PublishRepresentative = from.PublishRepresentative }},
	{"publicity.contact_point", false, func(to, from *Profile) { to.PublishContactPoint = from.PublishContactPoint }},
	{"publicity.street_address", false, func(to, from *Profile) { to.PublishStreetAddress = from.PublishStreetAddress }},
	{"publicity.member_count", false, func(to, from *Profile) { to.PublishMemberCount = from.PublishMemberCount }},
	{"publicity.annual_budget", false, func(to, from *Profile) { to.PublishAnnualBudget = from.PublishAnnualBudget }},
}

// Paths returns the paths of the update mask.
func Paths() []string {
	paths := make([]string, 0, len(fields))
	for _, f := range fields {
		paths = append(paths, f.path)
	}
	return paths
}

// Legal reports whether one of the paths is a legal field.
func Legal(paths []string) bool {
	return slices.ContainsFunc(fields, func(f field) bool { return f.legal && slices.Contains(paths, f.path) })
}

// complete reports what is missing for an application that the desk can check.
// Errors: ORGANIZATION_INCOMPLETE.
func (o *Organization) complete() error {
	var missing []fault.Field
	for _, f := range []struct {
		path  string
		empty bool
	}{
		{"name", o.Name == ""},
		{"nameKana", o.NameKana == ""},
		{"kind", o.Kind == ""},
		{"purpose", o.Purpose == ""},
		{"activityFields", len(o.ActivityFields) == 0},
		{"representativeName", o.RepresentativeName == ""},
		{"address.town", o.Town == ""},
	} {
		if f.empty {
			missing = append(missing, fault.Missing(f.path))
		}
	}
	return ErrIncomplete.OnAny(missing)
}
