package jp

import "strings"

// Refusals of ParsePhone; all match ErrPhone.
var (
	// ErrPhone is the general refusal.
	ErrPhone = &ParseError{
		Reason: "INVALID_PHONE",
		Ja:     "電話番号は「03-5211-3656」のように数字とハイフンで入力してください。",
		En:     "Enter the telephone number in digits and hyphens, such as 03-5211-3656.",
	}
	errPhoneExtension = ErrPhone.saying(
		"内線番号は電話番号と分けて、内線の欄に入力してください。",
		"Enter the extension in its own field, not with the telephone number.")
	errPhoneArea = ErrPhone.saying(
		"電話番号は市外局番から入力してください（例: 03-5211-3656）。",
		"Enter the telephone number with its area code, such as 03-5211-3656.")
	errPhoneLength = ErrPhone.saying(
		"電話番号の桁数が違います。番号を確認してください。",
		"The telephone number has the wrong number of digits.")
)

// ParsePhone returns a Japanese telephone number in half-width digits and hyphens (GIF DS-445). It reads half
// and full width, hyphens of all kinds, parentheses, spaces and the prefix +81. Numbers of 03 and 06 are split
// 2-4-4, mobile and 050 numbers 3-4-4, 0120 and 0570 4-3-3, 0800 4-3-4; others keep the split that was typed, and
// stay bare digits where none was, because their area codes differ in length. Extensions, numbers without area code,
// of wrong length or of other countries are refused; the refusal matches ErrPhone.
func ParsePhone(s string) (string, error) {
	text := halfWidth(s)
	if strings.Contains(text, "内線") || strings.ContainsAny(text, "xX#") {
		return "", errPhoneExtension
	}
	if rest, ok := strings.CutPrefix(text, "+81"); ok {
		text = domestic(rest)
	}
	var groups []string
	for group := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune("-() ", r) }) {
		if digitsEnd(group, 0) != len(group) {
			return "", ErrPhone
		}
		groups = append(groups, group)
	}
	number := strings.Join(groups, "")
	switch {
	case number == "":
		return "", ErrPhone
	case number[0] != '0' || strings.HasPrefix(number, "00"):
		return "", errPhoneArea
	}
	return splitPhone(number, groups)
}

// domestic puts the leading 0 in place of +81, once even where it was typed too, as in +81 (0)3.
func domestic(rest string) string {
	rest = strings.TrimLeft(rest, "- ")
	if cut, ok := strings.CutPrefix(rest, "(0)"); ok {
		rest = strings.TrimLeft(cut, "- ")
	}
	opening := ""
	if cut, ok := strings.CutPrefix(rest, "("); ok {
		opening, rest = "(", cut
	}
	return opening + "0" + strings.TrimPrefix(rest, "0")
}

// splitPhone puts the hyphens into a number of digits with leading 0; groups are as typed.
func splitPhone(number string, groups []string) (string, error) {
	prefix := func(prefixes ...string) bool {
		for _, p := range prefixes {
			if strings.HasPrefix(number, p) {
				return true
			}
		}
		return false
	}
	length, first, second := 10, 0, 0
	switch {
	case prefix("0800"):
		length, first, second = 11, 4, 7
	case prefix("0120", "0570"):
		first, second = 4, 7
	case prefix("050", "060", "070", "080", "090"):
		length, first, second = 11, 3, 7
	case prefix("03", "06"):
		first, second = 2, 6
	}
	if len(number) != length {
		return "", errPhoneLength
	}
	if first > 0 {
		return number[:first] + "-" + number[first:second] + "-" + number[second:], nil
	}
	return strings.Join(groups, "-"), nil
}
