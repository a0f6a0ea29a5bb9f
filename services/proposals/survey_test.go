package proposals_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/servicetest"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
	"github.com/chiyoda-kyodo/kyodo/services/proposals/internal/store"
)

func (w *world) survey(p auth.Principal) proposalsv1.SchemeSurveyServiceClient {
	return proposalsv1.NewSchemeSurveyServiceClient(w.As(p))
}

// reply answers every question with one score.
func (w *world) reply(by auth.Principal, callID, organization string, score int32) error {
	req := &proposalsv1.ReplySchemeSurveyRequest{CallId: callID, OrganizationId: organization, Text: fmt.Sprintf("意見%d", score)}
	for no := int32(1); no <= 5; no++ {
		req.Scores = append(req.Scores, &proposalsv1.SchemeSurveyScore{No: no, Score: score})
	}
	return err2(w.survey(by).ReplySchemeSurvey(w.t.Context(), req))
}

// figures are what everybody reads of a year: the replies and the first question.
func (w *world) figures(year int32) (int32, *proposalsv1.SchemeSurveyResult) {
	w.t.Helper()
	alone, err := w.survey(auth.Anonymous).GetSchemeSurvey(w.t.Context(), &proposalsv1.GetSchemeSurveyRequest{FiscalYear: year})
	w.must(err)
	whole, err := proposalsv1.NewStatisticsServiceClient(w.As(auth.Anonymous)).GetProposalStatistics(w.t.Context(), &proposalsv1.GetProposalStatisticsRequest{FiscalYear: year})
	w.must(err)
	if a, b := alone.GetSurvey().String(), whole.GetStatistics().GetSurvey().String(); a != b {
		w.t.Errorf("the survey is %s, in the statistics %s", a, b)
	}
	return alone.GetSurvey().GetReplies(), alone.GetSurvey().GetResults()[0]
}

// An organization replies once, after the decision; figures and texts come five
// replies at a time.
func TestSurveyOfTheScheme(t *testing.T) {
	t.Parallel()
	w := start(t)
	k := w.call(nil)
	w.bring(k.GetId(), proposalsv1.Proposal_DECISION_DRAFTED, nil)
	refused(t, w.reply(head, k.GetId(), org1, 4), "SURVEY_BEFORE_DECISION")
	w.bring(k.GetId(), proposalsv1.Proposal_ADOPTED, nil)
	refused(t, w.reply(viewer, k.GetId(), org1, 4), "PERMISSION_DENIED")
	refused(t, w.reply(head2, k.GetId(), org1, 4), "RESOURCE_NOT_FOUND")
	refused(t, w.reply(head2, k.GetId(), org2, 4), "SURVEY_BEFORE_DECISION")
	refused(t, w.reply(head, none, org1, 4), "RESOURCE_NOT_FOUND")
	_, err := w.survey(head).ReplySchemeSurvey(t.Context(), &proposalsv1.ReplySchemeSurveyRequest{
		CallId: k.GetId(), OrganizationId: org1, Scores: []*proposalsv1.SchemeSurveyScore{{No: 1, Score: 3}},
	})
	refused(t, err, "INVALID_FIELD")

	var wg sync.WaitGroup
	reasons := make([]string, 4)
	for i := range reasons { // At once: one counts.
		wg.Go(func() { reasons[i] = reason(w.reply(editor, k.GetId(), org1, 5)) })
	}
	wg.Wait()
	slices.Sort(reasons)
	if diff := cmp.Diff([]string{"", "SURVEY_REPLIED", "SURVEY_REPLIED", "SURVEY_REPLIED"}, reasons); diff != "" {
		t.Errorf("four replies at once: %s", diff)
	}
	for i := range 10 {
		org := fmt.Sprintf("01980000-0000-7000-8000-0000000001%02d", i)
		_, err := w.DB("proposals").Pool().Exec(t.Context(), `
			INSERT INTO proposal (
				id, number, serial, call_id, fiscal_year, organization_id, joint_organization_ids, department_ids, state, public_state, step,
				title, search_key, search, content, assignments, channel, on_behalf, paper_note, published, revision, withdraw_reason,
				created_by, created_at, updated_at, submitted_at, public_since, version)
			SELECT gen_random_uuid(), 'x' || $1::integer, 900 + $1::integer, call_id, fiscal_year, $2, '{}', '{}', state, public_state, step, title, search_key, search,
				content, '[]', channel, on_behalf, paper_note, published, revision, withdraw_reason, created_by, created_at, updated_at,
				submitted_at, public_since, version
			FROM proposal
			WHERE state = 'ADOPTED'
			LIMIT 1`, i, org)
		w.must(err)
		replies, first := w.figures(k.GetFiscalYear())
		if want := int32((i + 1) / 5 * 5); replies != want || (first.GetAverageX100() > 0) != (want > 0) {
			t.Errorf("of %d replies %d are shown: %v", i+1, replies, first)
		}
		w.must(w.reply(servicetest.Member("rep", org, optionsv1.Role_ROLE_REPRESENTATIVE), k.GetId(), org, 4))
	}
	if _, first := w.figures(k.GetFiscalYear()); first.GetAverageX100() != 410 || first.GetCounts() != nil { // One chose 5.
		t.Errorf("the first question has %v", first)
	}
	w.textsOfSurvey(k.GetFiscalYear())
	if n := w.count(`SELECT count(*) FROM audit_entry WHERE action = 'proposals.schemeSurvey.reply' AND detail::text LIKE '%意見%'`); n != 0 {
		t.Error("the audit log tells what was replied")
	}
}

// textsOfSurvey expects ten of eleven texts, for the ward alone.
func (w *world) textsOfSurvey(year int32) {
	w.t.Helper()
	req := &proposalsv1.ListSchemeSurveyTextsRequest{FiscalYear: year, PageSize: 4}
	var got []string
	for {
		page, err := w.survey(desk).ListSchemeSurveyTexts(w.t.Context(), req)
		w.must(err)
		got = append(got, page.GetTexts()...)
		if req.PageToken = page.GetNextPageToken(); req.GetPageToken() == "" {
			break
		}
	}
	if len(got) != 10 || strings.Count(strings.Join(got, ""), "意見") != 10 {
		w.t.Errorf("texts: %q", got)
	}
	_, err := w.survey(head).ListSchemeSurveyTexts(w.t.Context(), &proposalsv1.ListSchemeSurveyTextsRequest{FiscalYear: year})
	refused(w.t, err, "PERMISSION_DENIED")
}

// A merged organization has replied where either of both had.
func TestSurveyFollowsMergers(t *testing.T) {
	t.Parallel()
	w := start(t)
	k := w.call(nil)
	w.bring(k.GetId(), proposalsv1.Proposal_ADOPTED, nil)
	w.must(w.reply(head, k.GetId(), org1, 3))
	for range 2 {
		_, err := pg.InTx(t.Context(), w.DB("proposals"), func(ctx context.Context, tx *pg.Tx) (struct{}, error) {
			return struct{}{}, store.FollowMerger(ctx, tx, org1, org2)
		})
		w.must(err)
	}
	refused(t, w.reply(head2, k.GetId(), org2, 3), "SURVEY_REPLIED")
}
