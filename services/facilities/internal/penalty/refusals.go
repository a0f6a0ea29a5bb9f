package penalty

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about penalties.
var (
	// ErrRecorded refuses a second penalty for the same booking and offence.
	ErrRecorded = fault.New(fault.Exists, "PENALTY_RECORDED", "この予約の違反はすでに記録されています。違反点数の一覧を確認してください。", "The offence of this booking is recorded already.")
	// ErrNoOffence refuses a penalty for a booking that was used or cancelled in time.
	ErrNoOffence = fault.New(fault.Precondition, "OFFENCE_NOT_FOUND", "この予約には、無断不使用または期限後の取消しの記録がありません。予約の状態を確認してください。", "The booking was neither left unused nor cancelled late.")
	// ErrAppealOver refuses an appeal after its last day; metadata appealBy.
	ErrAppealOver = fault.New(fault.Precondition, "APPEAL_PERIOD_OVER", "不服の申立てができる期間を過ぎています。事情がある場合は施設の窓口に相談してください。", "The time for an appeal has passed; ask the desk of the facility.")
)
