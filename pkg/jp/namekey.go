package jp

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// legalForms are the names of legal forms that stand before or after an organization's name, longest first.
var legalForms = func() []string {
	forms := []string{
		"特定非営利活動法人", "認定特定非営利活動法人", "特例認定特定非営利活動法人", "仮認定特定非営利活動法人",
		"NPO法人", "認定NPO法人", "特例認定NPO法人", "仮認定NPO法人",
		"一般社団法人", "一般財団法人", "公益社団法人", "公益財団法人", "社団法人", "財団法人",
		"社会福祉法人", "学校法人", "準学校法人", "宗教法人", "医療法人", "医療法人社団", "医療法人財団", "社会医療法人",
		"国立大学法人", "公立大学法人", "独立行政法人", "地方独立行政法人", "認可地縁団体",
		"生活協同組合", "労働者協同組合", "企業組合",
		"弁護士法人", "税理士法人", "司法書士法人", "行政書士法人", "監査法人",
		"株式会社", "有限会社", "合同会社", "合資会社", "合名会社", "相互会社",
	}
	for i, f := range forms {
		forms[i] = SearchKey(f)
	}
	slices.SortFunc(forms, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	return forms
}()

// legalAbbreviations stand in parentheses before or after a name. NFKC makes ㈱ of the first, ㈲ of the second, and so on.
var legalAbbreviations = []string{
	"(株)", "(有)", "(同)", "(資)", "(名)", "(相)",
	"(特非)", "(npo)", "(認特)", "(一社)", "(一財)", "(公社)", "(公財)", "(社)", "(財)",
	"(福)", "(社福)", "(学)", "(宗)", "(医)", "(独)", "(企)", "(労)", "(監)",
}

// NameKey returns the search key of an organization's name without its legal form at either end, in full
// (特定非営利活動法人, 株式会社) or as an abbreviation in parentheses ((株), ㈱, (公財)). Names with the same NameKey are
// candidates for being the same organization. A name that is only a legal form keeps it.
//
// It needs the name as typed: the search key has lost the parentheses.
func NameKey(name string) string {
	rest := strings.ToLower(norm.NFKC.String(name))
	for {
		next := cutEnds(strings.TrimSpace(rest), legalAbbreviations)
		if next == rest {
			break
		}
		rest = next
	}
	key := SearchKey(rest)
	for {
		next := cutEnds(key, legalForms)
		if next == key {
			break
		}
		key = next
	}
	if key == "" {
		return SearchKey(name)
	}
	return key
}

// cutEnds removes the first of the forms that stands at the beginning, else at the end.
func cutEnds(s string, forms []string) string {
	for _, form := range forms {
		if rest, ok := strings.CutPrefix(s, form); ok {
			return rest
		}
	}
	for _, form := range forms {
		if rest, ok := strings.CutSuffix(s, form); ok {
			return rest
		}
	}
	return s
}
