package waitlist

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about the wait-list.
var (
	// ErrNotTaken refuses to wait for a slot that is free.
	ErrNotTaken = fault.New(fault.Precondition, "SLOT_NOT_TAKEN", "この時間区分は空いています。キャンセル待ちではなく、予約を申し込んでください。", "The slot is free; book it.")
	// ErrDuplicate refuses to wait twice for the same slots.
	ErrDuplicate = fault.New(fault.Exists, "DUPLICATE_PLACE", "同じ時間区分のキャンセル待ちにすでに登録しています。順番はそのまま有効です。", "The organization waits for these slots already.")
	// ErrLimit refuses more places than a holder may have; metadata limit.
	ErrLimit = fault.New(fault.Precondition, "WAITLIST_LIMIT_EXCEEDED", "キャンセル待ちに登録できる件数の上限に達しています。不要な登録を取り下げてください。", "Too many places in the wait-list; leave one first.")
	// ErrOfferExpired refuses to take an offer after its end; metadata offerEndTime.
	ErrOfferExpired = fault.New(fault.Precondition, "OFFER_EXPIRED", "空きのご案内の期限を過ぎました。空き状況を確認して、もう一度申し込んでください。", "The offer has ended; look for a free slot.")
)
