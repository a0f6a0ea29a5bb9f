package jp

import (
	"errors"
	"strconv"
	"strings"
	"testing"
)

func TestEraAndFiscalVectors(t *testing.T) {
	for _, row := range vectors(t, "era_fiscal_vectors.csv", 17) {
		d := day(t, row["date"])
		if got := Wareki(d); got != row["wareki"] {
			t.Errorf("Wareki(%v) = %s, want %s", d, got, row["wareki"])
		}
		if got, err := ParseWareki(row["wareki"]); err != nil || got != d {
			t.Errorf("ParseWareki(%s) = %v, %v; want %v", row["wareki"], got, err, d)
		}
		year := FiscalYear(d)
		if strconv.Itoa(year) != row["fiscal_year"] || FiscalYearLabel(year) != row["fiscal_year_label"] {
			t.Errorf("%v is in %d, %s; want %s", d, year, FiscalYearLabel(year), row["fiscal_year_label"])
		}
		if d.Before(FiscalYearStart(year)) || d.After(FiscalYearEnd(year)) {
			t.Errorf("%v is outside fiscal %d: %v to %v", d, year, FiscalYearStart(year), FiscalYearEnd(year))
		}
	}
}

func TestErasEqualList(t *testing.T) {
	list := Eras()
	for i, row := range vectors(t, "eras.csv", 5) {
		e := list[len(list)-1-i]
		if e.Letter != row["code"] || e.Name != row["name"] || e.Start != day(t, row["start"]) {
			t.Errorf("era %v, want %v", e, row)
		}
	}
	list[0].Name = "改"
	if Eras()[0].Name != "令和" {
		t.Error("the caller can change the eras")
	}
}

func TestEraOf(t *testing.T) {
	if e, year, ok := EraOf(day(t, "1873-01-01")); e.Name != "明治" || year != 6 || !ok {
		t.Errorf("first day: %v, %d, %v", e, year, ok)
	}
	if e, year, ok := EraOf(day(t, "1872-12-31")); e.Name != "" || year != 0 || ok {
		t.Errorf("day before: %v, %d, %v", e, year, ok)
	}
	for date, want := range map[string]string{
		"2026-04-01": "2026年4月1日（令和8年）水曜日", "2019-05-01": "2019年5月1日（令和元年）水曜日",
	} {
		if got := LongDate(day(t, date)); got != want {
			t.Errorf("LongDate(%s) = %s", date, got)
		}
	}
	if got := Wareki(day(t, "1872-12-31")); got != "1872年12月31日" {
		t.Errorf("before the era dates: %s", got)
	}
}

func TestFiscalYearNames(t *testing.T) {
	for _, tt := range []struct {
		year        int
		code, label string
	}{
		{2026, "R8", "令和8年度"},
		{2020, "R2", "令和2年度"},
		{2019, "H31", "平成31年度（令和元年度）"},
		{2018, "H30", "平成30年度"},
		{2002, "H14", "平成14年度"},
		{1989, "H1", "平成元年度"},
		{1988, "S63", "昭和63年度"},
		{1868, "M1", "明治元年度"},
		{1867, "1867", "1867年度"},
	} {
		if code, label := FiscalYearCode(tt.year), FiscalYearLabel(tt.year); code != tt.code || label != tt.label {
			t.Errorf("%d: %s, %s; want %s, %s", tt.year, code, label, tt.code, tt.label)
		}
	}
	if FiscalYear(day(t, "2026-03-31")) != 2025 || FiscalYear(day(t, "2026-04-01")) != 2026 {
		t.Error("the fiscal year does not turn on April 1")
	}
	if FiscalYearStart(2026) != day(t, "2026-04-01") || FiscalYearEnd(2026) != day(t, "2027-03-31") {
		t.Error("fiscal 2026 does not run from April to March")
	}
}

func TestParseWareki(t *testing.T) {
	want := day(t, "2026-04-01")
	for _, in := range []string{
		"令和8年4月1日", "令和08年04月01日", "R8.4.1", "r8.4.1", "R08/04/01", "R8-4-1", "Ｒ８．４．１", "令和８年４月１日",
		"　令和8年4月1日 ", "令和 8年 4月 1日", "㋿8年4月1日", "令和8.4.1", "R8−4−1", "R８ー４ー１", "R 8.4.1", "R8年4月1日",
	} {
		if got, err := ParseWareki(in); err != nil || got != want {
			t.Errorf("ParseWareki(%q) = %v, %v; want %v", in, got, err, want)
		}
	}
	for _, in := range []string{"令和元年5月1日", "令和1年5月1日", "R1.5.1", "R元.5.1"} {
		if got, err := ParseWareki(in); err != nil || got != day(t, "2019-05-01") {
			t.Errorf("ParseWareki(%q) = %v, %v", in, got, err)
		}
	}
	for _, in := range []string{
		"", "2026-04-01", "8年4月1日", "令和年4月1日", "令和8年4月", "慶応3年4月1日", "A8.4.1", "R8.4", "R8.4.1.1", "R8. 4.1x",
		"令和0年5月1日", "令和8年2月30日", "令和8年13月1日", "令和8年0月1日", "令和八年四月一日", "令和9999年1月1日",
	} {
		if got, err := ParseWareki(in); !errors.Is(err, ErrWareki) || !got.IsZero() {
			t.Errorf("ParseWareki(%q) = %v, %v; want ErrWareki", in, got, err)
		}
	}
}

func TestParseWarekiOutsideEra(t *testing.T) {
	for in, hint := range map[string]string{
		"平成31年5月1日":   "「令和元年5月1日」ではありませんか",
		"H32.4.1":     "「令和2年4月1日」ではありませんか",
		"令和元年4月30日":   "「平成31年4月30日」ではありませんか",
		"昭和64年1月8日":   "「平成元年1月8日」ではありませんか",
		"平成元年1月7日":    "「昭和64年1月7日」ではありませんか",
		"昭和元年12月24日":  "「大正15年12月24日」ではありませんか",
		"大正元年7月29日":   "「明治45年7月29日」ではありませんか",
		"昭和100年1月1日":  "「令和7年1月1日」ではありませんか",
		"明治5年12月31日":  "1873年1月1日以後",
		"明治元年1月1日":    "1873年1月1日以後",
		"令和8年2月29日":   "という日付はありません",
		"R8.4.31":     "「令和8年4月31日」という日付はありません",
		"令和8年4月1日(水)": "のように入力してください",
	} {
		_, err := ParseWareki(in)
		var refusal *ParseError
		if !errors.As(err, &refusal) || !strings.Contains(refusal.Ja, hint) || refusal.En == "" {
			t.Errorf("ParseWareki(%q) = %v; want %s", in, refusal, hint)
		}
	}
}

func FuzzParseWareki(f *testing.F) {
	for _, s := range []string{"令和8年4月1日", "R8.4.1", "平成31年5月1日", "Ｓ６４／１／７", "令和元年", "M6.1.1", "\xff8.4.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseWareki(s)
		if err != nil {
			return
		}
		if !d.Valid() || d.Before(firstEraDate) {
			t.Fatalf("ParseWareki(%q) = %v", s, d)
		}
		if again, err := ParseWareki(Wareki(d)); err != nil || again != d {
			t.Fatalf("%q: %v comes back as %v, %v", s, d, again, err)
		}
	})
}
