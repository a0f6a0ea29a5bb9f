// Package pdf sets Japanese documents: text with line breaking by 禁則, tables,
// plots and QR codes, in BIZ UD Gothic, which travels inside the program.
//
// The PDFs carry no tags for screen readers, so each document of a service has
// an HTML page that says the same.
package pdf

import (
	"bytes"
	_ "embed" // the font
	"fmt"
	"strconv"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
)

//go:embed font/BIZUDGothic-Regular.ttf
var font []byte

const (
	family = "BIZ UDGothic"

	margin   = 20.0 // Of a page, in millimetres.
	bodySize = 10.5 // Of text, in points.
	leading  = 1.55 // Height of a line by its size.
	perPoint = 25.4 / 72
)

// Size is a paper size.
type Size string

// The sizes that wards print.
const (
	A4 Size = "A4"
	A3 Size = "A3"
)

// Options describe a document.
type Options struct {
	// Title and Author stand in the properties of the file.
	Title, Author string
	// Size is the paper; A4 when empty.
	Size      Size
	Landscape bool
	// Time is the date of the file: equal documents with equal times are equal
	// bytes.
	Time time.Time
}

// Document is a document that grows from top to bottom. Its methods keep the
// first error for Bytes.
type Document struct {
	f      *fpdf.Fpdf
	footer string
}

// New begins a document with its first page.
func New(o Options) *Document {
	orientation := "P"
	if o.Landscape {
		orientation = "L"
	}
	if o.Size == "" {
		o.Size = A4
	}
	d := &Document{f: fpdf.New(orientation, "mm", string(o.Size), "")}
	d.f.AddUTF8FontFromBytes(family, "", font)
	d.f.SetTitle(shown(o.Title), true)
	d.f.SetAuthor(shown(o.Author), true)
	d.f.SetLang("ja-JP")
	d.f.SetCreationDate(o.Time.In(jp.Tokyo))
	d.f.SetModificationDate(o.Time.In(jp.Tokyo))
	d.f.SetCatalogSort(true)
	d.f.SetMargins(margin, margin, margin)
	d.f.SetAutoPageBreak(false, margin)
	d.f.SetFooterFunc(d.writeFooter)
	d.f.SetLineWidth(0.2)
	d.f.SetDrawColor(90, 90, 90)
	d.f.AddPage()
	return d
}

// Footer sets the line that stands at the foot of every page from this one on,
// before the page's number.
func (d *Document) Footer(text string) { d.footer = text }

func (d *Document) writeFooter() {
	_, height := d.f.GetPageSize()
	d.size(8)
	text := strconv.Itoa(d.f.PageNo())
	if d.footer != "" {
		text = d.footer + "　" + text
	}
	d.f.SetXY(margin, height-margin*0.7)
	d.f.CellFormat(d.width(), 4, shown(text), "", 0, "C", false, 0, "")
}

// Heading writes a heading of level 1, 2 or 3.
func (d *Document) Heading(level int, text string) {
	points := map[int]float64{1: 18, 2: 13}[level]
	if points == 0 {
		points = 11.5
	}
	if d.f.GetY() > margin+1 {
		d.Space(points * 0.25)
	}
	d.room(points * perPoint * leading * 2.5)
	d.block(text, points, d.width())
	d.Space(points * 0.12)
}

// Paragraph writes text; each line break begins a new line.
func (d *Document) Paragraph(text string) {
	d.block(text, bodySize, d.width())
	d.Space(2)
}

// Small writes text in small letters, such as notes.
func (d *Document) Small(text string) {
	d.block(text, 8.5, d.width())
	d.Space(1.5)
}

// Space leaves a gap, in millimetres.
func (d *Document) Space(mm float64) { d.f.SetY(d.f.GetY() + mm) }

// Rule draws a line over the width of the text.
func (d *Document) Rule() {
	y := d.f.GetY() + 1
	d.f.Line(margin, y, margin+d.width(), y)
	d.Space(3)
}

// PageBreak begins a new page.
func (d *Document) PageBreak() { d.f.AddPage() }

// BottomRight prints lines in the lower right corner of the page, framed, as the
// stamp of an approval.
func (d *Document) BottomRight(lines ...string) {
	width, height := d.f.GetPageSize()
	d.size(bodySize)
	wide, step := 0.0, d.step(bodySize)
	for _, l := range lines {
		wide = max(wide, d.f.GetStringWidth(shown(l)))
	}
	x, y := width-margin-wide-4, height-margin-step*float64(len(lines))-3
	at := d.f.GetY()
	d.f.Rect(x, y, wide+4, step*float64(len(lines))+3, "D")
	for i, l := range lines {
		d.f.SetXY(x+2, y+1.5+step*float64(i))
		d.f.CellFormat(wide, step, shown(l), "", 0, "L", false, 0, "")
	}
	d.f.SetXY(margin, at)
}

// Bytes ends the document and returns the file.
func (d *Document) Bytes() ([]byte, error) {
	var b bytes.Buffer
	if err := d.f.Output(&b); err != nil {
		return nil, fmt.Errorf("write PDF: %w", err)
	}
	return b.Bytes(), nil
}

// block writes wrapped text from the left margin down, over as many pages as it
// needs.
func (d *Document) block(text string, points, width float64) {
	d.size(points)
	step := d.step(points)
	for _, line := range d.wrap(text, width) {
		if d.room(step) {
			d.size(points)
		}
		d.f.SetX(margin)
		d.f.CellFormat(width, step, line, "", 1, "L", false, 0, "")
	}
}

// room begins a new page when less than height is left on this one, and says so.
func (d *Document) room(height float64) bool {
	if d.f.GetY()+height <= d.bottom() {
		return false
	}
	d.f.AddPage()
	return true
}

func (d *Document) bottom() float64 {
	_, height := d.f.GetPageSize()
	return height - margin
}

func (d *Document) width() float64 {
	width, _ := d.f.GetPageSize()
	return width - 2*margin
}

func (d *Document) size(points float64) { d.f.SetFont(family, "", points) }

func (d *Document) step(points float64) float64 { return points * perPoint * leading }
