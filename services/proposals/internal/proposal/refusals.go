package proposal

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about proposals.
var (
	// ErrQueryTooShort refuses search words of one character.
	ErrQueryTooShort = fault.New(fault.Invalid, "QUERY_TOO_SHORT", "検索する言葉は、1語につき2文字以上で入力してください。", "Enter at least two characters for each search word.")
	// ErrNotEditable refuses changes of what is neither a draft nor returned.
	ErrNotEditable = fault.New(fault.Precondition, "PROPOSAL_NOT_EDITABLE", "提出後は内容を変更できません。直したいところがあるときは総合窓口に連絡してください。", "A submitted proposal cannot be changed; tell the desk what should be corrected.")
	// ErrNotInCorrection refuses changes of fields that the correction does not name.
	ErrNotInCorrection = fault.New(fault.Precondition, "FIELD_NOT_IN_CORRECTION", "補正を求められた項目だけを変更してください。", "Change only the fields that the correction names.")
	// ErrDeclarationMissing refuses a submission without all declarations; metadata missing names them.
	ErrDeclarationMissing = fault.New(fault.Precondition, "DECLARATION_MISSING", "誓約事項のすべてを確認し、チェックを入れてください。", "All declarations of the call must be made.")
	// ErrIncomplete refuses a submission that lacks what the forms ask.
	ErrIncomplete = fault.New(fault.Precondition, "PROPOSAL_INCOMPLETE", "提出に必要な項目が入力されていません。項目ごとの説明を確認してください。", "The proposal lacks what it needs to be submitted; see errors.")
	// ErrAttachmentLimit refuses more files than a proposal may have; metadata limit.
	ErrAttachmentLimit = fault.New(fault.Precondition, "ATTACHMENT_LIMIT", "添付できる書類の数の上限に達しています。不要な書類を削除してから追加してください。", "The proposal has as many files as it may; remove one first.")
	// ErrUnbalanced refuses a budget whose sides differ; metadata income and expense are yen.
	ErrUnbalanced = fault.New(fault.Precondition, "BUDGET_UNBALANCED", "収入と支出の合計が一致していません。収支予算書を確認してください。", "Income and expense must be equal.")
	// ErrNotVerified refuses organizations that are not registered and checked.
	ErrNotVerified = fault.New(fault.Precondition, "ORGANIZATION_NOT_VERIFIED", "団体の登録が確認されていません。団体登録の手続を済ませてから提出してください。", "The organization is not verified; complete its registration first.")
	// ErrOrganizationUnknown refuses the id of an organization that is not there.
	ErrOrganizationUnknown = fault.New(fault.Invalid, "ORGANIZATION_UNKNOWN", "指定された団体は登録されていません。", "The organization is not registered.")
	// ErrQuota refuses more proposals than the call takes of one organization; metadata limit.
	ErrQuota = fault.New(fault.Precondition, "QUOTA_EXCEEDED", "この募集に提出できる件数の上限に達しています。", "The organization has as many proposals in this call as it may.")
	// ErrAssignmentInvalid refuses an assignment without exactly one lead, or with a department twice.
	ErrAssignmentInvalid = fault.New(fault.Invalid, "ASSIGNMENT_INVALID", "主管課を1つだけ指定し、同じ課を重ねて指定しないでください。", "Name exactly one lead, and no department twice.")
	// ErrDepartmentUnknown refuses the id of a department that is not there today; metadata departmentId.
	ErrDepartmentUnknown = fault.New(fault.Invalid, "DEPARTMENT_UNKNOWN", "指定された課は、現在の組織にありません。", "The ward has no such department today.")
	// ErrAssignmentAnswered refuses a second answer of a department.
	ErrAssignmentAnswered = fault.New(fault.Precondition, "ASSIGNMENT_ANSWERED", "この割当にはすでに回答しています。変更は総合窓口に依頼してください。", "The department has answered; ask the desk to assign again.")
	// ErrLeadNotAccepted refuses to examine before the lead department has accepted.
	ErrLeadNotAccepted = fault.New(fault.Precondition, "LEAD_NOT_ACCEPTED", "主管課がまだ割当を受けていません。回答を待ってから進めてください。", "The lead department has not accepted yet.")
	// ErrStepOutOfOrder refuses a step that the call does not have next; metadata next.
	ErrStepOutOfOrder = fault.New(fault.Precondition, "STEP_OUT_OF_ORDER", "この募集で定めた順序と違います。次に行う段階を確認してください。", "The call has another step next.")
	// ErrReproposed refuses a second repetition of one proposal.
	ErrReproposed = fault.New(fault.Exists, "ALREADY_REPROPOSED", "この提案はすでに再提案されています。再提案のほうを編集してください。", "The proposal was repeated already; go on with that one.")
	// ErrNotJoint refuses to leave for who takes no part.
	ErrNotJoint = fault.New(fault.Precondition, "NOT_A_JOINT_PROPOSER", "共同提案団体ではないため、離脱できません。", "The organization is not a joint proposer.")
	// ErrReviewsPending refuses to go on before all sheets of a review are there; metadata pending.
	ErrReviewsPending = fault.New(fault.Precondition, "REVIEWS_PENDING", "提出されていない審査票があります。審査を締め切ってから進めてください。", "Some sheets of the review are missing; close the review first.")
	// ErrNotPassed refuses to adopt a proposal that did not pass its review.
	ErrNotPassed = fault.New(fault.Precondition, "REVIEW_NOT_PASSED", "審査の基準点に達していないため、採択できません。", "The proposal did not pass its review and cannot be adopted.")
	// ErrConverted refuses to turn a consultation or an answer to a challenge into a second thing.
	ErrConverted = fault.New(fault.Precondition, "ALREADY_CONVERTED", "すでに別の手続に引き継がれています。引き継いだ先を確認してください。", "It was turned into something else already; go on with that.")
	// ErrNotCorrectable refuses the correction of an entry that is not public or not of this proposal.
	ErrNotCorrectable = fault.New(fault.Precondition, "PROGRESS_NOT_CORRECTABLE", "訂正できるのは、この提案の公開済みの検討経過だけです。", "Only a published entry of this proposal can be corrected.")
)
