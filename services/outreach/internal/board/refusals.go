package board

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about boards and postings.
var (
	// ErrNumberTaken refuses a second board with a number.
	ErrNumberTaken = fault.New(fault.Exists, "BOARD_NUMBER_TAKEN", "同じ番号の広報板がすでにあります。別の番号を付けてください。", "A board has this number already; choose another.")
	// ErrUnknown refuses the id of a board that is not there; metadata boardId.
	ErrUnknown = fault.New(fault.Invalid, "BOARD_UNKNOWN", "指定された広報板はありません。広報板を選び直してください。", "There is no such board; choose another.")
	// ErrClosed refuses a request for a board out of use; metadata boardId, number.
	ErrClosed = fault.New(fault.Precondition, "BOARD_CLOSED", "この広報板は現在使用できません。ほかの広報板を選んでください。", "The board is out of use; choose another.")
	// ErrRule refuses a request that breaks a rule of a board; metadata boardId, number.
	ErrRule = fault.New(fault.Precondition, "BOARD_RULE_BROKEN", "広報板の利用条件に合いません。大きさ、枚数、掲示期間を確認してください。", "The request breaks a rule of the board; check size, copies and days.")
	// ErrUsed refuses a second posting of an organization on a board and day; metadata boardId, number, day.
	ErrUsed = fault.New(fault.Precondition, "BOARD_ALREADY_USED", "同じ期間に、この広報板への掲示をすでに申請しています。期間か広報板を変えてください。", "The organization has a posting on this board in these days; change the days or the board.")
	// ErrFull refuses a request for which a board has no place; metadata boardId, number, day.
	ErrFull = fault.New(fault.Precondition, "BOARD_FULL", "この期間は広報板に空きがありません。期間か広報板を変えてください。", "The board has no place in these days; change the days or the board.")
	// ErrNotEditable refuses changes of a decided posting; metadata state.
	ErrNotEditable = fault.New(fault.Precondition, "POSTING_NOT_EDITABLE", "承認などの決定をした申請は変更できません。取り下げてから申請し直してください。", "A decided posting cannot be changed; withdraw it and ask again.")
	// ErrPast refuses the approval of a posting whose last day is over; metadata endsOn.
	ErrPast = fault.New(fault.Precondition, "POSTING_PAST", "掲示期間が過ぎているため承認できません。申請し直してもらってください。", "The days of the posting are over; have it asked for again.")
	// ErrEventUnknown refuses the id of an event that is not public.
	ErrEventUnknown = fault.New(fault.Invalid, "POSTING_EVENT_UNKNOWN", "指定されたイベントは公開されていません。公開してから選んでください。", "There is no such published event.")
)
