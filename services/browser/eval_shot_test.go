package browser

import (
	"os"
	"testing"

	"github.com/chromedp/chromedp"
)

func TestEvalShots(t *testing.T) {
	dir := os.Getenv("SHOTS")
	if dir == "" {
		t.Skip()
	}
	where := addresses(t)
	for _, p := range []struct {
		name, path, as, lang string
		width                int64
	}{
		{"projects", "/projects", "", "ja", 1200},
		{"project", "/projects/{finished}", "", "ja", 1200},
		{"project-phone", "/projects/{finished}", "", "ja", 360},
		{"project-staff", "/projects/{running}", "staff", "ja", 1200},
		{"agreement", "/projects/{running}/agreement", "approver", "ja", 1200},
		{"report-new", "/projects/{running}/reports/new", "staff", "ja", 1200},
		{"change-new", "/projects/{running}/changes/new", "staff", "ja", 1200},
		{"rulebook", "/rulebook", "", "ja", 1200},
		{"rulebook-phone", "/rulebook", "", "ja", 360},
		{"comments", "/rulebook/versions/{rulebook}/clauses/61/comments", "", "ja", 1200},
		{"versions", "/rulebook/versions", "desk", "ja", 1200},
		{"evaluation", "/evaluations/{evaluated}", "desk", "ja", 1200},
		{"statistics", "/evaluations/statistics?fiscalYear=2025", "", "en", 1200},
		{"improvement", "/improvements/{improvement}", "staff", "ja", 1200},
		{"survey", "/evaluations/{evaluated}/survey", "staff", "ja", 1200},
		{"challenge", "/challenges/{challenge}", "representative", "ja", 1200},
		{"challenge-phone", "/challenges", "", "plain", 360},
	} {
		tb := open(t).as(p.as)
		tb.run(chromedp.EmulateViewport(p.width, 900))
		tb.cookie("kyodo-lang", p.lang)
		tb.visit(where.Replace(p.path))
		if err := os.WriteFile(dir+"/"+p.name+".png", get(tb, chromedp.FullScreenshot(60)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
