package application

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about applications, shifts and hours.
var (
	// ErrClosed refuses an application that is too late, or for what is not public now.
	ErrClosed = fault.New(fault.Precondition, "APPLICATION_CLOSED", "この募集は、いま申込みを受け付けていません。募集の案内と申込締切を確認してください。", "No applications are taken now; see the last day to apply.")
	// ErrAlreadyApplied refuses a second live application of one person.
	ErrAlreadyApplied = fault.New(fault.Exists, "ALREADY_APPLIED", "この募集にはすでに申込みがあります。内容を変えるときは、いまの申込みを取り下げてから申し込んでください。", "There is a live application already; withdraw it first.")
	// ErrGroup refuses a group of a kind that the opportunity does not take.
	ErrGroup = fault.New(fault.Precondition, "GROUP_NOT_ADMITTED", "この募集は、その形での団体の申込みを受け付けていません。募集の案内を確認するか、問合せ先に相談してください。", "The opportunity does not take groups of this kind.")
	// ErrConsent refuses minors without a note of their guardians' consent.
	ErrConsent = fault.New(fault.Invalid, "GUARDIAN_CONSENT_REQUIRED", "未成年の方が参加する場合は、保護者の同意の確認方法を入力してください。", "With minors, note who has their guardians' consent.")
	// ErrPaperNote refuses an entry by the desk without a note, and a note from anybody else.
	ErrPaperNote = fault.New(fault.Invalid, "PAPER_NOTE_REQUIRED", "窓口で代わりに申し込むときは、書面または電話の記録を入力してください。ご本人の申込みでは空欄にしてください。", "The desk notes the paper or call; nobody else gives one.")
	// ErrPledge refuses an application without the pledge that is asked for.
	ErrPledge = fault.New(fault.Precondition, "PLEDGE_REQUIRED", "この募集では誓約が必要です。誓約の内容を読み、同意してから申し込んでください。", "The opportunity asks for a pledge; give it.")
	// ErrTrial refuses an application for trying it once where that is not offered.
	ErrTrial = fault.New(fault.Precondition, "TRIAL_NOT_OFFERED", "この募集に体験の枠はありません。体験ではなく通常の申込みをしてください。", "There are no places for trying it once.")
	// ErrShiftRequired refuses to leave open which shift is meant.
	ErrShiftRequired = fault.New(fault.Invalid, "SHIFT_REQUIRED", "この募集にはシフトがあります。シフトを選んでください。", "Name a shift; the opportunity has some.")
	// ErrShiftUnknown refuses a shift that cannot be chosen here; metadata shiftId.
	ErrShiftUnknown = fault.New(fault.Invalid, "SHIFT_UNKNOWN", "指定されたシフトは選べません。シフトの一覧から選び直してください。", "The shift is not one of those that can be chosen here.")
	// ErrFull refuses more people than there are places.
	ErrFull = fault.New(fault.Precondition, "OPPORTUNITY_FULL", "募集人数またはシフトの定員を超えます。キャンセル待ちにするか、別のシフトを選んでください。", "There are not enough places; put it on the wait-list or choose other shifts.")
	// ErrFits refuses to let somebody wait for whom there is a place.
	ErrFits = fault.New(fault.Precondition, "APPLICATION_FITS", "空きがあるため、キャンセル待ちにはできません。受け入れるか、お断りしてください。", "There is a place; accept or decline the application.")
	// ErrTooEarly refuses to record who came before it has begun.
	ErrTooEarly = fault.New(fault.Precondition, "ATTENDANCE_TOO_EARLY", "まだ始まっていないため、出欠を記録できません。開始後に記録してください。", "It has not begun; record who came from its beginning on.")
	// ErrErased refuses a certificate of somebody who is not known any more.
	ErrErased = fault.New(fault.Precondition, "APPLICANT_ERASED", "申込者の個人情報の保存期間が過ぎたため、証明書を発行できません。主催者にお問い合わせください。", "Who applied was deleted after the purpose; no certificate can be made.")
	// ErrUnconfirmed refuses a certificate of nothing.
	ErrUnconfirmed = fault.New(fault.Precondition, "HOURS_UNCONFIRMED", "確認済みの活動時間がないため、証明書を発行できません。活動時間を記録し、主催者の確認を受けてください。", "There are no confirmed hours yet; log them and have them confirmed.")
	// ErrLogged refuses to log a day a second time.
	ErrLogged = fault.New(fault.Exists, "HOURS_ALREADY_LOGGED", "この日の活動時間はすでに記録されています。直すときは、主催者に差戻しを依頼してください。", "The hours of this day are logged already; ask the host to return them.")
	// ErrOutside refuses hours of a day that is not one of the opportunity, or not yet over.
	ErrOutside = fault.New(fault.Precondition, "HOURS_OUTSIDE", "活動の期間または選んだシフトの日にだけ、当日から記録できます。日付を確認してください。", "Hours are of a day of the opportunity or of the named shift, today at the latest.")
	// ErrShiftLimit refuses more shifts than MaxShifts.
	ErrShiftLimit = fault.New(fault.Precondition, "SHIFT_LIMIT_REACHED", "シフトは1件の募集につき200までです。募集を分けてください。", "An opportunity has at most 200 shifts.")
	// ErrShiftTaken refuses other times, or fewer places than are taken, of a shift in which somebody has a place.
	ErrShiftTaken = fault.New(fault.Precondition, "SHIFT_TAKEN", "参加者がいるシフトの時間は変更できず、定員は参加者の人数より少なくできません。シフトを中止して新しく作るか、定員を見直してください。", "Somebody has a place: the times stay, and the places are as many as are taken.")
)
