package directory

import (
	"errors"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/member"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

// profileOf reads what somebody wrote. Errors: INVALID_FIELD.
func profileOf(in *directoryv1.OrganizationInput) (organization.Profile, error) {
	p := organization.Profile{
		Name:                   in.GetName(),
		NameKana:               in.GetNameKana(),
		NameEn:                 in.GetNameEn(),
		AlternateName:          in.GetAlternateName(),
		Kind:                   organization.Kind(name(in.GetKind())),
		LegalForm:              in.GetLegalForm(),
		CorporateNumber:        in.GetCorporateNumber(),
		Jurisdiction:           in.GetJurisdiction(),
		Purpose:                in.GetPurpose(),
		Description:            in.GetDescription(),
		ActivityFields:         in.GetActivityFields(),
		RepresentativeName:     in.GetRepresentativeName(),
		RepresentativeNameKana: in.GetRepresentativeNameKana(),
		RepresentativeTitle:    in.GetRepresentativeTitle(),
		Certification:          name(in.GetCertification()),
		MemberCount:            in.GetMemberCount(),
		AnnualBudget:           in.GetAnnualBudget(),
		Address:                addressOf(in.GetAddress()),
		ContactPoint:           contactPointOf(in.GetContactPoint()),
		URL:                    in.GetUrl(),
		Publicity:              publicityOf(in.GetPublicity()),
		SourceName:             in.GetSourceName(),
		SourceURL:              in.GetSourceUrl(),
	}
	for _, c := range in.GetCapabilities() {
		p.Capabilities = append(p.Capabilities, name(c))
	}
	var wrongs []fault.Field
	for _, d := range []struct {
		path, text string
		to         **jp.Date
	}{
		{"establishedOn", in.GetEstablishedOn(), &p.EstablishedOn},
		{"certifiedOn", in.GetCertifiedOn(), &p.CertifiedOn},
		{"registeredOn", in.GetRegisteredOn(), &p.RegisteredOn},
		{"certificationFrom", in.GetCertificationFrom(), &p.CertificationFrom},
		{"certificationUntil", in.GetCertificationUntil(), &p.CertificationUntil},
	} {
		date, err := day(d.path, d.text)
		*d.to = date
		var f *fault.Error
		if errors.As(err, &f) {
			wrongs = append(wrongs, f.Fields...)
		}
	}
	if len(wrongs) > 0 {
		return p, fault.ErrInvalidField.On(wrongs...)
	}
	return p, nil
}

func addressOf(a *typev1.Address) organization.Address {
	return organization.Address{
		PostalCode:       a.GetPostalCode(),
		MunicipalityCode: a.GetMunicipalityCode(),
		Prefecture:       a.GetPrefecture(),
		City:             a.GetCity(),
		Town:             a.GetTown(),
		StreetNumber:     a.GetStreetNumber(),
		Building:         a.GetBuilding(),
	}
}

func contactPointOf(c *typev1.ContactPoint) organization.ContactPoint {
	return organization.ContactPoint{
		ContactName:        c.GetName(),
		ContactPhoneNumber: c.GetPhoneNumber(),
		ContactEmail:       c.GetEmail(),
		ContactURL:         c.GetUrl(),
	}
}

func publicityOf(p *directoryv1.Organization_Publicity) organization.Publicity {
	return organization.Publicity{
		PublishRepresentative: p.GetRepresentative(),
		PublishContactPoint:   p.GetContactPoint(),
		PublishStreetAddress:  p.GetStreetAddress(),
		PublishMemberCount:    p.GetMemberCount(),
		PublishAnnualBudget:   p.GetAnnualBudget(),
	}
}

// seen shows an organization to the viewer for whom it was read.
func seen(o *store.Seen, v store.Viewer) *directoryv1.Organization {
	if v.Desk || o.CallerRole != member.None {
		return whole(&o.Organization)
	}
	if o.State == organization.Merged {
		return named(&o.Organization)
	}
	return published(&o.Organization)
}

// published is the public view: a field that is not named here is not public.
func published(o *organization.Organization) *directoryv1.Organization {
	out := named(o)
	out.NameEn = o.NameEn
	out.AlternateName = o.AlternateName
	out.LegalForm = o.LegalForm
	out.CorporateNumber = o.CorporateNumber
	out.Jurisdiction = o.Jurisdiction
	out.Purpose = o.Purpose
	out.Description = o.Description
	out.ActivityFields = o.ActivityFields
	out.EstablishedOn = dayText(o.EstablishedOn)
	out.CertifiedOn = dayText(o.CertifiedOn)
	out.RegisteredOn = dayText(o.RegisteredOn)
	out.Certification = directoryv1.Organization_Certification(directoryv1.Organization_Certification_value[o.Certification])
	out.CertificationFrom = dayText(o.CertificationFrom)
	out.CertificationUntil = dayText(o.CertificationUntil)
	out.Address = &typev1.Address{MunicipalityCode: o.MunicipalityCode, Prefecture: o.Prefecture, City: o.City, Town: o.Town}
	out.Url = o.URL
	for _, c := range o.Capabilities {
		out.Capabilities = append(out.Capabilities, directoryv1.Organization_Capability(directoryv1.Organization_Capability_value[c]))
	}
	out.VerifiedOn = dayText(o.VerifiedOn)
	out.ValidUntil = dayText(o.ValidUntil)
	out.LastConfirmedOn = dayText(o.LastConfirmedOn)
	out.SourceName, out.SourceUrl = o.SourceName, o.SourceURL
	out.Disclosure = disclosureOf(o)
	out.UpdateTime = timestamppb.New(o.UpdatedAt)
	out.Etag = rpc.ETag(o.Version)
	reveal(out, o, o.Publicity)
	return out
}

// reveal adds the fields that are published by choice.
func reveal(out *directoryv1.Organization, o *organization.Organization, p organization.Publicity) {
	if p.PublishRepresentative {
		out.RepresentativeName = o.RepresentativeName
		out.RepresentativeNameKana = o.RepresentativeNameKana
		out.RepresentativeTitle = o.RepresentativeTitle
	}
	if p.PublishContactPoint {
		out.ContactPoint = &typev1.ContactPoint{Name: o.ContactName, PhoneNumber: o.ContactPhoneNumber, Email: o.ContactEmail, Url: o.ContactURL}
	}
	if p.PublishStreetAddress {
		out.Address.PostalCode = o.PostalCode
		out.Address.StreetNumber = o.StreetNumber
		out.Address.Building = o.Building
	}
	if p.PublishMemberCount {
		out.MemberCount = o.MemberCount
	}
	if p.PublishAnnualBudget {
		out.AnnualBudget = o.AnnualBudget
	}
}

// whole is what members and the desk see.
func whole(o *organization.Organization) *directoryv1.Organization {
	out := published(o)
	reveal(out, o, organization.Publicity{
		PublishRepresentative: true,
		PublishContactPoint:   true,
		PublishStreetAddress:  true,
		PublishMemberCount:    true,
		PublishAnnualBudget:   true,
	})
	out.Publicity = &directoryv1.Organization_Publicity{
		Representative: o.PublishRepresentative,
		ContactPoint:   o.PublishContactPoint,
		StreetAddress:  o.PublishStreetAddress,
		MemberCount:    o.PublishMemberCount,
		AnnualBudget:   o.PublishAnnualBudget,
	}
	if o.ReturnedOn != nil {
		out.Correction = &directoryv1.Organization_Correction{
			Reason:     o.CorrectionReason,
			Fields:     o.CorrectionFields,
			ReturnedOn: dayText(o.ReturnedOn),
		}
	}
	out.StateReason = o.StateReason
	out.RegistrationPeriod = o.Period
	out.RenewalRequestedOn = dayText(o.RenewalRequestedOn)
	out.CreateTime = timestamppb.New(o.CreatedAt)
	return out
}

// announced is what events carry: the public view without what leads to a
// person, even where it is published. Events are kept for ever, consent is not.
func announced(o *organization.Organization) *directoryv1.Organization {
	c := *o
	c.PublishRepresentative, c.PublishContactPoint, c.PublishStreetAddress = false, false, false
	out := published(&c)
	out.Disclosure = disclosureOf(o)
	return out
}

func disclosureOf(o *organization.Organization) *directoryv1.Organization_Disclosure {
	d := o.Disclosure()
	return &directoryv1.Organization_Disclosure{Percent: d.Percent, Level: d.Level, MissingFields: d.Missing}
}

// named is all that is said of an organization that is no longer published.
func named(o *organization.Organization) *directoryv1.Organization {
	out := &directoryv1.Organization{
		Id:       o.ID,
		State:    stateOf(o.State),
		Name:     o.Name,
		NameKana: o.NameKana,
		Kind:     kindOf(o.Kind),
	}
	if o.SurvivorID != nil {
		out.SurvivorId = *o.SurvivorID
	}
	return out
}

func stateOf(s organization.State) directoryv1.Organization_State {
	return directoryv1.Organization_State(directoryv1.Organization_State_value[string(s)])
}

func kindOf(k organization.Kind) directoryv1.Organization_Kind {
	return directoryv1.Organization_Kind(directoryv1.Organization_Kind_value[string(k)])
}
