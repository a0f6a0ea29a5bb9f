package organization

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// TestDisclosure fills and publishes one field after the other: each raises the
// percentage by ten, a filled field that is hidden does not.
func TestDisclosure(t *testing.T) {
	day := jp.DateOf(now)
	o := &Organization{Profile: Profile{RepresentativeName: "見本", Address: Address{StreetNumber: "1"}, MemberCount: 5, AnnualBudget: 1, ContactPoint: ContactPoint{ContactEmail: "a@example.jp"}}}
	if diff := cmp.Diff(Disclosure{0, 1, []string{
		"purpose", "description", "activityFields", "establishedOn", "url", "representative", "contactPoint", "streetAddress", "memberCount", "annualBudget",
	}}, o.Disclosure()); diff != "" {
		t.Errorf("nothing published (-want +got):\n%s", diff)
	}
	levels := []int32{1, 1, 2, 2, 3, 3, 4, 4, 5, 5}
	for i, publish := range []func(){
		func() { o.Purpose = "目的" }, func() { o.Description = "説明" }, func() { o.ActivityFields = []int32{3} }, func() { o.EstablishedOn = &day },
		func() { o.URL = "https://example.jp" }, func() { o.PublishRepresentative = true }, func() { o.PublishContactPoint = true },
		func() { o.PublishStreetAddress = true }, func() { o.PublishMemberCount = true }, func() { o.PublishAnnualBudget = true },
	} {
		publish()
		d := o.Disclosure()
		if want := int32(10 * (i + 1)); d.Percent != want || d.Level != levels[i] || len(d.Missing) != 9-i {
			t.Errorf("after %d fields: %+v", i+1, d)
		}
		if d.Percent < LeastPercent(d.Level) || d.Percent >= LeastPercent(d.Level+1) {
			t.Errorf("%d percent is not within level %d", d.Percent, d.Level)
		}
	}
}
