package directory

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth/issuer"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

func TestSamplePeople(t *testing.T) {
	w := startWithSample(t)
	org1, org2, center := sampleID("1001"), sampleID("1002"), sampleID("1301")
	want := map[string]struct {
		roles        string
		organization string
		department   string
	}{
		"resident":        {"RESIDENT", "", ""},
		"member":          {"RESIDENT EDITOR", org1, ""},
		"representative":  {"RESIDENT REPRESENTATIVE", org1, ""},
		"member2":         {"RESIDENT EDITOR", org2, ""},
		"representative2": {"RESIDENT REPRESENTATIVE", org2, ""},
		"coordinator":     {"RESIDENT COORDINATOR", center, ""},
		"staff":           {"STAFF", "", sampleID("6")},
		"staff2":          {"STAFF", "", sampleID("7")},
		"desk":            {"DESK", "", sampleID("2")},
		"approver":        {"APPROVER", "", sampleID("6")},
		"reviewer":        {"REVIEWER", "", sampleID("2")},
		"reviewer2":       {"REVIEWER", "", sampleID("2")},
		"clerk":           {"FACILITY_CLERK", "", sampleID("18")},
		"auditor":         {"AUDITOR", "", sampleID("1")},
		"admin":           {"ADMINISTRATOR", "", sampleID("1")},
	}
	if len(issuer.SamplePeople) != len(want) {
		t.Errorf("the issuer knows %d people, the directory %d", len(issuer.SamplePeople), len(want))
	}
	for _, p := range issuer.SamplePeople {
		resp, err := w.gateway().ResolvePrincipal(t.Context(), &directoryv1.ResolvePrincipalRequest{
			Issuer: sampleIssuer, Subject: p.Name, Email: p.Email, EmailVerified: true, DisplayName: p.DisplayName,
		})
		w.must(err)
		got := resp.GetPrincipal()
		if !strings.HasPrefix(got.GetPersonId(), "01900000-") {
			t.Errorf("%s is not a sample person", p.Name)
		}
		expect := &directoryv1.Principal{DepartmentId: want[p.Name].department}
		for r := range strings.FieldsSeq(want[p.Name].roles) {
			expect.Roles = append(expect.Roles, permissionRole(r))
		}
		if !slices.Equal(expect.GetRoles(), got.GetRoles()) || got.GetDepartmentId() != expect.GetDepartmentId() {
			t.Errorf("%s: %v in %q, want %v", p.Name, got.GetRoles(), got.GetDepartmentId(), want[p.Name])
		}
		if org := want[p.Name].organization; org != "" && (len(got.GetMemberships()) != 1 || got.GetMemberships()[0].GetOrganizationId() != org) {
			t.Errorf("%s: memberships %v", p.Name, got.GetMemberships())
		}
	}
	var changed int
	w.must(w.DB("directory").QueryRow(t.Context(), `SELECT count(*) FROM audit_entry WHERE action = 'directory.person.update'`).Scan(&changed))
	if changed != 0 {
		t.Errorf("people.csv differs from the issuer's people in %d rows", changed)
	}
}

func TestSampleDirectory(t *testing.T) {
	w := startWithSample(t)
	count := map[directoryv1.Organization_Kind]int{}
	groups2002 := 0
	list, err := w.public().ListOrganizations(t.Context(), &directoryv1.ListOrganizationsRequest{PageSize: 200})
	w.must(err)
	for _, o := range list.GetOrganizations() {
		count[o.GetKind()]++
		if strings.HasPrefix(o.GetName(), "平成14年度 提案団体（見本）") {
			groups2002++
		}
		if !strings.Contains(o.GetName()+o.GetDescription(), "見本") {
			t.Errorf("%s is not marked", o.GetName())
		}
		if events := w.events(o.GetId()); !cmp.Equal(events, []string{"ward OrganizationStateChanged", "public OrganizationVerified"}) {
			t.Errorf("%s: events %v", o.GetName(), events)
		}
	}
	if count[directoryv1.Organization_UNIVERSITY] != 11 || count[directoryv1.Organization_INTERMEDIARY] != 5 || groups2002 != 13 {
		t.Errorf("universities, intermediaries %v, groups of 2002 %d", count, groups2002)
	}
	papers, err := w.desk().ListRegistrationDocuments(because(t), &directoryv1.ListRegistrationDocumentsRequest{OrganizationId: sampleID("1001")})
	w.must(err)
	if len(papers.GetDocuments()) != 1 {
		t.Errorf("documents %v", papers)
	}
	content, err := w.download(because(t), w.desk(), sampleID("1001"), papers.GetDocuments()[0].GetAttachment().GetId())
	if err != nil || len(content) < 1000 {
		t.Errorf("%d bytes, %v", len(content), err)
	}
	w.must(loadSample(t.Context(), w.deps()))
	again, err := w.public().ListOrganizations(t.Context(), &directoryv1.ListOrganizationsRequest{PageSize: 200})
	w.must(err)
	if len(again.GetOrganizations()) != len(list.GetOrganizations()) {
		t.Errorf("loaded twice: %d, then %d", len(list.GetOrganizations()), len(again.GetOrganizations()))
	}
}
