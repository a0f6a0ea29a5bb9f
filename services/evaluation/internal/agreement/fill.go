package agreement

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/jp"
	"github.com/chiyoda-kyodo/kyodo/services/evaluation/internal/project"
)

// blanks are what model texts leave to the project, each with how it is written.
var blanks = []struct {
	name string
	fill func(*project.Project) string
}{
	{"{事業名}", func(p *project.Project) string { return p.Title }},
	{"{目的}", func(p *project.Project) string { return p.Purpose }},
	{"{協働の形態}", func(p *project.Project) string { return project.FormOf(p.Form).Name }},
	{"{役割分担}", roles},
	{"{実施期間}", period},
	{"{区の負担額}", cost},
	{"{担当部課}", departments},
	{"{団体名}", organizations},
	{"{成果目標}", goals},
}

// fill writes what the project says into a model text. A blank that the project
// does not fill stays.
func fill(p *project.Project, model string) string {
	for _, b := range blanks {
		if words := b.fill(p); words != "" {
			model = strings.ReplaceAll(model, b.name, words)
		}
	}
	return model
}

// unfilled reports whether a text has a blank left.
func unfilled(text string) bool {
	for _, b := range blanks {
		if strings.Contains(text, b.name) {
			return true
		}
	}
	return false
}

func period(p *project.Project) string {
	if p.PeriodFrom.IsZero() {
		return ""
	}
	return jp.LongDate(p.PeriodFrom) + "から" + jp.LongDate(p.PeriodTo) + "まで"
}

func cost(p *project.Project) string {
	if p.WardCost == 0 && len(p.Budget) == 0 {
		return ""
	}
	return "金" + yen(p.WardCost) + "円"
}

// yen writes an amount with its thousands apart.
func yen(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func departments(p *project.Project) string { return named(p.DepartmentIDs(), p.Names.Departments) }

func organizations(p *project.Project) string {
	return named(p.OrganizationIDs, p.Names.Organizations)
}

// named lists names; nothing while one of them is not known.
func named(ids []string, names map[string]string) string {
	var out []string
	for _, id := range ids {
		if names[id] == "" {
			return ""
		}
		out = append(out, names[id])
	}
	return strings.Join(out, "、")
}

func roles(p *project.Project) string {
	var lines []string
	for _, r := range p.Roles {
		lines = append(lines, fmt.Sprintf("%s　甲：%s　乙：%s", r.Item, or(r.WardRole), or(r.OrganizationRole)))
	}
	return strings.Join(lines, "\n")
}

func goals(p *project.Project) string {
	var lines []string
	for _, g := range p.Goals {
		lines = append(lines, fmt.Sprintf("%s　%s", g.Indicator, or(g.Target)))
	}
	return strings.Join(lines, "\n")
}

func or(s string) string {
	if s == "" {
		return "―"
	}
	return s
}
