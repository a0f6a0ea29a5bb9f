package outreach

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the pages
	"encoding/hex"
	"fmt"
	"html/template"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pdf"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
	"github.com/chiyoda-kyodo/kyodo/services/outreach/internal/board"
)

//go:embed sheet.html
var sheetPage string

var sheetTemplate = template.Must(template.New("sheet").Parse(sheetPage))

// sheet is what a posting says on paper and as a page: the same words.
type sheet struct {
	*board.Posting
	Link   string
	Facts  [][2]string
	Stamp  []string // Number and days, for the lower right corner.
	Days   string
	Boards string
}

func sheetOf(p *board.Posting, link string) sheet {
	s := sheet{Posting: p, Link: link, Days: jp.LongDate(p.StartsOn) + "から" + jp.LongDate(p.EndsOn) + "まで"}
	add := func(label, value string) {
		if value != "" {
			s.Facts = append(s.Facts, [2]string{label, value})
		}
	}
	add("日時", p.DateText)
	add("場所", p.PlaceText)
	for _, line := range p.Credits {
		add(line.Part.Label(), line.Name)
	}
	add("区の担当課", p.DepartmentName)
	add("問合せ", p.Contact)
	number := p.Number
	if number == "" {
		number = "（承認前）"
	}
	s.Stamp = []string{
		"千代田区 広報板 掲示承認", "承認番号 " + number,
		"掲示期間 " + shortDay(p.StartsOn) + "から", shortDay(p.EndsOn) + "まで",
	}
	if p.NeedsStamp {
		s.Stamp = append(s.Stamp, "承認印")
	}
	names := make([]string, len(p.Places))
	for i, at := range p.Places {
		names[i] = at.Number + " " + at.Name
	}
	s.Boards = strings.Join(names, "、")
	return s
}

func shortDay(d jp.Date) string { return fmt.Sprintf("%d年%d月%d日", d.Year, int(d.Month), d.Day) }

// pdf prints the sheet in the size of the posting.
func (s sheet) pdf() (*typev1.Document, error) {
	d := pdf.New(pdf.Options{Title: s.Title, Author: s.author(), Size: pdf.Size(s.Size), Time: s.UpdatedAt})
	if s.State != board.Approved {
		d.Small("この掲示物は承認されていません。広報板には掲示できません。")
	}
	d.Heading(1, s.Title)
	d.Rule()
	if s.Body != "" {
		d.Paragraph(s.Body)
	}
	d.Facts(s.Facts)
	d.Space(6)
	d.QR(s.Link, 32, "くわしくはこちら")
	d.BottomRight(s.Stamp...)
	raw, err := d.Bytes()
	if err != nil {
		return nil, err
	}
	return s.document("application/pdf", raw), nil
}

func (s sheet) author() string {
	if s.OrganizationName != "" {
		return s.OrganizationName
	}
	return s.DepartmentName
}

// page shows the sheet as HTML, without script.
func (s sheet) page() (*typev1.Document, error) {
	var b bytes.Buffer
	if err := sheetTemplate.Execute(&b, s); err != nil {
		return nil, fmt.Errorf("page of a sheet: %w", err)
	}
	return s.document("text/html; charset=utf-8", b.Bytes()), nil
}

// document is public for a minute once it is approved; before, it is the reader's.
func (s sheet) document(mediaType string, raw []byte) *typev1.Document {
	doc := document(mediaType, raw)
	doc.ModifyTime = timestamppb.New(s.UpdatedAt)
	if s.State == board.Approved {
		doc.MaxAge = 60
	}
	return doc
}

// document is a small answer with the hash of its content as validator.
func document(mediaType string, raw []byte) *typev1.Document {
	sum := sha256.Sum256(raw)
	return &typev1.Document{MediaType: mediaType, Content: raw, Etag: hex.EncodeToString(sum[:])}
}
