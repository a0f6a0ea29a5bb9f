package jp

import (
	"errors"
	"strings"
	"testing"
)

func TestCorporateNumberVectors(t *testing.T) {
	for _, row := range vectors(t, "corporate_number_vectors.csv", 16) {
		if got, want := ValidCorporateNumber(row["input"]), row["expected_strict"] == "valid"; got != want {
			t.Errorf("ValidCorporateNumber(%q) = %v", row["input"], got)
		}
	}
	for _, row := range vectors(t, "municipality.csv", 24) {
		if !ValidCorporateNumber(row["corporate_number"]) || !ValidMunicipalityCode(row["lg_code"]) {
			t.Errorf("%s: %s, %s", row["name"], row["corporate_number"], row["lg_code"])
		}
	}
	if ValidCorporateNumber("") || ValidCorporateNumber("7123456789012\n") {
		t.Error("other lengths are accepted")
	}
}

func TestParseCorporateNumber(t *testing.T) {
	for _, in := range []string{
		"7123456789012", "７１２３４５６７８９０１２", "7-1234-5678-9012", " 7 1234 5678 9012 ", "７－１２３４－５６７８－９０１２",
		"7ー1234−5678‐9012",
	} {
		if got, err := ParseCorporateNumber(in); err != nil || got != "7123456789012" {
			t.Errorf("ParseCorporateNumber(%q) = %q, %v", in, got, err)
		}
	}
	for in, want := range map[string]string{
		"": "13桁の数字", "712345678901X": "13桁の数字", "71234567890123": "13桁の数字", "T7123456789012": "13桁の数字",
		"7123456789013": "検査数字", "0123456789012": "検査数字", "12345": "13桁の数字",
	} {
		_, err := ParseCorporateNumber(in)
		var refusal *ParseError
		if !errors.Is(err, ErrCorporateNumber) || !errors.As(err, &refusal) || !strings.Contains(refusal.Ja, want) {
			t.Errorf("ParseCorporateNumber(%q) = %v", in, err)
		}
	}
	for _, in := range []string{"712345678901", "7123-4567-8901", "７１２３４５６７８９０１"} {
		if _, err := ParseCorporateNumber(in); !errors.Is(err, ErrMyNumber) || errors.Is(err, ErrCorporateNumber) {
			t.Errorf("ParseCorporateNumber(%q) = %v; want ErrMyNumber", in, err)
		}
	}
}

func TestLooksLikeMyNumber(t *testing.T) {
	for in, want := range map[string]bool{
		"123456789012":        true,
		"１２３４５６７８９０１２":        true,
		"1234-5678-9012":      true,
		"1234 5678 9012":      true,
		"１２３４−５６７８−９０１２":      true,
		"番号は123456789012です":   true,
		"a1234-5678-9012b":    true,
		"":                    false,
		"12345678901":         false, // 11 digits
		"1234567890123":       false, // 13 digits: a corporate number
		"7-1234-5678-9012":    false,
		"1234-5678-9012-3456": false, // 16 digits
		"03-5211-3656":        false,
		"090-9999-9999":       false,
		"+819099999999":       false,
		"+81-90-9999-9999":    false,
		"1234-5678-901":       false,
		"1234-5678-90123":     false,
		"2026-04-01":          false,
		"1234、5678、9012":      false,
		"1234 5678 9012 3名":   true,
		"123456789012-1":      true,
	} {
		if got := LooksLikeMyNumber(in); got != want {
			t.Errorf("LooksLikeMyNumber(%q) = %v", in, got)
		}
	}
}

func TestMunicipalityCode(t *testing.T) {
	for _, row := range vectors(t, "lg_code_vectors.csv", 8) {
		if got, want := ValidMunicipalityCode(row["input"]), row["expected"] == "valid"; got != want {
			t.Errorf("ValidMunicipalityCode(%q) = %v", row["input"], got)
		}
	}
	if got, err := ParseMunicipalityCode(" １３１０１６ "); err != nil || got != ChiyodaCode {
		t.Errorf("ParseMunicipalityCode = %q, %v", got, err)
	}
	for _, in := range []string{"", "13101", "131017", "13101x", "x31016", "1310160"} {
		if got, err := ParseMunicipalityCode(in); !errors.Is(err, ErrMunicipalityCode) || got != "" {
			t.Errorf("ParseMunicipalityCode(%q) = %q, %v", in, got, err)
		}
	}
}

func TestPostalCode(t *testing.T) {
	for _, in := range []string{
		"1028688", "102-8688", "〒102-8688", "〒 １０２－８６８８", "102ー8688", "１０２−８６８８", " 102-8688\n",
	} {
		if got, err := ParsePostalCode(in); err != nil || got != "1028688" {
			t.Errorf("ParsePostalCode(%q) = %q, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "〒", "102-868", "102-86888", "10-28688", "102--8688", "102 8688", "102-868a", "10286881"} {
		if got, err := ParsePostalCode(in); !errors.Is(err, ErrPostalCode) || got != "" {
			t.Errorf("ParsePostalCode(%q) = %q, %v", in, got, err)
		}
	}
	for in, want := range map[string]string{"1028688": "〒102-8688", "": "", "102-8688": "102-8688", "abcdefg": "abcdefg"} {
		if got := FormatPostalCode(in); got != want {
			t.Errorf("FormatPostalCode(%q) = %q", in, got)
		}
	}
}

func TestPhoneVectors(t *testing.T) {
	for _, row := range vectors(t, "phone_vectors.csv", 18) {
		got, err := ParsePhone(row["input"])
		if got != row["normalized"] || (err != nil) != (row["normalized"] == "") {
			t.Errorf("ParsePhone(%q) = %q, %v; want %q (%s)", row["input"], got, err, row["normalized"], row["note"])
		}
	}
}

func TestParsePhone(t *testing.T) {
	for in, want := range map[string]string{
		"06-6208-8181":      "06-6208-8181",
		"050 1234 5678":     "050-1234-5678",
		"0570-000-000":      "0570-000-000",
		"0120 99 9999":      "0120-999-999",
		"08001234567":       "0800-123-4567",
		"0997(22)0000":      "0997-22-0000",
		"(0997)22-0000":     "0997-22-0000",
		"+81 997 22 0000":   "0997-22-0000",
		"+81(997)22-0000":   "0997-22-0000",
		"+81 090-9999-9999": "090-9999-9999",
		"+8190-9999-9999":   "090-9999-9999",
	} {
		if got, err := ParsePhone(in); err != nil || got != want {
			t.Errorf("ParsePhone(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for in, want := range map[string]string{
		"":                 "数字とハイフン",
		"-":                "数字とハイフン",
		"代表 03-5211-3656":  "数字とハイフン",
		"03-5211-3656a":    "数字とハイフン",
		"+1-202-555-0100":  "数字とハイフン",
		"03-5211-3656内線1":  "内線の欄",
		"03-5211-3656 x12": "内線の欄",
		"03-5211-3656#12":  "内線の欄",
		"5211-3656":        "市外局番",
		"0081-3-5211-3656": "市外局番",
		"03-5211-36567":    "桁数",
		"090-999-9999":     "桁数",
		"0997-22-00000":    "桁数",
		"110":              "市外局番",
		"+81":              "桁数",
	} {
		got, err := ParsePhone(in)
		var refusal *ParseError
		if got != "" || !errors.Is(err, ErrPhone) || !errors.As(err, &refusal) || !strings.Contains(refusal.Ja, want) {
			t.Errorf("ParsePhone(%q) = %q, %v; want %s", in, got, refusal, want)
		}
	}
}

func FuzzPhone(f *testing.F) {
	for _, row := range vectors(f, "phone_vectors.csv", 18) {
		f.Add(row["input"])
	}
	f.Add("+81((0)")
	f.Fuzz(func(t *testing.T, s string) {
		ParsePostalCode(s)
		ParseCorporateNumber(s)
		ParseMunicipalityCode(s)
		LooksLikeMyNumber(s)
		phone, err := ParsePhone(s)
		if err != nil {
			return
		}
		if again, err := ParsePhone(phone); err != nil || again != phone {
			t.Fatalf("ParsePhone(%q) = %q, and of that %q, %v", s, phone, again, err)
		}
	})
}

func TestParseErrorKinds(t *testing.T) {
	all := []*ParseError{
		ErrDate, ErrWareki, ErrKana, ErrQueryTooShort, ErrCorporateNumber, ErrMyNumber, ErrMunicipalityCode, ErrPostalCode,
		ErrPhone, ErrAddress, ErrTextEncoding,
	}
	seen := map[string]bool{}
	for _, e := range all {
		if seen[e.Reason] || e.Ja == "" || e.Error() != e.En || e.En == "" {
			t.Errorf("refusal %+v", e)
		}
		seen[e.Reason] = true
		if !errors.Is(e.saying("別", "other"), e) || errors.Is(e, errors.New(e.En)) {
			t.Errorf("%s does not match by its reason alone", e.Reason)
		}
	}
}
