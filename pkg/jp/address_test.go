package jp

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAddressVectors(t *testing.T) {
	for _, row := range vectors(t, "address_vectors.csv", 10) {
		want := Address{
			PostalCode: row["postal_code"], Prefecture: "東京都", City: "千代田区",
			Town: row["town"], StreetNumber: row["street_number"], Building: row["building"],
		}
		got, err := ParseAddress(row["input"])
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("ParseAddress(%q): %v\n%s", row["input"], err, diff)
		}
	}
	for _, row := range vectors(t, "facility_addresses.csv", 21) {
		got, err := ParseAddress(row["address_full"])
		if err != nil || got.Town != row["town"] || got.StreetNumber != row["street_number"] || got.Building != row["building"] {
			t.Errorf("ParseAddress(%q) = %+v, %v", row["address_full"], got, err)
		}
		if got.String() != row["address_full"] {
			t.Errorf("%q comes back as %q", row["address_full"], got)
		}
	}
}

func TestParseAddress(t *testing.T) {
	type parts struct{ City, Town, StreetNumber, Building string }
	for in, want := range map[string]parts{
		"千代田区九段南1-2":               {"千代田区", "九段南一丁目", "2", ""}, // a town with 丁目
		"千代田区九段南1":                 {"千代田区", "九段南一丁目", "", ""},
		"千代田区三番町6-16-201":          {"千代田区", "三番町", "6-16-201", ""}, // a town without
		"千代田区九段南":                  {"千代田区", "九段南", "", ""},
		"東京都 千代田区 九段南 1-2-1":       {"千代田区", "九段南一丁目", "2-1", ""},
		"千代田区九段南一丁目 2番 1号":         {"千代田区", "九段南一丁目", "2-1", ""},
		"千代田区３番町６－１６":              {"千代田区", "三番町", "6-16", ""},
		"千代田区霞ヶ関2-1-2":             {"千代田区", "霞が関二丁目", "1-2", ""},
		"千代田区麴町1-7":                {"千代田区", "麹町一丁目", "7", ""},
		"一つ橋2丁目2番1号":               {"千代田区", "一ツ橋二丁目", "2-1", ""},
		"一ツ橋二丁目2-1":                {"千代田区", "一ツ橋二丁目", "2-1", ""},
		"千代田区九段南1-2-1○○ビル５階":       {"千代田区", "九段南一丁目", "2-1", "○○ビル５階"},
		"千代田区九段南1-2-1-5F":          {"千代田区", "九段南一丁目", "2-1", "5F"},
		"千代田区九段南1-2-1 ㈱サンプル・ビル 5F": {"千代田区", "九段南一丁目", "2-1", "㈱サンプル・ビル 5F"},
		"千代田区九段南1-2-1号室":           {"千代田区", "九段南一丁目", "2", "1号室"},
		"千代田区神田和泉町10番地の3":          {"千代田区", "神田和泉町", "10-3", ""},
		"千代田区神田和泉町10番地3 ビル":        {"千代田区", "神田和泉町", "10-3", "ビル"},
		"千代田区神田和泉町1番 101号室":        {"千代田区", "神田和泉町", "1", "101号室"},
		"千代田区神田和泉町10の3":            {"千代田区", "神田和泉町", "10-3", ""},
		"千代田区九段南一丁目2番1号-501":       {"千代田区", "九段南一丁目", "2-1-501", ""},
		"千代田区永田町 議員会館":             {"千代田区", "永田町", "", "議員会館"},
		"神田 神保町3-8-1":              {"千代田区", "神田神保町三丁目", "8-1", ""},
		"千代田区千代田1-1":               {"千代田区", "千代田", "1-1", ""},
		"千代田区三番町6-16 二丁目ビル":        {"千代田区", "三番町", "6-16", "二丁目ビル"},
		"渋谷区神南1-2-3":               {"渋谷区", "神南一丁目", "2-3", ""},
		"東京都港区芝公園4-1":              {"港区", "芝公園", "4-1", ""}, // two numbers stay in other wards
		"千代田区大手町十一丁目1":             {"千代田区", "大手町十一丁目", "1", ""},
		"千代田区九段南1丁目":               {"千代田区", "九段南一丁目", "", ""},
		"千代田区九段南1−2−1、ビル":          {"千代田区", "九段南一丁目", "2-1", "ビル"},
	} {
		got, err := ParseAddress(in)
		if err != nil {
			t.Errorf("ParseAddress(%q): %v", in, err)
			continue
		}
		if diff := cmp.Diff(want, parts{got.City, got.Town, got.StreetNumber, got.Building}); diff != "" {
			t.Errorf("ParseAddress(%q) (-want +got):\n%s", in, diff)
		}
	}
	if got, err := ParseAddress("1028688 九段南1-2-1"); err != nil || got.PostalCode != "1028688" {
		t.Errorf("postal code without its sign: %+v, %v", got, err)
	}
}

func TestParseAddressRefusals(t *testing.T) {
	for in, want := range map[string]*ParseError{
		"":                      ErrAddress,
		"1-2-1":                 ErrAddress,
		"千代田区":                  ErrAddress,
		"千代田区三番町六番十六号":          ErrAddress,
		"千代田区九段南0-2-1":          ErrAddress,
		"千代田区九段南20-2-1":         ErrAddress,
		"千代田区九段南123456":         ErrAddress,
		"千代田区丁目1":               ErrAddress,
		"千代田区九段南(仮)1":           ErrAddress,
		"千代田区\x00九段南1":          ErrAddress,
		"大阪府大阪市北区中之島1-3-20":     errAddressArea,
		"東京都八王子市元本郷町3-24-1":     errAddressArea,
		"神南1-2-3":               errAddressArea,
		"東京都九段南1-2-1":           errAddressArea,
		"〒102-868 千代田区九段南1-2-1": errAddressPostalCode,
	} {
		got, err := ParseAddress(in)
		if !errors.Is(err, ErrAddress) || got != (Address{}) || err != error(want) {
			t.Errorf("ParseAddress(%q) = %+v, %v; want %v", in, got, err, want)
		}
	}
}

func TestKanjiNumber(t *testing.T) {
	for n, want := range map[int]string{1: "一", 9: "九", 10: "十", 11: "十一", 19: "十九"} {
		if got := kanjiNumber(n); got != want {
			t.Errorf("kanjiNumber(%d) = %s", n, got)
		}
		if rest, got := cutKanjiNumber("町" + want); rest != "町" || got != n {
			t.Errorf("cutKanjiNumber(町%s) = %s, %d", want, rest, got)
		}
	}
	for town := range chomeTowns {
		if lotTowns[town] {
			t.Errorf("%s stands in both lists", town)
		}
	}
	if n := len(specialWards); n != 23 {
		t.Errorf("%d wards", n)
	}
	for _, row := range vectors(t, "municipality.csv", 24)[1:] {
		if _, err := ParseAddress(row["prefecture"] + row["name"] + "町1-2"); err != nil {
			t.Errorf("%s: %v", row["name"], err)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, row := range vectors(f, "address_vectors.csv", 10) {
		f.Add(row["input"])
	}
	for _, s := range []string{"〒", "千代田区1番町", "九段南1-2-1-", "丁目", "九段南1号-", "九段南1の", "\xff", "〒1028688"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			if a != (Address{}) {
				t.Fatalf("ParseAddress(%q) = %+v and %v", s, a, err)
			}
			return
		}
		if a.Town == "" || a.City == "" {
			t.Fatalf("ParseAddress(%q) = %+v", s, a)
		}
		_ = a.String()
	})
}
