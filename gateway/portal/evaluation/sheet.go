package evaluation

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/portal/web"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// notApplicable is the choice of a criterion that does not apply: the service
// takes it as an answer without a score.
const notApplicable = "NA"

// sheet is the form of the own sheet. Its fields are named by the number of the
// criterion, not by the row of the request, which has the answered ones only.
type sheet struct {
	*file
	form *ui.Form
}

func answerName(no int32, field string) string { return fmt.Sprintf("answers[%d].%s", no, field) }

func edit(q *web.Request) error {
	s, err := readSheet(q)
	if err != nil {
		return err
	}
	if !s.writable() {
		return q.Redirect("/evaluations/"+s.GetId(), "")
	}
	s.form = ui.NewForm(s.stands())
	return q.Render(sheetPage(s))
}

// stands is the own sheet as the form shows it.
func (s *sheet) stands() url.Values {
	values := url.Values{"strengths": {s.own.GetStrengths()}, "issues": {s.own.GetIssues()}, "next": {s.own.GetNext()}}
	for _, a := range s.own.GetAnswers() {
		chosen := notApplicable
		if a.Score != nil {
			chosen = strconv.Itoa(int(a.GetScore()))
		}
		values.Set(answerName(a.GetCriterionNo(), "score"), chosen)
		values.Set(answerName(a.GetCriterionNo(), "reason"), a.GetReason())
	}
	return values
}

func readSheet(q *web.Request) (*sheet, error) {
	id, err := q.ID("id")
	if err != nil {
		return nil, err
	}
	f, err := read(q, id)
	if err != nil {
		return nil, err
	}
	if f.own == nil {
		return nil, fault.ErrNotFound
	}
	return &sheet{file: f}, nil
}

// save keeps what was written, and submits it where the person asks for that.
func save(q *web.Request) error {
	s, err := readSheet(q)
	if err != nil {
		return err
	}
	in, err := s.written(q)
	etag := q.PostFormValue("etag")
	if err == nil {
		var resp *evaluationv1.UpdateSheetResponse
		resp, err = evaluations(q).UpdateSheet(q.Context(), &evaluationv1.UpdateSheetRequest{
			EvaluationId: s.GetId(), Side: s.side(), Sheet: in, Etag: etag,
			UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"answers", "strengths", "issues", "next"}},
		})
		etag = resp.GetSheet().GetEtag()
	}
	if err == nil && q.HTMX() {
		return q.Render(savedNote(etag, q.Site.Now().In(jp.Tokyo).Format("15:04")))
	}
	done, next := "saved", "/evaluations/"+s.GetId()+"/sheet"
	if err == nil && q.PostFormValue("step") == "submit" {
		done, next = "sheetsubmitted", "/evaluations/"+s.GetId()
		_, err = evaluations(q).SubmitSheet(q.Once(), &evaluationv1.SubmitSheetRequest{
			EvaluationId: s.GetId(), Side: s.side(), Reason: q.PostFormValue("reason"), Etag: etag,
		})
	}
	form, refused := q.Refused(err)
	switch {
	case refused && q.HTMX():
		return q.RenderAs(form.Status, ui.LiveRefused(form))
	case refused:
		if etag == "" || etag == q.PostFormValue("etag") {
			etag = s.own.GetEtag() // pressing again writes over what others wrote meanwhile
		}
		s.own.Etag, s.form = etag, form.Trim("sheet.")
		s.renumber(in)
		s.missing(q.Context(), form)
		return q.RenderAs(form.Status, sheetPage(s))
	case err != nil:
		return err
	}
	return q.Redirect(next, done)
}

// written is the sheet as the form says it. A reason without a score is refused,
// since the service takes an answer without a score as one that does not apply.
func (s *sheet) written(q *web.Request) (*evaluationv1.SheetInput, error) {
	typed := func(name string) string { return strings.ReplaceAll(q.PostFormValue(name), "\r\n", "\n") }
	in := &evaluationv1.SheetInput{Strengths: typed("strengths"), Issues: typed("issues"), Next: typed("next")}
	var wrong []fault.Field
	for _, c := range s.GetCriteria() {
		chosen, reason := q.PostFormValue(answerName(c.GetNo(), "score")), typed(answerName(c.GetNo(), "reason"))
		a := &evaluationv1.SheetAnswer{CriterionNo: c.GetNo(), Reason: reason}
		if n, err := strconv.ParseInt(chosen, 10, 32); err == nil {
			a.Score = proto.Int32(int32(n))
		}
		switch {
		case a.Score != nil || chosen == notApplicable:
			in.Answers = append(in.Answers, a)
		case reason != "":
			wrong = append(wrong, said(q.Context(), answerName(c.GetNo(), "score"), "evaluation.noscore", c.GetNo()))
		}
	}
	if len(wrong) > 0 {
		return in, fault.ErrInvalidField.On(wrong...)
	}
	return in, nil
}

// said is a refused field with a text of the catalogue, in the page's language.
func said(ctx context.Context, name, key string, args ...any) fault.Field {
	words := text.S(ctx, key, args...)
	return fault.Field{Path: name, Reason: "INVALID_FIELD", Ja: words, En: words}
}

// renumber leads what is refused of an answer to the field of its criterion.
func (s *sheet) renumber(in *evaluationv1.SheetInput) {
	for i, f := range s.form.Refusal.Fields {
		var row int
		_, field, found := strings.Cut(f.Path, "].")
		if _, err := fmt.Sscanf(f.Path, "answers[%d]", &row); err != nil || !found || f.Reason == "INVALID_FIELD" && field == "score" {
			continue
		}
		if row < len(in.GetAnswers()) {
			s.form.Refusal.Fields[i].Path = answerName(in.GetAnswers()[row].GetCriterionNo(), field)
		}
	}
}

// missing makes fields of the criteria that a refusal of the whole names.
func (f *file) missing(ctx context.Context, form *ui.Form) {
	field, key := "score", "evaluation.missingscore"
	switch form.Refusal.Reason {
	case "SCORE_REASON_REQUIRED":
		field, key = "reason", "evaluation.missingreason"
	case "SHEET_INCOMPLETE":
	default:
		return
	}
	refusal := *form.Refusal
	for no := range strings.SplitSeq(refusal.Metadata["criteria"], ",") {
		if n, err := strconv.ParseInt(no, 10, 32); err == nil {
			refusal.Fields = append(refusal.Fields, said(ctx, answerName(int32(n), field), key, int32(n)))
		}
	}
	form.Refusal = &refusal
}

// scores are the choices of a criterion, the best first.
func scores(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, v := range []string{"5", "4", "3", "2", "1", notApplicable} {
		out = append(out, ui.Option{Value: v, Text: text.S(ctx, "evaluation.score."+v)})
	}
	return out
}
