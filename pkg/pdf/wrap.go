package pdf

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font/sfnt"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

// Characters that do not begin a line (行頭禁則) and that do not end one
// (行末禁則), as JIS X 4051 has them.
const (
	notFirst = "、。，．・：；？！」』】）〕］｝〉》”’ー々ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.:;?!)]}%"
	notLast  = "「『【（〔［｛〈《“‘([{"
)

// geta stands for a character that the font does not have (〓).
const geta = '〓'

var glyphs = sync.OnceValue(func() *sfnt.Font {
	f, err := sfnt.Parse(font)
	if err != nil { // the font is part of the program
		panic(err)
	}
	return f
})

// shown is text as the font can show it: what it lacks is written in the usual
// form of the character, else as 〓. Tabs are spaces.
func shown(text string) string {
	var buf sfnt.Buffer
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Variation_Selector, r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		for _, c := range [...]rune{r, []rune(jp.FoldVariants(string(r)))[0]} {
			if glyph, err := glyphs().GlyphIndex(&buf, c); c <= 0xFFFF && err == nil && glyph != 0 {
				return c
			}
		}
		return geta
	}, text)
}

// wrap breaks text into lines of at most width in the present font size.
func (d *Document) wrap(text string, width float64) []string {
	var out []string
	width -= 2 * d.f.GetCellMargin()
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
	for paragraph := range strings.SplitSeq(strings.TrimRight(shown(text), "\n"), "\n") {
		out = append(out, d.fill(clusters(paragraph), width)...)
	}
	return out
}

// fill puts clusters into lines; one that is wider than a line is cut.
func (d *Document) fill(parts []string, width float64) []string {
	var out []string
	line := ""
	for _, part := range parts {
		if d.f.GetStringWidth(line+strings.TrimRight(part, " ")) <= width {
			line += part
			continue
		}
		if line != "" {
			out = append(out, strings.TrimRight(line, " "))
		}
		line = ""
		for _, r := range strings.TrimLeft(part, " ") {
			if line != "" && d.f.GetStringWidth(line+string(r)) > width {
				out = append(out, line)
				line = ""
			}
			line += string(r)
		}
	}
	return append(out, strings.TrimRight(line, " "))
}

// clusters are the parts of a paragraph between which a line may break: single
// Japanese characters with the marks that stay with them, and Latin words.
func clusters(paragraph string) []string {
	var out []string
	var last rune
	for _, r := range paragraph {
		glued := last != 0 && (strings.ContainsRune(notFirst, r) || strings.ContainsRune(notLast, last) || latin(last) && (latin(r) || r == ' '))
		if glued {
			out[len(out)-1] += string(r)
		} else {
			out = append(out, string(r))
		}
		last = r
	}
	return out
}

// latin reports whether a line does not break beside r within a word.
func latin(r rune) bool { return r > ' ' && r < 0x250 }
