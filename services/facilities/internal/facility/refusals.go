package facility

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about facilities and rules.
var (
	// ErrCodeTaken refuses a second item of a kind with the same code.
	ErrCodeTaken = fault.New(fault.Exists, "CODE_TAKEN", "同じ記号（コード）がすでに使われています。別の記号にするか、既存のものの変更案を作成してください。", "The code is taken; choose another one, or draft a change of what has it.")
	// ErrDraftMissing refuses to approve where nothing is drafted.
	ErrDraftMissing = fault.New(fault.Precondition, "DRAFT_MISSING", "承認を待っている案がありません。施設窓口で変更案を作成してください。", "There is no open draft to approve.")
	// ErrRetroactive refuses to put into force what would begin in the past.
	ErrRetroactive = fault.New(fault.Precondition, "RETROACTIVE_CHANGE", "過去の日にさかのぼって適用することはできません。案の適用開始日を今日以後に直してください。", "Nothing is put into force retroactively; move the draft's first day to today or later.")
	// ErrReferenceUnknown refuses a draft that names what is not in force; metadata name says what.
	ErrReferenceUnknown = fault.New(fault.Precondition, "REFERENCE_UNKNOWN", "案が指している区分・規則・室が、適用開始日に有効ではありません。先にそれを承認するか、指定を直してください。", "The draft names something that is not in force on its first day; approve that first, or name another.")
	// ErrPatternInUse refuses new slots where bookings count on the old ones.
	ErrPatternInUse = fault.New(fault.Precondition, "SLOT_PATTERN_IN_USE", "適用開始日以後に予約が入っているため、区分の時間を変更できません。適用開始日を最後の予約より後にしてください。", "Bookings on or after the first day count on these slots; choose a day after the last booking.")
	// ErrPartsNotCombinable refuses a room of parts that do not fit together.
	ErrPartsNotCombinable = fault.New(fault.Precondition, "PARTS_NOT_COMBINABLE", "組み合わせる室は、同じ施設の、同じ区分の、組み合わせでない室を2つ以上指定してください。", "Parts must be two or more rooms of the facility with the same slots, none of them made of parts.")
	// ErrPeriodTooLong refuses to show more than 31 days at once.
	ErrPeriodTooLong = fault.New(fault.Invalid, "PERIOD_TOO_LONG", "空き状況は一度に31日分まで照会できます。期間を短くしてください。", "At most 31 days are shown at once; choose a shorter period.")
	// ErrTooManyRooms refuses to show more than 200 rooms at once.
	ErrTooManyRooms = fault.New(fault.Invalid, "TOO_MANY_ROOMS", "条件に合う室が多すぎます。施設を指定して照会してください。", "Too many rooms match; name a facility.")
)
