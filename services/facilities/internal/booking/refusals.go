package booking

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about bookings.
var (
	// ErrSlotTaken refuses slots of which another holder has one.
	ErrSlotTaken = fault.New(fault.Precondition, "SLOT_TAKEN", "ほかの予約が先に入りました。空き状況を確認して、別の区分・室・日を選ぶか、キャンセル待ちに登録してください。", "Another booking came first; choose other slots or join the wait-list.")
	// ErrNotOpenYet refuses bookings before they open; metadata opensAt is the instant.
	ErrNotOpenYet = fault.New(fault.Precondition, "NOT_OPEN_YET", "まだ受付が始まっていません。受付開始の日時になってから申し込んでください。", "Bookings are not open yet; apply from the opening time on.")
	// ErrBookingClosed refuses bookings after the last moment for them; metadata closedAt is the instant.
	ErrBookingClosed = fault.New(fault.Precondition, "BOOKING_CLOSED", "申込みの受付は終了しました。お急ぎの場合は施設の窓口に相談してください。", "Bookings for this use have closed; ask the desk of the facility.")
	// ErrFacilityClosed refuses days on which the room is closed; metadata closure says why.
	ErrFacilityClosed = fault.New(fault.Precondition, "FACILITY_CLOSED", "休館日（または利用できない期間）です。別の日を選んでください。", "The facility is closed then; choose another day.")
	// ErrPastDate refuses slots that have begun.
	ErrPastDate = fault.New(fault.Precondition, "PAST_DATE", "すでに過ぎた日時は申し込めません。これからの日時を選んでください。", "The time is past; choose a later one.")
	// ErrClassNotAllowed refuses a user class that the facility does not admit, or to which the organization does not belong.
	ErrClassNotAllowed = fault.New(fault.Precondition, "CLASS_NOT_ALLOWED", "この利用区分では申し込めません。団体に合った利用区分を選び、分からないときは施設の窓口に相談してください。", "The user class is not admitted here or does not fit the organization.")
	// ErrPurposeNotAllowed refuses a purpose that the room or the user class does not admit.
	ErrPurposeNotAllowed = fault.New(fault.Precondition, "PURPOSE_NOT_ALLOWED", "この室またはこの利用区分では、その目的で利用できません。目的に合った室を選んでください。", "The room or the user class does not admit this purpose.")
	// ErrChannelNotAllowed refuses a way of booking that the user class does not have.
	ErrChannelNotAllowed = fault.New(fault.Precondition, "CHANNEL_NOT_ALLOWED", "この利用区分では、この方法での申込みを受け付けていません。施設の窓口に申し込んでください。", "The user class cannot book in this way; ask the desk of the facility.")
	// ErrCapacityExceeded refuses more people than the room holds; metadata capacity.
	ErrCapacityExceeded = fault.New(fault.Precondition, "CAPACITY_EXCEEDED", "人数が室の定員を超えています。人数を減らすか、より広い室を選んでください。", "More people than the room holds; choose a larger room.")
	// ErrQuotaExceeded refuses more use than the user class has; metadata quota (ACTIVE or MONTH), limit and used.
	ErrQuotaExceeded = fault.New(fault.Precondition, "QUOTA_EXCEEDED", "申し込める数の上限に達しています。使わない予約を取り消すか、別の月に申し込んでください。", "The limit of bookings is reached; cancel one that is not needed, or choose another month.")
	// ErrSuspended refuses holders that a penalty keeps from booking; metadata until.
	ErrSuspended = fault.New(fault.Precondition, "SUSPENDED_BY_PENALTY", "違反点数により、利用の申込みが停止されています。停止期間が終わってから申し込むか、不服の申立てをしてください。", "Bookings are suspended by a penalty; wait for its end or appeal.")
	// ErrNotVerified refuses organizations that are not registered and checked.
	ErrNotVerified = fault.New(fault.Precondition, "ORGANIZATION_NOT_VERIFIED", "団体の登録が確認されていません。団体登録（または更新）の手続を済ませてから申し込んでください。", "The organization is not verified; complete its registration first.")
	// ErrOrganizationUnknown refuses the id of an organization that is not there.
	ErrOrganizationUnknown = fault.New(fault.Invalid, "ORGANIZATION_UNKNOWN", "指定された団体は登録されていません。団体を確認してください。", "The organization is not registered.")
	// ErrSlotUnknown refuses a slot that the room's pattern does not have; metadata slotCode and known.
	ErrSlotUnknown = fault.New(fault.Invalid, "SLOT_UNKNOWN", "この室にない時間区分が指定されています。室の時間区分を確認してください。", "The room has no such slot.")
	// ErrEquipmentUnknown refuses equipment that the room does not have, or more than there is; metadata code.
	ErrEquipmentUnknown = fault.New(fault.Invalid, "EQUIPMENT_UNKNOWN", "この室にない設備、または備付けの数を超える設備が指定されています。室の設備を確認してください。", "The room has no such equipment, or less of it.")
	// ErrSeriesNotBookable refuses a series of which no day can be booked; errors name each day.
	ErrSeriesNotBookable = fault.New(fault.Precondition, "SERIES_NOT_BOOKABLE", "どの日も予約できませんでした。日ごとの理由を確認して、別の日や室を選んでください。", "None of the days can be booked; see errors for each day.")
	// ErrSeriesTooLong refuses a series of more days than one call books; metadata limit.
	ErrSeriesTooLong = fault.New(fault.Invalid, "SERIES_TOO_LONG", "一度に申し込める回数を超えています。期間を短くして、分けて申し込んでください。", "The series has too many days; book it in parts.")
	// ErrExpired refuses steps of a tentative booking whose hold has run out; metadata expireTime.
	ErrExpired = fault.New(fault.Precondition, "BOOKING_EXPIRED", "仮予約の期限が過ぎたため、この予約は失効しました。もう一度申し込んでください。", "The tentative booking has expired; book again.")
	// ErrCancelDeadline refuses cancellations by the users after their deadline; metadata deadline.
	ErrCancelDeadline = fault.New(fault.Precondition, "CANCEL_DEADLINE_PASSED", "取消しの期限を過ぎています。施設の窓口に連絡してください。", "The cancel deadline has passed; tell the desk of the facility.")
	// ErrAmendmentClosed refuses changes by the users after their time.
	ErrAmendmentClosed = fault.New(fault.Precondition, "AMENDMENT_CLOSED", "ご自身で変更できる期間を過ぎています。施設の窓口に連絡するか、取り消して申し込み直してください。", "The time for changes has passed; tell the desk, or cancel and book again.")
	// ErrNewBookingNeeded refuses a change after which an approved booking would have to wait for an approval or a payment.
	ErrNewBookingNeeded = fault.New(fault.Precondition, "NEW_BOOKING_NEEDED", "変更後の内容には、新たな承認または使用料の納付が必要です。施設の窓口に連絡するか、取り消して申し込み直してください。", "What it would become needs an approval or a payment first; tell the desk, or cancel and book again.")
	// ErrNoInquiry refuses an answer that nobody asked for.
	ErrNoInquiry = fault.New(fault.Precondition, "NO_INFORMATION_REQUESTED", "回答を待っている照会はありません。予約の内容を変えるときは変更の手続をしてください。", "No information was asked for.")
	// ErrNotOnUseDate refuses a check-in on another day than that of the use; metadata date.
	ErrNotOnUseDate = fault.New(fault.Precondition, "NOT_ON_USE_DATE", "来館の記録は利用日当日に行ってください。", "Check in on the day of use.")
	// ErrUseNotOver refuses a no-show before the end of the use; metadata endTime.
	ErrUseNotOver = fault.New(fault.Precondition, "USE_NOT_OVER", "利用時間がまだ終わっていません。終了してから記録してください。", "The booked time is not over yet.")
	// ErrPaymentNotDue refuses a payment or reduction where nothing is to be paid.
	ErrPaymentNotDue = fault.New(fault.Precondition, "PAYMENT_NOT_DUE", "納付が必要な使用料はありません。予約の納付状況を確認してください。", "Nothing is to be paid for this booking.")
	// ErrPaymentMismatch refuses another amount than the fee; metadata due.
	ErrPaymentMismatch = fault.New(fault.Precondition, "PAYMENT_MISMATCH", "納付額が使用料と一致しません。金額を確認してください。", "The amount is not that of the fee.")
	// ErrRefundNotDue refuses a refund where nothing is to be paid back.
	ErrRefundNotDue = fault.New(fault.Precondition, "REFUND_NOT_DUE", "還付が必要な金額はありません。予約の納付状況を確認してください。", "Nothing is to be paid back.")
	// ErrReductionOpen refuses steps that a drafted reduction must come before.
	ErrReductionOpen = fault.New(fault.Precondition, "REDUCTION_OPEN", "使用料の減免が決裁待ちです。決裁が済んでから進めてください。", "A reduction waits for its approval; decide about it first.")
	// ErrNoReduction refuses a decision about a reduction that nobody drafted.
	ErrNoReduction = fault.New(fault.Precondition, "NO_REDUCTION_DRAFTED", "決裁を待っている減免はありません。", "No reduction waits for its approval.")
	// ErrNotApproved refuses the approval document before the approval.
	ErrNotApproved = fault.New(fault.Precondition, "NOT_APPROVED_YET", "使用承認書は、使用が承認されてから発行します。承認の通知をお待ちください。", "The document exists once the use is approved.")
)
