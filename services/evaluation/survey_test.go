package evaluation_test

import (
	"strings"
	"sync"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// survey makes the survey of an evaluation and returns tokens of its links.
func (w *world) survey(id string, links int32) []string {
	w.t.Helper()
	w.must(err2(w.surveys(editor).CreateSurvey(w.t.Context(), &evaluationv1.CreateSurveyRequest{EvaluationId: id, Survey: &evaluationv1.SurveyInput{
		Title: "街歩きの感想", Questions: []string{"満足度", "また参加したいか"}, ClosesOn: today().String(),
	}})))
	issued, err := w.surveys(staff).IssueSurveyLinks(w.t.Context(), &evaluationv1.IssueSurveyLinksRequest{EvaluationId: id, Count: links})
	w.must(err)
	var tokens []string
	for _, l := range issued.GetLinks() {
		address, token, _ := strings.Cut(l, "#")
		if address != "https://kyodo.example/survey" || len(token) != 22 {
			w.t.Errorf("link = %s", l)
		}
		tokens = append(tokens, token)
	}
	return tokens
}

func (w *world) answer(token, text string, scores ...int32) error {
	req := &evaluationv1.AnswerSurveyRequest{Token: token, Text: text}
	for i, s := range scores {
		req.Scores = append(req.Scores, &evaluationv1.SurveyScore{No: int32(i + 1), Score: s})
	}
	return err2(w.surveys(auth.Anonymous).AnswerSurvey(w.t.Context(), req))
}

func TestSurvey(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.opened().GetId()
	tokens := w.survey(id, 7)
	again := func() error {
		return err2(w.surveys(staff).CreateSurvey(t.Context(), &evaluationv1.CreateSurveyRequest{EvaluationId: id, Survey: &evaluationv1.SurveyInput{
			Title: "x", Questions: []string{"x"}, ClosesOn: today().String(),
		}}))
	}
	refused(t, again(), "SURVEY_EXISTS")
	refused(t, err2(w.surveys(head2).IssueSurveyLinks(t.Context(), &evaluationv1.IssueSurveyLinksRequest{EvaluationId: id, Count: 1})), "RESOURCE_NOT_FOUND")
	w.exec(`UPDATE survey SET links = 5000`)
	refused(t, err2(w.surveys(staff).IssueSurveyLinks(t.Context(), &evaluationv1.IssueSurveyLinksRequest{EvaluationId: id, Count: 1})), "SURVEY_LINK_LIMIT")
	form, err := w.surveys(auth.Anonymous).GetSurveyForm(t.Context(), &evaluationv1.GetSurveyFormRequest{Token: tokens[0]})
	w.must(err)
	if len(form.GetForm().GetQuestions()) != 2 {
		t.Errorf("form = %v", form)
	}
	for n, token := range tokens[:6] {
		scores := []int32{5, 4}
		if n > 3 {
			scores = scores[:1]
		}
		w.must(w.answer(token, "よかった", scores...))
	}
	refused(t, w.answer(tokens[0], "", 1), "SURVEY_LINK_INVALID")
	refused(t, w.answer("unknown", "", 1), "SURVEY_LINK_INVALID")
	refused(t, w.answer(tokens[6], "", 1, 2, 3), "INVALID_FIELD")
	read := func() *evaluationv1.Survey {
		got, err := w.surveys(viewer).GetSurvey(t.Context(), &evaluationv1.GetSurveyRequest{EvaluationId: id})
		w.must(err)
		return got.GetSurvey()
	}
	texts := func() []string {
		got, err := w.surveys(desk).ListSurveyTexts(t.Context(), &evaluationv1.ListSurveyTextsRequest{EvaluationId: id})
		w.must(err)
		return got.GetTexts()
	}
	if s := read(); s.GetClosed() || s.GetReplies() != 6 || s.GetResults() != nil || texts() != nil {
		t.Errorf("before its end = %v", s)
	}
	refused(t, err2(w.surveys(resident).GetSurvey(t.Context(), &evaluationv1.GetSurveyRequest{EvaluationId: id})), "PERMISSION_DENIED")
	w.must(err2(w.surveys(staff).CloseSurvey(t.Context(), &evaluationv1.CloseSurveyRequest{EvaluationId: id})))
	refused(t, err2(w.surveys(staff).CloseSurvey(t.Context(), &evaluationv1.CloseSurveyRequest{EvaluationId: id})), "SURVEY_CLOSED")
	refused(t, w.answer(tokens[6], "", 1), "SURVEY_LINK_INVALID")
	s := read()
	if r := s.GetResults(); r[0].GetReplies() != 6 || r[0].GetCounts()[4] != 6 || !r[1].GetSuppressed() || r[1].GetCounts() != nil {
		t.Errorf("results = %v", r)
	}
	if got := texts(); len(got) != 6 {
		t.Errorf("texts = %v", got)
	}
	w.lead(id, evaluationv1.Evaluation_PUBLISHED)
	if r := w.report(id, 0); len(r.GetSurvey()) != 2 || !r.GetSurvey()[1].GetSuppressed() || r.GetSurveyReplies() != 6 {
		t.Errorf("in the report = %v", r.GetSurvey())
	}
	refused(t, again(), "INVALID_STATE_TRANSITION")
}

// Of many uses of one link at once one counts.
func TestSurveyLinkIsUsedOnce(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.opened().GetId()
	token := w.survey(id, 1)[0]
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { _ = w.answer(token, "一度だけ", 5) })
	}
	wg.Wait()
	if n := w.count(`SELECT sum(replies) FROM survey_count`) + w.count(`SELECT replies FROM survey`) + w.count(`SELECT count(*) FROM survey_text`); n != 3 {
		t.Errorf("counted %d times", n)
	}
}

// Nothing that is stored joins a reply to its link, and no token is stored.
func TestRepliesCannotBeJoinedToLinks(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.opened().GetId()
	tokens := w.survey(id, 2)
	entries := w.count(`SELECT count(*) FROM audit_entry`)
	w.must(w.answer(tokens[0], "だれにも分からない", 2))
	if n := w.count(`SELECT count(*) FROM audit_entry`); n != entries {
		t.Error("a reply leaves a time in the audit log")
	}
	if n := w.count(`SELECT count(*) FROM survey_link`); n != 1 {
		t.Errorf("%d links", n)
	}
	if n := w.count(`SELECT count(*) FROM information_schema.columns WHERE table_name LIKE 'survey_%' AND data_type LIKE 'timestamp%'`); n != 0 {
		t.Error("a reply has a time")
	}
	for place, text := range w.everything() {
		for _, token := range tokens {
			if strings.Contains(text, token) {
				t.Errorf("%s has a token", place)
			}
		}
	}
}
