package consultation

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about consultations.
var (
	// ErrFull refuses more entries than one consultation holds.
	ErrFull = fault.New(fault.Precondition, "CONSULTATION_FULL", "この相談に記録できる件数の上限に達しました。新しい相談として受け付けてください。", "The consultation has as many entries as it may; open a new one.")
	// ErrPromoted refuses a second FAQ of one consultation.
	ErrPromoted = fault.New(fault.Precondition, "ALREADY_PROMOTED", "この相談はすでによくある質問になっています。その内容を更新してください。", "The consultation has a FAQ already; change that one.")
	// ErrPersonal refuses public texts with name or contact of who asked.
	ErrPersonal = fault.New(fault.Invalid, "PERSONAL_DATA_IN_TEXT", "相談した方の氏名や連絡先が含まれています。個人がわからない表現に書き直してください。", "The text holds name or contact of who asked; write it without.")
	// ErrNotIntermediary refuses to refer to an organization of another kind.
	ErrNotIntermediary = fault.New(fault.Invalid, "NOT_AN_INTERMEDIARY", "紹介先は中間支援組織として登録された団体から選んでください。", "Refer only to an organization that is an intermediary.")
	// ErrTemplateUnknown refuses a template that is not there.
	ErrTemplateUnknown = fault.New(fault.Invalid, "TEMPLATE_UNKNOWN", "指定された定型文はありません。一覧から選び直してください。", "There is no such template.")
	// ErrTemplateTitle refuses a second template with one title.
	ErrTemplateTitle = fault.New(fault.Exists, "TEMPLATE_TITLE_TAKEN", "同じ名前の定型文がすでにあります。別の名前を付けてください。", "Another template has this title.")
)
