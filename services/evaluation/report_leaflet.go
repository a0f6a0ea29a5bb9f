package evaluation

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/opendata"
	"github.com/chiyoda-kyodo/kyodo/pkg/pdf"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/evaluation"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/survey"
)

// leaflet is a report as page, CSV and PDF lay it out.
type leaflet struct {
	*evaluation.Report
	Title string
}

func leafletOf(r *evaluation.Report) leaflet {
	return leaflet{Report: r, Title: r.ProjectTitle + " " + r.Kind.Label() + "（相互評価）"}
}

// tenth writes a number times ten, such as 4.5; ― for none.
func tenth(x10 *int) string {
	if x10 == nil {
		return "―"
	}
	return fmt.Sprintf("%d.%d", *x10/10, *x10%10)
}

// points writes a score; 対象外 for none.
func points(n int) string {
	if n == 0 {
		return "対象外"
	}
	return strconv.Itoa(n)
}

// given writes a score of a side that may not have submitted.
func given(texts *evaluation.Texts, n int) string {
	if texts == nil {
		return "提出なし"
	}
	return points(n)
}

// names are the credited departments or organizations.
func (l leaflet) names(departments bool) string {
	var out []string
	for _, c := range l.Credits {
		if (c.DepartmentID != "") == departments {
			out = append(out, c.Name)
		}
	}
	return strings.Join(out, "、")
}

// Facts are the heading of the report: department and organization side by side.
func (l leaflet) Facts() [][2]string {
	facts := [][2]string{
		{"公開番号", l.PublicNumber},
		{"事業名", l.ProjectTitle},
		{"担当部課 ／ 協働団体", l.names(true) + " ／ " + l.names(false)},
		{"年度", jp.FiscalYearLabel(l.FiscalYear)},
		{"評価の種類", l.Kind.Label()},
		{"公表日", jp.LongDate(jp.DateOf(l.PublishedAt)) + "（第" + strconv.Itoa(l.Version) + "版）"},
	}
	if l.OverallX10 != nil {
		facts = append(facts, [2]string{"全体の平均", tenth(l.OverallX10) + "（双方が評点を付けた項目）"})
	}
	return facts
}

// Notices are what a reader must know first.
func (l leaflet) Notices() []string {
	var out []string
	if l.MissingSide != "" {
		out = append(out, l.MissingSide, "公表の決定："+l.LateReason)
	}
	if l.CorrectionReason != "" {
		out = append(out, "訂正の理由："+l.CorrectionReason)
	}
	return out
}

// ScoreRows are the rows of the table that says what the plot shows.
func (l leaflet) ScoreRows() [][]string {
	rows := make([][]string, len(l.Items))
	for n, i := range l.Items {
		gap := "―"
		if i.Gap != nil {
			gap = strconv.Itoa(*i.Gap)
		}
		rows[n] = []string{
			strconv.Itoa(i.No), i.Name, given(l.Organization, i.Organization.Score), given(l.Ward, i.Ward.Score), gap, tenth(i.MeanX10), i.Class.Label(),
		}
	}
	return rows
}

// Detail is what both sides say of one item.
type detail struct {
	Heading string
	Rows    [][2]string
}

// Details are the items with words.
func (l leaflet) Details() []detail {
	var out []detail
	for _, i := range l.Items {
		d := detail{Heading: fmt.Sprintf("%d %s", i.No, i.Name)}
		for _, row := range [][2]string{
			{"団体の理由", i.Organization.Reason}, {"区の理由", i.Ward.Reason}, {"要因", i.Cause}, {"改善", i.Improvement},
		} {
			if row[1] != "" {
				d.Rows = append(d.Rows, row)
			}
		}
		if len(d.Rows) > 0 {
			out = append(out, d)
		}
	}
	return out
}

// Voices are the free texts of both sides, uncut.
func (l leaflet) Voices() []detail {
	var out []detail
	for _, v := range []struct {
		name  string
		texts *evaluation.Texts
	}{{"団体", l.Organization}, {"区", l.Ward}} {
		if v.texts != nil {
			out = append(out, detail{Heading: v.name, Rows: [][2]string{
				{"よかった点", v.texts.Strengths}, {"課題", v.texts.Issues}, {"今後", v.texts.Next},
			}})
		}
	}
	return out
}

// TalkRows tell of the talk.
func (l leaflet) TalkRows() [][2]string {
	if l.Talk == nil {
		return nil
	}
	var who []string
	for _, a := range l.Talk.Attendees {
		side := "団体"
		if a.Side == project.Ward {
			side = "区"
		}
		who = append(who, fmt.Sprintf("%s：%s %d名", side, a.Role, a.Count))
	}
	return [][2]string{{"協議した日", jp.LongDate(l.Talk.MeetingOn)}, {"出席者", strings.Join(who, "、")}, {"そのほか", l.Talk.Summary}}
}

// GoalRows are the goals with their results.
func (l leaflet) GoalRows() [][]string {
	var rows [][]string
	for _, g := range l.Goals {
		rows = append(rows, []string{g.Indicator, g.Baseline, g.Target, g.Result})
	}
	return rows
}

// SurveyRows are the replies by step.
func (l leaflet) SurveyRows() [][]string {
	var rows [][]string
	for _, q := range l.Survey {
		row := []string{q.Question}
		for step := survey.Steps; step > 0; step-- {
			cell := "―"
			if !q.Suppressed {
				cell = strconv.Itoa(q.Counts[step-1])
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return rows
}

// csvHeader names the columns of the CSV.
var csvHeader = []string{
	"公開番号", "事業名", "評価の種類", "年度", "版", "担当部課", "協働団体", "番号", "区分", "段階", "項目", "設問",
	"団体の評点", "団体の理由", "区の評点", "区の理由", "差", "平均", "判定", "要因", "改善",
}

func (l leaflet) csv() ([]byte, error) {
	var out bytes.Buffer
	w := opendata.NewWriter(&out)
	if err := w.Write(csvHeader); err != nil {
		return nil, err
	}
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return strconv.Itoa(n)
	}
	for _, i := range l.Items {
		gap, mean := "", ""
		if i.Gap != nil {
			gap, mean = strconv.Itoa(*i.Gap), tenth(i.MeanX10)
		}
		err := w.Write([]string{
			l.PublicNumber, l.ProjectTitle, l.Kind.Label(), strconv.Itoa(l.FiscalYear), strconv.Itoa(l.Version),
			strings.ReplaceAll(l.names(true), "、", ";"), strings.ReplaceAll(l.names(false), "、", ";"),
			strconv.Itoa(i.No), i.Group.Label(), i.Phase, i.Name, i.Question,
			number(i.Organization.Score), i.Organization.Reason, number(i.Ward.Score), i.Ward.Reason, gap, mean, i.Class.Label(), i.Cause, i.Improvement,
		})
		if err != nil {
			return nil, err
		}
	}
	err := w.Flush()
	return out.Bytes(), err
}

func (l leaflet) pdf() ([]byte, error) {
	d := pdf.New(pdf.Options{Title: l.Title, Author: "千代田区", Time: l.PublishedAt})
	d.Footer(l.PublicNumber + " " + l.Title)
	d.Heading(1, l.Title)
	for _, n := range l.Notices() {
		d.Paragraph(n)
	}
	d.Facts(l.Facts())
	d.Heading(2, "評点")
	d.Small("5 想定をはるかに上回る　4 やや上回る　3 想定どおり　2 やや下回る　1 はるかに下回る")
	d.Radar(l.radar())
	d.Table(pdf.Table{
		Header: []string{"番号", "項目", "団体", "区", "差", "平均", "判定"}, Widths: []float64{1, 4, 1.6, 1.6, 1, 1.2, 2.2}, Rows: l.ScoreRows(),
	})
	l.words(d)
	if len(l.Goals) > 0 {
		d.Heading(2, "成果目標")
		d.Table(pdf.Table{Header: []string{"指標", "現状", "目標", "結果"}, Widths: []float64{3, 2, 2, 2}, Rows: l.GoalRows()})
	}
	if len(l.Survey) > 0 {
		d.Heading(2, fmt.Sprintf("受益者アンケート（回答%d件）", l.SurveyReplies))
		d.Table(pdf.Table{Header: []string{"設問", "5", "4", "3", "2", "1"}, Widths: []float64{5, 1, 1, 1, 1, 1}, Rows: l.SurveyRows()})
		d.Small("回答が5件に満たない設問は、回答した人が分からないように内訳を示していません。")
	}
	if l.ThirdParty != nil {
		d.Heading(2, "第三者の意見")
		d.Paragraph(l.ThirdParty.Text)
	}
	return d.Bytes()
}

// words writes the texts of both sides and of their talk.
func (l leaflet) words(d *pdf.Document) {
	for _, part := range []struct {
		heading string
		details []detail
	}{{"項目ごとの理由と改善", l.Details()}, {"双方の自由記述", l.Voices()}} {
		d.Heading(2, part.heading)
		for _, item := range part.details {
			d.Heading(3, item.Heading)
			d.Facts(item.Rows)
		}
	}
	if rows := l.TalkRows(); rows != nil {
		d.Heading(2, "協議の記録")
		d.Facts(rows)
	}
}

// radar plots the scores of both sides.
func (l leaflet) radar() pdf.Radar {
	r := pdf.Radar{Max: 5}
	organization, ward := pdf.Series{Name: "団体"}, pdf.Series{Name: "区"}
	value := func(n int) float64 {
		if n == 0 {
			return math.NaN()
		}
		return float64(n)
	}
	for _, i := range l.Items {
		r.Axes = append(r.Axes, i.Name)
		organization.Values = append(organization.Values, value(i.Organization.Score))
		ward.Values = append(ward.Values, value(i.Ward.Score))
	}
	if l.Organization != nil {
		r.Series = append(r.Series, organization)
	}
	if l.Ward != nil {
		r.Series = append(r.Series, ward)
	}
	return r
}
