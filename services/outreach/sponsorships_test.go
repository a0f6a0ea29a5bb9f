package outreach_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/pdf/pdftest"
	outreachv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/outreach/v1"
)

func (w *world) sponsorships(p auth.Principal) outreachv1.SponsorshipServiceClient {
	return outreachv1.NewSponsorshipServiceClient(w.As(p))
}

func sponsorshipInput() *outreachv1.SponsorshipInput {
	return &outreachv1.SponsorshipInput{
		Title: "見本の音楽会", Purpose: "地域の交流", Description: "三つの団体が演奏する。", StartsOn: today().AddDays(40).String(),
		Place: "見本ホール", ExpectedParticipants: 100, Fee: 500, NameUse: "ちらし、会場の看板", ContactName: "見本 担当", ContactPhone: "０３－００００－００００",
	}
}

// applied is an application of organization 1 for the section dept1.
func (w *world) applied(change func(*outreachv1.SponsorshipInput)) *outreachv1.Sponsorship {
	w.t.Helper()
	in := sponsorshipInput()
	in.DepartmentId = dept1
	if change != nil {
		change(in)
	}
	resp, err := w.sponsorships(head).CreateSponsorship(w.t.Context(), &outreachv1.CreateSponsorshipRequest{Sponsorship: in})
	w.must(err)
	return resp.GetSponsorship()
}

func (w *world) draftDecision(p auth.Principal, id string, approved bool) error {
	req := &outreachv1.DraftSponsorshipDecisionRequest{Id: id, Approved: approved, DecidedBy: "区民生活部長"}
	if approved {
		req.Conditions = []string{"政治的または宗教的な活動を行わないこと。", "終了後30日以内に実績を報告すること。"}
	} else {
		req.Reason = "営利を主な目的とするため"
	}
	return err2(w.sponsorships(p).DraftSponsorshipDecision(w.t.Context(), req))
}

func (w *world) decideSponsorship(p auth.Principal, id string) (*outreachv1.Sponsorship, error) {
	resp, err := w.sponsorships(p).DecideSponsorship(w.t.Context(), &outreachv1.DecideSponsorshipRequest{Id: id})
	return resp.GetSponsorship(), err
}

func (w *world) sponsorship(p auth.Principal, id string) (*outreachv1.Sponsorship, error) {
	resp, err := w.sponsorships(p).GetSponsorship(w.t.Context(), &outreachv1.GetSponsorshipRequest{Id: id})
	return resp.GetSponsorship(), err
}

func TestSponsorshipFromApplicationToReport(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	a := w.applied(nil)
	id := a.GetId()
	if a.GetState() != outreachv1.Sponsorship_APPLIED || a.GetEndsOn() != a.GetStartsOn() || a.GetContactPhone() != "03-0000-0000" || a.GetOrganizationName() != "団体1" {
		t.Errorf("applied = %v", a)
	}
	_, err := w.sponsorships(head).GetSponsorshipLetter(ctx, &outreachv1.GetSponsorshipLetterRequest{Id: id})
	refused(t, err, "SPONSORSHIP_UNDECIDED")
	refused(t, w.draftDecision(staff2, id, true), "RESOURCE_NOT_FOUND")
	_, err = w.decideSponsorship(approver, id) // Approvers see it when it is drafted.
	refused(t, err, "RESOURCE_NOT_FOUND")
	w.must(w.draftDecision(headStaff, id, true))
	for _, p := range []auth.Principal{head, viewer} {
		if got, err := w.sponsorship(p, id); err != nil || got.GetState() != outreachv1.Sponsorship_APPLIED || got.GetDecision() != nil {
			t.Errorf("the organization sees the draft: %v %v", got, err)
		}
	}
	if got, err := w.sponsorship(staff, id); err != nil || got.GetState() != outreachv1.Sponsorship_DECISION_DRAFTED || len(got.GetDecision().GetConditions()) != 2 {
		t.Errorf("the section sees %v %v", got, err)
	}
	if got, err := w.sponsorship(approver, id); err != nil || got.GetContactName() != "" || got.GetContactPhone() != "" || got.GetTitle() == "" {
		t.Errorf("the approver sees the contact: %v %v", got, err)
	}
	_, err = w.decideSponsorship(headStaff, id)
	refused(t, err, "SELF_APPROVAL_FORBIDDEN")
	_, err = w.sponsorships(headStaff).ReturnSponsorshipDecision(ctx, &outreachv1.ReturnSponsorshipDecisionRequest{Id: id, Reason: "見直し"})
	refused(t, err, "SELF_APPROVAL_FORBIDDEN")
	w.must(err2(w.sponsorships(approver).ReturnSponsorshipDecision(ctx, &outreachv1.ReturnSponsorshipDecisionRequest{Id: id, Reason: "条件を加えること"})))
	if got, err := w.sponsorship(staff, id); err != nil || got.GetDecision().GetReturnReason() != "条件を加えること" || got.GetState() != outreachv1.Sponsorship_APPLIED {
		t.Errorf("returned = %v %v", got, err)
	}
	w.must(w.draftDecision(staff, id, true))
	decided, err := w.decideSponsorship(approver, id)
	w.must(err)
	due := today().AddDays(70).String()
	if want := fmt.Sprintf("R%d-後-0001", fiscalYear()-2018); decided.GetNumber() != want || decided.GetState() != outreachv1.Sponsorship_APPROVED ||
		decided.GetReportDueOn() != due || decided.GetDecision().GetDecidedOn() != today().String() {
		t.Errorf("decided = %v, want %s due %s", decided, want, due)
	}
	_, err = w.decideSponsorship(approver, id)
	refused(t, err, "INVALID_STATE_TRANSITION")
	report := &outreachv1.ReportSponsorshipRequest{Id: id, Participants: 120, Summary: "好評のうちに終えた。", Income: 60_000, Expense: 58_000}
	_, err = w.sponsorships(head).ReportSponsorship(ctx, report)
	refused(t, err, "REPORT_TOO_EARLY")
	w.exec(`UPDATE sponsorship SET starts_on = starts_on - 71, ends_on = ends_on - 71, report_due_on = report_due_on - 71 WHERE id = $1`, id)
	overdue, err := w.sponsorships(desk).ListSponsorships(ctx, &outreachv1.ListSponsorshipsRequest{ReportOverdue: true})
	w.must(err)
	if len(overdue.GetSponsorships()) != 1 {
		t.Errorf("overdue = %v", overdue)
	}
	_, err = w.sponsorships(head2).ReportSponsorship(ctx, report)
	refused(t, err, "RESOURCE_NOT_FOUND")
	reported, err := w.sponsorships(head).ReportSponsorship(ctx, report)
	w.must(err)
	if r := reported.GetSponsorship().GetReport(); !r.GetLate() || r.GetParticipants() != 120 || reported.GetSponsorship().GetState() != outreachv1.Sponsorship_REPORTED {
		t.Errorf("reported = %v", reported)
	}
}

func TestSponsorshipLetter(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	id := w.applied(func(in *outreachv1.SponsorshipInput) { in.Title = `<b>"祭"</b> 𠮷` }).GetId()
	w.must(w.draftDecision(staff, id, true))
	decided, err := w.decideSponsorship(approver, id)
	w.must(err)
	letter, err := w.sponsorships(viewer).GetSponsorshipLetter(ctx, &outreachv1.GetSponsorshipLetterRequest{Id: id})
	w.must(err)
	page, err := w.sponsorships(viewer).GetSponsorshipPage(ctx, &outreachv1.GetSponsorshipPageRequest{Id: id})
	w.must(err)
	html := string(page.GetDocument().GetContent())
	for _, want := range []string{"後援名義使用承認通知書", decided.GetNumber(), "団体1", "区民生活部商工振興課", "区民生活部長", "政治的または宗教的な活動を行わないこと。"} {
		for name, text := range map[string]string{"PDF": pdftest.Text(t, letter.GetDocument().GetContent()), "page": html} {
			if !strings.Contains(text, want) {
				t.Errorf("%s lacks %q:\n%s", name, want, text)
			}
		}
	}
	if strings.Contains(html, "<b>") || !strings.Contains(html, "&lt;b&gt;") || !strings.Contains(html, `lang="ja"`) {
		t.Errorf("page = %s", html)
	}
	if page.GetDocument().GetMaxAge() != 0 || letter.GetDocument().GetEtag() == "" || !bytes.HasPrefix(letter.GetDocument().GetContent(), []byte("%PDF")) {
		t.Errorf("document = %v", letter.GetDocument().GetMediaType())
	}
	for _, p := range []auth.Principal{head2, staff2} {
		_, err := w.sponsorships(p).GetSponsorshipLetter(ctx, &outreachv1.GetSponsorshipLetterRequest{Id: id})
		refused(t, err, "RESOURCE_NOT_FOUND")
		_, err = w.sponsorships(p).GetSponsorshipPage(ctx, &outreachv1.GetSponsorshipPageRequest{Id: id})
		refused(t, err, "RESOURCE_NOT_FOUND")
	}
	other := w.applied(nil).GetId()
	_, err = w.sponsorships(head).GetSponsorshipPage(ctx, &outreachv1.GetSponsorshipPageRequest{Id: other})
	refused(t, err, "SPONSORSHIP_UNDECIDED")
	w.must(w.draftDecision(desk, other, false))
	rejected, err := w.decideSponsorship(approver, other)
	w.must(err)
	page, err = w.sponsorships(head).GetSponsorshipPage(ctx, &outreachv1.GetSponsorshipPageRequest{Id: other})
	w.must(err)
	if html := string(page.GetDocument().GetContent()); rejected.GetState() != outreachv1.Sponsorship_REJECTED || rejected.GetReportDueOn() != "" ||
		!strings.Contains(html, "後援名義使用不承認通知書") || !strings.Contains(html, "営利を主な目的とするため") {
		t.Errorf("rejected = %v: %s", rejected, html)
	}
}

func TestRefusedApplications(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	for name, c := range map[string]struct {
		by     auth.Principal
		change func(*outreachv1.SponsorshipInput)
		want   string
	}{
		"editor":               {editor, nil, "PERMISSION_DENIED"},
		"resident":             {resident, nil, "PERMISSION_DENIED"},
		"another organization": {head, func(in *outreachv1.SponsorshipInput) { in.OrganizationId = org2 }, "PERMISSION_DENIED"},
		"not verified":         {head3, nil, "ORGANIZATION_NOT_VERIFIED"},
		"desk, for nobody":     {desk, nil, "INVALID_FIELD"},
		"unknown organization": {desk, func(in *outreachv1.SponsorshipInput) { in.OrganizationId = none }, "ORGANIZATION_UNKNOWN"},
		"unknown section":      {head, func(in *outreachv1.SponsorshipInput) { in.DepartmentId = dept9 }, "DEPARTMENT_UNKNOWN"},
		"no purpose":           {head, func(in *outreachv1.SponsorshipInput) { in.Purpose = "" }, "INVALID_FIELD"},
		"no telephone":         {head, func(in *outreachv1.SponsorshipInput) { in.ContactPhone = "1" }, "INVALID_FIELD"},
		"yesterday":            {head, func(in *outreachv1.SponsorshipInput) { in.StartsOn = today().AddDays(-1).String() }, "INVALID_FIELD"},
		"ends before":          {head, func(in *outreachv1.SponsorshipInput) { in.EndsOn = today().String() }, "INVALID_FIELD"},
		"negative fee":         {head, func(in *outreachv1.SponsorshipInput) { in.Fee = -1 }, "INVALID_FIELD"},
	} {
		in := sponsorshipInput()
		if c.change != nil {
			c.change(in)
		}
		_, err := w.sponsorships(c.by).CreateSponsorship(ctx, &outreachv1.CreateSponsorshipRequest{Sponsorship: in})
		if got := reason(err); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	paper := sponsorshipInput()
	paper.OrganizationId = org2
	w.must(err2(w.sponsorships(desk).CreateSponsorship(ctx, &outreachv1.CreateSponsorshipRequest{Sponsorship: paper})))
	w.peer.setDown(true)
	_, err := w.sponsorships(head).CreateSponsorship(ctx, &outreachv1.CreateSponsorshipRequest{Sponsorship: sponsorshipInput()})
	refused(t, err, "DEPENDENCY_UNAVAILABLE")
}

func TestChangesOfAnApplication(t *testing.T) {
	t.Parallel()
	w := start(t)
	ctx := t.Context()
	a := w.applied(func(in *outreachv1.SponsorshipInput) { in.DepartmentId = "" })
	id := a.GetId()
	update := func(by auth.Principal, etag string, in *outreachv1.SponsorshipInput, paths ...string) (*outreachv1.Sponsorship, error) {
		resp, err := w.sponsorships(by).UpdateSponsorship(ctx, &outreachv1.UpdateSponsorshipRequest{Id: id, Sponsorship: in, Etag: etag, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}})
		return resp.GetSponsorship(), err
	}
	in := &outreachv1.SponsorshipInput{Place: "見本公園", DepartmentId: dept9}
	_, err := update(head2, a.GetEtag(), in, "place")
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = update(head, "", in, "place")
	refused(t, err, "PRECONDITION_REQUIRED")
	_, err = update(head, `"9"`, in, "place")
	refused(t, err, "ETAG_MISMATCH")
	_, err = update(head, a.GetEtag(), in, "number")
	refused(t, err, "INVALID_FIELD_MASK")
	_, err = update(head, a.GetEtag(), in, "departmentId")
	refused(t, err, "DEPARTMENT_UNKNOWN")
	_, err = update(head, a.GetEtag(), in, "title")
	refused(t, err, "INVALID_FIELD")
	changed, err := update(head, a.GetEtag(), in, "place")
	w.must(err)
	if changed.GetPlace() != "見本公園" || changed.GetTitle() != a.GetTitle() || changed.GetOrganizationId() != org1 {
		t.Errorf("changed = %v", changed)
	}

	refused(t, w.draftDecision(desk, id, true), "DEPARTMENT_MISSING")
	_, err = w.sponsorships(desk).AssignSponsorship(ctx, &outreachv1.AssignSponsorshipRequest{Id: id, DepartmentId: dept9})
	refused(t, err, "DEPARTMENT_UNKNOWN")
	_, err = w.sponsorship(staff, id)
	refused(t, err, "RESOURCE_NOT_FOUND")
	assigned, err := w.sponsorships(desk).AssignSponsorship(ctx, &outreachv1.AssignSponsorshipRequest{Id: id, DepartmentId: dept1})
	w.must(err)
	if assigned.GetSponsorship().GetDepartmentName() != "区民生活部商工振興課" {
		t.Errorf("assigned = %v", assigned)
	}
	_, err = w.sponsorships(staff).DraftSponsorshipDecision(ctx, &outreachv1.DraftSponsorshipDecisionRequest{Id: id, DecidedBy: "区民生活部長"})
	refused(t, err, "INVALID_FIELD")
	_, err = w.sponsorships(staff).DraftSponsorshipDecision(ctx, &outreachv1.DraftSponsorshipDecisionRequest{Id: id, DecidedBy: "区民生活部長", Reason: "営利", Conditions: []string{"条件"}})
	refused(t, err, "CONDITIONS_WITHOUT_APPROVAL")
	w.must(w.draftDecision(staff, id, true))
	_, err = update(head, "*", in, "place")
	refused(t, err, "SPONSORSHIP_NOT_EDITABLE")

	// What the organization knows of is applied for until it is decided; lists say the same.
	list := func(by auth.Principal, state outreachv1.Sponsorship_State) int {
		t.Helper()
		resp, err := w.sponsorships(by).ListSponsorships(ctx, &outreachv1.ListSponsorshipsRequest{State: state})
		w.must(err)
		for _, s := range resp.GetSponsorships() {
			if state != 0 && s.GetState() != state {
				t.Errorf("%v among %v", s.GetState(), state)
			}
		}
		return len(resp.GetSponsorships())
	}
	for _, c := range []struct {
		by    auth.Principal
		state outreachv1.Sponsorship_State
		want  int
	}{
		{head, outreachv1.Sponsorship_APPLIED, 1},
		{head, outreachv1.Sponsorship_DECISION_DRAFTED, 0},
		{head, 0, 1},
		{head2, 0, 0},
		{staff, outreachv1.Sponsorship_DECISION_DRAFTED, 1},
		{staff, outreachv1.Sponsorship_APPLIED, 0},
		{staff2, 0, 0},
		{desk, 0, 1},
		{approver, 0, 1},
	} {
		if got := list(c.by, c.state); got != c.want {
			t.Errorf("%s sees %d in %v, want %d", c.by.ID, got, c.state, c.want)
		}
	}
	_, err = w.sponsorships(head).WithdrawSponsorship(ctx, &outreachv1.WithdrawSponsorshipRequest{Id: id, Etag: `"1"`})
	refused(t, err, "ETAG_MISMATCH")
	withdrawn, err := w.sponsorships(head).WithdrawSponsorship(ctx, &outreachv1.WithdrawSponsorshipRequest{Id: id, Reason: "中止のため"})
	w.must(err)
	if withdrawn.GetSponsorship().GetState() != outreachv1.Sponsorship_WITHDRAWN {
		t.Errorf("withdrawn = %v", withdrawn)
	}
	_, err = w.sponsorships(desk).AssignSponsorship(ctx, &outreachv1.AssignSponsorshipRequest{Id: id, DepartmentId: dept2})
	refused(t, err, "INVALID_STATE_TRANSITION")
}

// One of two approvers at once decides; numbers have no gap.
func TestDecisionsAtOnce(t *testing.T) {
	t.Parallel()
	w := start(t)
	ids := make([]string, 6)
	for i := range ids {
		ids[i] = w.applied(nil).GetId()
		w.must(w.draftDecision(staff, ids[i], i%2 == 0))
	}
	got := atOnce(12, func(i int) error { return err2(w.decideSponsorship(approver, ids[i%6])) })
	if got[""] != 6 || got["INVALID_STATE_TRANSITION"] != 6 {
		t.Errorf("decisions: %v", got)
	}
	if n := w.count(`SELECT count(DISTINCT right(number, 4)::integer) FROM sponsorship WHERE right(number, 4)::integer BETWEEN 1 AND 6`); n != 6 {
		t.Errorf("%d numbers", n)
	}
}
