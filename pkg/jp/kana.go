package jp

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ErrKana is the refusal of NormalizeKana.
var ErrKana = &ParseError{
	Reason: "INVALID_KANA",
	Ja:     "フリガナは全角カタカナで入力してください。漢字、英数字、記号は使えません。",
	En:     "Enter the reading in katakana; kanji, letters, digits and signs are not allowed.",
}

// NormalizeKana returns a reading as it is stored: full-width katakana with the long vowel mark, ・ and single
// full-width spaces (GIF: カナ is full width). It converts hiragana and half-width kana, and takes hyphens and dashes
// after kana for the long vowel mark. Anything else is refused with ErrKana. The empty text stays empty.
func NormalizeKana(s string) (string, error) {
	var b strings.Builder
	b.Grow(len(s))
	afterKana, space := false, false
	for _, r := range norm.NFKC.String(spacelessMarks.Replace(s)) {
		if unicode.IsSpace(r) {
			space = b.Len() > 0
			afterKana = false
			continue
		}
		switch {
		case r >= 0x3041 && r <= 0x3096, r == 'ゝ', r == 'ゞ':
			r += 'ァ' - 'ぁ'
		case hyphenLike(r) && afterKana:
			r = 'ー'
		}
		if !katakana(r) && r != '・' && (!voicing(r) || !afterKana) || r == 'ー' && !afterKana {
			return "", ErrKana
		}
		if space {
			b.WriteRune('　')
			space = false
		}
		b.WriteRune(r)
		afterKana = r != '・'
	}
	kana := norm.NFC.String(b.String())
	if strings.ContainsAny(kana, "\u3099\u309A") {
		return "", ErrKana
	}
	return kana, nil
}

// spacelessMarks makes the free-standing voicing marks combining, which NFKC would turn into a space and a mark.
var spacelessMarks = strings.NewReplacer("゛", "\u3099", "゜", "\u309A")

// Katakana in code order, and the large letter without voicing mark that each sorts as.
const (
	kanaLetters = "ァアィイゥウェエォオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノ" +
		"ハバパヒビピフブプヘベペホボポマミムメモャヤュユョヨラリルレロヮワヰヱヲンヴヵヶヷヸヹヺ"
	kanaBases = "アアイイウウエエオオカカキキククケケココササシシススセセソソタタチチツツツテテトトナニヌネノ" +
		"ハハハヒヒヒフフフヘヘヘホホホマミムメモヤヤユユヨヨラリルレロワワヰヱヲンウカケワヰヱヲ"
)

// smallAinu are the large letters of ㇰ to ㇿ.
var smallAinu = [...]rune{'ク', 'シ', 'ス', 'ト', 'ヌ', 'ハ', 'ヒ', 'フ', 'ヘ', 'ホ', 'ム', 'ラ', 'リ', 'ル', 'レ', 'ロ'}

// kanaVowels are the large letters by their vowel.
var kanaVowels = [...]string{
	"アカサタナハマヤラワ", "イキシチニヒミリヰ", "ウクスツヌフムユル", "エケセテネヘメレヱ", "オコソトノホモヨロヲ",
}

const (
	firstKana = 'ァ'
	kanaCount = 'ヺ' - 'ァ' + 1
)

var (
	kanaBase  = baseTable()
	kanaVowel = vowelTable()
)

func baseTable() (table [kanaCount]rune) {
	bases := []rune(kanaBases)
	for i, r := range []rune(kanaLetters) {
		table[r-firstKana] = bases[i]
	}
	return table
}

func vowelTable() (table [kanaCount]rune) {
	for i, row := range kanaVowels {
		for _, r := range row {
			table[r-firstKana] = []rune("アイウエオ")[i]
		}
	}
	return table
}

// KanaSortKey returns the key by which readings are ordered: the search key with small letters as large ones, voicing
// marks dropped, the long vowel mark as its vowel and iteration marks as the letter repeated. Its byte order is 五十音順,
// so that a database must compare it under COLLATE "C". Order by KanaSortKey, then by the reading, then by id.
//
// Characters that are not kana stay as in the search key: letters and digits come before kana, kanji after.
func KanaSortKey(s string) string {
	key := SearchKey(s)
	var buf [192]byte
	dst := buf[:0]
	last := rune(0)
	for _, r := range key {
		if r = sortRune(r, last); r != 0 {
			dst = utf8.AppendRune(dst, r)
			last = r
		}
	}
	return keepOr(key, dst)
}

// sortRune returns the rune of the sort key after the base letter last, or 0 when r is dropped.
func sortRune(r, last rune) rune {
	switch {
	case r >= firstKana && r < firstKana+kanaCount:
		return kanaBase[r-firstKana]
	case r == 'ー':
		if last >= firstKana && last < firstKana+kanaCount {
			return kanaVowel[last-firstKana]
		}
		return 0
	case r == 'ヽ' || r == 'ヾ':
		return last
	case voicing(r):
		return 0
	case r >= 'ㇰ' && r <= 'ㇿ':
		return smallAinu[r-'ㇰ']
	}
	return r
}

// Rows of an index that are not 五十音.
const (
	// RowAlphanumeric is the row of Latin letters and digits.
	RowAlphanumeric = "英数"
	// RowOther is the row of everything else.
	RowOther = "他"
)

// GojuonRows returns the rows of an index by reading, in the order of display.
func GojuonRows() []string {
	return []string{"ア", "カ", "サ", "タ", "ナ", "ハ", "マ", "ヤ", "ラ", "ワ", RowAlphanumeric, RowOther}
}

// GojuonRow returns the row of an index in which a reading stands: ア to ワ by its first letter (ワ has ヲ and ン too),
// RowAlphanumeric for Latin letters and digits, and RowOther for the rest and for the empty text.
func GojuonRow(s string) string {
	r, _ := utf8.DecodeRuneInString(KanaSortKey(s))
	if r >= firstKana && r < firstKana+kanaCount {
		const heads = "アカサタナハマヤラワ"
		row := "ア"
		for i, head := range heads {
			if r < head {
				break
			}
			row = heads[i : i+utf8.RuneLen(head)]
		}
		return row
	}
	if unicode.IsDigit(r) || unicode.Is(unicode.Latin, r) {
		return RowAlphanumeric
	}
	return RowOther
}
