package directory

import (
	"context"
	"fmt"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	directoryv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/directory/v1"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/organization"
	"github.com/chiyoda-kyodo/kyodo/services/directory/internal/store"
)

const (
	maxTold    = 1000 // Findings and duplicates of a report.
	maxRefused = 100  // Findings of a refusal.
)

// report is what a check found.
type report struct {
	*directoryv1.ImportOrganizationsResponse
	skip map[int]bool // Rows that are left out.
}

func (r *report) add(found ...finding) {
	for _, f := range found {
		if r.FindingCount++; r.FindingCount <= maxTold {
			r.Findings = append(r.Findings, &directoryv1.ImportOrganizationsResponse_Finding{Row: int32(f.row), Column: f.column, Reason: f.Reason, Message: f.Ja})
		}
	}
}

// refusal names row and column of the findings: "rows[12].法人番号".
func (r *report) refusal() error {
	var fields []fault.Field
	for _, f := range r.Findings[:min(len(r.Findings), maxRefused)] {
		path := fmt.Sprintf("rows[%d]", f.GetRow())
		if f.GetColumn() != "" {
			path += "." + f.GetColumn()
		}
		where := fmt.Sprintf("%d行目 %s: ", f.GetRow(), f.GetColumn())
		fields = append(fields, fault.Field{Path: path, Reason: f.GetReason(), Ja: where + f.GetMessage(), En: fmt.Sprintf("Row %d, column %q: %s.", f.GetRow(), f.GetColumn(), f.GetReason())})
	}
	return organization.ErrImportRejected.On(fields...).With("findingCount", fmt.Sprint(r.GetFindingCount()))
}

// identity is by what a row is known as a duplicate.
type identity struct {
	row                   int
	number, nameKey, town string
}

// checker finds duplicates among the rows and in the register.
type checker struct {
	*report
	db      pg.Reader
	refuse  bool
	numbers map[string]int // Rows by corporate number.
	names   map[string]int // Rows by name and town.
	waiting []identity
}

// check reads the whole file and reports what is wrong. Errors:
// IMPORT_UNREADABLE.
func (l *list) check(ctx context.Context, db pg.Reader, r *report, now time.Time) error {
	c := &checker{report: r, db: db, refuse: l.header.GetDuplicates() != directoryv1.ImportHeader_SKIP, numbers: map[string]int{}, names: map[string]int{}}
	err := l.organizations(now, func(row int, o *organization.Organization, wrong []finding) error {
		if r.RowCount++; r.RowCount > maxImportRows {
			if r.RowCount == maxImportRows+1 {
				r.add(finding{row: row, Field: fault.Field{Reason: "TOO_MANY_ROWS", Ja: "一度に取り込めるのは50,000行までです。ファイルを分けてください。"}})
			}
			return nil
		}
		r.add(wrong...)
		if o == nil || len(wrong) > 0 {
			return nil
		}
		c.waiting = append(c.waiting, identity{row, o.CorporateNumber, jp.NameKey(o.Name), o.Town})
		if len(c.waiting) < importPiece {
			return nil
		}
		return c.settle(ctx)
	})
	if err == nil {
		err = c.settle(ctx)
	}
	r.IgnoredColumns = l.ignored
	r.SkippedCount = int32(len(r.skip))
	if r.FindingCount == 0 {
		r.ImportedCount = r.RowCount - r.SkippedCount
	}
	return err
}

// settle looks for the rows that wait.
func (c *checker) settle(ctx context.Context) error {
	var numbers, keys []string
	for _, i := range c.waiting {
		numbers, keys = append(numbers, i.number), append(keys, i.nameKey)
	}
	found, err := store.FindIdentities(ctx, c.db, numbers, keys)
	if err != nil {
		return err
	}
	byNumber, byName := map[string]string{}, map[string]string{}
	for _, f := range found {
		byNumber[f.CorporateNumber], byName[f.NameKey+"\n"+f.Town] = f.ID, f.ID
	}
	for _, i := range c.waiting {
		name := i.nameKey + "\n" + i.town
		switch {
		case i.number != "" && (byNumber[i.number] != "" || c.numbers[i.number] != 0):
			c.duplicate(i.row, "法人番号", byNumber[i.number], c.numbers[i.number])
		case byName[name] != "" || c.names[name] != 0:
			c.duplicate(i.row, "名称", byName[name], c.names[name])
		default:
			c.names[name] = i.row
			if i.number != "" {
				c.numbers[i.number] = i.row
			}
		}
	}
	c.waiting = c.waiting[:0]
	return nil
}

// duplicate notes that a row is there already, as an organization or an earlier
// row.
func (c *checker) duplicate(row int, column, organizationID string, earlier int) {
	if c.DuplicateCount++; c.DuplicateCount <= maxTold {
		c.Duplicates = append(c.Duplicates, &directoryv1.ImportOrganizationsResponse_Duplicate{Row: int32(row), Column: column, OrganizationId: organizationID, EarlierRow: int32(earlier)})
	}
	if !c.refuse {
		c.skip[row] = true
		return
	}
	f := fault.Field{Reason: "DUPLICATE_CORPORATE_NUMBER", Ja: "この法人番号の団体はすでにあります。行を除くか、番号を確認してください。"}
	if column == "名称" {
		f = fault.Field{Reason: "DUPLICATE_NAME", Ja: "同じ町字に同じ名称の団体がすでにあります。行を除くか、名称を確認してください。"}
	}
	c.add(finding{row: row, column: column, Field: f})
}
