package sponsorship

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about sponsorships.
var (
	// ErrNotEditable refuses changes of an application whose decision is drafted.
	ErrNotEditable = fault.New(fault.Precondition, "SPONSORSHIP_NOT_EDITABLE", "審査中または決定後の申請は変更できません。変更が必要なときは担当課に連絡してください。", "The application is being decided or decided and cannot be changed; ask the section in charge.")
	// ErrDepartmentMissing refuses a decision before a section is in charge.
	ErrDepartmentMissing = fault.New(fault.Precondition, "DEPARTMENT_MISSING", "担当課が決まっていません。担当課を割り当ててから起案してください。", "No section is in charge; assign one first.")
	// ErrConditionsWithoutApproval refuses conditions of a rejection.
	ErrConditionsWithoutApproval = fault.New(fault.Invalid, "CONDITIONS_WITHOUT_APPROVAL", "不承認の決定に条件を付けることはできません。理由を記入してください。", "A rejection has no conditions; give the reason.")
	// ErrTooEarly refuses a report before the last day; metadata endsOn.
	ErrTooEarly = fault.New(fault.Precondition, "REPORT_TOO_EARLY", "実績報告は事業の終了後に提出してください。", "File the report when the event is over.")
	// ErrUndecided refuses the letter of an application without decision.
	ErrUndecided = fault.New(fault.Precondition, "SPONSORSHIP_UNDECIDED", "まだ決定していないため、通知書はありません。", "There is no decision yet, so there is no letter.")
)
