package proposal

// Content is what the organization writes (forms 1 to 3). The JSON names are
// those of the contract: masks, corrections, revisions and comparisons go by
// them, so a new field needs nothing else in this package.
type Content struct {
	Title                  string            `json:"title"`
	Theme                  string            `json:"theme"`
	DesiredDepartmentIDs   []string          `json:"desiredDepartmentIds,omitempty"`
	ContactName            string            `json:"contactName"`
	ContactPhone           string            `json:"contactPhone"`
	ContactEmail           string            `json:"contactEmail"`
	ContactByDay           string            `json:"contactByDay"`
	Purpose                string            `json:"purpose"`
	Background             string            `json:"background"`
	Beneficiaries          string            `json:"beneficiaries"`
	BeneficiaryCount       int32             `json:"beneficiaryCount"`
	Activities             string            `json:"activities"`
	Place                  string            `json:"place"`
	Schedule               []ScheduleRow     `json:"schedule,omitempty"`
	Necessity              string            `json:"necessity"`
	Synergy                string            `json:"synergy"`
	Roles                  []RoleRow         `json:"roles,omitempty"`
	Form                   string            `json:"form"`
	Goals                  []Goal            `json:"goals,omitempty"`
	Novelty                string            `json:"novelty"`
	Continuity             string            `json:"continuity"`
	Structure              []StructureRow    `json:"structure,omitempty"`
	Publicity              string            `json:"publicity"`
	ActivityFields         []int32           `json:"activityFields,omitempty"`
	Budget                 []BudgetRow       `json:"budget,omitempty"`
	Answers                map[string]string `json:"answers,omitempty"`
	Declarations           []string          `json:"declarations,omitempty"`
	JointOrganizationIDs   []string          `json:"jointOrganizationIds,omitempty"`
	PublishConsent         bool              `json:"publishConsent"`
	PreConsultation        string            `json:"preConsultation"`
	UseOrganizationProfile bool              `json:"useOrganizationProfile"`
	ChallengeID            string            `json:"challengeId,omitempty"` // That it answers; empty without one.
}

// ScheduleRow is what happens in one month.
type ScheduleRow struct {
	Month    string `json:"month"` // YYYY-MM.
	Activity string `json:"activity"`
}

// RoleRow says who does what in one matter.
type RoleRow struct {
	Item             string `json:"item"`
	OrganizationRole string `json:"organizationRole"`
	WardRole         string `json:"wardRole"`
}

// Goal is one measurable aim.
type Goal struct {
	Indicator string `json:"indicator"`
	Baseline  string `json:"baseline"`
	Target    string `json:"target"`
	Method    string `json:"method"`
}

// StructureRow is a role in the work and how many persons fill it.
type StructureRow struct {
	Role    string `json:"role"`
	Persons int32  `json:"persons"`
}

// BudgetRow is one line of the budget.
type BudgetRow struct {
	Side    string `json:"side"` // INCOME or EXPENSE.
	Account string `json:"account"`
	Amount  int64  `json:"amount"` // Yen.
	Basis   string `json:"basis"`
	Bearer  string `json:"bearer"` // ORGANIZATION, WARD or OTHER.
}

// Totals are the sums of a budget in yen.
type Totals struct {
	Income, Expense int64
	Ward            int64 // The ward's part of the expense.
}

// Totals sums the budget.
func (c *Content) Totals() Totals {
	var t Totals
	for _, r := range c.Budget {
		if r.Side == "INCOME" {
			t.Income += r.Amount
			continue
		}
		t.Expense += r.Amount
		if r.Bearer == "WARD" {
			t.Ward += r.Amount
		}
	}
	return t
}

// ForEverybody returns the part that is published with an outcome.
func (c *Content) ForEverybody() Content {
	return Content{
		Title: c.Title, Theme: c.Theme, Purpose: c.Purpose, Background: c.Background,
		Beneficiaries: c.Beneficiaries, BeneficiaryCount: c.BeneficiaryCount,
		Activities: c.Activities, Place: c.Place, Schedule: c.Schedule,
		Necessity: c.Necessity, Synergy: c.Synergy, Roles: c.Roles, Form: c.Form, Goals: c.Goals,
		Novelty: c.Novelty, Continuity: c.Continuity, Publicity: c.Publicity,
		ActivityFields: c.ActivityFields, JointOrganizationIDs: c.JointOrganizationIDs, ChallengeID: c.ChallengeID,
	}
}

// WithoutContact returns the content without the person to ask.
func (c *Content) WithoutContact() Content {
	out := *c
	out.ContactName, out.ContactPhone, out.ContactEmail, out.ContactByDay = "", "", "", ""
	return out
}
