package gateway

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// callers answer for one opportunity.
type callers struct {
	outreachv1.UnimplementedOpportunityServiceServer
}

// timetables know no shift.
type timetables struct {
	outreachv1.UnimplementedShiftServiceServer
}

func (timetables) ListShifts(context.Context, *outreachv1.ListShiftsRequest) (*outreachv1.ListShiftsResponse, error) {
	return &outreachv1.ListShiftsResponse{}, nil
}

func (callers) GetOpportunity(_ context.Context, req *outreachv1.GetOpportunityRequest) (*outreachv1.GetOpportunityResponse, error) {
	if req.GetId() != someID {
		return nil, fault.ErrNotFound
	}
	return &outreachv1.GetOpportunityResponse{Opportunity: &outreachv1.Opportunity{
		Id: someID, Title: "読み聞かせ <b>", Role: "本を読む", StartsOn: "2026-12-05", EndsOn: "2026-12-26", Headcount: 10, State: outreachv1.Opportunity_PUBLISHED,
		Credits: []*typev1.Credit{{Part: typev1.Credit_ORGANIZER, Name: "見本の会"}},
		Places:  &outreachv1.OpportunityPlaces{Headcount: 10, Accepted: 3},
	}}, nil
}

func TestOpportunityPage(t *testing.T) {
	e := start(t)
	body := text(t, e.do(ask{method: "GET", path: "/opportunities/" + someID}))
	for _, want := range []string{"見本の会", "本を読む", `datetime="2026-12-05"`, "12月26日", "10人（決定 3人、待ち 0人）", "読み聞かせ &lt;b&gt;"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for _, path := range []string{"/opportunities/" + otherID, "/opportunities/none"} {
		if resp := e.do(ask{method: "GET", path: path}); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
}
