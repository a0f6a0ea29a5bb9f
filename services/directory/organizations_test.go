package directory

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

func TestFromApplicationToDirectory(t *testing.T) {
	w := start(t)
	ctx := t.Context()
	in := input("NPO法人 見本の会", "みほんのかい")
	in.CorporateNumber = "７１２３-４５６７-８９０１２"
	rep, o := w.apply("rep", in)

	want := &directoryv1.Organization{
		Id: o.GetId(), State: directoryv1.Organization_DRAFT, Name: "NPO法人 見本の会", NameKana: "ミホンノカイ",
		Kind: directoryv1.Organization_NPO_CORPORATION, LegalForm: "npo", CorporateNumber: "7123456789012",
		Purpose: "地域の見守りを行います。", ActivityFields: []int32{3, 9}, RepresentativeName: "見本 代表",
		Address:      &typev1.Address{MunicipalityCode: "131016", Prefecture: "東京都", City: "千代田区", Town: "九段南一丁目", StreetNumber: "2-1"},
		ContactPoint: &typev1.ContactPoint{Name: "事務局", PhoneNumber: "03-5211-3656"},
		Publicity:    &directoryv1.Organization_Publicity{ContactPoint: true, StreetAddress: true},
		CreateTime:   o.GetCreateTime(), UpdateTime: o.GetUpdateTime(), Etag: `"1"`, RegistrationPeriod: 1,
		Disclosure: &directoryv1.Organization_Disclosure{Percent: 40, Level: 2, MissingFields: []string{
			"description", "establishedOn", "url", "representative", "memberCount", "annualBudget",
		}},
	}
	if diff := cmp.Diff(want, o, protocmp.Transform()); diff != "" {
		t.Errorf("draft (-want +got):\n%s", diff)
	}

	_, err := w.public().GetOrganization(ctx, &directoryv1.GetOrganizationRequest{Id: o.GetId()})
	w.refused(err, "RESOURCE_NOT_FOUND")
	_, err = rep.SubmitOrganization(ctx, &directoryv1.SubmitOrganizationRequest{Id: o.GetId(), Etag: o.GetEtag()})
	w.must(err)
	_, err = rep.SubmitOrganization(ctx, &directoryv1.SubmitOrganizationRequest{Id: o.GetId()})
	if f := w.refused(err, "INVALID_STATE_TRANSITION"); f.Metadata["from"] != "PENDING" {
		t.Errorf("metadata %v", f.Metadata)
	}
	_, err = w.desk().VerifyOrganization(ctx, &directoryv1.VerifyOrganizationRequest{Id: o.GetId(), Etag: o.GetEtag()})
	w.refused(err, "ETAG_MISMATCH")
	_, err = w.desk().VerifyOrganization(ctx, &directoryv1.VerifyOrganizationRequest{Id: o.GetId(), ValidUntil: "2003-03-31"})
	w.refused(err, "VALIDITY_INVALID")
	_, err = w.desk().VerifyOrganization(ctx, &directoryv1.VerifyOrganizationRequest{Id: o.GetId()})
	w.must(err)

	got, err := w.public().GetOrganization(ctx, &directoryv1.GetOrganizationRequest{Id: o.GetId()})
	w.must(err)
	p := got.GetOrganization()
	if p.GetState() != directoryv1.Organization_VERIFIED || p.GetRepresentativeName() != "" || p.GetPublicity() != nil || p.GetContactPoint().GetPhoneNumber() == "" {
		t.Errorf("public view: %v", p)
	}
	wantEvents := []string{
		"ward OrganizationStateChanged", "ward OrganizationStateChanged", "ward OrganizationStateChanged", "public OrganizationVerified",
	}
	if diff := cmp.Diff(wantEvents, w.events(o.GetId())); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if e := w.lastEvent(o.GetId(), "public"); e["version"] != "3" || e["organization"].(map[string]any)["nameKana"] != "ミホンノカイ" {
		t.Errorf("public event: %v", e)
	}
}

func TestVolunteerGroupPublishesNoHome(t *testing.T) {
	w := start(t)
	in := input("見本の集い", "ミホンノツドイ")
	in.Kind, in.LegalForm = directoryv1.Organization_VOLUNTEER_GROUP, "voluntary"
	rep, o := w.verified("rep", in)
	got, err := w.public().GetOrganization(t.Context(), &directoryv1.GetOrganizationRequest{Id: o.GetId()})
	w.must(err)
	p := got.GetOrganization()
	if p.GetContactPoint() != nil || p.GetAddress().GetStreetNumber() != "" || p.GetRepresentativeName() != "" {
		t.Errorf("published too much: %v", p)
	}
	_, err = rep.UpdateOrganization(t.Context(), &directoryv1.UpdateOrganizationRequest{
		Id: o.GetId(), Etag: o.GetEtag(), UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"publicity.representative"}},
		Organization: &directoryv1.OrganizationInput{Publicity: &directoryv1.Organization_Publicity{Representative: true}},
	})
	w.must(err)
	got, err = w.public().GetOrganization(t.Context(), &directoryv1.GetOrganizationRequest{Id: o.GetId()})
	w.must(err)
	for _, personal := range []string{"representativeName", "contactPoint"} {
		if body := w.lastEvent(o.GetId(), "public")["organization"].(map[string]any); body[personal] != nil {
			t.Errorf("the event carries %s: %v", personal, body)
		}
	}
	if got.GetOrganization().GetRepresentativeName() != "見本 代表" || got.GetOrganization().GetContactPoint() != nil {
		t.Errorf("after consent: %v", got)
	}
}

func TestFieldsAreRefusedByName(t *testing.T) {
	w := start(t)
	c := w.signIn("somebody")
	for reason, change := range map[string]func(*directoryv1.OrganizationInput){
		"name INVALID_FIELD":                       func(in *directoryv1.OrganizationInput) { in.Name = " " },
		"nameKana INVALID_KANA":                    func(in *directoryv1.OrganizationInput) { in.NameKana = "見本" },
		"kind INVALID_FIELD":                       func(in *directoryv1.OrganizationInput) { in.Kind = 0 },
		"legalForm UNKNOWN_LEGAL_FORM":             func(in *directoryv1.OrganizationInput) { in.LegalForm = "club" },
		"corporateNumber INVALID_CORPORATE_NUMBER": func(in *directoryv1.OrganizationInput) { in.CorporateNumber = "1234567891012" },
		"corporateNumber MY_NUMBER_NOT_ACCEPTED":   func(in *directoryv1.OrganizationInput) { in.CorporateNumber = "1234 5678 9012" },
		"representativeName MY_NUMBER_NOT_ACCEPTED": func(in *directoryv1.OrganizationInput) {
			in.RepresentativeName = "代表 123456789012"
		},
		"activityFields UNKNOWN_ACTIVITY_FIELD":  func(in *directoryv1.OrganizationInput) { in.ActivityFields = []int32{21} },
		"establishedOn INVALID_DATE":             func(in *directoryv1.OrganizationInput) { in.EstablishedOn = "2026-02-30" },
		"registeredOn DATE_IN_FUTURE":            func(in *directoryv1.OrganizationInput) { in.RegisteredOn = "9000-01-01" },
		"address.town INVALID_ADDRESS":           func(in *directoryv1.OrganizationInput) { in.Address.Town = "2-1" },
		"address.postalCode INVALID_FIELD":       func(in *directoryv1.OrganizationInput) { in.Address.PostalCode = "000000" },
		"contactPoint.phoneNumber INVALID_PHONE": func(in *directoryv1.OrganizationInput) { in.ContactPoint.PhoneNumber = "5211" },
		"capabilities NOT_FOR_THIS_KIND": func(in *directoryv1.OrganizationInput) {
			in.Capabilities = []directoryv1.Organization_Capability{directoryv1.Organization_GRANT}
		},
		"purpose TEXT_LIKE_FORMULA": func(in *directoryv1.OrganizationInput) { in.Purpose = "=1+1" },
		"certificationUntil DATES_IN_WRONG_ORDER": func(in *directoryv1.OrganizationInput) {
			in.CertificationFrom, in.CertificationUntil = "2025-04-01", "2025-03-31"
		},
		"address.municipalityCode INVALID_MUNICIPALITY_CODE": func(in *directoryv1.OrganizationInput) { in.Address.MunicipalityCode = "131017" },
	} {
		t.Run(reason, func(t *testing.T) {
			w := w.in(t)
			in := proto.CloneOf(input("見本", "ミホン"))
			change(in)
			_, err := c.CreateOrganization(t.Context(), &directoryv1.CreateOrganizationRequest{Organization: in})
			f := w.refused(err, "INVALID_FIELD")
			var got []string
			for _, field := range f.Fields {
				got = append(got, field.Path+" "+field.Reason)
			}
			if !slices.Contains(got, "organization."+reason) {
				t.Errorf("fields %v, want %s", got, reason)
			}
		})
	}
}
