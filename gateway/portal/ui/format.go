package ui

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

var eraLatin = map[string]string{"明治": "Meiji", "大正": "Taisho", "昭和": "Showa", "平成": "Heisei", "令和": "Reiwa"}

// LongDate returns a day with era and weekday, as 2026年4月1日（令和8年）水曜日 or
// Wednesday, 1 April 2026 (Reiwa 8). iso is YYYY-MM-DD; any other text is returned
// as it is.
func LongDate(ctx context.Context, iso string) string {
	d, err := jp.ParseDate(iso)
	if err != nil {
		return iso
	}
	if text.Of(ctx) != text.English {
		return jp.LongDate(d)
	}
	era, year, ok := jp.EraOf(d)
	if !ok {
		return fmt.Sprintf("%s, %d %s %d", d.Weekday(), d.Day, d.Month, d.Year)
	}
	return fmt.Sprintf("%s, %d %s %d (%s %d)", d.Weekday(), d.Day, d.Month, d.Year, eraLatin[era.Name], year)
}

// ShortDate returns a day for narrow places, as 4月1日（水） or Wed 1 Apr.
func ShortDate(ctx context.Context, iso string) string {
	d, err := jp.ParseDate(iso)
	if err != nil {
		return iso
	}
	if text.Of(ctx) == text.English {
		return fmt.Sprintf("%.3s %d %.3s", d.Weekday(), d.Day, d.Month)
	}
	return fmt.Sprintf("%d月%d日（%s）", int(d.Month), d.Day, d.WeekdayJa())
}

// FiscalYear returns a fiscal year with its era, as 2026年度（令和8年度）.
func FiscalYear(ctx context.Context, year int32) string {
	if text.Of(ctx) == text.English {
		return fmt.Sprintf("fiscal year %d", year)
	}
	return fmt.Sprintf("%d年度（%s）", year, jp.FiscalYearLabel(int(year)))
}

// Instant returns a day and time in Tokyo.
func Instant(ctx context.Context, t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	at := t.AsTime().In(jp.Tokyo)
	return LongDate(ctx, at.Format(time.DateOnly)) + " " + at.Format("15:04")
}

// Day returns the day in Tokyo of an instant as YYYY-MM-DD; "" for none.
func Day(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return jp.DateOf(t.AsTime()).String()
}

// Hours returns a span of the day, as 9:00から12:00.
func Hours(ctx context.Context, from, to string) string {
	return text.S(ctx, "ui.hours", strings.TrimPrefix(from, "0"), strings.TrimPrefix(to, "0"))
}

// Yen returns an amount, as 1,300円.
func Yen(ctx context.Context, n int64) string {
	digits := fmt.Sprint(max(n, -n))
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if n < 0 {
		digits = "-" + digits
	}
	return text.S(ctx, "ui.yen", digits)
}
