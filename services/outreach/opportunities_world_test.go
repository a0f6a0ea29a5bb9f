package outreach_test

import (
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// opportunityInput can be put forward for approval: ten people, from today on.
func opportunityInput() *outreachv1.OpportunityInput {
	return &outreachv1.OpportunityInput{
		Title: "児童館での読み聞かせ", Summary: "本を読む人を募集します。", Body: "**二人一組**で読みます。", Topics: []string{"children"},
		Purpose: "子どもが本に親しむため", Role: "絵本の読み聞かせ", ActivityField: 13, StartsOn: today().String(), EndsOn: today().AddDays(60).String(),
		Weekdays: []outreachv1.Opportunity_Weekday{outreachv1.Opportunity_SATURDAY}, StartTime: "14:00", EndTime: "16:00",
		Place:   &outreachv1.EventPlace{Name: "神田児童館", Address: &typev1.Address{MunicipalityCode: "131016", Prefecture: "東京都", City: "千代田区", Town: "神田司町二丁目"}},
		Station: "淡路町駅", Headcount: 10, Selection: outreachv1.Opportunity_FIRST_COME, Requirements: "18歳以上", Beginners: true, SchoolGroups: true,
		Cost: "交通費は団体が負担します。", Insurance: "ボランティア保険に団体が加入します。", Bring: "動きやすい服", Contact: &typev1.ContactPoint{Name: "事務局", PhoneNumber: "03-0000-0000"},
	}
}

func (w *world) opportunities(p auth.Principal) outreachv1.OpportunityServiceClient {
	return outreachv1.NewOpportunityServiceClient(w.As(p))
}

func (w *world) shifts(p auth.Principal) outreachv1.ShiftServiceClient {
	return outreachv1.NewShiftServiceClient(w.As(p))
}

func (w *world) applications(p auth.Principal) outreachv1.ApplicationServiceClient {
	return outreachv1.NewApplicationServiceClient(w.As(p))
}

func (w *world) hours(p auth.Principal) outreachv1.HoursServiceClient {
	return outreachv1.NewHoursServiceClient(w.As(p))
}

// call begins a draft of organization 1; change edits it before.
func (w *world) call(change func(*outreachv1.OpportunityInput)) string {
	w.t.Helper()
	in := opportunityInput()
	if change != nil {
		change(in)
	}
	resp, err := w.opportunities(editor).CreateOpportunity(w.t.Context(), &outreachv1.CreateOpportunityRequest{Opportunity: in})
	w.must(err)
	return resp.GetOpportunity().GetId()
}

// publishCall takes a draft to its publication.
func (w *world) publishCall(id string) {
	w.t.Helper()
	ctx := w.t.Context()
	w.must(err2(w.opportunities(editor).RequestOpportunityApproval(ctx, &outreachv1.RequestOpportunityApprovalRequest{Id: id})))
	w.must(err2(w.opportunities(desk).ApproveOpportunity(ctx, &outreachv1.ApproveOpportunityRequest{Id: id})))
	w.must(err2(w.opportunities(desk).PublishOpportunity(ctx, &outreachv1.PublishOpportunityRequest{Id: id})))
}

// publishedCall is a published call of organization 1.
func (w *world) publishedCall(change func(*outreachv1.OpportunityInput)) string {
	w.t.Helper()
	id := w.call(change)
	w.publishCall(id)
	return id
}

// hostDecides makes the host decide on each application.
func hostDecides(in *outreachv1.OpportunityInput) { in.Selection = outreachv1.Opportunity_HOST_DECIDES }

// shift adds a shift so many hours from now, of two hours.
func (w *world) shift(id string, hours, capacity int) string {
	w.t.Helper()
	at := time.Now().Add(time.Duration(hours) * time.Hour).Truncate(time.Minute)
	resp, err := w.shifts(editor).CreateShift(w.t.Context(), &outreachv1.CreateShiftRequest{OpportunityId: id, Shift: &outreachv1.ShiftInput{
		StartTime: timestamppb.New(at), EndTime: timestamppb.New(at.Add(2 * time.Hour)), Capacity: int32(capacity),
	}})
	w.must(err)
	return resp.GetShift().GetId()
}

// person is who applies; the canary word is in everything personal.
func person(email string) *outreachv1.Applicant {
	return &outreachv1.Applicant{Name: "応募 カナリア", NameKana: "おうぼ かなりあ", Email: email, PhoneNumber: "090-0000-0000", Note: "カナリアの連絡事項"}
}

// apply applies in the name of a person with an address of the same name.
func (w *world) apply(by auth.Principal, id string, change func(*outreachv1.ApplicationInput)) (*outreachv1.Application, error) {
	in := &outreachv1.ApplicationInput{Applicant: person(by.ID + "@example.com")}
	if change != nil {
		change(in)
	}
	resp, err := w.applications(by).CreateApplication(w.t.Context(), &outreachv1.CreateApplicationRequest{OpportunityId: id, Application: in})
	return resp.GetApplication(), err
}

func (w *world) applied1(by auth.Principal, id string, change func(*outreachv1.ApplicationInput)) *outreachv1.Application {
	w.t.Helper()
	a, err := w.apply(by, id, change)
	w.must(err)
	return a
}

// own reads the applicant's own application.
func (w *world) own(by auth.Principal, a *outreachv1.Application) *outreachv1.Application {
	w.t.Helper()
	resp, err := w.applications(by).GetApplication(w.t.Context(), &outreachv1.GetApplicationRequest{OpportunityId: a.GetOpportunityId(), Id: a.GetId()})
	w.must(err)
	return resp.GetApplication()
}

func (w *world) places(id string) *outreachv1.OpportunityPlaces {
	w.t.Helper()
	resp, err := w.opportunities(auth.Anonymous).GetOpportunity(w.t.Context(), &outreachv1.GetOpportunityRequest{Id: id})
	w.must(err)
	return resp.GetOpportunity().GetPlaces()
}

// subjects are the subjects of the mails to an address, oldest first.
func (w *world) subjects(address string) []string {
	w.t.Helper()
	w.sent()
	var out []string
	for _, m := range w.mailsTo(address) {
		out = append(out, m.Subject)
	}
	return out
}

// sent waits until no mail that is due waits, whoever sends it.
func (w *world) sent() {
	w.t.Helper()
	w.run("send-mails")
	w.until("the mails", func() bool {
		return w.count(`SELECT count(*) FROM mail WHERE state = 'QUEUED' AND (due_at <= now() OR tries > 0)`) == 0
	})
}

// checkCounts holds the counts of an opportunity against its applications.
func (w *world) checkCounts(t *testing.T, id string) {
	t.Helper()
	if n := w.count(`
		SELECT count(*)
		FROM opportunity_place o
		WHERE o.opportunity_id = $1 AND NOT (o.accepted, o.requested, o.waiting, o.declined, o.trial_accepted) = (
			SELECT coalesce(sum(heads) FILTER (WHERE state = 'ACCEPTED'), 0), coalesce(sum(heads) FILTER (WHERE state = 'REQUESTED'), 0),
				coalesce(sum(heads) FILTER (WHERE state = 'WAITLISTED'), 0), coalesce(sum(heads) FILTER (WHERE state = 'DECLINED'), 0),
				coalesce(sum(heads) FILTER (WHERE state = 'ACCEPTED' AND trial), 0)
			FROM application WHERE opportunity_id = $1)`, id); n != 0 {
		t.Error("the counts of the opportunity are not those of its applications")
	}
	if n := w.count(`
		SELECT count(*)
		FROM shift s
		WHERE s.opportunity_id = $1 AND s.accepted <> (
			SELECT coalesce(sum(a.heads), 0)
			FROM application_shift x JOIN application a ON a.id = x.application_id
			WHERE x.shift_id = s.id AND x.accepted AND a.state = 'ACCEPTED')`, id); n != 0 {
		t.Errorf("the counts of %d shifts are not those of their applications", n)
	}
}
