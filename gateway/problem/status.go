package problem

import (
	"net/http"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// statusClientClosed answers a caller that went away; only logs see it.
const statusClientClosed = 499

type answer struct {
	status int
	code   string
}

var byKind = map[fault.Kind]answer{
	fault.Internal:        {http.StatusInternalServerError, "INTERNAL"},
	fault.Invalid:         {http.StatusBadRequest, "INVALID_ARGUMENT"},
	fault.Unauthenticated: {http.StatusUnauthorized, "UNAUTHENTICATED"},
	fault.Denied:          {http.StatusForbidden, "PERMISSION_DENIED"},
	fault.NotFound:        {http.StatusNotFound, "NOT_FOUND"},
	fault.Exists:          {http.StatusConflict, "ALREADY_EXISTS"},
	fault.Precondition:    {http.StatusConflict, "FAILED_PRECONDITION"},
	fault.Aborted:         {http.StatusConflict, "ABORTED"},
	fault.Exhausted:       {http.StatusTooManyRequests, "RESOURCE_EXHAUSTED"},
	fault.Unavailable:     {http.StatusServiceUnavailable, "UNAVAILABLE"},
	fault.Deadline:        {http.StatusGatewayTimeout, "DEADLINE_EXCEEDED"},
	fault.Cancelled:       {statusClientClosed, "CANCELLED"},
}

// byReason holds the reasons whose status differs from that of their kind.
var byReason = map[string]int{
	"ETAG_MISMATCH":                http.StatusPreconditionFailed,
	"PRECONDITION_REQUIRED":        http.StatusPreconditionRequired,
	"IDEMPOTENCY_KEY_REUSED":       http.StatusUnprocessableEntity,
	"PAYLOAD_TOO_LARGE":            http.StatusRequestEntityTooLarge,
	"METHOD_NOT_ALLOWED":           http.StatusMethodNotAllowed,
	"NOT_ACCEPTABLE":               http.StatusNotAcceptable,
	"URI_TOO_LONG":                 http.StatusRequestURITooLong,
	"UNSUPPORTED_MEDIA_TYPE":       http.StatusUnsupportedMediaType,
	"UNSUPPORTED_CONTENT_ENCODING": http.StatusUnsupportedMediaType,
	"HEADERS_TOO_LARGE":            http.StatusRequestHeaderFieldsTooLarge,
	"UNIMPLEMENTED":                http.StatusNotImplemented,
}

// Status returns the HTTP status of a fault.
func Status(f *fault.Error) int {
	if s, ok := byReason[f.Reason]; ok {
		return s
	}
	return byKind[f.Kind].status
}

func codeName(f *fault.Error) string {
	if f.Reason == ErrUnimplemented.Reason {
		return "UNIMPLEMENTED"
	}
	return byKind[f.Kind].code
}

type title struct{ ja, en string }

var titles = map[int]title{
	http.StatusBadRequest:                  {"入力内容を確認してください", "Bad request"},
	http.StatusUnauthorized:                {"ログインが必要です", "Sign-in required"},
	http.StatusForbidden:                   {"権限がありません", "Forbidden"},
	http.StatusNotFound:                    {"見つかりません", "Not found"},
	http.StatusMethodNotAllowed:            {"このメソッドは使えません", "Method not allowed"},
	http.StatusNotAcceptable:               {"求められた形式では応答できません", "Not acceptable"},
	http.StatusConflict:                    {"いまの状態ではできません", "Conflict"},
	http.StatusPreconditionFailed:          {"ほかの人が先に変更しました", "Precondition failed"},
	http.StatusRequestEntityTooLarge:       {"内容が大きすぎます", "Content too large"},
	http.StatusRequestURITooLong:           {"アドレスが長すぎます", "URI too long"},
	http.StatusUnsupportedMediaType:        {"この形式は受け付けていません", "Unsupported media type"},
	http.StatusUnprocessableEntity:         {"同じキーが別の内容で使われています", "Unprocessable content"},
	http.StatusPreconditionRequired:        {"etag が必要です", "Precondition required"},
	http.StatusTooManyRequests:             {"アクセスが集中しています", "Too many requests"},
	http.StatusRequestHeaderFieldsTooLarge: {"ヘッダーが大きすぎます", "Request header fields too large"},
	statusClientClosed:                     {"取り消されました", "Client closed request"},
	http.StatusInternalServerError:         {"システムで問題が起きました", "Internal error"},
	http.StatusNotImplemented:              {"まだ利用できません", "Not implemented"},
	http.StatusServiceUnavailable:          {"ただいま利用できません", "Service unavailable"},
	http.StatusGatewayTimeout:              {"時間内に終わりませんでした", "Gateway timeout"},
}

// Title returns what problems of a status have in common, in lang (ja or en).
func Title(status int, lang string) string {
	t := titles[status]
	return pick(lang, t.ja, t.en)
}
