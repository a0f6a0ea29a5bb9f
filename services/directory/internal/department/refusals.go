package department

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals of departments and staff beside those that all services share.
var (
	// ErrParentInvalid refuses a department above that is unknown, below, or too deep.
	ErrParentInvalid = fault.New(fault.Invalid, "DEPARTMENT_PARENT_INVALID", "上位の部署が正しくありません。階層は3段までで、自分より下の部署は指定できません。", "The department above is unknown, below this one, or makes more than three levels.")
	// ErrSuccessorInvalid refuses a successor that is unknown, not in use, or leads back.
	ErrSuccessorInvalid = fault.New(fault.Invalid, "SUCCESSOR_INVALID", "引き継ぐ部署が正しくありません。終了日の翌日に有効な、別の部署を指定してください。", "The successor must be another department that is in use on the next day.")
	// ErrEnded refuses changes of a department that has a successor or is over.
	ErrEnded = fault.New(fault.Precondition, "DEPARTMENT_ENDED", "この部署はすでに終了しています。引き継いだ部署を指定してください。", "The department has ended; use the one that took over.")
	// ErrValidityInvalid refuses a last day before the first, or in the past.
	ErrValidityInvalid = fault.New(fault.Invalid, "VALIDITY_INVALID", "終了日は、開始日以降の日を指定してください。", "The last day must not lie before the first day or in the past.")
	// ErrSelfAssignment refuses administrators who change their own roles.
	ErrSelfAssignment = fault.New(fault.Denied, "SELF_ASSIGNMENT_FORBIDDEN", "自分自身の職員権限は変更できません。別の管理者に依頼してください。", "You cannot change your own roles; ask another administrator.")
	// ErrStaffAssigned refuses a second assignment of a person.
	ErrStaffAssigned = fault.New(fault.Exists, "STAFF_ALREADY_ASSIGNED", "この方はすでに部署に配属されています。先に今の配属を外してください。", "The person has an assignment; remove it first.")
	// ErrPersonUnknown refuses a person who has never signed in.
	ErrPersonUnknown = fault.New(fault.Precondition, "PERSON_UNKNOWN", "該当する利用者がいません。本人が一度ログインしてから配属してください。", "Nobody is known by that; the person must sign in once first.")
	// ErrPersonAmbiguous refuses an address that several people share.
	ErrPersonAmbiguous = fault.New(fault.Precondition, "PERSON_AMBIGUOUS", "同じメールアドレスの利用者が複数います。personId で指定してください。", "Several people have that address; name the person by personId.")

	errNameMissing = fault.ErrInvalidField.On(fault.Missing("name"))
)
