package training

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about training of the staff.
var (
	// ErrAlreadyApplied refuses a second live application of a person for a fiscal year and level.
	ErrAlreadyApplied = fault.New(fault.Exists, "TRAINING_ALREADY_APPLIED", "この年度の同じ段階の研修には、すでに申込みがあります。希望を変えるときは、いまの申込みを取り下げてから申し込んでください。", "There is a live application for this fiscal year and level; withdraw it first.")
	// ErrWishClosed refuses an offer that is not public or takes nobody now.
	ErrWishClosed = fault.New(fault.Precondition, "TRAINING_WISH_CLOSED", "指定された研修の募集は、いま受け付けていません。公開中の研修の募集から選んでください。", "The offer is no training that is open now; choose among the public ones.")
	// ErrWishesMixed refuses offers of other levels or fiscal years than the application's.
	ErrWishesMixed = fault.New(fault.Precondition, "TRAINING_WISHES_MIXED", "段階や年度の異なる研修は、一つの申込みに入れられません。段階と年度ごとに分けて申し込んでください。", "Offers of one application are of one level and one fiscal year; apply apart.")
	// ErrNotApproved refuses a place without the superior's approval.
	ErrNotApproved = fault.New(fault.Precondition, "TRAINING_NOT_APPROVED", "上司の承認がないため、研修先を決められません。承認を受けてから決めてください。", "No place without the superior's approval.")
	// ErrScreening refuses the host of a pending proposal in whose screening the person works.
	ErrScreening = fault.New(fault.Precondition, "TRAINING_CONFLICT_SCREENING", "受入団体の提案が審査中で、この職員は提案の審査や受付に当たっているため、派遣できません。別の研修先を選んでください。", "The host has a pending proposal in whose screening this person works; choose another host.")
	// ErrDepartment refuses the host of a pending proposal of which the person's department is in charge.
	ErrDepartment = fault.New(fault.Precondition, "TRAINING_CONFLICT_DEPARTMENT", "受入団体の提案を、この職員の所属課が担当しているため、派遣できません。提案の結果が出てから決めるか、別の研修先を選んでください。", "The person's department is in charge of a pending proposal of the host; choose another host.")
	// ErrDeclared refuses a host with which a conflict was declared.
	ErrDeclared = fault.New(fault.Precondition, "TRAINING_CONFLICT_DECLARED", "受入団体との利害関係が申告されているため、派遣できません。別の研修先を選んでください。", "A conflict of interest with the host was declared; choose another host.")
	// ErrFull refuses more people than the host takes.
	ErrFull = fault.New(fault.Precondition, "TRAINING_FULL", "この研修先の定員に空きがありません。別の研修先を選んでください。", "The host has no free place; choose another one.")
	// ErrMatchingOpen refuses a second open matching of a fiscal year and level.
	ErrMatchingOpen = fault.New(fault.Exists, "TRAINING_MATCHING_OPEN", "この年度と段階には、まだ実行していない決定手続があります。先にそれを実行してください。", "There is an open matching of this fiscal year and level; run it first.")
	// ErrNothing refuses to run a matching without applications.
	ErrNothing = fault.New(fault.Precondition, "TRAINING_NOTHING_TO_MATCH", "承認済みの申込みがありません。上司の承認を待ってから実行してください。", "There is no approved application; wait for the superiors.")
	// ErrNotRun refuses to verify what was not run.
	ErrNotRun = fault.New(fault.Precondition, "TRAINING_NOT_RUN", "この決定手続はまだ実行されていないため、検証できません。実行後に検証してください。", "The matching was not run yet; verify it afterwards.")
	// ErrBegun refuses to take back a training that has begun.
	ErrBegun = fault.New(fault.Precondition, "TRAINING_BEGUN", "研修が始まっているため、取り下げられません。受入先と上司に相談してください。", "The training has begun; talk to the host and the superior.")
	// ErrTooEarly refuses what comes after the training, before.
	ErrTooEarly = fault.New(fault.Precondition, "TRAINING_TOO_EARLY", "まだその時期ではありません。報告と感想は最終日から、振り返りは最終日の6か月後から入力してください。", "Report and feedback are for the last day and after, the follow-up for six months later.")
	// ErrDiaryOutside refuses a diary of a day that is not one of the training, or not yet there.
	ErrDiaryOutside = fault.New(fault.Precondition, "TRAINING_DIARY_OUTSIDE", "日誌は、研修期間の今日までの日にだけ書けます。日付を確認してください。", "The diary is of a day of the training, today at the latest.")
	// ErrDiaryWritten refuses a second diary of a day.
	ErrDiaryWritten = fault.New(fault.Exists, "TRAINING_DIARY_WRITTEN", "この日の日誌はすでにあります。別の日を選んでください。", "There is a diary of this day already; choose another day.")
)
