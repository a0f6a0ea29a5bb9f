package meeting

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about meetings.
var (
	// ErrNotEditable refuses changes of a meeting that was held.
	ErrNotEditable = fault.New(fault.Precondition, "MEETING_NOT_EDITABLE", "記録を書いた後は、会議の予定を変更できません。", "The plan cannot be changed after the minutes are written.")
	// ErrNotAttendee refuses a role for somebody who does not attend; metadata party.
	ErrNotAttendee = fault.New(fault.Invalid, "NOT_AN_ATTENDEE", "役割は、出席した団体か課に割り当ててください。", "Give roles only to organizations and departments that attend.")
	// ErrBothSides refuses one person for both sides.
	ErrBothSides = fault.New(fault.Denied, "BOTH_SIDES_BY_ONE", "同じ人が双方の確認を行うことはできません。別の方に確認を依頼してください。", "One person cannot confirm for both sides; ask another person.")
	// ErrProposalUnknown refuses a proposal that the caller does not see; metadata proposalId.
	ErrProposalUnknown = fault.New(fault.Invalid, "PROPOSAL_UNKNOWN", "指定された提案は見つかりません。番号を確認してください。", "There is no such proposal.")
)
