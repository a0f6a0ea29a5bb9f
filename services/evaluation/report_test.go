package evaluation_test

import (
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/pdf/pdftest"
	evaluationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/evaluation/v1"
)

// awkward publishes texts that CSV, HTML and PDF must carry: quotes, a comma, a line
// break, markup, a letter beyond the basic plane.
func (w *world) awkward() string {
	w.t.Helper()
	id := w.opened().GetId()
	w.must(w.save(editor, id, "organization", func(in *evaluationv1.SheetInput) {
		in.Answers[0].Reason = "「対等」, \"平等\"\n二行目"
		in.Answers[1].Score = nil
		in.Strengths = "<b>𠮷野</b>さんの𩸽の店"
	}))
	w.must(w.submit(head, id, "organization"))
	w.must(w.save(staff, id, "ward", nil))
	w.must(w.submit(approver, id, "ward"))
	w.must(w.discuss(staff, id))
	w.must(w.agree(head, id))
	w.must(w.agree(approver, id))
	w.must(w.publish(desk, id))
	return id
}

func TestReportCSV(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.awkward()
	resp, err := w.published(auth.Anonymous).GetEvaluationReportCsv(t.Context(), &evaluationv1.GetEvaluationReportCsvRequest{Id: id})
	w.must(err)
	doc := resp.GetDocument()
	want, err := os.ReadFile("testdata/evaluation_report.csv")
	w.must(err)
	r := w.report(id, 0)
	got := strings.NewReplacer(r.GetPublicNumber(), "{公開番号}", ","+year(r)+",", ",{年度},").Replace(string(doc.GetContent()))
	if got != string(want) {
		t.Errorf("CSV differs:\n%q\n%q", got, want)
	}
	if doc.GetMediaType() != "text/csv; charset=utf-8" || !strings.HasSuffix(doc.GetFileName(), "_v1.csv") || len(doc.GetEtag()) != 64 || doc.GetMaxAge() > 5 {
		t.Errorf("document = %s %s %s %d", doc.GetMediaType(), doc.GetFileName(), doc.GetEtag(), doc.GetMaxAge())
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got, "\ufeff"))).ReadAll()
	w.must(err)
	if len(rows) != 16 || rows[1][13] != "「対等」, \"平等\"\n二行目" {
		t.Errorf("read back: %d rows, %q", len(rows), rows[1])
	}
}

func year(r *evaluationv1.EvaluationReport) string { return strconv.Itoa(int(r.GetFiscalYear())) }

func TestReportPDF(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.awkward()
	resp, err := w.published(auth.Anonymous).GetEvaluationReportPdf(t.Context(), &evaluationv1.GetEvaluationReportPdfRequest{Id: id})
	w.must(err)
	text := pdftest.Text(t, resp.GetDocument().GetContent())
	for _, want := range []string{
		"神田の記憶を伝える街歩き", "担当部課 ／ 協働団体", "区民生活部商工振興課", "団体1", "対等性", "要協議", "共通の強み", "片方のみ",
		"会議の日程を年度の初めに双方で決める", "参加者数", "130人", "代表",
		"吉野</b>さんの〓の店", // Beyond the basic plane: a usual form, or a mark.
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the PDF lacks %s:\n%s", want, text)
		}
	}
}

func TestReportPage(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	id := w.awkward()
	resp, err := w.published(auth.Anonymous).GetEvaluationReportPage(t.Context(), &evaluationv1.GetEvaluationReportPageRequest{Id: id, Version: 1})
	w.must(err)
	page := string(resp.GetDocument().GetContent())
	tags := xml.NewDecoder(strings.NewReader(page))
	tags.Strict, tags.AutoClose, tags.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	for {
		if _, err := tags.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{
		`<html lang="ja">`, "<h1>", `<th scope="row">対等性</th><td>2</td><td>4</td><td>-2</td><td>3.0</td><td>要協議</td>`,
		"&lt;b&gt;𠮷野&lt;/b&gt;さんの𩸽の店", "<caption>双方の評点</caption>", "対象外",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	for _, never := range []string{"<script", "<b>", "http://", "https://"} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %s", never)
		}
	}
	if strings.Count(page, "<h1>") != 1 || resp.GetDocument().GetMaxAge() <= 5 {
		t.Error("one heading; a version by its number may be kept")
	}
}

// The combine vectors go through sheets, comparison and CSV as they are: the same
// gap, mean and class, byte for byte.
func TestCSVOfTheVectors(t *testing.T) {
	t.Parallel()
	w := startEvaluated(t)
	raw, err := os.ReadFile("internal/evaluation/testdata/combine_vectors.json")
	w.must(err)
	var vectors []struct {
		Item      string
		Org, Ward *int32
		Gap       *int
		Mean      *int `json:"mean_x10"`
		Class     string
	}
	w.must(json.Unmarshal(raw, &vectors))
	id := w.opened().GetId()
	sheet := func(side string) func(*evaluationv1.SheetInput) {
		return func(in *evaluationv1.SheetInput) {
			for i, v := range vectors {
				score := v.Org
				if side == "ward" {
					score = v.Ward
				}
				in.Answers[i].Score, in.Answers[i].Reason = score, "理由"
			}
			for i := range in.Answers[len(vectors):] {
				a := in.Answers[len(vectors)+i]
				a.Score, a.Reason = five(4), ""
			}
		}
	}
	w.must(w.save(editor, id, "organization", sheet("organization")))
	w.must(w.submit(head, id, "organization"))
	w.must(w.save(staff, id, "ward", sheet("ward")))
	w.must(w.submit(approver, id, "ward"))
	talk := discussion()
	talk.Items = nil
	for no := range vectors {
		talk.Items = append(talk.Items, &evaluationv1.DiscussionItem{CriterionNo: int32(no + 1), Cause: "原因", Improvement: "改善"})
	}
	w.must(err2(w.evaluations(staff).RecordDiscussion(t.Context(), &evaluationv1.RecordDiscussionRequest{Id: id, Discussion: talk})))
	w.must(w.agree(head, id))
	w.must(w.agree(approver, id))
	w.must(w.publish(desk, id))
	resp, err := w.published(auth.Anonymous).GetEvaluationReportCsv(t.Context(), &evaluationv1.GetEvaluationReportCsvRequest{Id: id})
	w.must(err)
	lines := strings.Split(strings.TrimRight(string(resp.GetDocument().GetContent()), "\r\n"), "\n")
	for i, v := range vectors {
		number := func(n *int32) string {
			if n == nil {
				return ""
			}
			return strconv.Itoa(int(*n))
		}
		gap, mean := "", ""
		if v.Gap != nil {
			gap, mean = strconv.Itoa(*v.Gap), fmt.Sprintf("%d.%d", *v.Mean/10, *v.Mean%10)
		}
		want := fmt.Sprintf(",%s,理由,%s,理由,%s,%s,%s,原因,改善", number(v.Org), number(v.Ward), gap, mean, v.Class)
		if got := strings.TrimRight(lines[i+1], "\r"); !strings.HasSuffix(got, want) {
			t.Errorf("%s: %q does not end in %q", v.Item, got, want)
		}
	}
}
