package lottery

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about lotteries.
var (
	// ErrPeriodInvalid refuses a lottery whose times do not follow each other; errors names the fields.
	ErrPeriodInvalid = fault.New(fault.Invalid, "LOTTERY_PERIOD_INVALID", "抽選の日程が正しくありません。受付開始・受付終了・抽選・当選確認の期限・利用日の順になるように指定してください。", "The times of the lottery must follow each other: entries, draw, confirmation, use.")
	// ErrRoomUnknown refuses a room that is not there on a day of use; metadata roomId and date.
	ErrRoomUnknown = fault.New(fault.Invalid, "ROOM_UNKNOWN", "指定された室は、その日に利用できる室として登録されていません。室を確認してください。", "There is no such room on that day.")
	// ErrClassUnknown refuses a user class that is not there; metadata userClass.
	ErrClassUnknown = fault.New(fault.Invalid, "CLASS_UNKNOWN", "指定された利用区分は登録されていません。利用区分を確認してください。", "There is no such user class.")
	// ErrSlotsInLottery refuses places that another lottery has.
	ErrSlotsInLottery = fault.New(fault.Exists, "SLOTS_IN_LOTTERY", "すでに別の抽選の対象になっている時間区分があります。対象の室・期間・区分を確認してください。", "Another lottery has some of these slots.")
	// ErrNotOpen refuses an entry before the first moment for it; metadata applyFromTime.
	ErrNotOpen = fault.New(fault.Precondition, "LOTTERY_NOT_OPEN", "抽選の申込みの受付は、まだ始まっていません。受付開始の日時を確認してください。", "The lottery does not take entries yet.")
	// ErrClosed refuses an entry after the end; metadata applyToTime.
	ErrClosed = fault.New(fault.Precondition, "LOTTERY_CLOSED", "抽選の申込みの受付は終了しました。抽選の後に残った区分は、先着順で予約できます。", "The lottery takes no more entries; what is left after the draw can be booked.")
	// ErrNotClosed refuses a public value while entries are taken.
	ErrNotClosed = fault.New(fault.Precondition, "LOTTERY_NOT_CLOSED", "受付の終了と申込みの確定がまだです。確定した後に記録してください。", "The entries have not been closed and published yet.")
	// ErrFull refuses more entries than one lottery takes; metadata limit.
	ErrFull = fault.New(fault.Precondition, "LOTTERY_FULL", "この抽選の申込み件数が上限に達しています。施設の窓口に相談してください。", "The lottery has as many entries as it can hold; ask the desk of the facility.")
	// ErrSlotNotInLottery refuses a slot that this lottery does not have; metadata roomId, date and slotCode.
	ErrSlotNotInLottery = fault.New(fault.Precondition, "SLOT_NOT_IN_LOTTERY", "この抽選の対象ではない室・日・時間区分が含まれています。抽選の対象を確認してください。", "The lottery does not have this slot.")
	// ErrDuplicate refuses a second entry of one organization for a slot.
	ErrDuplicate = fault.New(fault.Exists, "DUPLICATE_ENTRY", "同じ団体が同じ時間区分にすでに申し込んでいます。前の申込みを取り下げてから申し込んでください。", "The organization has entered for this slot already; withdraw that entry first.")
	// ErrEntryLimit refuses more entries than one organization may have; metadata limit.
	ErrEntryLimit = fault.New(fault.Precondition, "ENTRY_LIMIT_EXCEEDED", "この抽選に申し込める件数の上限に達しています。ほかの申込みを取り下げてから申し込んでください。", "The organization has as many entries as it may; withdraw one first.")
	// ErrOnlyByLottery refuses to book or to wait for a slot that is still to be drawn.
	ErrOnlyByLottery = fault.New(fault.Precondition, "LOTTERY_ONLY", "この時間区分は抽選で決まります。抽選に申し込むか、抽選の後に空きを確認してください。", "This slot is drawn by lot; enter the lottery or look again after the draw.")
	// ErrEntropyNotExpected refuses a public value where no source was named.
	ErrEntropyNotExpected = fault.New(fault.Precondition, "ENTROPY_NOT_EXPECTED", "この抽選では、公開の乱数を使うことを予告していません。このまま抽選してください。", "The lottery named no public random source.")
	// ErrEntropyRecorded refuses a second public value.
	ErrEntropyRecorded = fault.New(fault.Exists, "ENTROPY_RECORDED", "公開の乱数の値はすでに記録されています。記録した値は変更できません。", "The public value is recorded and cannot be changed.")
	// ErrEntropyMissing refuses to draw before the public value is recorded; metadata source.
	ErrEntropyMissing = fault.New(fault.Precondition, "ENTROPY_MISSING", "予告した公開の乱数の値が記録されていません。値を記録してから抽選してください。", "The public value that was announced is not recorded yet; record it first.")
	// ErrDrawNotDue refuses to draw before the hour; metadata drawTime.
	ErrDrawNotDue = fault.New(fault.Precondition, "DRAW_NOT_DUE", "抽選の日時になっていません。予告した日時を過ぎてから行ってください。", "The hour of the draw has not come.")
	// ErrConfirmationClosed refuses to confirm after the last moment; metadata confirmByTime.
	ErrConfirmationClosed = fault.New(fault.Precondition, "CONFIRMATION_CLOSED", "当選の確認の期限を過ぎています。空きが出た場合はキャンセル待ちまたは先着順で申し込めます。", "The last moment to confirm has passed; join the wait-list or book what is free.")
)
