package jp

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgtype"
)

func TestParseDate(t *testing.T) {
	for in, want := range map[string]Date{
		"2026-04-01": {2026, time.April, 1},
		"2024-02-29": {2024, time.February, 29},
		"0001-01-01": {1, time.January, 1},
		"9999-12-31": {9999, time.December, 31},
	} {
		got, err := ParseDate(in)
		if err != nil || got != want {
			t.Errorf("ParseDate(%q) = %v, %v; want %v", in, got, err, want)
		}
		if got.String() != in {
			t.Errorf("ParseDate(%q).String() = %q", in, got)
		}
	}
	for _, in := range []string{
		"", "2026-4-1", "2026/04/01", "20260401", "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-00", "2026-04-31",
		"0000-01-01", "+026-04-01", "2026-04-01 ", " 2026-04-01", "２０２６-04-01", "2026-04-0a", "2026-04-01T00:00:00Z",
	} {
		if got, err := ParseDate(in); !errors.Is(err, ErrDate) || !got.IsZero() {
			t.Errorf("ParseDate(%q) = %v, %v; want ErrDate", in, got, err)
		}
	}
}

func TestDateArithmetic(t *testing.T) {
	check := func(what string, got, want any) {
		t.Helper()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	d := day(t, "2026-01-31")
	check("carry", NewDate(2026, 13, 1), day(t, "2027-01-01"))
	check("day 0", NewDate(2028, 3, 0), day(t, "2028-02-29"))
	check("AddDays", d.AddDays(1), day(t, "2026-02-01"))
	check("AddDays back", d.AddDays(-31), day(t, "2025-12-31"))
	check("AddMonths clips", d.AddMonths(1), day(t, "2026-02-28"))
	check("AddMonths leap", d.AddMonths(25), day(t, "2028-02-29"))
	check("AddMonths back", d.AddMonths(-2), day(t, "2025-11-30"))
	check("AddMonths year", d.AddMonths(12), day(t, "2027-01-31"))
	check("AddMonths none", d.AddMonths(0), d)
	check("FirstOfMonth", d.FirstOfMonth(), day(t, "2026-01-01"))
	check("DaysUntil", day(t, "2026-04-01").DaysUntil(day(t, "2027-04-01")), 365)
	check("DaysUntil back", day(t, "2026-04-01").DaysUntil(day(t, "2026-03-31")), -1)
	check("DaysUntil far", day(t, "0001-01-01").DaysUntil(day(t, "9999-12-31")), 3652058)
	check("Weekday", d.Weekday(), time.Saturday)
	check("WeekdayJa", d.WeekdayJa(), "土")
	check("WeekdayJa Sunday", d.AddDays(1).WeekdayJa(), "日")
	check("Before", d.Before(d.AddDays(1)), true)
	check("Before itself", d.Before(d), false)
	check("After", d.After(day(t, "2025-12-31")), true)
	check("Compare", []int{d.Compare(d), d.Compare(d.AddDays(1)), d.Compare(d.AddMonths(-1))}, []int{0, -1, 1})
	check("zero", []bool{Date{}.IsZero(), Date{}.Valid(), d.Valid()}, []bool{true, false, true})
	check("odd", Date{Year: 12345, Month: 1, Day: 1}.String(), "12345-01-01")
}

func TestDayInTokyo(t *testing.T) {
	d := day(t, "2026-04-01")
	start := time.Date(2026, 3, 31, 15, 0, 0, 0, time.UTC)
	if !d.StartOfDay().Equal(start) || !d.NextMidnight().Equal(start.Add(24*time.Hour)) ||
		!d.EndOfDay().Equal(start.Add(24*time.Hour-time.Nanosecond)) {
		t.Errorf("day runs from %v to %v, %v", d.StartOfDay(), d.EndOfDay(), d.NextMidnight())
	}
	if got := DateOf(start); got != d {
		t.Errorf("DateOf(start) = %v", got)
	}
	if got := DateOf(start.Add(-time.Nanosecond)); got != d.AddDays(-1) {
		t.Errorf("DateOf(before start) = %v", got)
	}
	for d := day(t, "1952-01-01"); d.Year < 2100; d = d.AddDays(1) {
		if DateOf(d.StartOfDay()) != d || DateOf(d.EndOfDay()) != d {
			t.Fatalf("%v does not come back: %v to %v", d, d.StartOfDay(), d.EndOfDay())
		}
	}
}

func TestDateInPostgres(t *testing.T) {
	types := pgtype.NewMap()
	want := day(t, "2026-04-01")
	for _, format := range []int16{pgtype.BinaryFormatCode, pgtype.TextFormatCode} {
		b, err := types.Encode(pgtype.DateOID, format, want, nil)
		if err != nil {
			t.Fatal(err)
		}
		var got Date
		if err := types.Scan(pgtype.DateOID, format, b, &got); err != nil || got != want {
			t.Errorf("format %d: %v, %v", format, got, err)
		}
		var optional *Date
		if err := types.Scan(pgtype.DateOID, format, b, &optional); err != nil || optional == nil || *optional != want {
			t.Errorf("format %d: optional %v, %v", format, optional, err)
		}
		if err := types.Scan(pgtype.DateOID, format, nil, &optional); err != nil || optional != nil {
			t.Errorf("format %d: NULL gave %v, %v", format, optional, err)
		}
		if b, err := types.Encode(pgtype.DateOID, format, optional, nil); err != nil || b != nil {
			t.Errorf("format %d: nil pointer gave %v, %v", format, b, err)
		}
		days := []Date{want, want.AddDays(1)}
		b, err = types.Encode(pgtype.DateArrayOID, format, days, nil)
		if err != nil {
			t.Fatal(err)
		}
		var gotDays []Date
		if err := types.Scan(pgtype.DateArrayOID, format, b, &gotDays); err != nil || !cmp.Equal(gotDays, days) {
			t.Errorf("format %d: array %v, %v", format, gotDays, err)
		}
	}
	if b, err := types.Encode(0, pgtype.TextFormatCode, want, nil); err != nil || string(b) != "2026-04-01" {
		t.Errorf("untyped parameter is %q, %v", b, err)
	}
}

func TestDateScanAndValue(t *testing.T) {
	want := day(t, "2026-04-01")
	for _, src := range []any{"2026-04-01", []byte("2026-04-01"), time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)} {
		var got Date
		if err := got.Scan(src); err != nil || got != want {
			t.Errorf("Scan(%v) = %v, %v", src, got, err)
		}
	}
	for _, src := range []any{nil, 20260401, "", "infinity", []byte("2026-4-1"), time.Date(2026, 4, 1, 0, 0, 1, 0, time.UTC)} {
		got := want
		if err := got.Scan(src); !errors.Is(err, ErrDate) || got != want {
			t.Errorf("Scan(%v) = %v, %v; want ErrDate and no change", src, got, err)
		}
	}
	if v, err := want.Value(); err != nil || v != "2026-04-01" {
		t.Errorf("Value() = %v, %v", v, err)
	}
	for _, d := range []Date{{}, {2026, 2, 30}, {10000, 1, 1}} {
		if v, err := d.Value(); err == nil {
			t.Errorf("Value of %v = %v", d, v)
		}
	}
}

func TestDateJSON(t *testing.T) {
	type body struct {
		Date Date  `json:"date"`
		Zero Date  `json:"zero,omitzero"`
		Till *Date `json:"till"`
	}
	b, err := json.Marshal(body{Date: day(t, "2026-04-01")})
	if err != nil || string(b) != `{"date":"2026-04-01","till":null}` {
		t.Errorf("Marshal = %s, %v", b, err)
	}
	var got body
	if err := json.Unmarshal(b, &got); err != nil || got.Date != day(t, "2026-04-01") || got.Till != nil {
		t.Errorf("Unmarshal = %v, %v", got, err)
	}
	if err := json.Unmarshal([]byte(`{"date":"2026-02-30"}`), &got); !errors.Is(err, ErrDate) {
		t.Errorf("Unmarshal of a wrong day = %v", err)
	}
	if b, err := (Date{}).MarshalText(); err != nil || len(b) != 0 {
		t.Errorf("zero date as text = %q, %v", b, err)
	}
}
