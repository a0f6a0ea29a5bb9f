package proposals_test

import (
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

func TestCourseIsPublicOnceSubmitted(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	course := func(by auth.Principal, id string) (*proposalsv1.ListProgressResponse, error) {
		return w.progress(by).ListProgress(t.Context(), &proposalsv1.ListProgressRequest{ProposalId: id})
	}
	_, err := course(head, w.draft(c.GetId(), nil).GetId())
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = course(auth.Anonymous, none)
	refused(t, err, "RESOURCE_NOT_FOUND")
	id := w.bring(c.GetId(), proposalsv1.Proposal_SUBMITTED, nil)
	got, err := course(auth.Anonymous, id)
	w.must(err)
	if got.GetNumber() != "R8-提-0001" || got.GetOrganizationName() != "団体1" || len(got.GetEntries()) != 1 {
		t.Errorf("course = %v", got)
	}
	_, err = w.proposals(head).WithdrawProposal(t.Context(), &proposalsv1.WithdrawProposalRequest{Id: id, Reason: "会員の都合"})
	w.must(err)
	got, err = course(auth.Anonymous, id)
	w.must(err)
	if last := got.GetEntries()[1]; last.GetStage() != proposalsv1.ProgressEntry_WITHDRAWN || last.GetBody() != "提案団体が提案を取り下げました。" {
		t.Errorf("last entry = %v", last)
	}
}

func TestAnnouncementNeedsASecondPerson(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	id := w.bring(c.GetId(), proposalsv1.Proposal_UNDER_REVIEW, nil)
	create := func(by auth.Principal, change func(*proposalsv1.CreateProgressEntryRequest)) (*proposalsv1.ProgressEntry, error) {
		req := &proposalsv1.CreateProgressEntryRequest{ProposalId: id, Title: "公開プレゼンテーション", Body: "区役所で行います。"}
		if change != nil {
			change(req)
		}
		resp, err := w.progress(by).CreateProgressEntry(t.Context(), req)
		return resp.GetProgressEntry(), err
	}
	approve := func(by auth.Principal, entry string) error {
		_, err := w.progress(by).ApproveProgressEntry(t.Context(), &proposalsv1.ApproveProgressEntryRequest{ProposalId: id, ProgressId: entry})
		return err
	}
	_, err := create(head, nil)
	refused(t, err, "PERMISSION_DENIED")
	_, err = create(staff2, nil)
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = create(desk, func(r *proposalsv1.CreateProgressEntryRequest) { r.Date = today().AddDays(1).String() })
	refused(t, err, "INVALID_FIELD")
	e, err := create(staff, nil)
	w.must(err)
	_, err = create(desk, func(r *proposalsv1.CreateProgressEntryRequest) { r.CorrectsId = e.GetId() })
	refused(t, err, "PROGRESS_NOT_CORRECTABLE")
	list := func(by auth.Principal) int {
		got, err := w.progress(by).ListProgress(t.Context(), &proposalsv1.ListProgressRequest{ProposalId: id})
		w.must(err)
		return len(got.GetEntries())
	}
	if list(auth.Anonymous) != 2 || list(head) != 2 || list(staff) != 3 {
		t.Error("a draft is for the ward only")
	}
	refused(t, approve(staff, e.GetId()), "SELF_APPROVAL_FORBIDDEN")
	w.must(approve(desk, e.GetId()))
	refused(t, approve(desk, e.GetId()), "INVALID_STATE_TRANSITION")
	refused(t, approve(desk, none), "RESOURCE_NOT_FOUND")
	if list(auth.Anonymous) != 3 {
		t.Error("what was approved is public")
	}
	correction, err := create(desk, func(r *proposalsv1.CreateProgressEntryRequest) { r.Title, r.CorrectsId = "訂正", e.GetId() })
	w.must(err)
	w.must(approve(staff, correction.GetId()))
	got, err := w.progress(auth.Anonymous).ListProgress(t.Context(), &proposalsv1.ListProgressRequest{ProposalId: id})
	w.must(err)
	if last := got.GetEntries()[3]; !last.GetCorrection() || last.GetCorrectsId() != e.GetId() || last.GetDepartmentNames()[0] != "区民生活部商工振興課" {
		t.Errorf("correction = %v", last)
	}
	if got := w.events(id, "public"); got != "ProposalSubmitted <nil>→RECEIVED RECEIVED→IN_EXAMINATION ProgressPublished ProgressPublished" {
		t.Errorf("public events = %s", got)
	}
}

func TestLogKeepsSidesApart(t *testing.T) {
	t.Parallel()
	w := start(t)
	c := w.call(nil)
	id := w.bring(c.GetId(), proposalsv1.Proposal_UNDER_REVIEW, nil)
	add := func(by auth.Principal, v proposalsv1.LogEntry_Visibility) error {
		_, err := w.progress(by).CreateLogEntry(t.Context(), &proposalsv1.CreateLogEntryRequest{ProposalId: id, Subject: "打合せ", Body: "会場について", Visibility: v})
		return err
	}
	both, ward, public := proposalsv1.LogEntry_BOTH_SIDES, proposalsv1.LogEntry_WARD_ONLY, proposalsv1.LogEntry_PUBLIC
	w.must(add(editor, both))
	w.must(add(coordinator(), 0))
	w.must(add(staff, ward))
	w.must(add(desk, both))
	w.must(add(staff, public))
	refused(t, add(editor, ward), "INVALID_FIELD")
	refused(t, add(editor, public), "INVALID_FIELD")
	refused(t, add(head2, both), "RESOURCE_NOT_FOUND")
	refused(t, add(staff2, both), "RESOURCE_NOT_FOUND")
	refused(t, add(viewer, both), "PERMISSION_DENIED")
	for by, want := range map[string]int{"viewer": 4, "staff": 5, "desk": 5} {
		p := map[string]auth.Principal{"viewer": viewer, "staff": staff, "desk": desk}[by]
		got, err := w.progress(p).ListLogEntries(t.Context(), &proposalsv1.ListLogEntriesRequest{ProposalId: id, PageSize: 10})
		w.must(err)
		if len(got.GetLogEntries()) != want {
			t.Errorf("%s reads %d entries, want %d", by, len(got.GetLogEntries()), want)
		}
	}
	page, err := w.progress(desk).ListLogEntries(t.Context(), &proposalsv1.ListLogEntriesRequest{ProposalId: id, PageSize: 3})
	w.must(err)
	rest, err := w.progress(desk).ListLogEntries(t.Context(), &proposalsv1.ListLogEntriesRequest{ProposalId: id, PageSize: 3, PageToken: page.GetNextPageToken()})
	w.must(err)
	if len(page.GetLogEntries()) != 3 || len(rest.GetLogEntries()) != 2 {
		t.Errorf("pages of %d and %d", len(page.GetLogEntries()), len(rest.GetLogEntries()))
	}
}

func TestPublicLogEntryDraftsTheCourse(t *testing.T) {
	t.Parallel()
	w := start(t)
	id := w.bring(w.call(nil).GetId(), proposalsv1.Proposal_UNDER_REVIEW, nil)
	_, err := w.progress(staff).CreateLogEntry(t.Context(), &proposalsv1.CreateLogEntryRequest{
		ProposalId: id, Subject: "第1回打合せ", Body: "会場を決めました。", Visibility: proposalsv1.LogEntry_PUBLIC,
	})
	w.must(err)
	course := func(by auth.Principal) []*proposalsv1.ProgressEntry {
		got, err := w.progress(by).ListProgress(t.Context(), &proposalsv1.ListProgressRequest{ProposalId: id})
		w.must(err)
		return got.GetEntries()
	}
	drafted := course(staff)
	last := drafted[len(drafted)-1]
	if last.GetTitle() != "第1回打合せ" || last.GetPublished() || len(course(auth.Anonymous)) != len(drafted)-1 {
		t.Fatalf("before the approval: %v", drafted)
	}
	approve := &proposalsv1.ApproveProgressEntryRequest{ProposalId: id, ProgressId: last.GetId()}
	_, err = w.progress(staff).ApproveProgressEntry(t.Context(), approve)
	refused(t, err, "SELF_APPROVAL_FORBIDDEN")
	_, err = w.progress(desk).ApproveProgressEntry(t.Context(), approve)
	w.must(err)
	if got := course(auth.Anonymous); len(got) != len(drafted) || got[len(got)-1].GetBody() != "会場を決めました。" {
		t.Errorf("after the approval: %v", got)
	}
}
