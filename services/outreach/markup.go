package outreach

import (
	"bytes"
	"html"
	"regexp"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	markdown "github.com/yuin/goldmark/text"
)

// Markdown is read without raw HTML, which goldmark leaves out, and what it makes
// goes through an allow-list all the same.
var (
	converter = goldmark.New(goldmark.WithExtensions(extension.Linkify, extension.Table, extension.Strikethrough))
	allowed   = func() *bluemonday.Policy {
		p := bluemonday.NewPolicy()
		p.AllowElements("h1", "h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote",
			"ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td")
		p.AllowAttrs("href").OnElements("a")
		p.AllowURLSchemes("http", "https", "mailto")
		p.RequireParseableURLs(true)
		p.AllowRelativeURLs(false)
		p.RequireNoFollowOnLinks(true)
		return p
	}()
)

// safeHTML renders Markdown as HTML that can stand in any page: no scripts, no
// styles, no images; links are http, https or mailto with rel="nofollow ugc".
func safeHTML(source string) string {
	if source == "" {
		return ""
	}
	var out bytes.Buffer
	if err := converter.Convert([]byte(source), &out); err != nil { // a bytes.Buffer takes everything
		return "<p>" + html.EscapeString(source) + "</p>"
	}
	return strings.ReplaceAll(allowed.Sanitize(out.String()), `rel="nofollow"`, `rel="nofollow ugc"`)
}

var reading = regexp.MustCompile(`([\p{Han}々〆ヶ]+)《([\p{Hiragana}\p{Katakana}ー]+)》`)

// rubyHTML is safeHTML for plain Japanese: 漢字《かんじ》 becomes ruby.
func rubyHTML(source string) string {
	return reading.ReplaceAllString(safeHTML(source), "<ruby>$1<rp>（</rp><rt>$2</rt><rp>）</rp></ruby>")
}

var (
	blockEnd = regexp.MustCompile(`</(p|h[1-6]|li|tr|pre|blockquote)>|<br ?/?>|<hr ?/?>`)
	cellEnd  = regexp.MustCompile(`</t[hd]>`)
	anyTag   = regexp.MustCompile(`<[^>]*>`)
	blanks   = regexp.MustCompile(`[ \t]*\n\s*`)
)

// plainText is Markdown as text without markup, a line a paragraph; items of lists
// begin with ・.
func plainText(source string) string {
	h := safeHTML(source)
	h = strings.ReplaceAll(h, "<li>", "・")
	h = blockEnd.ReplaceAllString(cellEnd.ReplaceAllString(h, " "), "\n")
	return strings.TrimSpace(blanks.ReplaceAllString(html.UnescapeString(anyTag.ReplaceAllString(h, "")), "\n"))
}

// links are the addresses that Markdown texts lead to, each once.
func links(sources ...string) []string {
	var out []string
	for _, source := range sources {
		raw := []byte(source)
		err := ast.Walk(converter.Parser().Parse(markdown.NewReader(raw)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
			var to string
			switch l := n.(type) {
			case *ast.Link:
				to = string(l.Destination)
			case *ast.AutoLink:
				to = string(l.URL(raw))
			}
			if entering && to != "" && !slices.Contains(out, to) {
				out = append(out, to)
			}
			return ast.WalkContinue, nil
		})
		if err != nil { // The walker above returns none.
			return out
		}
	}
	return out
}
