package problem

import "github.com/chiyoda-kyodo/kyodo/pkg/fault"

// The refusals of the edge itself. Those that it shares with the services stand
// in package fault.
var (
	// ErrRouteNotFound refuses an address that the edge does not have.
	ErrRouteNotFound = fault.New(fault.NotFound, "ROUTE_NOT_FOUND", "このアドレスはありません。/docs で一覧を確認してください。", "There is no such address; see /docs.")
	// ErrMethodNotAllowed refuses a method that the address does not take.
	ErrMethodNotAllowed = fault.New(fault.Invalid, "METHOD_NOT_ALLOWED", "このアドレスではその HTTP メソッドを使えません。Allow ヘッダーを確認してください。", "This address does not take that method; see Allow.")
	// ErrMalformedPath refuses an address that cannot be read.
	ErrMalformedPath = fault.New(fault.Invalid, "MALFORMED_PATH", "アドレスの書き方が正しくありません。", "The address is not well formed.")
	// ErrURITooLong refuses an address over 8 KiB.
	ErrURITooLong = fault.New(fault.Invalid, "URI_TOO_LONG", "アドレスが長すぎます。条件を減らしてください。", "The address is too long.")
	// ErrHeadersTooLarge refuses headers over 32 KiB.
	ErrHeadersTooLarge = fault.New(fault.Invalid, "HEADERS_TOO_LARGE", "リクエストヘッダーが大きすぎます。", "The request headers are too large.")
	// ErrUnsupportedMediaType refuses a body of another type than the route takes.
	ErrUnsupportedMediaType = fault.New(fault.Invalid, "UNSUPPORTED_MEDIA_TYPE", "Content-Type は application/json（UTF-8）で送ってください。", "Send the body as application/json in UTF-8.")
	// ErrUnsupportedContentEncoding refuses a compressed body.
	ErrUnsupportedContentEncoding = fault.New(fault.Invalid, "UNSUPPORTED_CONTENT_ENCODING", "圧縮した本文は受け付けていません。圧縮せずに送ってください。", "Compressed bodies are not taken.")
	// ErrNotAcceptable refuses a caller that takes nothing the route can send.
	ErrNotAcceptable = fault.New(fault.Invalid, "NOT_ACCEPTABLE", "Accept ヘッダーで求められた形式では応答できません。", "The answer is not available in a type that Accept names.")
	// ErrBodyRequired refuses an empty body where one belongs.
	ErrBodyRequired = fault.New(fault.Invalid, "BODY_REQUIRED", "本文がありません。内容がないときも {} を送ってください。", "The body is missing; send {} when there is nothing to say.")
	// ErrMalformedJSON refuses a body that is not JSON.
	ErrMalformedJSON = fault.New(fault.Invalid, "MALFORMED_JSON", "JSON の書き方が正しくありません。", "The body is not well-formed JSON.")
	// ErrTrailingData refuses what follows the JSON value, and a body where none belongs.
	ErrTrailingData = fault.New(fault.Invalid, "TRAILING_DATA", "余分なデータが付いています。取り除いてから送ってください。", "There is data that does not belong there.")
	// ErrDuplicateField refuses a field that stands twice in one object.
	ErrDuplicateField = fault.New(fault.Invalid, "DUPLICATE_FIELD", "同じ項目が2回書かれています。", "The field is given twice.")
	// ErrUnknownField refuses a field that the message does not have.
	ErrUnknownField = fault.New(fault.Invalid, "UNKNOWN_FIELD", "この項目はありません。項目名を確認してください。", "There is no such field.")
	// ErrInvalidUTF8 refuses text that is not UTF-8.
	ErrInvalidUTF8 = fault.New(fault.Invalid, "INVALID_UTF8", "文字コードが UTF-8 ではありません。", "The text is not UTF-8.")
	// ErrJSONTooDeep refuses more than 64 levels.
	ErrJSONTooDeep = fault.New(fault.Invalid, "JSON_TOO_DEEP", "JSON の入れ子が深すぎます（64段まで）。", "The JSON is nested more than 64 levels deep.")
	// ErrUnknownParameter refuses a query parameter that the route does not have.
	ErrUnknownParameter = fault.New(fault.Invalid, "UNKNOWN_PARAMETER", "この検索条件はありません。名前を確認してください。", "There is no such query parameter.")
	// ErrDuplicateParameter refuses a query parameter that stands twice.
	ErrDuplicateParameter = fault.New(fault.Invalid, "DUPLICATE_PARAMETER", "同じ検索条件が2回書かれています。", "The query parameter is given twice.")
	// ErrSlowBody refuses a body that does not arrive in time.
	ErrSlowBody = fault.New(fault.Deadline, "REQUEST_TIMEOUT", "時間内に本文を受け取れませんでした。送り直してください。", "The body did not arrive in time; send it again.")
	// ErrCrossOrigin refuses a change that a browser sends from another site.
	ErrCrossOrigin = fault.New(fault.Denied, "CROSS_ORIGIN_FORBIDDEN", "ほかのサイトからの操作は受け付けていません。", "Changes from other sites are not taken.")
	// ErrUnimplemented answers for an RPC that the running version does not have.
	ErrUnimplemented = fault.New(fault.Internal, "UNIMPLEMENTED", "この機能はまだ利用できません。", "This is not available yet.")
)

// Edge lists the refusals that stand on the pages below /problems, by the order
// in which a request meets them.
var Edge = []*fault.Error{
	ErrHeadersTooLarge, ErrURITooLong, ErrMalformedPath, ErrRouteNotFound, ErrMethodNotAllowed, ErrCrossOrigin,
	fault.ErrPayloadTooLarge, ErrUnsupportedMediaType, ErrUnsupportedContentEncoding, ErrNotAcceptable,
	fault.ErrUnauthenticated, fault.ErrTokenInvalid, fault.ErrTokenExpired, fault.ErrRateLimited,
	ErrUnknownParameter, ErrDuplicateParameter,
	ErrBodyRequired, ErrInvalidUTF8, ErrMalformedJSON, ErrTrailingData, ErrJSONTooDeep, ErrDuplicateField, ErrUnknownField,
	fault.ErrInvalidEnum, fault.ErrInvalidField, fault.ErrForbiddenCharacter,
	fault.ErrPermissionDenied, fault.ErrSelfApprovalForbidden, fault.ErrReasonRequired,
	fault.ErrInvalidFieldMask, fault.ErrInvalidPageSize, fault.ErrInvalidPageToken, fault.ErrPageTokenMismatch,
	fault.ErrIdempotencyKeyReused, fault.ErrIdempotencyInProgress,
	fault.ErrNotFound, fault.ErrPreconditionRequired, fault.ErrETagMismatch, fault.ErrInvalidStateTransition, fault.ErrConcurrentUpdate,
	fault.ErrDependencyUnavailable, fault.ErrStorageFull, fault.ErrOverloaded, fault.ErrDeadline, fault.ErrCancelled,
	ErrUnimplemented, fault.ErrInternal,
}
