// Package organization is the domain of the register of organizations: their
// fields with the rules of form that need knowledge of Japan, their states, and
// what must be there before one is verified.
package organization

import (
	"slices"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// Kind is what sort of group an organization is; the names are the contract's.
type Kind string

// Kinds that rules ask for; the contract has more.
const (
	VolunteerGroup Kind = "VOLUNTEER_GROUP"
	Intermediary   Kind = "INTERMEDIARY"
)

// Organization is one entry of the register. A date that is not known is nil.
type Organization struct {
	ID    string `db:"id"`
	State State  `db:"state"`
	Profile
	VerifiedOn         *jp.Date  `db:"verified_on"`       // First verification.
	ValidUntil         *jp.Date  `db:"valid_until"`       // Last day.
	LastConfirmedOn    *jp.Date  `db:"last_confirmed_on"` // By a representative.
	CorrectionReason   string    `db:"correction_reason"` // What the desk asked to be corrected; empty for nothing.
	CorrectionFields   []string  `db:"correction_fields"` // As in JSON.
	ReturnedOn         *jp.Date  `db:"returned_on"`
	StateReason        string    `db:"state_reason"`         // Why it is suspended, closed or merged.
	SurvivorID         *string   `db:"survivor_id"`          // Where a merged one lives on.
	Period             int32     `db:"registration_period"`  // 1, one more with every renewal.
	RenewalRequestedOn *jp.Date  `db:"renewal_requested_on"` // By a representative, since the last decision.
	ImportID           *string   `db:"import_id"`            // Import that made it.
	CreatedAt          time.Time `db:"created_at"`
	UpdatedAt          time.Time `db:"updated_at"`
	Version            int64     `db:"version"` // 1, 2, 3 …
}

// Profile is what members and the desk write. See the contract for meaning and
// bounds.
type Profile struct {
	Name                   string   `db:"name"`
	NameKana               string   `db:"name_kana"` // Full-width katakana.
	NameEn                 string   `db:"name_en"`
	AlternateName          string   `db:"alternate_name"`
	Kind                   Kind     `db:"kind"`
	LegalForm              string   `db:"legal_form"`
	CorporateNumber        string   `db:"corporate_number"` // 13 digits or empty.
	Jurisdiction           string   `db:"jurisdiction"`
	Purpose                string   `db:"purpose"`
	Description            string   `db:"description"`
	ActivityFields         []int32  `db:"activity_fields"` // Ascending.
	RepresentativeName     string   `db:"representative_name"`
	RepresentativeNameKana string   `db:"representative_name_kana"`
	RepresentativeTitle    string   `db:"representative_title"`
	EstablishedOn          *jp.Date `db:"established_on"`
	CertifiedOn            *jp.Date `db:"certified_on"`
	RegisteredOn           *jp.Date `db:"registered_on"`
	Certification          string   `db:"certification"` // Name in the contract; empty for none.
	CertificationFrom      *jp.Date `db:"certification_from"`
	CertificationUntil     *jp.Date `db:"certification_until"`
	MemberCount            int32    `db:"member_count"`
	AnnualBudget           int64    `db:"annual_budget"` // Yen.
	Address
	ContactPoint
	URL          string   `db:"url"`
	Capabilities []string `db:"capabilities"` // Names in the contract.
	Publicity
	SourceName string `db:"source_name"` // List that the entry was taken from.
	SourceURL  string `db:"source_url"`
}

// Address is the registered address in the parts of GIF DS-442.
type Address struct {
	PostalCode       string `db:"postal_code"`
	MunicipalityCode string `db:"municipality_code"`
	Prefecture       string `db:"prefecture"`
	City             string `db:"city"`
	Town             string `db:"town"`
	StreetNumber     string `db:"street_number"`
	Building         string `db:"building"`
}

// ContactPoint is a way to reach the organization.
type ContactPoint struct {
	ContactName        string `db:"contact_name"`
	ContactPhoneNumber string `db:"contact_phone_number"`
	ContactEmail       string `db:"contact_email"`
	ContactURL         string `db:"contact_url"`
}

// Publicity says which fields everybody may see beside those that are always
// published.
type Publicity struct {
	PublishRepresentative bool `db:"publish_representative"`
	PublishContactPoint   bool `db:"publish_contact_point"`
	PublishStreetAddress  bool `db:"publish_street_address"`
	PublishMemberCount    bool `db:"publish_member_count"`
	PublishAnnualBudget   bool `db:"publish_annual_budget"`
}

// DefaultPublicity is what a new organization publishes until somebody decides
// otherwise. A volunteer group's contact and street are usually somebody's home;
// the representative's name is published with consent only.
func DefaultPublicity(k Kind) Publicity {
	open := k != VolunteerGroup
	return Publicity{PublishContactPoint: open, PublishStreetAddress: open}
}

// New begins an application for registration as a draft in its first period.
func New(id string, p Profile, now time.Time) (*Organization, error) {
	o := &Organization{
		ID:               id,
		State:            Draft,
		CorrectionFields: []string{},
		Period:           1,
		CreatedAt:        now,
		UpdatedAt:        now,
		Version:          1,
	}
	return o, o.write(p, nil, jp.DateOf(now))
}

// Change writes the fields of p that paths name. The desk writes in more states
// than members, and alone changes the source, and the kind once the organization
// was verified. Errors: INVALID_STATE_TRANSITION, KIND_FIXED, SOURCE_FIXED,
// INVALID_FIELD, ORGANIZATION_INCOMPLETE.
func (o *Organization) Change(p Profile, paths []string, desk bool, now time.Time) error {
	action := Update
	if desk {
		action = Amend
	}
	if _, err := o.State.After(action); err != nil {
		return err
	}
	before := o.Profile
	if err := o.write(p, paths, jp.DateOf(now)); err != nil {
		return err
	}
	switch {
	case desk:
	case o.Kind != before.Kind && o.VerifiedOn != nil:
		return ErrKindFixed.OnPath("kind")
	case o.SourceName != before.SourceName || o.SourceURL != before.SourceURL:
		return ErrSourceFixed.OnPath("sourceName")
	}
	if o.State == Draft {
		return nil
	}
	return o.complete()
}

// write copies the named fields, all of them without names, and brings them
// into form.
func (o *Organization) write(p Profile, paths []string, today jp.Date) error {
	for _, f := range fields {
		if paths == nil || slices.Contains(paths, f.path) {
			f.copy(&o.Profile, &p)
		}
	}
	return o.normalize(today)
}

// Submit hands the application to the desk. Errors: INVALID_STATE_TRANSITION,
// ORGANIZATION_INCOMPLETE.
func (o *Organization) Submit() error {
	if err := o.move(Submit); err != nil {
		return err
	}
	o.CorrectionReason, o.CorrectionFields, o.ReturnedOn = "", []string{}, nil
	return o.complete()
}

// Verify publishes the organization until a day; nil for the end of the fiscal
// year after the next. Errors: INVALID_STATE_TRANSITION, VALIDITY_INVALID,
// ORGANIZATION_INCOMPLETE.
func (o *Organization) Verify(until *jp.Date, now time.Time) error {
	if err := o.move(Verify); err != nil {
		return err
	}
	today := jp.DateOf(now)
	if o.VerifiedOn == nil {
		o.VerifiedOn = &today
	}
	o.LastConfirmedOn = &today
	return o.extend(until, today)
}

// Renew extends the validity, as Verify sets it. Errors:
// INVALID_STATE_TRANSITION, VALIDITY_INVALID, ORGANIZATION_INCOMPLETE.
func (o *Organization) Renew(until *jp.Date, now time.Time) error {
	if err := o.move(Renew); err != nil {
		return err
	}
	o.Period++
	o.RenewalRequestedOn = nil
	return o.extend(until, jp.DateOf(now))
}

// RequestRenewal asks the desk to renew; the day of the first request stays.
// Errors: INVALID_STATE_TRANSITION.
func (o *Organization) RequestRenewal(now time.Time) error {
	if err := o.move(RequestRenewal); err != nil {
		return err
	}
	if o.RenewalRequestedOn == nil {
		today := jp.DateOf(now)
		o.RenewalRequestedOn = &today
	}
	return nil
}

// DocumentPeriod is the registration period that documents are handed in for
// now: the first one until the organization is verified, then the next one.
func (o *Organization) DocumentPeriod() int32 {
	if o.VerifiedOn == nil {
		return o.Period
	}
	return o.Period + 1
}

func (o *Organization) extend(until *jp.Date, today jp.Date) error {
	if until == nil {
		end := jp.FiscalYearEnd(jp.FiscalYear(today) + 2)
		until = &end
	}
	if until.Before(today) || until.After(today.AddMonths(12*maxValidityYears)) {
		return ErrValidityInvalid.OnPath("validUntil")
	}
	o.ValidUntil = until
	return o.complete()
}

// maxValidityYears bounds how far ahead the desk verifies.
const maxValidityYears = 10

// Return sends the application back. Errors: INVALID_STATE_TRANSITION.
func (o *Organization) Return(reason string, fields []string, now time.Time) error {
	if err := o.move(Return); err != nil {
		return err
	}
	today := jp.DateOf(now)
	o.CorrectionReason, o.CorrectionFields, o.ReturnedOn = jp.Clean(reason), append([]string{}, fields...), &today
	return nil
}

// Suspend takes the organization out of the directory. Errors:
// INVALID_STATE_TRANSITION.
func (o *Organization) Suspend(reason string) error {
	if err := o.move(Suspend); err != nil {
		return err
	}
	o.StateReason = jp.Clean(reason)
	return nil
}

// Lift ends a suspension; an organization whose validity ran out meanwhile is
// expired at once. Errors: INVALID_STATE_TRANSITION.
func (o *Organization) Lift(now time.Time) error {
	if err := o.move(Lift); err != nil {
		return err
	}
	o.StateReason = ""
	if o.ValidUntil.Before(jp.DateOf(now)) {
		return o.move(Expire)
	}
	return nil
}

// Expire notes that the validity ran out. Errors: INVALID_STATE_TRANSITION.
func (o *Organization) Expire() error { return o.move(Expire) }

// ConfirmCurrent notes that a representative stands by the published data.
// Errors: INVALID_STATE_TRANSITION.
func (o *Organization) ConfirmCurrent(now time.Time) error {
	if err := o.move(Confirm); err != nil {
		return err
	}
	today := jp.DateOf(now)
	o.LastConfirmedOn = &today
	return nil
}

// Close ends the registration for good. Errors: INVALID_STATE_TRANSITION.
func (o *Organization) Close(reason string) error {
	if err := o.move(Close); err != nil {
		return err
	}
	o.StateReason = jp.Clean(reason)
	return nil
}

// move makes the step of the table; o is unchanged when there is none.
func (o *Organization) move(a Action) error {
	to, err := o.State.After(a)
	if err == nil {
		o.State = to
	}
	return err
}
