package jp

import "strings"

// ErrPostalCode is the refusal of ParsePostalCode.
var ErrPostalCode = &ParseError{
	Reason: "INVALID_POSTAL_CODE",
	Ja:     "郵便番号は「102-8688」のように7桁の数字で入力してください。",
	En:     "Enter the postal code as seven digits, such as 102-8688.",
}

// ParsePostalCode returns the seven digits of a postal code (GIF DS-443) typed in half or full width, with or without
// 〒 and with or without the hyphen. It does not know which codes are in use.
func ParsePostalCode(s string) (string, error) {
	code := strings.TrimSpace(strings.TrimPrefix(halfWidth(s), "〒"))
	if len(code) == 8 && code[3] == '-' {
		code = code[:3] + code[4:]
	}
	if len(code) != 7 || digitsEnd(code, 0) != 7 {
		return "", ErrPostalCode
	}
	return code, nil
}

// FormatPostalCode returns seven digits as shown to people, 〒102-8688. What is no postal code is returned as it is.
func FormatPostalCode(code string) string {
	if len(code) != 7 || digitsEnd(code, 0) != 7 {
		return code
	}
	return "〒" + code[:3] + "-" + code[3:]
}
