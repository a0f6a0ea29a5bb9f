package jp

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ErrQueryTooShort is the refusal of QueryTerms for words of one character.
var ErrQueryTooShort = &ParseError{
	Reason: "QUERY_TOO_SHORT",
	Ja:     "検索する言葉は、1語につき2文字以上で入力してください。",
	En:     "Enter at least two characters for each search word.",
}

// Query is a search as the index needs it: all Terms must be in the index entry, and the rows found must then
// contain all Words, because bigrams may match apart from each other.
type Query struct {
	// Terms are the bigrams of all words, sorted and unique.
	Terms []string
	// Words are the search keys of the words, each of two characters or more, in the order typed and unique.
	Words []string
}

// Bigrams returns all pairs of neighbouring characters of a search key, sorted and unique. A key of one character
// gives that character, the empty key gives nil.
func Bigrams(searchKey string) []string {
	return sortedUnique(appendBigrams(nil, searchKey))
}

// IndexTerms returns the index entry of a row: the bigrams of all its search keys, sorted and unique. They are stored
// with array_to_tsvector. Keys are kept apart: no pair spans two of them.
func IndexTerms(keys ...string) []string {
	var terms []string
	for _, key := range keys {
		terms = appendBigrams(terms, key)
	}
	return sortedUnique(terms)
}

// QueryTerms reads what somebody typed into a search field: words parted by white space, all of which must be found.
// Words of punctuation only are left out. A word whose search key has one character, and a query without any word,
// is refused with ErrQueryTooShort.
func QueryTerms(q string) (Query, error) {
	var out Query
	for word := range strings.FieldsFuncSeq(q, unicode.IsSpace) {
		key := SearchKey(word)
		switch n := utf8.RuneCountInString(key); {
		case n == 0:
		case n == 1:
			return Query{}, ErrQueryTooShort
		case !slices.Contains(out.Words, key):
			out.Words = append(out.Words, key)
		}
	}
	if len(out.Words) == 0 {
		return Query{}, ErrQueryTooShort
	}
	out.Terms = IndexTerms(out.Words...)
	return out, nil
}

var likeEscaper = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// LikePatterns returns one LIKE pattern a word for the recheck on a search_key column, escaped with the default
// escape character "\".
func (q Query) LikePatterns() []string {
	patterns := make([]string, len(q.Words))
	for i, w := range q.Words {
		patterns[i] = "%" + likeEscaper.Replace(w) + "%"
	}
	return patterns
}

var lexemeEscaper = strings.NewReplacer(`\`, `\\`, `'`, `''`)

// TSQuery returns the terms joined by AND as the text of a tsquery, every term quoted; it is meant for a parameter
// cast as $1::tsquery, beside a column filled from IndexTerms.
func (q Query) TSQuery() string {
	var b strings.Builder
	for i, t := range q.Terms {
		if i > 0 {
			b.WriteString(" & ")
		}
		b.WriteByte('\'')
		b.WriteString(lexemeEscaper.Replace(t))
		b.WriteByte('\'')
	}
	return b.String()
}

// appendBigrams appends the pairs of one key; they share the key's memory.
func appendBigrams(dst []string, key string) []string {
	if key == "" {
		return dst
	}
	_, size := utf8.DecodeRuneInString(key)
	if size == len(key) {
		return append(dst, key)
	}
	dst = slices.Grow(dst, utf8.RuneCountInString(key)-1)
	start, second := 0, size
	for second < len(key) {
		_, size = utf8.DecodeRuneInString(key[second:])
		dst = append(dst, key[start:second+size])
		start, second = second, second+size
	}
	return dst
}

func sortedUnique(terms []string) []string {
	slices.Sort(terms)
	return slices.Compact(terms)
}
