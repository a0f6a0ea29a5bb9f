package challenge

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about challenges.
var (
	// ErrNotEditable refuses changes of a public challenge.
	ErrNotEditable = fault.New(fault.Precondition, "CHALLENGE_NOT_EDITABLE", "公開した課題は、結果と回答の締切日だけを変更できます。", "Of a public challenge only outcome and closing day can be changed.")
	// ErrIncomplete refuses to publish a draft that lacks something.
	ErrIncomplete = fault.New(fault.Precondition, "CHALLENGE_INCOMPLETE", "公開に必要な項目が入力されていません。項目ごとの説明を確認してください。", "The challenge lacks what it needs to be published; see errors.")
	// ErrClosed refuses answers to a challenge that takes none any more.
	ErrClosed = fault.New(fault.Precondition, "CHALLENGE_CLOSED", "この課題への回答の受付は終了しました。総合窓口に相談してください。", "The challenge takes no more answers; ask the desk.")
	// ErrUnknown refuses the id of a challenge that is not public; metadata challengeId.
	ErrUnknown = fault.New(fault.Invalid, "CHALLENGE_UNKNOWN", "指定された課題は公開されていません。課題の一覧から選び直してください。", "There is no such public challenge.")
)
