package browser

import (
	"fmt"
	"net/http"
	"testing"
)

// organizationPages are those of the directory, the exchange, the desk's register
// and the administration.
var organizationPages = []page{
	{"/my/organizations", []string{"resident", "representative", "coordinator"}},
	{"/organizations/new", []string{"resident", "desk"}},
	{"/organizations/" + sampleOrganization + "/registration", []string{"representative", "desk"}},
	{"/organizations/" + sampleOrganization + "/edit", []string{"representative", "desk"}},
	{"/organizations/" + sampleOrganization + "/members", []string{"representative", "desk"}},
	{"/organizations/" + sampleOrganization + "/delegations", []string{"representative", "desk"}},
	{"/delegations", []string{"representative", "coordinator", "desk"}},
	{"/desk/organizations", []string{"desk"}},
	{"/desk/organizations?state=VERIFIED", []string{"desk"}},
	{"/desk/organizations/import", []string{"desk"}},
	{"/desk/organizations/requirements", []string{"desk"}},
	{"/listings", []string{"", "representative", "staff"}},
	{"/listings?q=見本&kind=NEED", []string{""}},
	{"/listings?state=PENDING", []string{"desk"}},
	{"/listings/new", []string{"representative", "coordinator", "staff"}},
	{"/listings/{listing}", []string{"", "representative", "desk"}},
	{"/introductions", []string{"representative", "desk"}},
	{"/listings/{introductionlisting}/introductions/{introduction}", []string{"desk"}},
	{"/referrals", []string{"desk", "coordinator"}},
	{"/referrals/new", []string{"desk"}},
	{"/referrals/{referral}", []string{"desk"}},
	{"/statistics", []string{"", "desk", "admin"}},
	{"/statistics?year=2002", []string{""}},
	{"/departments", []string{"", "admin"}},
	{"/departments/{department}", []string{"", "admin"}},
	{"/audit", []string{"desk", "admin"}},
	{"/audit?service=directory&objectType=organization", []string{"admin"}},
	{"/audit/chain", []string{"", "admin"}},
	{"/health", []string{"admin"}},
}

// sampleOrganization is 見本 ちよだ地域ねっと, the representative's.
const sampleOrganization = "01900000-0000-7000-8000-0000000d1001"

var organizationSamples = []sample{
	{"{listing}", linked("/listings")},
	{"{introduction}", introduced("id")},
	{"{introductionlisting}", introduced("listingId")},
	{"{referral}", listed("desk", "/v1/referrals")},
	{"{department}", linked("/departments")},
}

// introduced finds an introduction of the sample data.
func introduced(field string) func(*testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		found, _ := as(t, "desk").call(http.MethodGet, "/v1/introductions", nil)["introductions"].([]any)
		if len(found) == 0 {
			t.Fatal("the sample data have no introductions")
		}
		return fmt.Sprint(found[0].(map[string]any)[field])
	}
}
