package evaluation_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// version begins a draft with two clauses; change edits it before.
func (w *world) version(change func(*evaluationv1.RulebookVersionInput)) *evaluationv1.RulebookVersion {
	w.t.Helper()
	in := &evaluationv1.RulebookVersionInput{Clauses: []*evaluationv1.Clause{
		{No: 2, Section: evaluationv1.Clause_EVALUATION, Title: "評価", Text: "双方が評価する。"},
		{No: 1, Section: evaluationv1.Clause_PRINCIPLES, Title: "対等", Text: "対等の立場に立つ。"},
	}}
	if change != nil {
		change(in)
	}
	made, err := w.rules(desk).CreateRulebookVersion(w.t.Context(), &evaluationv1.CreateRulebookVersionRequest{Version: in})
	w.must(err)
	return made.GetVersion()
}

func (w *world) openComments(id, until string) error {
	return err2(w.rules(desk).OpenRulebookComments(w.t.Context(), &evaluationv1.OpenRulebookCommentsRequest{Id: id, Until: until}))
}

func (w *world) closeComments(id string) error {
	return err2(w.rules(desk).CloseRulebookComments(w.t.Context(), &evaluationv1.CloseRulebookCommentsRequest{Id: id}))
}

func (w *world) adopt(id, from string) error {
	return err2(w.rules(desk).AdoptRulebookVersion(w.t.Context(), &evaluationv1.AdoptRulebookVersionRequest{Id: id, EffectiveFrom: from}))
}

func (w *world) comment(by auth.Principal, id string, no int32) (*evaluationv1.RulebookComment, error) {
	resp, err := w.rules(by).CreateRulebookComment(w.t.Context(), &evaluationv1.CreateRulebookCommentRequest{VersionId: id, ClauseNo: no, Body: "分かりやすくしてほしい"})
	return resp.GetComment(), err
}

func (w *world) amend(id, etag string, in *evaluationv1.RulebookVersionInput, paths ...string) (*evaluationv1.RulebookVersion, error) {
	resp, err := w.rules(desk).UpdateRulebookVersion(w.t.Context(), &evaluationv1.UpdateRulebookVersionRequest{Id: id, Etag: etag, Version: in, UpdateMask: mask(paths...)})
	return resp.GetVersion(), err
}

func meeting(organizations ...string) *evaluationv1.RulebookVersionInput {
	return &evaluationv1.RulebookVersionInput{ReviewMeeting: &evaluationv1.ReviewMeeting{HeldOn: today().String(), OrganizationIds: organizations}}
}

// The way of a version: draft, comments, answers, the changed clause, adoption.
func TestRulebookFromDraftToAdoption(t *testing.T) {
	t.Parallel()
	w := start(t)
	first := w.version(nil)
	if first.GetTitle() != "千代田区協働のルール" || first.GetClauses()[0].GetNo() != 1 {
		t.Errorf("draft = %v", first)
	}
	for by, want := range map[*auth.Principal]string{&auth.Anonymous: "RESOURCE_NOT_FOUND", &head: "RESOURCE_NOT_FOUND", &staff: "", &approver: "", &desk: ""} {
		refused(t, err2(w.rules(*by).GetRulebookVersion(t.Context(), &evaluationv1.GetRulebookVersionRequest{Id: first.GetId()})), want)
	}
	_, err := w.comment(head, first.GetId(), 1)
	refused(t, err, "RESOURCE_NOT_FOUND")
	w.must(w.openComments(first.GetId(), today().String()))
	c, err := w.comment(head, first.GetId(), 2)
	w.must(err)
	if c.GetOrganizationName() != "団体1" || c.GetClauseNo() != 2 {
		t.Errorf("comment = %v", c)
	}
	_, err = w.amend(first.GetId(), "*", &evaluationv1.RulebookVersionInput{}, "clauses")
	refused(t, err, "RULEBOOK_NOT_EDITABLE")
	_, err = w.amend(first.GetId(), "*", meeting(org1, org2), "reviewMeeting")
	w.must(err)
	refused(t, w.adopt(first.GetId(), today().String()), "INVALID_STATE_TRANSITION")
	w.must(w.closeComments(first.GetId()))
	refused(t, w.adopt(first.GetId(), today().String()), "COMMENTS_UNANSWERED")
	answered, err := w.rules(desk).AnswerRulebookComment(t.Context(), &evaluationv1.AnswerRulebookCommentRequest{
		VersionId: first.GetId(), ClauseNo: 2, CommentId: c.GetId(), Answer: "趣旨を踏まえて改めます。", Change: "同じ様式を使うことを加えました。",
	})
	w.must(err)
	if answered.GetComment().GetAnswer() == "" || answered.GetComment().GetAnswerTime() == nil {
		t.Errorf("answered = %v", answered)
	}
	changed, err := w.amend(first.GetId(), "*", &evaluationv1.RulebookVersionInput{Clauses: []*evaluationv1.Clause{
		first.GetClauses()[0], {No: 2, Section: evaluationv1.Clause_EVALUATION, Title: "評価", Text: "双方が同じ様式で評価する。"},
	}}, "clauses")
	w.must(err)
	refused(t, w.adopt(first.GetId(), today().AddDays(-1).String()), "INVALID_FIELD")
	w.must(w.adopt(first.GetId(), today().String()))
	refused(t, w.adopt(first.GetId(), today().String()), "INVALID_STATE_TRANSITION")
	_, err = w.amend(first.GetId(), "*", meeting(org1), "reviewMeeting")
	refused(t, err, "RULEBOOK_NOT_EDITABLE")
	_, err = w.rules(desk).AnswerRulebookComment(t.Context(), &evaluationv1.AnswerRulebookCommentRequest{
		VersionId: first.GetId(), ClauseNo: 2, CommentId: c.GetId(), Answer: "後から",
	})
	refused(t, err, "RULEBOOK_NOT_EDITABLE")

	got, err := w.rules(auth.Anonymous).GetRulebookVersion(t.Context(), &evaluationv1.GetRulebookVersionRequest{Id: first.GetId()})
	w.must(err)
	if v := got.GetVersion(); v.GetNumber() != 1 || !v.GetInForce() || v.GetClauses()[1].GetText() != changed.GetClauses()[1].GetText() {
		t.Errorf("adopted = %v", v)
	}
	if got := w.events(first.GetId(), "public"); got != "RulebookAdopted" {
		t.Errorf("events = %s", got)
	}
	comments, err := w.rules(auth.Anonymous).ListRulebookComments(t.Context(), &evaluationv1.ListRulebookCommentsRequest{VersionId: first.GetId(), ClauseNo: 2})
	w.must(err)
	if len(comments.GetComments()) != 1 || comments.GetComments()[0].GetChange() == "" {
		t.Errorf("comments = %v", comments)
	}
}

func TestRulebookRefusals(t *testing.T) {
	t.Parallel()
	w := start(t)
	empty := w.version(func(in *evaluationv1.RulebookVersionInput) { in.Clauses = nil })
	refused(t, w.openComments(empty.GetId(), today().String()), "RULEBOOK_WITHOUT_CLAUSES")
	refused(t, w.adopt(empty.GetId(), today().String()), "RULEBOOK_WITHOUT_CLAUSES")
	v := w.version(nil)
	refused(t, w.adopt(v.GetId(), today().String()), "REVIEW_MEETING_REQUIRED")
	_, err := w.amend(v.GetId(), v.GetEtag(), meeting(), "reviewMeeting")
	w.must(err)
	refused(t, w.adopt(v.GetId(), today().String()), "REVIEW_MEETING_REQUIRED")
	refused(t, w.closeComments(v.GetId()), "INVALID_STATE_TRANSITION")
	refused(t, w.openComments(v.GetId(), today().AddDays(-1).String()), "INVALID_FIELD")
	for want, update := range map[string]func() error{
		"PRECONDITION_REQUIRED": func() error { return err2(w.amend(v.GetId(), "", meeting(org1), "reviewMeeting")) },
		"ETAG_MISMATCH":         func() error { return err2(w.amend(v.GetId(), `"99"`, meeting(org1), "reviewMeeting")) },
		"INVALID_FIELD_MASK":    func() error { return err2(w.amend(v.GetId(), "*", meeting(org1), "state")) },
		"ORGANIZATION_UNKNOWN":  func() error { return err2(w.amend(v.GetId(), "*", meeting(none), "reviewMeeting")) },
		"RESOURCE_NOT_FOUND":    func() error { return err2(w.amend(none, "*", meeting(org1), "reviewMeeting")) },
		"INVALID_FIELD": func() error {
			return err2(w.amend(v.GetId(), "*", &evaluationv1.RulebookVersionInput{Clauses: []*evaluationv1.Clause{
				{No: 1, Section: evaluationv1.Clause_EVALUATION, Title: "評価", Text: "文", Item: evaluationv1.Clause_PURPOSE, ModelText: "ひな形"},
			}}, "clauses"))
		},
	} {
		refused(t, update(), want)
	}
	w.must(w.openComments(v.GetId(), today().String()))
	_, err = w.comment(head3, v.GetId(), 1)
	refused(t, err, "ORGANIZATION_NOT_VERIFIED")
	_, err = w.comment(head, v.GetId(), 99)
	refused(t, err, "RESOURCE_NOT_FOUND")
	_, err = w.comment(viewer, v.GetId(), 1)
	refused(t, err, "PERMISSION_DENIED")
	_, err = w.rules(head).CreateRulebookComment(t.Context(), &evaluationv1.CreateRulebookCommentRequest{VersionId: v.GetId(), ClauseNo: 1, OrganizationId: org2, Body: "x"})
	refused(t, err, "PERMISSION_DENIED")
	w.directory.setDown(true)
	_, err = w.comment(head, v.GetId(), 1)
	refused(t, err, "DEPENDENCY_UNAVAILABLE")
	w.directory.setDown(false)
	_, err = w.comment(coordinator(), v.GetId(), 1)
	w.must(err)
	// The last day is inclusive, and decided by the database's day in Tokyo.
	if _, err := w.DB("evaluation").Pool().Exec(t.Context(), `UPDATE rulebook_version SET comments_until = $2 WHERE id = $1`, v.GetId(), today().AddDays(-1)); err != nil {
		t.Fatal(err)
	}
	_, err = w.comment(head, v.GetId(), 1)
	refused(t, err, "COMMENTS_NOT_OPEN")
	w.must(w.closeComments(v.GetId()))
	_, err = w.comment(head, v.GetId(), 1)
	refused(t, err, "COMMENTS_NOT_OPEN")
}

func TestVersionInForceAndComparison(t *testing.T) {
	t.Parallel()
	w := start(t)
	var ids []string
	for i, from := range []string{today().String(), today().String(), today().AddDays(1).String()} {
		v := w.version(func(in *evaluationv1.RulebookVersionInput) {
			in.ReviewMeeting = meeting(org1).GetReviewMeeting()
			if i > 0 {
				in.Clauses[0].Text = fmt.Sprintf("改めた文 %d", i)
				in.Clauses[1].No = 3
			}
		})
		w.must(w.adopt(v.GetId(), from))
		ids = append(ids, v.GetId())
	}
	list, err := w.rules(auth.Anonymous).ListRulebookVersions(t.Context(), &evaluationv1.ListRulebookVersionsRequest{State: evaluationv1.RulebookVersion_ADOPTED})
	w.must(err)
	var got []string
	for _, v := range list.GetVersions() {
		got = append(got, fmt.Sprintf("%d %v %d", v.GetNumber(), v.GetInForce(), len(v.GetClauses())))
	}
	if diff := cmp.Diff([]string{"3 false 0", "2 true 0", "1 false 0"}, got); diff != "" {
		t.Errorf("versions: %s", diff)
	}
	compared, err := w.rules(auth.Anonymous).CompareRulebookVersions(t.Context(), &evaluationv1.CompareRulebookVersionsRequest{From: ids[0], To: ids[1]})
	w.must(err)
	got = nil
	for _, d := range compared.GetDifferences() {
		got = append(got, fmt.Sprintf("%d %v", d.GetNo(), d.GetKind()))
	}
	if diff := cmp.Diff([]string{"1 REMOVED", "2 CHANGED", "3 ADDED"}, got); diff != "" {
		t.Errorf("differences: %s", diff)
	}
	draft := w.version(func(in *evaluationv1.RulebookVersionInput) { in.Clauses, in.BasedOnId = nil, ids[1] })
	if len(draft.GetClauses()) != 2 {
		t.Errorf("copy = %v", draft)
	}
	_, err = w.rules(auth.Anonymous).CompareRulebookVersions(t.Context(), &evaluationv1.CompareRulebookVersionsRequest{From: ids[0], To: draft.GetId()})
	refused(t, err, "RESOURCE_NOT_FOUND")
	for by, want := range map[*auth.Principal]int{&auth.Anonymous: 3, &desk: 4, &staff: 4} {
		n, token := 0, ""
		for {
			page, err := w.rules(*by).ListRulebookVersions(t.Context(), &evaluationv1.ListRulebookVersionsRequest{PageSize: 2, PageToken: token})
			w.must(err)
			n += len(page.GetVersions())
			if token = page.GetNextPageToken(); token == "" {
				break
			}
		}
		if n != want {
			t.Errorf("%q lists %d versions, want %d", by.ID, n, want)
		}
	}
}

// A comment that names a project carries its public number to the adoption.
func TestCommentFromTheExperienceOfAProject(t *testing.T) {
	t.Parallel()
	w := start(t)
	w.rulebook()
	public := w.bring(evaluationv1.Project_AGREED, nil)
	hidden := w.project(nil).GetId()
	v := w.version(nil)
	w.must(w.openComments(v.GetId(), today().String()))
	from := func(by auth.Principal, project string) (*evaluationv1.RulebookComment, error) {
		resp, err := w.rules(by).CreateRulebookComment(t.Context(), &evaluationv1.CreateRulebookCommentRequest{VersionId: v.GetId(), ClauseNo: 1, Body: "x", ProjectId: project})
		return resp.GetComment(), err
	}
	c, err := from(head, public)
	w.must(err)
	if c.GetPublicNumber() != "R8-協-0001" {
		t.Errorf("comment = %v", c)
	}
	for _, project := range []string{hidden, none} {
		_, err = from(head, project)
		refused(t, err, "RESOURCE_NOT_FOUND")
	}
	_, err = from(head2, public)
	refused(t, err, "RESOURCE_NOT_FOUND")
	w.tell("directory", "organization", org1, &directoryv1.OrganizationMerged{OrganizationId: org1, SurvivorId: org2, SurvivorName: "団体2", Version: 2})
	w.until("the comment follows the merger", func() bool {
		return w.count(`SELECT count(*) FROM rulebook_comment WHERE organization_id = $1`, org2) == 1
	})
}
