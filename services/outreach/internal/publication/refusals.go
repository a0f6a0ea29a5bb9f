package publication

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about articles and events.
var (
	// ErrNotEditable refuses changes of what is under approval or public.
	ErrNotEditable = fault.New(fault.Precondition, "PUBLICATION_NOT_EDITABLE", "承認の手続中または公開後の内容は変更できません。差し戻しを受けるか、取り下げてから直してください。", "What is under approval or public cannot be changed; have it returned or withdraw it first.")
	// ErrIncomplete refuses to ask for the approval of a draft that lacks something.
	ErrIncomplete = fault.New(fault.Precondition, "PUBLICATION_INCOMPLETE", "承認の依頼に必要な項目が入力されていません。項目ごとの説明を確認してください。", "The draft lacks what it needs to be approved; see errors.")
	// ErrCreditsIncomplete refuses to publish a collaboration without both sides in its credits; metadata missing.
	ErrCreditsIncomplete = fault.New(fault.Precondition, "CREDITS_INCOMPLETE", "協働事業の公開には、区の担当課と団体の両方の名義が必要です。名義を追加してください。", "What belongs to a collaboration names the ward's section and the organization; complete the credits.")
	// ErrCreditsUnconfirmed refuses to publish before every credited organization has confirmed; metadata organizationIds.
	ErrCreditsUnconfirmed = fault.New(fault.Precondition, "CREDITS_UNCONFIRMED", "名義を確認していない団体があります。団体の代表者の確認を受けてから公開してください。", "Some organizations have not confirmed the credits yet; ask them first.")
	// ErrProjectUnknown refuses the id of a project that is not there.
	ErrProjectUnknown = fault.New(fault.Invalid, "PROJECT_UNKNOWN", "指定された協働事業は登録されていません。事業を選び直してください。", "There is no such project.")
	// ErrQueryTooShort refuses search words of one character.
	ErrQueryTooShort = fault.New(fault.Invalid, "QUERY_TOO_SHORT", "検索する言葉は、1語につき2文字以上で入力してください。", "Enter at least two characters for each search word.")
)
