package organization

// disclosed are the fields of the disclosure level, in the order of the contract.
// The column organization.undisclosed_percent counts the same.
var disclosed = []struct {
	name      string
	published func(o *Organization) bool
}{
	{"purpose", func(o *Organization) bool { return o.Purpose != "" }},
	{"description", func(o *Organization) bool { return o.Description != "" }},
	{"activityFields", func(o *Organization) bool { return len(o.ActivityFields) > 0 }},
	{"establishedOn", func(o *Organization) bool { return o.EstablishedOn != nil }},
	{"url", func(o *Organization) bool { return o.URL != "" }},
	{"representative", func(o *Organization) bool { return o.PublishRepresentative && o.RepresentativeName != "" }},
	{"contactPoint", func(o *Organization) bool {
		return o.PublishContactPoint && (o.ContactPhoneNumber != "" || o.ContactEmail != "" || o.ContactURL != "")
	}},
	{"streetAddress", func(o *Organization) bool { return o.PublishStreetAddress && o.StreetNumber != "" }},
	{"memberCount", func(o *Organization) bool { return o.PublishMemberCount && o.MemberCount > 0 }},
	{"annualBudget", func(o *Organization) bool { return o.PublishAnnualBudget && o.AnnualBudget > 0 }},
}

// Disclosure is how much of itself an organization publishes.
type Disclosure struct {
	Percent int32    // 0, 10 … 100.
	Level   int32    // 1 to 5.
	Missing []string // Fields that would raise it; whether empty or hidden is not told.
}

// percentALevel is how many percent a level has.
const percentALevel = 20

// Disclosure counts the fields that are filled and published.
func (o *Organization) Disclosure() Disclosure {
	var d Disclosure
	for _, f := range disclosed {
		if f.published(o) {
			d.Percent += 100 / int32(len(disclosed))
		} else {
			d.Missing = append(d.Missing, f.name)
		}
	}
	d.Level = max(1, (d.Percent+percentALevel-1)/percentALevel)
	return d
}

// LeastPercent is the percentage with which a level begins, 0 for level 1.
func LeastPercent(level int32) int32 {
	if level <= 1 {
		return 0
	}
	return (level-1)*percentALevel + 1
}
