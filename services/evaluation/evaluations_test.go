package evaluation_test

import (
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

func TestEvaluationFromOpenToPublished(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	e := w.opened()
	if e.GetState() != evaluationv1.Evaluation_OPEN || len(e.GetCriteria()) != 15 || e.GetTemplateVersion() != 1 || e.GetMySide() != evaluationv1.Project_WARD {
		t.Errorf("opened = %v", e)
	}
	id := e.GetId()
	w.lead(id, evaluationv1.Evaluation_BOTH_SUBMITTED)
	if got := w.events(id, "ward"); got != "EvaluationOpened EvaluationSheetSubmitted EvaluationSheetSubmitted EvaluationSheetsUnsealed" {
		t.Errorf("events on ward = %s", got)
	}
	both, err := w.evaluations(viewer).GetComparison(t.Context(), &evaluationv1.GetComparisonRequest{Id: id})
	w.must(err)
	c := both.GetComparison()
	if item := c.GetItems()[3]; item.GetClass() != evaluationv1.ComparisonItem_NEEDS_DISCUSSION || item.GetClassName() != "要協議" || item.GetGap() != -2 || item.GetMeanX10() != 30 {
		t.Errorf("item 4 = %v", item)
	}
	if diff := cmp.Diff([]int32{4}, c.GetNeedsDiscussion()); diff != "" || c.GetOverallMeanX10() != 39 {
		t.Errorf("%s, overall %d", diff, c.GetOverallMeanX10())
	}

	w.must(w.discuss(desk, id))
	refused(t, w.publish(desk, id), "AGREEMENTS_MISSING")
	w.must(w.agree(head, id))
	refused(t, w.publish(desk, id), "AGREEMENTS_MISSING")
	w.must(w.agree(approver, id))
	w.must(w.publish(desk, id))
	refused(t, w.publish(desk, id), "INVALID_STATE_TRANSITION")
	if got := w.state(e.GetProjectId()); got != evaluationv1.Project_EVALUATED {
		t.Errorf("the project is %v", got)
	}
	if got := w.events(id, "public"); got != "EvaluationPublished" {
		t.Errorf("events on public = %s", got)
	}
	public, err := w.evaluations(auth.Anonymous).GetEvaluation(t.Context(), &evaluationv1.GetEvaluationRequest{Id: id})
	w.must(err)
	if p := public.GetEvaluation(); p.GetReportVersion() != 1 || p.GetDiscussion() != nil || p.GetAgreements() != nil {
		t.Errorf("for everybody = %v", p)
	}
	list, err := w.improvements(auth.Anonymous).ListImprovements(t.Context(), &evaluationv1.ListImprovementsRequest{EvaluationId: id})
	w.must(err)
	if i := list.GetImprovements(); len(i) != 1 || i[0].GetCriterionName() != "対等性" || i[0].GetPublicNumber() != e.GetPublicNumber() {
		t.Errorf("improvements = %v", i)
	}
}

func TestOpeningIsRefused(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	running, completed := w.bring(evaluationv1.Project_RUNNING, nil), w.bring(evaluationv1.Project_COMPLETED, nil)
	open := func(p auth.Principal, in *evaluationv1.EvaluationInput) error {
		return err2(w.evaluations(p).CreateEvaluation(t.Context(), &evaluationv1.CreateEvaluationRequest{Evaluation: in}))
	}
	refused(t, open(head, finalInput(completed)), "PERMISSION_DENIED")
	refused(t, open(servicetest.Staff("other", none, optionsv1.Role_ROLE_STAFF), finalInput(completed)), "PERMISSION_DENIED")
	refused(t, open(staff, finalInput(running)), "PROJECT_NOT_EVALUABLE")
	refused(t, open(staff, finalInput(none)), "RESOURCE_NOT_FOUND")
	in := finalInput(completed)
	in.TemplateVersion = 9
	refused(t, open(staff, in), "TEMPLATE_UNKNOWN")
	in = finalInput(completed)
	in.DueOn = today().AddDays(-1).String()
	refused(t, open(staff, in), "INVALID_FIELD")
	w.must(open(staff, finalInput(completed)))
	refused(t, open(desk, finalInput(completed)), "EVALUATION_EXISTS")
	if n := w.count(`SELECT count(*) FROM evaluation`); n != 1 {
		t.Errorf("%d evaluations", n)
	}
}

func TestPreparation(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	in := finalInput(w.bring(evaluationv1.Project_COMPLETED, nil))
	in.OpensOn = today().AddDays(3).String()
	made, err := w.evaluations(desk).CreateEvaluation(t.Context(), &evaluationv1.CreateEvaluationRequest{Evaluation: in})
	w.must(err)
	id := made.GetEvaluation().GetId()
	if s := made.GetEvaluation().GetState(); s != evaluationv1.Evaluation_PREPARING || w.events(id, "ward") != "" {
		t.Errorf("%v, %s", s, w.events(id, "ward"))
	}
	refused(t, w.save(editor, id, "organization", nil), "INVALID_STATE_TRANSITION")
	w.must(w.task("open-evaluations")(t.Context()))
	if w.stands(id) != evaluationv1.Evaluation_PREPARING {
		t.Error("opened before its day")
	}
	open := func(p auth.Principal, etag string) error {
		return err2(w.evaluations(p).OpenEvaluation(t.Context(), &evaluationv1.OpenEvaluationRequest{Id: id, Etag: etag}))
	}
	refused(t, open(staff, `"9"`), "ETAG_MISMATCH")
	w.exec(`UPDATE evaluation SET opens_on = $2 WHERE id = $1`, id, today().String())
	w.must(w.task("open-evaluations")(t.Context()))
	if w.stands(id) != evaluationv1.Evaluation_OPEN || w.events(id, "ward") != "EvaluationOpened" {
		t.Errorf("%v, %s", w.stands(id), w.events(id, "ward"))
	}
	refused(t, open(staff, ""), "INVALID_STATE_TRANSITION")
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	in := &evaluationv1.EvaluationTemplateInput{Title: "短い項目", Criteria: []*evaluationv1.EvaluationCriterion{
		{No: 1, Group: evaluationv1.EvaluationCriterion_PROCESS, Phase: "実施", Name: "対等性", Question: "対等だったか"},
	}}
	create := func(p auth.Principal) error {
		return err2(w.evaluations(p).CreateEvaluationTemplate(t.Context(), &evaluationv1.CreateEvaluationTemplateRequest{Template: in}))
	}
	refused(t, create(staff), "PERMISSION_DENIED")
	w.must(create(desk))
	in.Criteria = append(in.Criteria, in.GetCriteria()[0])
	refused(t, create(desk), "INVALID_FIELD")
	list, err := w.evaluations(auth.Anonymous).ListEvaluationTemplates(t.Context(), &evaluationv1.ListEvaluationTemplatesRequest{PageSize: 1})
	w.must(err)
	next, err := w.evaluations(auth.Anonymous).ListEvaluationTemplates(t.Context(), &evaluationv1.ListEvaluationTemplatesRequest{PageSize: 1, PageToken: list.GetNextPageToken()})
	w.must(err)
	if list.GetTemplates()[0].GetVersion() != 2 || len(next.GetTemplates()) != 1 || len(next.GetTemplates()[0].GetCriteria()) != 15 || next.GetNextPageToken() != "" {
		t.Errorf("templates = %v, then %v", list, next)
	}
	e := w.opened()
	if e.GetTemplateVersion() != 2 || len(e.GetCriteria()) != 1 {
		t.Errorf("a new evaluation uses the newest: %v", e)
	}
}

// Of two publications at once one wins, and everything of it is there once.
func TestPublicationRace(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.opened().GetId()
	w.lead(id, evaluationv1.Evaluation_AGREED)
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		reasons = map[string]int{}
	)
	for range 6 {
		wg.Go(func() {
			r := reason(w.publish(desk, id))
			mu.Lock()
			defer mu.Unlock()
			reasons[r]++
		})
	}
	wg.Wait()
	if diff := cmp.Diff(map[string]int{"": 1, "INVALID_STATE_TRANSITION": 5}, reasons); diff != "" {
		t.Error(diff)
	}
	if n := w.count(`SELECT count(*) FROM published_report`); n != 1 {
		t.Errorf("%d reports", n)
	}
}

// For every role: the list shows exactly what get shows.
func TestEvaluationListIsFilterOfGet(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	open, published := w.opened().GetId(), w.opened().GetId()
	other := w.openedFor(w.bring(evaluationv1.Project_COMPLETED, func(in *evaluationv1.ProjectInput) {
		in.JointDepartmentIds = nil
	})).GetId()
	w.lead(published, evaluationv1.Evaluation_PUBLISHED)
	w.must(err2(w.evaluations(desk).AssignCommentators(t.Context(), &evaluationv1.AssignCommentatorsRequest{Id: open, CommentatorIds: []string{reviewer.ID}})))
	for _, by := range []auth.Principal{
		auth.Anonymous, resident, viewer, editor, head, head2, coordinator(), staff, staff2, desk, approver, approver2, reviewer, auditor, admin, both(),
	} {
		want := map[string]bool{}
		for _, id := range []string{open, published, other} {
			_, err := w.evaluations(by).GetEvaluation(t.Context(), &evaluationv1.GetEvaluationRequest{Id: id})
			if r := reason(err); r != "" && r != "RESOURCE_NOT_FOUND" {
				t.Errorf("%s: %v", by.ID, err)
			}
			if err == nil {
				want[id] = true
			}
		}
		got := map[string]bool{}
		req := &evaluationv1.ListEvaluationsRequest{PageSize: 1}
		for {
			list, err := w.evaluations(by).ListEvaluations(t.Context(), req)
			w.must(err)
			for _, e := range list.GetEvaluations() {
				got[e.GetId()] = true
			}
			if req.PageToken = list.GetNextPageToken(); req.GetPageToken() == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" || !got[published] {
			t.Errorf("%s: %s", by.ID, diff)
		}
	}
	for want, p := range map[int]auth.Principal{1: auth.Anonymous, 2: reviewer, 3: desk} {
		list, err := w.evaluations(p).ListEvaluations(t.Context(), &evaluationv1.ListEvaluationsRequest{})
		w.must(err)
		if len(list.GetEvaluations()) != want {
			t.Errorf("%s sees %d", p.ID, len(list.GetEvaluations()))
		}
	}
}

func TestDueListFilters(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	e := w.opened()
	w.lead(w.opened().GetId(), evaluationv1.Evaluation_ONE_SUBMITTED)
	for _, tt := range []struct {
		name string
		req  *evaluationv1.ListEvaluationsRequest
		want int
	}{
		{"all", &evaluationv1.ListEvaluationsRequest{}, 2},
		{"state", &evaluationv1.ListEvaluationsRequest{State: evaluationv1.Evaluation_ONE_SUBMITTED}, 1},
		{"kind", &evaluationv1.ListEvaluationsRequest{Kind: evaluationv1.Evaluation_INTERIM}, 0},
		{"due before the due day", &evaluationv1.ListEvaluationsRequest{DueBefore: e.GetDueOn()}, 0},
		{"due before the next day", &evaluationv1.ListEvaluationsRequest{DueBefore: today().AddDays(41).String()}, 2},
		{"organization", &evaluationv1.ListEvaluationsRequest{OrganizationId: org1}, 2},
		{"another organization", &evaluationv1.ListEvaluationsRequest{OrganizationId: org2}, 0},
		{"department", &evaluationv1.ListEvaluationsRequest{DepartmentId: dept2}, 2},
		{"project", &evaluationv1.ListEvaluationsRequest{ProjectId: e.GetProjectId()}, 1},
		{"fiscal year", &evaluationv1.ListEvaluationsRequest{FiscalYear: e.GetFiscalYear()}, 2},
		{"another year", &evaluationv1.ListEvaluationsRequest{FiscalYear: 2000}, 0},
	} {
		list, err := w.evaluations(desk).ListEvaluations(t.Context(), tt.req)
		w.must(err)
		if got := len(list.GetEvaluations()); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
	for want, req := range map[string]*evaluationv1.ListEvaluationsRequest{
		"INVALID_PAGE_SIZE":  {PageSize: -1},
		"INVALID_PAGE_TOKEN": {PageToken: "x"},
		"INVALID_FIELD":      {DueBefore: "2026-02-31"},
	} {
		_, err := w.evaluations(desk).ListEvaluations(t.Context(), req)
		refused(t, err, want)
	}
}
