package directory

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
)

// TestExportHasWhatEverybodySees and nothing else, in all its forms.
func TestExportHasWhatEverybodySees(t *testing.T) {
	w := start(t)
	in := input("見本, \"会\"", "ミホン")
	in.Description, in.MemberCount, in.SourceName = "一行目\n二行目", 12, ""
	in.ContactPoint.Name = "＝事務局"
	_, o := w.verified("head", in)
	w.apply("draft", input("下書きの会", "シタガキ"))

	csv, err := w.exported(w.public(), "")
	w.must(err)
	lines := strings.Split(csv, "\r\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "\uFEFF全国地方公共団体コード,ID,地方公共団体名,名称,名称_カナ,") {
		t.Fatalf("lines %q", lines)
	}
	want := `131016,` + o.GetId() + `,千代田区,"見本, ""会""",ミホン,,,,NPO法人,特定非営利活動法人,,まちづくり;地域安全,地域の見守りを行います。,"一行目` + "\n" + `二行目",,,,,,,,,,,,,131016,東京都,千代田区,九段南一丁目,2-1,,＝事務局,03-5211-3656,`
	if !strings.HasPrefix(lines[1], want) {
		t.Errorf("line (-want +got):\n%s", cmp.Diff(want, lines[1][:min(len(want), len(lines[1]))]))
	}
	raw, err := w.exported(w.public(), "gif")
	w.must(err)
	var objects []map[string]any
	w.must(json.Unmarshal([]byte(raw), &objects))
	if diff := cmp.Diff([]map[string]any{{
		"tradeName": `見本, "会"`, "tradeNameKana": "ミホン", "categoryOfOrganization": "NPO法人", "categoryOfBusiness": "まちづくり;地域安全",
		"description": "一行目\n二行目", "registeredAddress": "東京都千代田区九段南一丁目2-1",
		"contactPointInformation": map[string]any{"contactPointName": "＝事務局", "contactPointPhoneNumber": "03-5211-3656"},
	}}, objects); diff != "" {
		t.Errorf("GIF (-want +got):\n%s", diff)
	}
	staff, err := w.exported(w.desk(), "staff")
	w.must(err)
	if !strings.Contains(staff, ",'＝事務局,") || strings.Contains(csv, "'＝事務局") {
		t.Errorf("staff: %s", staff)
	}
	_, err = w.exported(w.signIn("head"), "staff")
	w.refused(err, "PERMISSION_DENIED")
	_, err = w.exported(w.public(), "other")
	w.refused(err, "INVALID_FIELD")
}

// TestExportIsImported holds that a list goes round: what staff export and import
// again are the same organizations.
func TestExportIsImported(t *testing.T) {
	from, to := start(t), start(t)
	in := input("見本の会", "ミホンノカイ")
	in.CorporateNumber, in.Url, in.EstablishedOn, in.AlternateName = "7123456789012", "https://example.jp", "2003-04-01", "見本会"
	in.Publicity = &directoryv1.Organization_Publicity{Representative: true, ContactPoint: true, StreetAddress: true}
	in.ContactPoint.Name = "＝事務局"
	_, o := from.verified("head", in)
	list, err := from.exported(from.desk(), "staff")
	from.must(err)
	_, err = to.imports(&directoryv1.ImportHeader{Publish: true}, list)
	to.must(err)
	got := to.listAll(to.desk(), &directoryv1.ListOrganizationsRequest{})
	if len(got) != 1 {
		t.Fatalf("%v", got)
	}
	ignored := protocmp.IgnoreFields(&directoryv1.Organization{}, "id", "create_time", "update_time", "etag", "publicity", "disclosure")
	if diff := cmp.Diff(o, got[0], protocmp.Transform(), ignored); diff != "" {
		t.Errorf("exported and imported (-exported +imported):\n%s", diff)
	}
}

// TestDisclosureIsListed holds the column that lists are ordered and filtered by
// against the level that is shown.
func TestDisclosureIsListed(t *testing.T) {
	w := start(t)
	for i, change := range []func(*directoryv1.OrganizationInput){
		func(in *directoryv1.OrganizationInput) { in.Publicity = &directoryv1.Organization_Publicity{} },
		func(*directoryv1.OrganizationInput) {},
		func(in *directoryv1.OrganizationInput) {
			in.Description, in.Url, in.EstablishedOn, in.MemberCount, in.AnnualBudget = "説明", "https://example.jp", "2003-04-01", 5, 1000
			in.Publicity = &directoryv1.Organization_Publicity{Representative: true, ContactPoint: true, StreetAddress: true, MemberCount: true, AnnualBudget: true}
		},
		func(in *directoryv1.OrganizationInput) { in.Description, in.Url = "説明", "https://example.jp" },
		func(*directoryv1.OrganizationInput) {},
	} {
		in := input("見本", []string{"エ", "イ", "ウ", "ア", "オ"}[i])
		change(in)
		w.verified("owner", in)
	}
	order := func(req *directoryv1.ListOrganizationsRequest) []int32 {
		var out []int32
		for _, o := range w.listAll(w.public(), req) {
			out = append(out, o.GetDisclosure().GetPercent())
		}
		return out
	}
	if diff := cmp.Diff([]int32{100, 60, 40, 40, 20}, order(&directoryv1.ListOrganizationsRequest{OrderBy: "disclosure", PageSize: 2})); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int32{60, 100}, order(&directoryv1.ListOrganizationsRequest{MinDisclosureLevel: 3})); diff != "" {
		t.Errorf("from level 3 (-want +got):\n%s", diff)
	}
	var differ int
	for _, o := range w.listAll(w.desk(), &directoryv1.ListOrganizationsRequest{}) {
		differ += w.count(`SELECT count(*) FROM organization WHERE id = $1 AND 100 - undisclosed_percent <> $2`, o.GetId(), o.GetDisclosure().GetPercent())
	}
	if differ != 0 {
		t.Errorf("%d columns differ from what is shown", differ)
	}
}
