package pdf

const (
	cellSize = 9.0 // Of text in tables, in points.
	padding  = 1.2 // Above and below the text of a cell, in millimetres.
)

// Table is a table over the width of the text.
type Table struct {
	Header []string
	// Widths are the shares of the columns; equal ones when empty.
	Widths []float64
	Rows   [][]string
}

// Table writes a table. Its header stands again on every page it reaches; a row
// that is taller than a page goes on on the next one.
func (d *Document) Table(t Table) {
	columns := d.columns(t)
	header := func() {
		if len(t.Header) > 0 {
			d.row(t.Header, columns, true, func() {})
		}
	}
	header()
	for _, row := range t.Rows {
		d.row(row, columns, false, header)
	}
	d.Space(3)
}

// Facts writes a table of names and values without a header.
func (d *Document) Facts(facts [][2]string) {
	columns := d.columns(Table{Widths: []float64{1, 3}})
	for _, fact := range facts {
		d.row(fact[:], columns, false, func() {})
	}
	d.Space(3)
}

// columns are the widths in millimetres.
func (d *Document) columns(t Table) []float64 {
	shares := t.Widths
	for len(shares) < len(t.Header) {
		shares = append(shares, 1)
	}
	sum := 0.0
	for _, s := range shares {
		sum += s
	}
	out := make([]float64, len(shares))
	for i, s := range shares {
		out[i] = d.width() * s / sum
	}
	return out
}

// row draws one row, in pieces where it does not fit the page; newPage draws
// what stands at the top of the next one.
func (d *Document) row(cells []string, columns []float64, filled bool, newPage func()) {
	d.size(cellSize)
	step := d.step(cellSize)
	wrapped := make([][]string, len(columns))
	lines := 1
	for i := range columns {
		if i < len(cells) {
			wrapped[i] = d.wrap(cells[i], columns[i])
			lines = max(lines, len(wrapped[i]))
		}
	}
	for from := 0; from < lines; {
		if fits := int((d.bottom() - d.f.GetY() - 2*padding) / step); fits < 1 || fits < lines-from && fits < 3 {
			d.f.AddPage()
			newPage()
			d.size(cellSize)
		}
		n := min(lines-from, max(1, int((d.bottom()-d.f.GetY()-2*padding)/step)))
		d.piece(wrapped, columns, span{from, from + n}, filled)
		from += n
	}
}

// span is a range of lines.
type span struct{ from, to int }

func (d *Document) piece(wrapped [][]string, columns []float64, s span, filled bool) {
	step := d.step(cellSize)
	x, y, height := margin, d.f.GetY(), step*float64(s.to-s.from)+2*padding
	style := "D"
	if filled {
		style = "FD"
		d.f.SetFillColor(232, 232, 232)
	}
	for i, width := range columns {
		d.f.Rect(x, y, width, height, style)
		for n := s.from; n < min(s.to, len(wrapped[i])); n++ {
			d.f.SetXY(x, y+padding+step*float64(n-s.from))
			d.f.CellFormat(width, step, wrapped[i][n], "", 0, "L", false, 0, "")
		}
		x += width
	}
	d.f.SetXY(margin, y+height)
}
