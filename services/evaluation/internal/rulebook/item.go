package rulebook

// Item is what an article of an agreement is about; the values are those of the
// contract.
type Item string

// Signatures is the item of who signs, which is no article.
const Signatures Item = "SIGNATURES"

// Items are the items of an agreement (協定書) in the usual order.
var Items = []struct {
	Item     Item
	Name     string
	Required bool
}{
	{"PURPOSE", "目的", true},
	{"PROJECT", "事業名・内容", true},
	{"FORM", "協働の形態", true},
	{"ROLES", "役割分担", true},
	{"PERIOD", "実施期間", true},
	{"COST", "経費負担・支払", true},
	{"CONTACT", "意思決定と連絡窓口", true},
	{"PROGRESS", "進捗確認・中間報告", true},
	{"COPYRIGHT", "成果の帰属", false},
	{"PRIVACY", "個人情報の保護", true},
	{"CONFIDENTIALITY", "守秘", false},
	{"SAFETY", "安全管理・保険", false},
	{"DAMAGES", "損害賠償", false},
	{"SUBCONTRACTING", "再委託", false},
	{"CHANGE", "変更・中止・解除", true},
	{"DISCLOSURE_OF_AGREEMENT", "情報公開（協定書の公開を含む）", true},
	{"MUTUAL_EVALUATION", "双方による評価と公表", true},
	{"RESULTS_REPORT", "実績報告", true},
	{"ORGANIZED_CRIME", "暴力団排除", true},
	{"CONSULTATION", "協議事項", true},
	{"VALIDITY", "有効期間", true},
	{Signatures, "署名欄", true},
}
