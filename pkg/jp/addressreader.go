package jp

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxLotDigits bounds one number of an address; more digits are something else.
const maxLotDigits = 5

// addressReader walks over an address. folded has the half-width form of each rune of typed, so that the building can
// be returned as it was typed.
type addressReader struct {
	typed  []rune
	folded []rune
	pos    int
}

func newAddressReader(s string) *addressReader {
	typed := []rune(norm.NFC.String(strings.TrimSpace(s)))
	folded := make([]rune, len(typed))
	for i, r := range typed {
		folded[i] = foldAddressRune(r)
	}
	return &addressReader{typed: typed, folded: folded}
}

func foldAddressRune(r rune) rune {
	switch {
	case hyphenLike(r):
		return '-'
	case unicode.IsSpace(r):
		return ' '
	case r < 0x80 || r >= 0x3040 && r <= 0x9FFF:
		return r
	}
	if n := []rune(norm.NFKC.String(string(r))); len(n) == 1 {
		return n[0]
	}
	return r
}

// at returns the folded rune i places ahead, 0 after the end.
func (r *addressReader) at(i int) rune {
	if r.pos+i >= len(r.folded) {
		return 0
	}
	return r.folded[r.pos+i]
}

func (r *addressReader) skipSpaces() {
	for r.at(0) == ' ' {
		r.pos++
	}
}

// looking reports whether the folded text goes on with s.
func (r *addressReader) looking(s string) bool {
	i := 0
	for _, c := range s {
		if r.at(i) != c {
			return false
		}
		i++
	}
	return true
}

// accept skips s and the spaces before it where the text goes on with s.
func (r *addressReader) accept(s string) bool {
	r.skipSpaces()
	if !r.looking(s) {
		return false
	}
	r.pos += len([]rune(s))
	return true
}

// digitRun returns the ASCII digits ahead without moving.
func (r *addressReader) digitRun() string {
	var b strings.Builder
	for i := 0; isDigit(r.at(i)); i++ {
		b.WriteRune(r.at(i))
	}
	return b.String()
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// postalCode reads 〒 and seven digits where they stand; ok is false when 〒 stands without them.
func (r *addressReader) postalCode() (code string, ok bool) {
	mark := r.accept("〒")
	r.skipSpaces()
	start := r.pos
	code = r.digitRun()
	r.pos += len(code)
	if len(code) == 3 && r.at(0) == '-' {
		r.pos++
		tail := r.digitRun()
		r.pos += len(tail)
		code += tail
	}
	if len(code) != 7 {
		r.pos = start
		return "", !mark
	}
	return code, true
}

// town reads the name of the town, up to its first number, and a 丁目 in kanji numerals behind it; chome is 0 without
// one. ok is false when the text cannot be a town.
func (r *addressReader) town() (name string, chome int, ok bool) {
	r.skipSpaces()
	var b strings.Builder
	if n := r.digitRun(); len(n) == 1 && n != "0" && r.at(1) == '番' && r.at(2) == '町' {
		b.WriteString(kanjiNumber(int(n[0] - '0')))
		r.pos++
	}
	for c := r.at(0); c != 0 && !isDigit(c); c = r.at(0) {
		if c == ' ' {
			r.skipSpaces()
			if knownTown(b.String()) && !isDigit(r.at(0)) {
				return b.String(), 0, true
			}
			continue
		}
		if c == '丁' && r.at(1) == '目' {
			r.pos += 2
			name, chome = cutKanjiNumber(b.String())
			return name, chome, chome > 0
		}
		if !unicode.IsLetter(c) {
			return "", 0, false
		}
		b.WriteRune(r.typed[r.pos])
		r.pos++
	}
	name = b.String()
	for _, lot := range []string{"番地", "番", "号"} {
		if strings.HasSuffix(name, lot) {
			return "", 0, false
		}
	}
	return name, 0, true
}

// lotNumber is one number of 番地以下.
type lotNumber struct {
	digits string
	chome  bool // 丁目 stands behind it
}

// numbers reads the numbers behind the town. marked is true when the first is named as 番地 or 番, so that it cannot be
// a 丁目. A number with a floor or room sign behind it begins the building.
func (r *addressReader) numbers(chomeAllowed bool) (numbers []lotNumber, marked bool) {
	r.skipSpaces()
	for {
		digits := r.digitRun()
		if digits == "" || len(digits) > maxLotDigits || r.unitAt(len(digits)) {
			return numbers, marked
		}
		r.pos += len(digits)
		n := lotNumber{digits: digits}
		if len(numbers) == 0 && chomeAllowed && r.looking("丁目") {
			n.chome = true
		}
		numbers = append(numbers, n)
		sign := r.separator(n.chome)
		if len(numbers) == 1 {
			marked = strings.HasPrefix(sign, "番") || sign == "号"
		}
		switch {
		case sign == "" || sign == "号" && r.at(0) != '-':
			return numbers, marked
		case sign == "号":
			r.pos++
		case sign == "丁目" || sign == "番" && r.houseNumberAhead():
			r.skipSpaces()
		}
	}
}

// houseNumberAhead reports whether spaces and a number with 号, not 号室, come next.
func (r *addressReader) houseNumberAhead() bool {
	i := 0
	for r.at(i) == ' ' {
		i++
	}
	for isDigit(r.at(i)) {
		i++
	}
	return r.at(i) == '号' && r.at(i+1) != '室'
}

// separator skips what joins one number to the next or ends the last one, and returns it.
func (r *addressReader) separator(chome bool) string {
	if chome {
		r.pos += len([]rune("丁目"))
		return "丁目"
	}
	for _, sign := range []string{"番地の", "番地-", "番地", "番-", "番", "号", "-", "の"} {
		if r.looking(sign) {
			if sign == "の" && !isDigit(r.at(1)) {
				return ""
			}
			r.pos += len([]rune(sign))
			return sign
		}
	}
	return ""
}

// unitAt reports whether a floor or room sign stands i places ahead.
func (r *addressReader) unitAt(i int) bool {
	switch r.at(i) {
	case 'F', 'f', '階', '室':
		return true
	}
	return r.at(i) == '号' && r.at(i+1) == '室'
}

// rest returns what is left, as it was typed.
func (r *addressReader) rest() string { return trimBuilding(string(r.typed[r.pos:])) }
