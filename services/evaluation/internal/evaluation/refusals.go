package evaluation

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about evaluations.
var (
	// ErrNotEvaluable refuses an evaluation before the project has come that far; metadata state and needed.
	ErrNotEvaluable = fault.New(fault.Precondition, "PROJECT_NOT_EVALUABLE", "中間評価は実施中の事業、最終評価は完了した事業について行います。事業の状態を確認してください。", "An interim evaluation needs a running project, a final one a completed project.")
	// ErrExists refuses a second final evaluation, or a second interim one with the same due day.
	ErrExists = fault.New(fault.Exists, "EVALUATION_EXISTS", "この事業には、同じ評価がすでにあります。", "The project has this evaluation already.")
	// ErrTemplateUnknown refuses a version of the template that is not there.
	ErrTemplateUnknown = fault.New(fault.Invalid, "TEMPLATE_UNKNOWN", "指定された評価項目の版はありません。", "There is no such version of the template.")
	// ErrSealed refuses to read of the other side's sheet before both have submitted.
	ErrSealed = fault.New(fault.Denied, "SHEET_SEALED", "双方が提出するまで、相手方の評価シートは見られません。双方の提出後に確認してください。", "The sheets are sealed until both sides have submitted.")
	// ErrOtherSide refuses to write the other side's sheet.
	ErrOtherSide = fault.New(fault.Denied, "SHEET_OF_OTHER_SIDE", "相手方の評価シートは記入・提出できません。自分の側のシートを開いてください。", "A side writes and submits its own sheet only.")
	// ErrNotEditable refuses changes of a sheet that was submitted.
	ErrNotEditable = fault.New(fault.Precondition, "SHEET_NOT_EDITABLE", "提出した評価シートは変更できません。双方の提出後に、理由を付けて訂正してください。", "A submitted sheet is corrected with a reason after both have submitted.")
	// ErrIncomplete refuses to submit while a criterion is not answered; metadata criteria names the numbers.
	ErrIncomplete = fault.New(fault.Precondition, "SHEET_INCOMPLETE", "回答していない項目があります。当てはまらない項目は「対象外」としてください。", "Some criteria are not answered; leave the score of one that does not apply empty.")
	// ErrReasonRequired refuses to submit a score of 1 or 2 without its reason; metadata criteria names the numbers.
	ErrReasonRequired = fault.New(fault.Precondition, "SCORE_REASON_REQUIRED", "評点が1または2の項目には、理由を記入してください。", "A score of 1 or 2 needs a reason.")
	// ErrDiscussionIncomplete refuses a talk without cause and improvement for each item that needs it; metadata criteria names the numbers.
	ErrDiscussionIncomplete = fault.New(fault.Precondition, "DISCUSSION_INCOMPLETE", "要協議の項目には、要因と改善の両方を記入してください。", "Each item that needs discussion needs its cause and its improvement.")
	// ErrAgreementOfOtherSide refuses to agree for a side that the caller does not stand for.
	ErrAgreementOfOtherSide = fault.New(fault.Denied, "AGREEMENT_OF_OTHER_SIDE", "合意できるのは、団体側は代表者、区側は主管課の決裁者です。", "A representative agrees for the organizations, an approver of the lead department for the ward.")
	// ErrAgreementRepeated refuses a second agreement of a side or of a person.
	ErrAgreementRepeated = fault.New(fault.Precondition, "AGREEMENT_REPEATED", "すでに合意しています。一方の側または同じ人が重ねて合意することはできません。", "The side, or the person, has agreed already.")
	// ErrAgreementsMissing refuses to publish before both sides have agreed; metadata missing names the sides.
	ErrAgreementsMissing = fault.New(fault.Precondition, "AGREEMENTS_MISSING", "公表には双方の合意が必要です。まだ合意していない側に依頼してください。", "Both sides must agree before the publication.")
	// ErrLateSideMaySubmit refuses to publish one sheet while the other side has time; metadata from is the first day on which it is possible.
	ErrLateSideMaySubmit = fault.New(fault.Precondition, "LATE_SIDE_MAY_SUBMIT", "提出期限から30日を過ぎるまで、一方の評価だけを公表することはできません。", "One sheet alone can be published only after 30 days from the due day.")
	// ErrRedactionNotFound refuses to remove what does not occur; errors names the entries.
	ErrRedactionNotFound = fault.New(fault.Invalid, "REDACTION_NOT_FOUND", "非公開にする文字列が、公表する文章の中に見つかりません。文字を確認してください。", "A text to be removed does not occur in the report.")
	// ErrConflict refuses the comment of who belongs to one of the sides.
	ErrConflict = fault.New(fault.Denied, "CONFLICT_OF_INTEREST", "評価の当事者に属する人は、第三者として意見を述べられません。総合窓口に連絡してください。", "Who belongs to one of the sides cannot comment as a third party.")
)
