package jp

import "strings"

// Refusals of ParseCorporateNumber.
var (
	// ErrCorporateNumber matches every refusal of ParseCorporateNumber but ErrMyNumber.
	ErrCorporateNumber = &ParseError{
		Reason: "INVALID_CORPORATE_NUMBER",
		Ja:     "法人番号は13桁の数字で入力してください。",
		En:     "Enter the corporate number as 13 digits.",
	}
	// ErrMyNumber refuses twelve digits, which may be somebody's マイナンバー. The value must not be stored, logged or
	// sent back.
	ErrMyNumber = &ParseError{
		Reason: "MY_NUMBER_NOT_ACCEPTED",
		Ja:     "12桁の番号は入力できません。法人番号は13桁です。マイナンバー（個人番号）は絶対に入力しないでください。",
		En:     "Twelve-digit numbers are not accepted. A corporate number has 13 digits; never enter a My Number.",
	}
	errCorporateCheckDigit = ErrCorporateNumber.saying(
		"法人番号の検査数字が合いません。国税庁の法人番号公表サイトなどで番号を確かめて、入力し直してください。",
		"The check digit of the corporate number does not match. Check the number and enter it again.")
)

// ValidCorporateNumber reports whether s is a corporate number (法人番号): exactly 13 ASCII digits, the first of which
// is the check digit 9 − (Σ Pₙ×Qₙ mod 9) over the other twelve, counted from the right, with weights 1 and 2 in turn
// (法人番号の指定等に関する省令 article 2).
func ValidCorporateNumber(s string) bool {
	if len(s) != 13 {
		return false
	}
	sum := 0
	for i := range 12 {
		c := s[12-i]
		if c < '0' || c > '9' {
			return false
		}
		d := int(c - '0')
		if i%2 == 1 {
			d *= 2
		}
		sum += d
	}
	return s[0] == byte('0'+9-sum%9)
}

var numberGaps = strings.NewReplacer("-", "", " ", "")

// ParseCorporateNumber returns the 13 digits of a corporate number typed in half or full width, with or without
// hyphens and spaces. It refuses twelve digits with ErrMyNumber and everything else with ErrCorporateNumber.
func ParseCorporateNumber(s string) (string, error) {
	number := numberGaps.Replace(halfWidth(s))
	if ValidCorporateNumber(number) {
		return number, nil
	}
	for i := range len(number) {
		if number[i] < '0' || number[i] > '9' {
			return "", ErrCorporateNumber
		}
	}
	switch len(number) {
	case 12:
		return "", ErrMyNumber
	case 13:
		return "", errCorporateCheckDigit
	default:
		return "", ErrCorporateNumber
	}
}

// LooksLikeMyNumber reports whether s holds twelve digits in a row, or three groups of four parted by hyphens or
// spaces, that stand alone: they may be a マイナンバー, and fields about persons must refuse them. The check
// digit is not asked, because a mistyped number is no less personal. Digits after + are a telephone number.
func LooksLikeMyNumber(s string) bool {
	text := halfWidth(s)
	for i := 0; i < len(text); {
		if !asciiDigit(text[i]) {
			i++
			continue
		}
		end := digitsEnd(text, i)
		if end-i == 12 && (i == 0 || text[i-1] != '+') {
			return true
		}
		if end-i == 4 && twoMoreGroups(text, end) && (i < 2 || !separator(text[i-1]) || !asciiDigit(text[i-2])) {
			return true
		}
		i = end
	}
	return false
}

// twoMoreGroups reports whether two groups of four digits follow at i, each after a separator, and no further one
// after a hyphen.
func twoMoreGroups(s string, i int) bool {
	for range 2 {
		if i >= len(s) || !separator(s[i]) || digitsEnd(s, i+1) != i+5 {
			return false
		}
		i += 5
	}
	return i+1 >= len(s) || s[i] != '-' || !asciiDigit(s[i+1])
}

func separator(c byte) bool { return c == '-' || c == ' ' }

func asciiDigit(c byte) bool { return c >= '0' && c <= '9' }

// digitsEnd returns the index after the run of digits that starts at i.
func digitsEnd(s string, i int) int {
	for i < len(s) && asciiDigit(s[i]) {
		i++
	}
	return i
}
