package rulebook

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals about the rulebook.
var (
	// ErrNotEditable refuses changes of an adopted version, and of its words while organizations comment; metadata state.
	ErrNotEditable = fault.New(fault.Precondition, "RULEBOOK_NOT_EDITABLE", "施行した版と、意見を募集している間の条文は変更できません。新しい版を作るか、意見の募集を終えてから変更してください。", "An adopted version is never changed, and its words not while comments are open.")
	// ErrWithoutClauses refuses to open or adopt a version without clauses.
	ErrWithoutClauses = fault.New(fault.Precondition, "RULEBOOK_WITHOUT_CLAUSES", "条文がありません。条文を入力してから進めてください。", "The version has no clauses yet.")
	// ErrCommentsNotOpen refuses a comment before, after and between the times for comments; metadata state.
	ErrCommentsNotOpen = fault.New(fault.Precondition, "COMMENTS_NOT_OPEN", "いまは意見を募集していません。募集の期間を確認してください。", "Comments are not open; see the last day.")
	// ErrCommentsUnanswered refuses the adoption before each comment has its answer; metadata clauses.
	ErrCommentsUnanswered = fault.New(fault.Precondition, "COMMENTS_UNANSWERED", "区の考え方を示していない意見があります。すべての意見に答えてから施行してください。", "Each comment needs its answer before the adoption.")
	// ErrMeetingRequired refuses the adoption without a review meeting with an organization.
	ErrMeetingRequired = fault.New(fault.Precondition, "REVIEW_MEETING_REQUIRED", "団体が一つ以上参加した検討会の記録が必要です。検討会を開き、記録してから施行してください。", "A review meeting with at least one organization is needed before the adoption.")
)
