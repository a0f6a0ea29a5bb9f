package call

import (
	"strconv"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// The refusals about calls.
var (
	// ErrNotOpen refuses a proposal before the call is public or before its first day.
	ErrNotOpen = fault.New(fault.Precondition, "CALL_NOT_OPEN", "この募集はまだ受付を始めていません。受付開始日を確認してください。", "The call does not take proposals yet; see its opening day.")
	// ErrClosed refuses a proposal after the last day.
	ErrClosed = fault.New(fault.Precondition, "CALL_CLOSED", "この募集の受付は終了しました。次の募集をお待ちください。", "The call takes no more proposals; wait for the next one.")
	// ErrNotEditable refuses changes of a public call.
	ErrNotEditable = fault.New(fault.Precondition, "CALL_NOT_EDITABLE", "公開した募集の内容は変更できません。締切の延長だけができます。", "A public call cannot be changed, only extended.")
	// ErrIncomplete refuses to publish a draft that lacks something.
	ErrIncomplete = fault.New(fault.Precondition, "CALL_INCOMPLETE", "公開に必要な項目が入力されていません。項目ごとの説明を確認してください。", "The call lacks what it needs to be published; see errors.")
	// ErrRoundTaken refuses a second call with the same fiscal year and round.
	ErrRoundTaken = fault.New(fault.Exists, "ROUND_TAKEN", "同じ年度・同じ回の募集がすでにあります。回の番号を変えてください。", "The fiscal year has a call with this round; choose another round.")
	// ErrUndecided refuses to conclude a call with open proposals; metadata undecided counts them.
	ErrUndecided = fault.New(fault.Precondition, "PROPOSALS_UNDECIDED", "結果の決まっていない提案があります。すべて決定してから終了してください。", "Some proposals have no outcome yet; decide them first.")
	// ErrNothingToRelease refuses a release without approved decisions.
	ErrNothingToRelease = fault.New(fault.Precondition, "NOTHING_TO_RELEASE", "公表を待っている決定がありません。", "No approved decision waits to be made public.")
)

func undecidedProposals(n int) error { return ErrUndecided.With("undecided", strconv.Itoa(n)) }
