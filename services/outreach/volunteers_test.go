package outreach_test

import (
	"strings"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	facilitiesv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/facilities/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
)

// A booking that asks for volunteers drafts the call once; its cancellation calls
// the call off and tells who applied.
func TestBookingCallsForVolunteersOnce(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	w.tell("directory", "organization", org1, &directoryv1.OrganizationVerified{Organization: &directoryv1.Organization{Id: org1, Name: "団体1"}, Version: 1})
	ask := func(b *facilitiesv1.BookingFact) { b.CallForVolunteers, b.VolunteersWanted = true, 5 }
	w.booking(ask)
	id := w.drafted("volunteers:" + booking1)
	w.drafted("booking:" + booking1) // The event beside it.
	w.booking(func(b *facilitiesv1.BookingFact) { ask(b); b.VolunteersWanted = 6 })
	get := func(by auth.Principal) *outreachv1.Opportunity {
		resp, err := w.opportunities(by).GetOpportunity(ctx, &outreachv1.GetOpportunityRequest{Id: id})
		w.must(err)
		return resp.GetOpportunity()
	}
	w.until("the amendment", func() bool { return get(editor).GetHeadcount() == 6 })
	o := get(editor)
	if o.GetTitle() != "「手話の講習」のボランティア募集" || o.GetStartTime() != "13:00" || o.GetPlace().GetName() != "神田公園区民館 洋室A" || o.GetStartsOn() != today().AddDays(20).String() {
		t.Errorf("draft = %v", o)
	}
	in := opportunityInput()
	w.must(err2(w.opportunities(editor).UpdateOpportunity(ctx, &outreachv1.UpdateOpportunityRequest{
		Id: id, Etag: o.GetEtag(), Opportunity: in, UpdateMask: mask("purpose", "role", "activityField", "insurance", "contact"),
	})))
	w.publishCall(id)
	a := w.applied1(resident, id, nil)
	w.tellAs("facilities", event.Event{Aggregate: "booking", ID: booking1, Visibility: event.Ward, Message: &facilitiesv1.BookingCancelled{BookingId: booking1}})
	w.until("the cancellation", func() bool { return get(auth.Anonymous).GetState() == outreachv1.Opportunity_CANCELLED })
	if got := w.own(resident, a).GetState(); got != outreachv1.Application_CANCELLED {
		t.Errorf("application is %v", got)
	}
	w.sent()
	if m := w.mailsTo("resident@example.com"); len(m) != 2 || !strings.HasPrefix(m[1].Subject, "【中止】") || !strings.Contains(m[1].Text, "会場の予約が取り消されたため") {
		t.Errorf("mails = %v", m)
	}
	if got := w.told(id); got != "OpportunityPublished OpportunityCancelled" {
		t.Errorf("events = %s", got)
	}
	if n := w.count(`SELECT count(*) FROM publication`); n != 2 {
		t.Errorf("%d drafts", n)
	}
	w.checkCounts(t, id)
}

// Who applied is gone after the purpose, by a job that reports how many: no column
// of any table has a canary word left. Who agreed to be told of later calls and
// had a place stays a year.
func TestApplicantsAreForgotten(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	id := w.publishedCall(nil)
	agreed := servicetest.Resident("agreed")
	w.applied1(agreed, id, func(in *outreachv1.ApplicationInput) { in.AgreesToInvitations = true })
	a := w.applied1(resident, id, school(5))
	h, err := w.log(resident, a, nil)
	w.must(err)
	w.must(err2(w.hours(editor).ConfirmHours(ctx, &outreachv1.ConfirmHoursRequest{OpportunityId: id, Id: h.GetId()})))
	w.must(err2(w.applications(editor).DeclineApplication(ctx, &outreachv1.DeclineApplicationRequest{OpportunityId: id, Id: w.applied1(head2, id, nil).GetId(), Message: "カナリアさんへ"})))
	if got := a.GetEraseOn(); got != today().AddDays(60+31).String() {
		t.Errorf("erased on %s", got)
	}
	w.run("erase-applicants")
	if n := w.count(`SELECT count(*) FROM person`); n != 3 {
		t.Fatalf("%d people are known", n)
	}
	w.exec(`UPDATE application SET erase_on = erase_on - 91`)
	w.run("erase-applicants")
	if n := w.count(`SELECT count(*) FROM person`); n != 1 {
		t.Errorf("%d people are known, want the one who agreed", n)
	}
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action = 'outreach.application.erase' AND object_id = $1 AND detail->>'people' = '2'`, id); n != 1 {
		t.Error("the deletion of two is not reported")
	}
	refused(t, err2(w.applications(editor).GetCertificate(because(ctx), &outreachv1.GetCertificateRequest{OpportunityId: id, Id: a.GetId()})), "APPLICANT_ERASED")
	w.exec(`UPDATE application SET erase_on = erase_on - 400`)
	w.run("erase-applicants")
	w.noCanary("カナリア", "かなりあ", "resident@example.com", "agreed@example.com")
	if n := w.count(`SELECT count(*) FROM application WHERE account IS NOT NULL OR identity_hash IS NOT NULL`) + w.count(`SELECT count(*) FROM hours WHERE logged_by <> ''`); n != 0 {
		t.Errorf("%d rows say whose they were", n)
	}
	if p := w.places(id); p.GetAccepted() != 6 {
		t.Errorf("places = %v", p)
	}
}

// noCanary looks for words in every column of every table of the service, those of
// bytes too.
func (w *world) noCanary(words ...string) {
	w.t.Helper()
	rows, err := w.DB("outreach").Query(w.t.Context(), `
		SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`)
	w.must(err)
	var tables []string
	for rows.Next() {
		var name string
		w.must(rows.Scan(&name))
		tables = append(tables, name)
	}
	w.must(rows.Err())
	if len(tables) < 20 {
		w.t.Fatalf("only %v is looked through", tables)
	}
	for _, table := range tables {
		for _, word := range words {
			if n := w.count(`SELECT count(*) FROM "`+table+`" AS t
				WHERE t::text LIKE '%' || $1 || '%' OR t::text LIKE '%' || encode(convert_to($1, 'UTF8'), 'hex') || '%'`, word); n != 0 {
				w.t.Errorf("%s still says %s", table, word)
			}
		}
	}
}

// Earlier volunteers who agreed are told once of a new call of the same host.
func TestEarlierVolunteersAreInvitedOnce(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	agrees := func(in *outreachv1.ApplicationInput) { in.AgreesToInvitations = true }
	old, older := w.publishedCall(nil), w.publishedCall(nil)
	stays, stops, applies := servicetest.Resident("stays"), servicetest.Resident("stops"), servicetest.Resident("applies")
	w.applied1(stays, old, agrees)
	w.applied1(stays, older, agrees) // The same person twice.
	stopped := w.applied1(stops, old, agrees)
	w.applied1(applies, old, agrees)
	w.applied1(servicetest.Resident("silent"), old, nil)
	for range 2 {
		w.must(err2(w.applications(stops).StopInvitations(ctx, &outreachv1.StopInvitationsRequest{OpportunityId: old, Id: stopped.GetId()})))
	}
	refused(t, err2(w.applications(editor).StopInvitations(ctx, &outreachv1.StopInvitationsRequest{OpportunityId: old, Id: stopped.GetId()})), "RESOURCE_NOT_FOUND")
	id := w.call(nil)
	invite := func(by auth.Principal) (int32, error) {
		resp, err := w.opportunities(by).InviteEarlierVolunteers(ctx, &outreachv1.InviteEarlierVolunteersRequest{Id: id})
		return resp.GetInvited(), err
	}
	_, err := invite(editor)
	refused(t, err, "APPLICATION_CLOSED")
	w.publishCall(id)
	w.applied1(applies, id, nil)
	_, err = invite(head2)
	refused(t, err, "PERMISSION_DENIED")
	_, err = invite(desk)
	refused(t, err, "PERMISSION_DENIED")
	for _, want := range []int32{1, 0} {
		if n, err := invite(editor); err != nil || n != want {
			t.Errorf("invited %d, %v, want %d", n, err, want)
		}
	}
	if got := strings.Join(w.subjects("stays@example.com"), "|"); strings.Count(got, "【ボランティア募集】児童館での読み聞かせ") != 1 {
		t.Errorf("mails = %s", got)
	}
	for _, address := range []string{"stops", "applies", "silent"} {
		if got := strings.Join(w.subjects(address+"@example.com"), "|"); strings.Contains(got, "【ボランティア募集】") {
			t.Errorf("%s got %s", address, got)
		}
	}
}

func TestUnmetDemand(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	full := w.publishedCall(func(in *outreachv1.OpportunityInput) { in.Headcount, in.ActivityField = 1, 1 })
	w.applied1(resident, full, nil)
	w.applied1(head2, full, nil)
	open := w.publishedCall(func(in *outreachv1.OpportunityInput) { in.ActivityField = 1 })
	w.applied1(resident, open, nil)
	called := w.publishedCall(nil)
	w.must(err2(w.opportunities(editor).CancelOpportunity(ctx, &outreachv1.CancelOpportunityRequest{Id: called, Reason: "中止"})))
	month := today().String()[:7]
	report := func(by auth.Principal, from, to, department string) ([]*outreachv1.UnmetDemand, error) {
		resp, err := w.opportunities(by).GetUnmetDemand(ctx, &outreachv1.GetUnmetDemandRequest{From: from, To: to, DepartmentId: department})
		return resp.GetRows(), err
	}
	rows, err := report(staff, month, month, "")
	w.must(err)
	if len(rows) != 1 {
		t.Fatalf("rows = %v", rows)
	}
	if r := rows[0]; r.GetMonth() != month || r.GetActivityField() != 1 || r.GetCalls() != 2 || r.GetCallsWithOpenPlaces() != 1 ||
		r.GetWanted() != 11 || r.GetAccepted() != 2 || r.GetOpenPlaces() != 9 || r.GetUnmetWishes() != 1 {
		t.Errorf("row = %v", r)
	}
	if rows, err := report(desk, "2024-01", "2025-12", dept1); err != nil || len(rows) != 0 {
		t.Errorf("rows = %v, %v", rows, err)
	}
	if rows, err := report(desk, "", "", ""); err != nil || len(rows) != 1 {
		t.Errorf("of this fiscal year: %v, %v", rows, err)
	}
	_, err = report(desk, "2024-01", "2026-01", "")
	refused(t, err, "INVALID_FIELD")
	_, err = report(desk, "2026-02", "2026-01", "")
	refused(t, err, "INVALID_FIELD")
	_, err = report(editor, month, month, "")
	refused(t, err, "PERMISSION_DENIED")
}

// What waits for a host and for who checks drafts is in their tasks, and gone when
// it is done.
func TestTasksOfOpportunities(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	tasks := func(by auth.Principal) string {
		t.Helper()
		resp, err := taskv1.NewTaskServiceClient(w.As(by)).ListTasks(ctx, &taskv1.ListTasksRequest{})
		w.must(err)
		var out []string
		for _, task := range resp.GetTasks() {
			if task.GetService() == "outreach" && strings.HasPrefix(task.GetPath(), "/v1/opportunities/") && task.GetTitle() != "" && task.GetSubject() != "" {
				out = append(out, task.GetAction())
			}
		}
		return strings.Join(out, " ")
	}
	id := w.call(hostDecides)
	w.must(err2(w.opportunities(editor).RequestOpportunityApproval(ctx, &outreachv1.RequestOpportunityApprovalRequest{Id: id})))
	checks := coordinator()
	checks.ID, checks.Delegations = "coordinator2", nil
	for name, c := range map[string]struct {
		by   auth.Principal
		want string
	}{"desk": {desk, "approve"}, "coordinator": {checks, "approve"}, "approver": {approver, ""}, "author": {editor, ""}, "resident": {resident, ""}} {
		if got := tasks(c.by); got != c.want {
			t.Errorf("%s has %q, want %q", name, got, c.want)
		}
	}
	w.must(err2(w.opportunities(desk).ApproveOpportunity(ctx, &outreachv1.ApproveOpportunityRequest{Id: id})))
	w.must(err2(w.opportunities(desk).PublishOpportunity(ctx, &outreachv1.PublishOpportunityRequest{Id: id})))
	a := w.applied1(resident, id, nil)
	if got := tasks(editor) + "," + tasks(viewer) + "," + tasks(head2) + "," + tasks(desk); got != "decideApplications,,," {
		t.Errorf("tasks = %s", got)
	}
	w.must(err2(w.applications(editor).AcceptApplication(ctx, &outreachv1.AcceptApplicationRequest{OpportunityId: id, Id: a.GetId()})))
	h, err := w.log(resident, a, nil)
	w.must(err)
	if got := tasks(editor); got != "confirmHours" {
		t.Errorf("tasks = %s", got)
	}
	w.must(err2(w.hours(editor).ConfirmHours(ctx, &outreachv1.ConfirmHoursRequest{OpportunityId: id, Id: h.GetId()})))
	if got := tasks(editor); got != "" {
		t.Errorf("tasks = %s", got)
	}
	// Of the ward's own calls: its department decides.
	in := opportunityInput()
	hostDecides(in)
	made, err := w.opportunities(staff).CreateOpportunity(ctx, &outreachv1.CreateOpportunityRequest{Opportunity: in})
	w.must(err)
	id = made.GetOpportunity().GetId()
	w.must(err2(w.opportunities(staff).RequestOpportunityApproval(ctx, &outreachv1.RequestOpportunityApprovalRequest{Id: id})))
	if got := tasks(approver); got != "approve" {
		t.Errorf("tasks = %s", got)
	}
	w.must(err2(w.opportunities(approver).ApproveOpportunity(ctx, &outreachv1.ApproveOpportunityRequest{Id: id})))
	w.must(err2(w.opportunities(staff).PublishOpportunity(ctx, &outreachv1.PublishOpportunityRequest{Id: id})))
	w.applied1(resident, id, nil)
	if got := tasks(staff) + "," + tasks(servicetest.Staff("other", dept2, optionsv1.Role_ROLE_STAFF)); got != "decideApplications," {
		t.Errorf("tasks = %s", got)
	}
}
