package gateway

import (
	"context"
	"html/template"
	"net/http"
	"strconv"

	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

func (g *Gateway) showOpportunity(ctx context.Context, w http.ResponseWriter, r *http.Request, id string) error {
	resp, err := outreachv1.NewOpportunityServiceClient(g.Backends["outreach"]).GetOpportunity(ctx, &outreachv1.GetOpportunityRequest{Id: id})
	if err != nil {
		return hiddenForm(err)
	}
	o := resp.GetOpportunity()
	p := publication{
		Title: o.GetTitle(), Summary: o.GetSummary(), Body: template.HTML(o.GetBodyHtml()), //nolint:gosec // G203: outreach has sanitized it
		Credits: o.GetCredits(), CreditText: o.GetCreditText(), Cancelled: o.GetState() == outreachv1.Opportunity_CANCELLED,
		API: "/v1/opportunities/" + o.GetId(),
	}
	days, hours, people := o.GetStartsOn(), o.GetStartTime(), strconv.Itoa(int(o.GetHeadcount()))+"人"
	if o.GetEndsOn() != "" {
		days += "から" + o.GetEndsOn() + "まで"
	}
	if o.GetEndTime() != "" {
		hours += "から" + o.GetEndTime()
	}
	if places := o.GetPlaces(); places != nil {
		people += "（決定 " + strconv.Itoa(int(places.GetAccepted())) + "人）"
	}
	for _, fact := range [][2]string{
		{"目的", o.GetPurpose()},
		{"活動内容", o.GetRole()},
		{"期間", days},
		{"時間", hours},
		{"場所", o.GetPlace().GetName()},
		{"最寄駅", o.GetStation()},
		{"募集人数", people},
		{"対象", o.GetRequirements()},
		{"費用", o.GetCost()},
		{"保険", o.GetInsurance()},
		{"持ち物", o.GetBring()},
		{"申込締切", o.GetApplyUntil()},
		{"問合せ", o.GetContact().GetName()},
		{"出典", o.GetSourceNote()},
	} {
		if fact[1] != "" {
			p.Facts = append(p.Facts, fact)
		}
	}
	g.render(w, r, "publication.html", p)
	return nil
}
