package project

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about projects.
var (
	// ErrNotEditable refuses changes of what both sides have signed; metadata state.
	ErrNotEditable = fault.New(fault.Precondition, "PROJECT_NOT_EDITABLE", "協定を結んだ後の内容は、変更の申請により、相手方の同意を得て変更してください。", "What was agreed is changed by a change request that the other side accepts.")
	// ErrGoalsFixed refuses changes of goals after the start; metadata state.
	ErrGoalsFixed = fault.New(fault.Precondition, "GOALS_FIXED", "成果目標は事業の開始前に定めたもので、開始後は変更できません。やむを得ないときは変更を申請してください。", "Goals are fixed at the start; ask the other side for a change.")
	// ErrGoalsMissing refuses to start without goals that have targets.
	ErrGoalsMissing = fault.New(fault.Precondition, "GOALS_MISSING", "成果目標と目標値を定めてから、事業を開始してください。", "Set the goals and their targets before the start.")
	// ErrFinalReportMissing refuses to complete without the report of results.
	ErrFinalReportMissing = fault.New(fault.Precondition, "FINAL_REPORT_MISSING", "実績報告書が提出されていません。提出を受けてから完了してください。", "The report of results must be filed first.")
	// ErrMilestoneLimit refuses more milestones than a project may have; metadata limit.
	ErrMilestoneLimit = fault.New(fault.Precondition, "MILESTONE_LIMIT", "登録できる節目の数の上限に達しています。", "The project has as many milestones as it may.")
	// ErrAttachmentLimit refuses more documents than a project may have; metadata limit.
	ErrAttachmentLimit = fault.New(fault.Precondition, "ATTACHMENT_LIMIT", "登録できる書類の数の上限に達しています。不要な書類を削除してから登録してください。", "The project has as many documents as it may; remove one first.")
	// ErrClosed refuses to change the documents of a closed project.
	ErrClosed = fault.New(fault.Precondition, "PROJECT_CLOSED", "この事業の記録は完結しているため、書類を追加したり削除したりできません。", "The record of the project is closed.")
	// ErrDocumentNotForEverybody refuses to publish what is not meant for everybody.
	ErrDocumentNotForEverybody = fault.New(fault.Precondition, "DOCUMENT_NOT_FOR_EVERYBODY", "この書類は公開用として登録されていません。公開するときは、公開用として登録し直してください。", "The document was not added for everybody; add it anew as public.")
	// ErrDocumentPublished refuses to remove what is published.
	ErrDocumentPublished = fault.New(fault.Precondition, "DOCUMENT_PUBLISHED", "公開した書類は削除できません。訂正するときは、新しい書類を登録してください。", "A published document stays; add a corrected one.")
	// ErrDocumentOfOtherSide refuses to remove a document of the other side.
	ErrDocumentOfOtherSide = fault.New(fault.Denied, "DOCUMENT_OF_OTHER_SIDE", "書類を削除できるのは、登録した側だけです。相手方に依頼してください。", "Only the side that added a document removes it.")
	// ErrEnded refuses to write on a project that has ended; metadata state.
	ErrEnded = fault.New(fault.Precondition, "PROJECT_ENDED", "この事業は終わっているため、書き込めません。", "The project has ended.")
	// ErrAccountsDiffer refuses a report whose accounts are not those of the budget; metadata missing and unknown name them.
	ErrAccountsDiffer = fault.New(fault.Precondition, "ACCOUNTS_DIFFER", "報告の科目が予算の科目と一致していません。予算と同じ科目で、すべての科目について記入してください。", "The report must have exactly the accounts of the budget.")
	// ErrCostOutsideYear refuses costs of another fiscal year; metadata from and to are the days of the year.
	ErrCostOutsideYear = fault.New(fault.Precondition, "COST_OUTSIDE_FISCAL_YEAR", "対象の年度の外の日付の経費は計上できません。支払った日を確認してください。", "A cost is dated outside the fiscal year.")
	// ErrChangePending refuses a second change request while one is open.
	ErrChangePending = fault.New(fault.Exists, "CHANGE_PENDING", "回答を待っている変更の申請があります。回答を得るか、取り下げてから申請してください。", "A change request awaits its answer; wait for it or withdraw it.")
	// ErrChangeOfOwnSide refuses the answer of the side that asked.
	ErrChangeOfOwnSide = fault.New(fault.Denied, "CHANGE_OF_OWN_SIDE", "変更の申請には、申請した側ではなく相手方が回答します。", "The other side answers a change request.")
	// ErrChangeOfOtherSide refuses to withdraw what the other side asked.
	ErrChangeOfOtherSide = fault.New(fault.Denied, "CHANGE_OF_OTHER_SIDE", "取り下げることができるのは、申請した側だけです。", "Only the side that asked withdraws a change request.")
	// ErrOrganizationNotVerified refuses organizations that are not registered and checked.
	ErrOrganizationNotVerified = fault.New(fault.Precondition, "ORGANIZATION_NOT_VERIFIED", "団体の登録が確認されていません。団体登録の手続を済ませてください。", "The organization is not verified; complete its registration first.")
	// ErrOrganizationUnknown refuses the id of an organization that is not there; metadata organizationId.
	ErrOrganizationUnknown = fault.New(fault.Invalid, "ORGANIZATION_UNKNOWN", "指定された団体は登録されていません。", "The organization is not registered.")
	// ErrDepartmentUnknown refuses the id of a department that is not there today; metadata departmentId.
	ErrDepartmentUnknown = fault.New(fault.Invalid, "DEPARTMENT_UNKNOWN", "指定された課は、現在の組織にありません。", "The ward has no such department today.")
)
