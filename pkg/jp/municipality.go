package jp

// ChiyodaCode is the 全国地方公共団体コード of 千代田区.
const ChiyodaCode = "131016"

// ErrMunicipalityCode is the refusal of ParseMunicipalityCode.
var ErrMunicipalityCode = &ParseError{
	Reason: "INVALID_MUNICIPALITY_CODE",
	Ja:     "全国地方公共団体コードは、検査数字を含む6桁の数字で入力してください（例: 131016）。",
	En:     "Enter the municipality code as six digits including the check digit, such as 131016.",
}

// ValidMunicipalityCode reports whether s is a 全国地方公共団体コード: exactly six ASCII digits, the last of which is the
// check digit, the last digit of 11 − (Σ mod 11) with weights 6 to 2. It does not know which codes are in use.
func ValidMunicipalityCode(s string) bool {
	if len(s) != 6 {
		return false
	}
	sum := 0
	for i := range 5 {
		if !asciiDigit(s[i]) {
			return false
		}
		sum += int(s[i]-'0') * (6 - i)
	}
	return s[5] == byte('0'+(11-sum%11)%10)
}

// ParseMunicipalityCode returns the six digits of a code typed in half or full width. It refuses the rest, five-digit
// codes too, with ErrMunicipalityCode.
func ParseMunicipalityCode(s string) (string, error) {
	code := halfWidth(s)
	if !ValidMunicipalityCode(code) {
		return "", ErrMunicipalityCode
	}
	return code, nil
}
