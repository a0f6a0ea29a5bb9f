package pdf_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/pdf"
	"github.com/chiyoda-kyodo/kyodo/pkg/pdf/pdftest"
)

var day = time.Date(2026, 6, 10, 3, 0, 0, 0, time.UTC)

func bytesOf(t *testing.T, d *pdf.Document) []byte {
	t.Helper()
	raw, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// sample uses every part of a document.
func sample() *pdf.Document {
	d := pdf.New(pdf.Options{Title: "協働事業評価書", Author: "千代田区", Time: day})
	d.Footer("令和8年度 見本")
	d.Heading(1, "協働事業評価書")
	d.Facts([][2]string{{"担当部課", "地域振興部コミュニティ総務課"}, {"協働団体", "特定非営利活動法人 見本の会"}})
	d.Heading(2, "評価の結果")
	d.Paragraph("双方が同じ様式で評価し、差が2以上の項目は原因と改善策を話し合いました。「要協議」の項目は、次の年度の協定に反映します。")
	d.Radar(pdf.Radar{
		Axes: []string{"目的共有", "役割分担", "相手の選定", "対等性", "情報共有"}, Max: 5,
		Series: []pdf.Series{{Name: "団体", Values: []float64{4, 3, 5, 2, math.NaN()}}, {Name: "区", Values: []float64{3, 3, 4, 4, 5}}},
	})
	d.Table(pdf.Table{Header: []string{"項目", "団体", "区", "理由"}, Widths: []float64{3, 1, 1, 6}, Rows: [][]string{
		{"対等性", "2", "4", "会議の日程が区の都合で決まることが多かった。"}, {"目的共有", "4", "3", ""},
	}})
	d.Rule()
	d.Small("この評価書はHTML版でもご覧いただけます。")
	d.QR("https://kyodo.example/evaluations/1", 25, "HTML版はこちら")
	d.BottomRight("承認番号 R8-広-0001", "掲示期限 2026年7月31日")
	return d
}

func TestSample(t *testing.T) {
	raw := bytesOf(t, sample())
	if again := bytesOf(t, sample()); !bytes.Equal(raw, again) {
		t.Error("equal documents are not equal bytes")
	}
	text := pdftest.Text(t, raw)
	for _, want := range []string{"協働事業評価書", "地域振興部コミュニティ総務課", "会議の日程が区の都合で決まることが多かった。", "目的共有", "承認番号 R8-広-0001", "令和8年度 見本　1"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the text:\n%s", want, text)
		}
	}
	if out := os.Getenv("PDF_OUT"); out != "" {
		if err := os.WriteFile(filepath.Join(out, "sample.pdf"), raw, 0o600); err != nil {
			t.Error(err)
		}
	}
}

func TestCharactersTheFontLacks(t *testing.T) {
	for in, want := range map[string]string{
		"𠮷野家": "吉野家", "🍚の会": "〓の会", "𩸽": "〓", "葛\U000E0100飾": "葛飾", "a\u202eb": "ab", "髙﨑": "髙﨑",
	} {
		d := pdf.New(pdf.Options{Time: day})
		d.Paragraph(in)
		if text := pdftest.Text(t, bytesOf(t, d)); !strings.Contains(text, want+"\n") {
			t.Errorf("%q is shown as %q, want %q", in, text, want)
		}
	}
}

// TestLineBreaks holds for any text that no line begins or ends with a
// character that may not stand there, and that nothing is lost.
func TestLineBreaks(t *testing.T) {
	text := strings.Repeat("会議（第1回）では、「対等」な関係について話し合いました。NPO法人のgovernanceも論点です！", 12)
	d := pdf.New(pdf.Options{Time: day})
	d.Paragraph(text)
	lines := strings.Split(strings.TrimSpace(pdftest.Text(t, bytesOf(t, d))), "\n")
	lines = lines[:len(lines)-1] // the page's number
	if got := strings.Join(lines, ""); got != text {
		t.Errorf("text changed:\n%s", got)
	}
	for _, l := range lines {
		runes := []rune(l)
		if strings.ContainsRune("、。）」！", runes[0]) || strings.ContainsRune("（「", runes[len(runes)-1]) {
			t.Errorf("line %q", l)
		}
	}
	if len(lines) < 10 {
		t.Errorf("%d lines", len(lines))
	}
}

func TestLongTableGoesOnWithItsHeader(t *testing.T) {
	table := pdf.Table{Header: []string{"番号", "内容"}, Widths: []float64{1, 5}}
	for i := range 60 {
		table.Rows = append(table.Rows, []string{fmt.Sprint(i), strings.Repeat("長い内容です。", 10)})
	}
	table.Rows = append(table.Rows, []string{"終", strings.Repeat("一頁より長い行です。", 700)})
	d := pdf.New(pdf.Options{Time: day})
	d.Table(table)
	text := pdftest.Text(t, bytesOf(t, d))
	if n := strings.Count(text, "番号\n"); n < 4 {
		t.Errorf("%d headers", n)
	}
	if n := strings.Count(strings.ReplaceAll(text, "\n", ""), "一頁より長い行です。"); n < 690 {
		t.Errorf("%d of 700 sentences of the long row", n) // some are cut by a header or a number between pages
	}
}

func FuzzParagraph(f *testing.F) {
	f.Add("題\n(a) b")
	f.Fuzz(func(t *testing.T, s string) {
		d := pdf.New(pdf.Options{Title: s, Time: day})
		d.Paragraph(s)
		d.Facts([][2]string{{s, s}})
		bytesOf(t, d)
	})
}
