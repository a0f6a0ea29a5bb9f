package evaluation_test

import (
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

func (w *world) evaluations(p auth.Principal) evaluationv1.EvaluationServiceClient {
	return evaluationv1.NewEvaluationServiceClient(w.As(p))
}

func (w *world) published(p auth.Principal) evaluationv1.EvaluationReportServiceClient {
	return evaluationv1.NewEvaluationReportServiceClient(w.As(p))
}

func (w *world) surveys(p auth.Principal) evaluationv1.SurveyServiceClient {
	return evaluationv1.NewSurveyServiceClient(w.As(p))
}

func (w *world) improvements(p auth.Principal) evaluationv1.ImprovementServiceClient {
	return evaluationv1.NewImprovementServiceClient(w.As(p))
}

func (w *world) trail(number string) (*evaluationv1.Trail, error) {
	resp, err := evaluationv1.NewTrailServiceClient(w.As(auth.Anonymous)).GetTrail(w.t.Context(), &evaluationv1.GetTrailRequest{PublicNumber: number})
	return resp.GetTrail(), err
}

// finalInput is a final evaluation that is due in forty days, before which nobody
// is reminded.
func finalInput(project string) *evaluationv1.EvaluationInput {
	return &evaluationv1.EvaluationInput{ProjectId: project, Kind: evaluationv1.Evaluation_FINAL, DueOn: today().AddDays(40).String()}
}

// opened opens the final evaluation of a completed project of organization 1 and
// department 1, with department 2 beside it.
func (w *world) opened() *evaluationv1.Evaluation {
	w.t.Helper()
	return w.openedFor(w.bring(evaluationv1.Project_COMPLETED, nil))
}

func (w *world) openedFor(project string) *evaluationv1.Evaluation {
	w.t.Helper()
	made, err := w.evaluations(staff).CreateEvaluation(w.t.Context(), &evaluationv1.CreateEvaluationRequest{Evaluation: finalInput(project)})
	w.must(err)
	return made.GetEvaluation()
}

func five(n int32) *int32 { return &n }

// wholeSheet answers every criterion with the score, but number 4 with four less
// where it is the organization's.
func wholeSheet(side string) *evaluationv1.SheetInput {
	in := &evaluationv1.SheetInput{Strengths: side + "のよかった点", Issues: side + "の課題", Next: side + "の今後"}
	for no := int32(1); no <= 15; no++ {
		in.Answers = append(in.Answers, &evaluationv1.SheetAnswer{CriterionNo: no, Score: five(4)})
	}
	if side == "organization" {
		in.Answers[3].Score, in.Answers[3].Reason = five(2), "打合せの日程が区の都合で決まった"
	}
	return in
}

// save saves a whole draft; change edits it before.
func (w *world) save(p auth.Principal, id, side string, change func(*evaluationv1.SheetInput)) error {
	in := wholeSheet(side)
	if change != nil {
		change(in)
	}
	_, err := w.evaluations(p).UpdateSheet(w.t.Context(), &evaluationv1.UpdateSheetRequest{
		EvaluationId: id, Side: side, Sheet: in, Etag: "*", UpdateMask: mask("answers", "strengths", "issues", "next"),
	})
	return err
}

func (w *world) submit(p auth.Principal, id, side string) error {
	return err2(w.evaluations(p).SubmitSheet(w.t.Context(), &evaluationv1.SubmitSheetRequest{EvaluationId: id, Side: side}))
}

// discussion is the record of a talk about the sheets of wholeSheet.
func discussion() *evaluationv1.Discussion {
	return &evaluationv1.Discussion{
		MeetingOn: today().String(), Summary: "次の年度も続けたい。",
		Attendees: []*evaluationv1.Attendee{
			{Side: evaluationv1.Project_ORGANIZATION, Role: "代表", Count: 1}, {Side: evaluationv1.Project_WARD, Role: "担当係長"},
		},
		Items: []*evaluationv1.DiscussionItem{{CriterionNo: 4, Cause: "会議の日程を区が一方的に決めていた", Improvement: "会議の日程を年度の初めに双方で決める"}},
	}
}

func (w *world) discuss(p auth.Principal, id string) error {
	return err2(w.evaluations(p).RecordDiscussion(w.t.Context(), &evaluationv1.RecordDiscussionRequest{Id: id, Discussion: discussion()}))
}

func (w *world) agree(p auth.Principal, id string) error {
	return err2(w.evaluations(p).AgreeEvaluation(w.t.Context(), &evaluationv1.AgreeEvaluationRequest{Id: id}))
}

func (w *world) publish(p auth.Principal, id string) error {
	return err2(w.evaluations(p).PublishEvaluation(w.t.Context(), &evaluationv1.PublishEvaluationRequest{Id: id}))
}

// lead takes an open evaluation to a state on the straight way.
func (w *world) lead(id string, to evaluationv1.Evaluation_State) {
	w.t.Helper()
	for _, step := range []struct {
		brings evaluationv1.Evaluation_State
		do     []func() error
	}{
		{evaluationv1.Evaluation_ONE_SUBMITTED, []func() error{
			func() error { return w.save(editor, id, "organization", nil) },
			func() error { return w.submit(head, id, "organization") },
		}},
		{evaluationv1.Evaluation_BOTH_SUBMITTED, []func() error{
			func() error { return w.save(staff, id, "ward", nil) },
			func() error { return w.submit(approver, id, "ward") },
		}},
		{evaluationv1.Evaluation_DISCUSSED, []func() error{func() error { return w.discuss(editor, id) }}},
		{evaluationv1.Evaluation_AGREED, []func() error{
			func() error { return w.agree(head, id) },
			func() error { return w.agree(approver, id) },
		}},
		{evaluationv1.Evaluation_PUBLISHED, []func() error{func() error { return w.publish(desk, id) }}},
	} {
		for _, do := range step.do {
			w.must(do())
		}
		if got := w.stands(id); got != step.brings {
			w.t.Fatalf("on the straight way to %v: %v, not %v", to, got, step.brings)
		}
		if step.brings == to {
			return
		}
	}
}

// stands reads the row of an evaluation.
func (w *world) stands(id string) evaluationv1.Evaluation_State {
	w.t.Helper()
	var s string
	w.must(w.DB("evaluation").QueryRow(w.t.Context(), `SELECT state FROM evaluation WHERE id = $1`, id).Scan(&s))
	return evaluationv1.Evaluation_State(evaluationv1.Evaluation_State_value[s])
}

// exec changes rows behind the service's back, such as due days.
func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	_, err := w.DB("evaluation").Pool().Exec(w.t.Context(), sql, args...)
	w.must(err)
}

// startEvaluated starts a world with the rulebook in force.
func startEvaluated(t *testing.T) *world {
	t.Helper()
	w := start(t)
	w.rulebook()
	return w
}
