package pdf

import (
	"fmt"
	"image/color"
	"math"

	"codeberg.org/go-pdf/fpdf"
	"github.com/boombuler/barcode/qr"
)

// QR draws a QR code (JIS X 0510) of that side in millimetres with a caption to
// its right. content is at most 1,000 bytes.
func (d *Document) QR(content string, side float64, caption string) {
	code, err := qr.Encode(content, qr.M, qr.Unicode)
	if err != nil {
		d.f.SetError(fmt.Errorf("QR code: %w", err))
		return
	}
	d.room(side)
	modules := code.Bounds().Dx()
	module, x, y := side/float64(modules), margin, d.f.GetY()
	d.f.SetFillColor(0, 0, 0)
	for row := range modules {
		for col := range modules {
			if code.At(col, row) == color.Black {
				d.f.Rect(x+float64(col)*module, y+float64(row)*module, module, module, "F")
			}
		}
	}
	d.size(cellSize)
	for i, line := range d.wrap(caption, d.width()-side-4) {
		d.f.SetXY(x+side+4, y+float64(i)*d.step(cellSize))
		d.f.CellFormat(d.width()-side-4, d.step(cellSize), line, "", 0, "L", false, 0, "")
	}
	d.f.SetXY(margin, y+side+3)
}

// Series is one shape of a radar plot.
type Series struct {
	Name string
	// Values are one for each axis; NaN for none.
	Values []float64
}

// Radar is a radar plot of series over axes from 0 to Max. A table beside it
// must say the same: a plot is never the only place of a number.
type Radar struct {
	Axes   []string
	Max    float64
	Series []Series
}

const radarHeight = 95.0 // In millimetres, with the names of the axes.

// Radar draws a plot. Series differ by line and mark, not by colour alone.
func (d *Document) Radar(r Radar) {
	d.room(radarHeight)
	p := plot{d: d, Radar: r, x: margin + d.width()/2, y: d.f.GetY() + radarHeight/2 - 3, radius: radarHeight/2 - 17}
	for ring := 1.0; ring <= r.Max; ring++ {
		p.outline(func(int) float64 { return ring })
	}
	d.size(7.5)
	for i, name := range r.Axes {
		x, y := p.at(i, r.Max)
		d.f.Line(p.x, p.y, x, y)
		p.label(i, name)
	}
	for n, s := range r.Series {
		p.series(n, s)
	}
	d.f.SetDashPattern(nil, 0)
	d.f.SetLineWidth(0.2)
	d.f.SetDrawColor(90, 90, 90)
	d.f.SetXY(margin, p.y-radarHeight/2+3+radarHeight)
}

type plot struct {
	Radar
	d            *Document
	x, y, radius float64
}

// at is where a value stands on an axis; the first axis points up.
func (p plot) at(axis int, value float64) (x, y float64) {
	angle := 2*math.Pi*float64(axis)/float64(len(p.Axes)) - math.Pi/2
	r := p.radius * value / p.Max
	return p.x + r*math.Cos(angle), p.y + r*math.Sin(angle)
}

func (p plot) outline(value func(axis int) float64) {
	var points []fpdf.PointType
	for i := range p.Axes {
		x, y := p.at(i, value(i))
		points = append(points, fpdf.PointType{X: x, Y: y})
	}
	p.d.f.Polygon(points, "D")
}

// label writes the name of an axis outside the rings.
func (p plot) label(axis int, name string) {
	x, y := p.at(axis, p.Max*1.1)
	name = shown(name)
	width := p.d.f.GetStringWidth(name) + 2
	switch {
	case x < p.x-1:
		x -= width
	case x < p.x+1:
		x -= width / 2
	}
	p.d.f.SetXY(x, y-2)
	p.d.f.CellFormat(width, 4, name, "", 0, "C", false, 0, "")
}

// series draws the lines between neighbours that both have a value, a mark at
// every value, and the legend.
func (p plot) series(n int, s Series) {
	f := p.d.f
	f.SetLineWidth(0.6)
	f.SetDashPattern(nil, 0)
	f.SetDrawColor(0, 60, 140)
	if n%2 == 1 {
		f.SetDashPattern([]float64{2, 1.2}, 0)
		f.SetDrawColor(170, 60, 0)
	}
	for i := range p.Axes {
		next := (i + 1) % len(p.Axes)
		if i >= len(s.Values) || math.IsNaN(s.Values[i]) {
			continue
		}
		x, y := p.at(i, s.Values[i])
		p.mark(n, x, y)
		if next < len(s.Values) && !math.IsNaN(s.Values[next]) {
			x2, y2 := p.at(next, s.Values[next])
			f.Line(x, y, x2, y2)
		}
	}
	top := p.y - radarHeight/2 + 6 + float64(n)*5
	f.Line(margin, top, margin+10, top)
	p.mark(n, margin+5, top)
	f.SetXY(margin+12, top-2)
	f.CellFormat(50, 4, shown(s.Name), "", 0, "L", false, 0, "")
}

// mark is a disc for the first series and a square for the second.
func (p plot) mark(n int, x, y float64) {
	f := p.d.f
	r, g, b := f.GetDrawColor()
	f.SetFillColor(r, g, b)
	if n%2 == 0 {
		f.Circle(x, y, 0.9, "F")
		return
	}
	f.Rect(x-0.9, y-0.9, 1.8, 1.8, "F")
}
