package rpc

import (
	"context"
	"strings"

	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// The metadata that services read; the edge lets nothing else pass.
const (
	MetaAccessCode     = "kyodo-access-code"
	MetaAuthorization  = "authorization"
	MetaIdempotencyKey = "idempotency-key"
	MetaIfMatch        = "if-match"
	MetaLanguage       = "accept-language"
	MetaReason         = "kyodo-reason"
	MetaTraceParent    = "traceparent"
)

// maxReason is the length of a stated reason in characters.
const maxReason = 500

func incoming(ctx context.Context, key string) string {
	if v := metadata.ValueFromIncomingContext(ctx, key); len(v) > 0 {
		return v[0]
	}
	return ""
}

// Reason returns the reason that the caller states for reading or changing
// what belongs to others, or "".
func Reason(ctx context.Context) string {
	r := []rune(strings.TrimSpace(decodeReason(incoming(ctx, MetaReason))))
	return string(r[:min(len(r), maxReason)])
}

// AccessCode returns the code by which a caller without an account reaches what
// is theirs, or "". It is a secret: compare it in constant time, never log it.
func AccessCode(ctx context.Context) string { return incoming(ctx, MetaAccessCode) }

// RequireReason returns the stated reason. Errors: REASON_REQUIRED.
func RequireReason(ctx context.Context) (string, error) {
	if r := Reason(ctx); r != "" {
		return r, nil
	}
	return "", fault.ErrReasonRequired
}

// TraceID returns the trace id of the request (W3C Trace Context), or "".
func TraceID(ctx context.Context) string {
	parts := strings.Split(incoming(ctx, MetaTraceParent), "-")
	if len(parts) != 4 || len(parts[1]) != 32 || strings.Trim(parts[1], "0123456789abcdef") != "" {
		return ""
	}
	return parts[1]
}
