package registration

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about registrations.
var (
	// ErrNotOpen refuses a registration before its first day; metadata opensAt.
	ErrNotOpen = fault.New(fault.Precondition, "REGISTRATION_NOT_OPEN", "申込みの受付はまだ始まっていません。申込開始日を確認してください。", "Registration has not opened yet; see its first day.")
	// ErrClosed refuses a registration that is too late, or for an event that takes none.
	ErrClosed = fault.New(fault.Precondition, "REGISTRATION_CLOSED", "このイベントは、いま申込みを受け付けていません。イベントの案内を確認してください。", "The event takes no registrations now; see its announcement.")
	// ErrFull refuses to admit one more than the capacity; metadata capacity.
	ErrFull = fault.New(fault.Precondition, "EVENT_FULL", "定員に達しています。取消しを待つか、ほかの方法を案内してください。", "All places are taken.")
	// ErrPartyTooLarge refuses more people under one registration than the event allows; metadata maxParty.
	ErrPartyTooLarge = fault.New(fault.Precondition, "PARTY_TOO_LARGE", "一度に申し込める人数を超えています。人数を減らすか、主催者に相談してください。", "One registration cannot bring so many people; bring fewer, or ask the host.")
	// ErrLinkExpired refuses a link whose time is over.
	ErrLinkExpired = fault.New(fault.Precondition, "LINK_EXPIRED", "このリンクの有効期限が切れました。もう一度お申し込みください。", "The link has expired; register again.")
)
