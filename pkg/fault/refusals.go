package fault

import "strings"

// The refusals that every service and the edge share. A service's own stand in
// its refusals.go.
var (
	// ErrInvalidField refuses a field that breaks its declared form.
	ErrInvalidField = New(Invalid, "INVALID_FIELD", "入力内容に誤りがあります。項目ごとの説明を確認してください。", "Some fields are not valid; see errors.")
	// ErrInvalidEnum refuses a text that is not a value of the enumeration.
	ErrInvalidEnum = New(Invalid, "INVALID_ENUM", "選択肢にない値です。", "The value is not one of the enumeration.")
	// ErrForbiddenCharacter refuses control and direction-changing characters.
	ErrForbiddenCharacter = New(Invalid, "FORBIDDEN_CHARACTER", "使用できない文字（制御文字など）が含まれています。", "The text has a character that is not allowed.")
	// ErrInvalidFieldMask refuses an update mask with an unknown, empty or read-only path.
	ErrInvalidFieldMask = New(Invalid, "INVALID_FIELD_MASK", "updateMask に変更できない項目が含まれています。", "The update mask has a path that cannot be changed.")
	// ErrInvalidPageSize refuses a negative page size.
	ErrInvalidPageSize = New(Invalid, "INVALID_PAGE_SIZE", "pageSize は 0 以上で指定してください。", "pageSize must not be negative.")
	// ErrInvalidPageToken refuses a page token that this installation did not sign.
	ErrInvalidPageToken = New(Invalid, "INVALID_PAGE_TOKEN", "pageToken が正しくありません。最初のページから読み直してください。", "The page token is not valid; start from the first page.")
	// ErrPageTokenMismatch refuses a page token that belongs to another filter.
	ErrPageTokenMismatch = New(Invalid, "PAGE_TOKEN_MISMATCH", "pageToken は別の検索条件のものです。最初のページから読み直してください。", "The page token belongs to another filter; start from the first page.")
	// ErrReasonRequired refuses to read or change what belongs to others without a stated reason.
	ErrReasonRequired = New(Invalid, "REASON_REQUIRED", "記録に残す理由が必要です。画面では理由の欄に、REST では Kyodo-Reason ヘッダーに理由を記入して、もう一度送ってください。", "A reason is needed for the log. State it in the form's field for the reason, or in the Kyodo-Reason header of REST, and send it again.")

	// ErrUnauthenticated refuses a caller without a token where one is needed.
	ErrUnauthenticated = New(Unauthenticated, "UNAUTHENTICATED", "ログインが必要です。", "Sign in first.")
	// ErrTokenInvalid refuses a token that cannot be verified.
	ErrTokenInvalid = New(Unauthenticated, "TOKEN_INVALID", "認証情報が正しくありません。ログインし直してください。", "The token is not valid; sign in again.")
	// ErrTokenExpired refuses a token whose time is over.
	ErrTokenExpired = New(Unauthenticated, "TOKEN_EXPIRED", "ログインの有効期限が切れました。ログインし直してください。", "The token has expired; sign in again.")

	// ErrPermissionDenied refuses a caller whose roles can never do this.
	ErrPermissionDenied = New(Denied, "PERMISSION_DENIED", "この操作を行う権限がありません。", "You are not allowed to do this.")
	// ErrSelfApprovalForbidden refuses the approval of one's own draft.
	ErrSelfApprovalForbidden = New(Denied, "SELF_APPROVAL_FORBIDDEN", "起案した本人は承認できません。別の承認者に依頼してください。", "The drafter cannot approve; ask another approver.")

	// ErrNotFound answers for what is not there and for what the caller may not know of.
	ErrNotFound = New(NotFound, "RESOURCE_NOT_FOUND", "指定されたものは見つかりません。", "The resource was not found.")

	// ErrETagMismatch refuses a change based on an old version.
	ErrETagMismatch = New(Precondition, "ETAG_MISMATCH", "ほかの人が先に変更しました。読み直してからやり直してください。", "Someone else changed it first; read it again and retry.")
	// ErrPreconditionRequired refuses a partial update without an etag.
	ErrPreconditionRequired = New(Precondition, "PRECONDITION_REQUIRED", "変更には読み込んだときの etag（If-Match）が必要です。", "Send the etag you read as If-Match or in the body.")
	// ErrIdempotencyKeyReused refuses a key that came with another request before.
	ErrIdempotencyKeyReused = New(Precondition, "IDEMPOTENCY_KEY_REUSED", "同じ Idempotency-Key が別の内容で使われています。新しいキーで送ってください。", "The Idempotency-Key was used with another request; use a new key.")
	// ErrIdempotencyKeyRequired refuses a call without the key that makes its repeat harmless.
	ErrIdempotencyKeyRequired = New(Invalid, "IDEMPOTENCY_KEY_REQUIRED", "二重の申込みを防ぐため、Idempotency-Key ヘッダー（申込みごとに新しい値）を付けて送ってください。", "Send an Idempotency-Key header with a new value for each intended call.")
	// ErrIdempotencyInProgress refuses a repeat while the first call still runs.
	ErrIdempotencyInProgress = New(Aborted, "IDEMPOTENCY_IN_PROGRESS", "同じ依頼を処理中です。少し待ってからやり直してください。", "The same request is still running; retry shortly.")
	// ErrInvalidStateTransition refuses a step the state graph does not have; see Transition.
	ErrInvalidStateTransition = New(Precondition, "INVALID_STATE_TRANSITION", "いまの状態ではこの操作はできません。", "This is not possible in the present state.")
	// ErrConcurrentUpdate refuses a write that lost three times against others.
	ErrConcurrentUpdate = New(Aborted, "CONCURRENT_UPDATE", "ほかの処理と重なりました。少し待ってからやり直してください。", "Concurrent changes collided; retry shortly.")

	// ErrRateLimited refuses a caller that asks too often.
	ErrRateLimited = New(Exhausted, "RATE_LIMITED", "アクセスが集中しています。しばらく待ってからやり直してください。", "Too many requests; retry later.")
	// ErrPayloadTooLarge refuses a body over its limit.
	ErrPayloadTooLarge = New(Exhausted, "PAYLOAD_TOO_LARGE", "送られた内容が大きすぎます。", "The request body is too large.")

	// ErrDependencyUnavailable refuses while a part that is needed does not answer.
	ErrDependencyUnavailable = New(Unavailable, "DEPENDENCY_UNAVAILABLE", "ただいま一部の機能が利用できません。しばらく待ってからやり直してください。", "A part of the system does not answer; retry later.")
	// ErrStorageFull refuses writes while the disk is full.
	ErrStorageFull = New(Unavailable, "STORAGE_FULL", "保存領域が不足しています。管理者に連絡してください。", "Storage is full; tell the administrator.")
	// ErrOverloaded refuses while locks or connections are not had in time.
	ErrOverloaded = New(Unavailable, "OVERLOADED", "混み合っています。しばらく待ってからやり直してください。", "The system is busy; retry later.")
	// ErrDeadline answers when the time for the request ran out.
	ErrDeadline = New(Deadline, "REQUEST_TIMEOUT", "時間内に処理が終わりませんでした。やり直してください。", "The request took too long; retry.")
	// ErrCancelled answers a caller that went away.
	ErrCancelled = New(Cancelled, "CANCELLED", "依頼が取り消されました。", "The request was cancelled.")
	// ErrInternal is all that a caller sees of an unexpected error.
	ErrInternal = New(Internal, "INTERNAL", "システムで問題が起きました。incident の番号を添えてお問い合わせください。", "Something went wrong; quote the incident number.")
)

// Transition refuses a step from a state, naming what is possible there:
// metadata from, to and allowed (comma-separated).
func Transition(from, to string, allowed ...string) *Error {
	return ErrInvalidStateTransition.
		With("from", from).
		With("to", to).
		With("allowed", strings.Join(allowed, ","))
}

// Wrong returns the field entry for a field whose value cannot be.
func Wrong(path, ja, en string) Field {
	return Field{Path: path, Reason: ErrInvalidField.Reason, Ja: ja, En: en}
}

// Missing returns the field entry for a required field that is empty.
func Missing(path string) Field {
	return Field{Path: path, Reason: "INVALID_FIELD", Ja: "入力してください。", En: "This field is required."}
}
