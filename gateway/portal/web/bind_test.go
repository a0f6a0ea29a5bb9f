package web

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

func TestBind(t *testing.T) {
	values := url.Values{
		"callId": {"c"}, "content.title": {"題"}, "content.beneficiaryCount": {"１,２００"}, "content.publishConsent": {"true"},
		"content.declarations":    {"nonProfit", "accounts"},
		"content.roles[0].item":   {""},
		"content.roles[3].item":   {"会場"},
		"content.budget[11].side": {"INCOME"}, "content.budget[11].amount": {"300"},
		"content.budget[2].side": {"EXPENSE"}, "content.budget[2].account": {"報償費"},
		"content.answers.years": {"3"}, "content.purpose": {"一行\r\n二行"},
		"_token": {"x"}, "step": {"save"}, "content.unknown": {"x"}, "content.roles[9999].item": {"x"}, "content.roles[x].item": {"x"}, "content[0].title": {"x"},
	}
	got := &proposalsv1.CreateProposalRequest{}
	if err := Bind(values, got); err != nil {
		t.Fatal(err)
	}
	want := &proposalsv1.CreateProposalRequest{CallId: "c", Content: &proposalsv1.ProposalContent{
		Title: "題", BeneficiaryCount: 1200, PublishConsent: true, Declarations: []string{"nonProfit", "accounts"},
		Roles: []*proposalsv1.RoleRow{{Item: "会場"}},
		Budget: []*proposalsv1.BudgetRow{
			{Side: proposalsv1.BudgetRow_EXPENSE, Account: "報償費"}, {Side: proposalsv1.BudgetRow_INCOME, Amount: 300},
		},
		Answers: map[string]string{"years": "3"}, Purpose: "一行\n二行",
	}}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Error(diff)
	}
	again := &proposalsv1.CreateProposalRequest{}
	if err := Bind(Values("", got), again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, again, protocmp.Transform()); diff != "" {
		t.Errorf("Values and Bind are not each other's way back: %s", diff)
	}
	if values.Get("content.roles[0].item") != "会場" {
		t.Errorf("empty rows are still there: %v", values)
	}
}

func TestBindRefuses(t *testing.T) {
	for name, value := range map[string]string{"content.beneficiaryCount": "多数", "content.budget[0].side": "BOTH", "content.budget[0].amount": "1e3"} {
		err := Bind(url.Values{name: {value}}, &proposalsv1.CreateProposalRequest{})
		f, ok := fault.As(err)
		if !ok || len(f.Fields) != 1 || f.Fields[0].Path != name {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}

// TestBindDecimal holds that areas and coordinates are taken as people write them.
func TestBindDecimal(t *testing.T) {
	for written, want := range map[string]float64{"": 0, "38.5": 38.5, "３８．５": 38.5, " 1,200 ": 1200, "-0.25": -0.25, "+35.6": 35.6} {
		got := &facilitiesv1.RoomInput{}
		if err := Bind(url.Values{"areaM2": {written}}, got); err != nil || got.GetAreaM2() != want {
			t.Errorf("%q: %v, %v, want %v", written, got.GetAreaM2(), err, want)
		}
	}
	for _, written := range []string{"広い", "1e3", "NaN", "Inf", "0x10", "1_000", "3.", ".5", "1.2.3"} {
		err := Bind(url.Values{"areaM2": {written}}, &facilitiesv1.RoomInput{})
		if f, ok := fault.As(err); !ok || len(f.Fields) != 1 || f.Fields[0].Path != "areaM2" {
			t.Errorf("%q: %v", written, err)
		}
	}
	again := &facilitiesv1.FacilityInput{}
	want := &facilitiesv1.FacilityInput{Latitude: 35.694003, Longitude: 139.753634}
	if err := Bind(Values("", want), again); err != nil || again.GetLatitude() != want.GetLatitude() || again.GetLongitude() != want.GetLongitude() {
		t.Errorf("Values and Bind are not each other's way back: %v, %v", again, err)
	}
}

func TestMax(t *testing.T) {
	for path, want := range map[string]int{"content.title": 40, "content.roles[2].item": 60, "content.budget": 0, "nothing.at.all": 0, "callId": 0} {
		if got := Max(&proposalsv1.CreateProposalRequest{}, path); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
}
