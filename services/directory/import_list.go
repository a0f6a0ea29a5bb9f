package directory

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
)

// list is a file that is imported.
type list struct {
	header  *directoryv1.ImportHeader
	form    *rpc.Form
	file    *os.File
	charset jp.Charset
	digest  hash.Hash
	columns []*column // Of the file; nil for one that means nothing here.
	ignored []string  // Names of those.
}

// finding is what is wrong with a cell.
type finding struct {
	row    int // As a spreadsheet counts.
	column string
	fault.Field
}

func (l *list) hash() io.Writer {
	l.digest = sha256.New()
	return l.digest
}

// sum is the SHA-256 of the file.
func (l *list) sum() string { return hex.EncodeToString(l.digest.Sum(nil)) }

// maxRecord bounds a row in bytes: a quote that is never closed would make one of
// the rest of the file.
const maxRecord = 256 << 10

// bounded stops a reader that takes more than maxRecord for one row.
type bounded struct {
	r     io.Reader
	taken int
}

var errRecordTooLong = errors.New("the row is too long")

// Read implements io.Reader.
func (b *bounded) Read(p []byte) (int, error) {
	if b.taken > maxRecord {
		return 0, errRecordTooLong
	}
	n, err := b.r.Read(p)
	b.taken += n
	return n, err
}

// rows hands on the rows of the file from its second on, cleaned of the marks
// that the spreadsheet for staff puts before formulas; empty rows are left out. A
// row that is no CSV ends the file as a finding. Errors: IMPORT_UNREADABLE.
func (l *list) rows(use func(row int, cells []string) error, wrong func(finding)) error {
	if _, err := l.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	in := &bounded{r: jp.NewTextReader(l.file, l.charset)}
	r := csv.NewReader(in)
	r.ReuseRecord, r.FieldsPerRecord = true, -1
	names, err := r.Read()
	if err != nil {
		return organization.ErrImportUnreadable.Because(err)
	}
	if err := l.head(names); err != nil {
		return err
	}
	for row := 2; ; row++ {
		in.taken = 0
		cells, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, csv.ErrQuote), errors.Is(err, csv.ErrBareQuote), errors.Is(err, errRecordTooLong):
			wrong(finding{row: row, Field: fault.Field{Reason: "CSV_MALFORMED", Ja: "引用符（\"）の対応が正しくありません。この行を直してください。", En: "The quotes of the row do not match."}})
			return nil
		case err != nil:
			return err
		}
		if strings.Join(cells, "") == "" {
			continue
		}
		if err := use(row, cells); err != nil {
			return err
		}
	}
}

// head reads the names of the columns. Errors: IMPORT_UNREADABLE when there is no
// column for the name or the kind, or one stands there twice.
func (l *list) head(names []string) error {
	l.columns, l.ignored = nil, nil
	there := map[*column]bool{}
	for _, name := range names {
		c := columnsByName[fold(name)]
		switch {
		case c == nil && len(l.ignored) < maxIgnored && strings.TrimSpace(name) != "":
			l.ignored = append(l.ignored, name)
		case c != nil && there[c]:
			return organization.ErrImportUnreadable.With("column", c.name)
		}
		there[c] = true
		l.columns = append(l.columns, c)
	}
	for _, need := range []string{"名称", "団体種別"} {
		if !there[columnsByName[fold(need)]] {
			return organization.ErrImportUnreadable.With("column", need)
		}
	}
	return nil
}

// maxIgnored is how many unknown columns are told at most.
const maxIgnored = 100

// organizations makes an organization of every row and says what is wrong with
// it; one that cannot be made is nil.
func (l *list) organizations(now time.Time, use func(row int, o *organization.Organization, wrong []finding) error) error {
	var torn []finding
	err := l.rows(func(row int, cells []string) error {
		o, wrong := l.organization(row, cells, now)
		return use(row, o, wrong)
	}, func(f finding) { torn = append(torn, f) })
	if err == nil && torn != nil {
		err = use(torn[0].row, nil, torn)
	}
	return err
}

func (l *list) organization(row int, cells []string, now time.Time) (*organization.Organization, []finding) {
	if len(cells) != len(l.columns) {
		return nil, []finding{{row: row, Field: fault.Field{Reason: "COLUMN_COUNT_DIFFERS", Ja: "項目の数が1行目と違います。カンマの過不足を確認してください。", En: "The row has another number of cells than the first one."}}}
	}
	in := &directoryv1.OrganizationInput{SourceName: l.header.GetSourceName(), SourceUrl: l.header.GetSourceUrl()}
	var wrong []finding
	note := func(err error) {
		f, ok := fault.As(err)
		if !ok {
			f = fault.ErrInvalidField.On(fault.Field{Reason: fault.ErrInvalidField.Reason, Ja: fault.ErrInvalidField.Ja, En: fault.ErrInvalidField.En})
		}
		for _, field := range f.Fields {
			wrong = append(wrong, finding{row: row, column: l.columnOf(field.Path), Field: field})
		}
	}
	for i, cell := range cells {
		c := l.columns[i]
		cell = unguarded(strings.TrimSpace(cell))
		switch {
		case c == nil || c.in == nil || cell == "":
		case strings.ContainsRune(cell, utf8.RuneError):
			wrong = append(wrong, finding{row: row, column: c.name, Field: fault.Field{Path: c.path, Reason: jp.ErrTextEncoding.Reason, Ja: jp.ErrTextEncoding.Ja, En: jp.ErrTextEncoding.En}})
		default:
			if f := c.set(in, cell); f != nil {
				wrong = append(wrong, finding{row: row, column: c.name, Field: *f})
			}
		}
	}
	if wrong == nil {
		if err := l.form.Check(in); err != nil {
			note(err)
		}
	}
	if wrong != nil {
		return nil, wrong
	}
	o, err := l.enter(in, now)
	if err != nil {
		note(err)
	}
	return o, wrong
}

// enter makes the organization as an application is made, and as the desk
// publishes it.
func (l *list) enter(in *directoryv1.OrganizationInput, now time.Time) (*organization.Organization, error) {
	p, err := profileOf(in)
	if err != nil {
		return nil, err
	}
	p.Publicity = organization.DefaultPublicity(p.Kind)
	o, err := organization.New("", p, now)
	if err != nil || !l.header.GetPublish() {
		return o, err
	}
	if err := o.Submit(); err != nil {
		return nil, err
	}
	return o, o.Verify(nil, now)
}

// columnOf is the column of a field in the words of INVALID_FIELD; empty for none.
func (l *list) columnOf(path string) string {
	path, _, _ = strings.Cut(path, "[")
	for _, c := range columns {
		if c.path == path {
			return c.name
		}
	}
	return ""
}

// unguarded takes the mark off that the spreadsheet for staff puts before what
// looks like a formula.
func unguarded(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && rest != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(rest)[0]) {
		return rest
	}
	return cell
}
