package agreement

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about agreements.
var (
	// ErrNoRulebook refuses to draft without a rulebook in force.
	ErrNoRulebook = fault.New(fault.Precondition, "RULEBOOK_NOT_IN_FORCE", "施行中の協働のルールがありません。ルールを施行してから協定書を作成してください。", "No version of the rulebook is in force; adopt one first.")
	// ErrInDraft refuses a second draft beside the first.
	ErrInDraft = fault.New(fault.Exists, "AGREEMENT_IN_DRAFT", "作成中の協定書があります。その協定書を編集してください。", "The project has a draft already; change that one.")
	// ErrNotEditable refuses changes of a text that somebody has signed; metadata state.
	ErrNotEditable = fault.New(fault.Precondition, "AGREEMENT_NOT_EDITABLE", "署名の始まった協定書は変更できません。新しい版を作成してください。", "A signed text is never changed; draft a new version.")
	// ErrIncomplete refuses to sign without required items; metadata missing names them.
	ErrIncomplete = fault.New(fault.Precondition, "AGREEMENT_INCOMPLETE", "協定書に必要な項目が足りません。項目ごとの説明を確認してください。", "The agreement lacks required items; see errors.")
	// ErrOtherSide refuses a signature for the side that the caller does not belong to.
	ErrOtherSide = fault.New(fault.Denied, "SIGNATURE_OF_OTHER_SIDE", "相手方の署名はできません。ご自身の側で署名してください。", "You cannot sign for the other side.")
	// ErrRepeated refuses a second signature of one person or of one party.
	ErrRepeated = fault.New(fault.Precondition, "SIGNATURE_REPEATED", "すでに署名しています。同じ人や同じ団体が重ねて署名することはできません。", "This person or party has signed this version already.")
)
