package delegation

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals of delegations beside those that all services share.
var (
	// ErrNotAnIntermediary refuses to delegate to what is no published intermediary.
	ErrNotAnIntermediary = fault.New(fault.Invalid, "NOT_AN_INTERMEDIARY", "代行を任せられるのは、登録済みの中間支援組織に限ります。団体一覧から選び直してください。", "Only a published intermediary can act for others; choose one from the directory.")
	// ErrPeriodInvalid refuses a last day that is past or too far ahead.
	ErrPeriodInvalid = fault.New(fault.Invalid, "DELEGATION_PERIOD_INVALID", "期限は今日から2年以内の日を指定してください。", "The last day must lie within two years from today.")
	// ErrExists refuses a second delegation between the same two.
	ErrExists = fault.New(fault.Exists, "DELEGATION_EXISTS", "この中間支援組織への代行はすでに認められています。期限を変えるときは、取り消してから認め直してください。", "A delegation to this intermediary holds; revoke it first to change its end.")
	// ErrTooMany refuses more delegations than one intermediary can hold.
	ErrTooMany = fault.New(fault.Precondition, "TOO_MANY_DELEGATIONS", "この中間支援組織が引き受けられる数（50団体）を超えています。組織にご相談ください。", "The intermediary holds 50 delegations already; ask it to give one back.")
)
