package gateway

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strings"
	"unicode/utf8"

	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
)

// outgoing returns the metadata of an RPC: the internal token and the few
// headers that services read. Nothing else of a request passes. Errors:
// INVALID_FIELD for a header that cannot be passed on as it is.
func outgoing(h http.Header, token string) (metadata.MD, error) {
	out := make(metadata.MD, 7)
	if token != "" {
		out[rpc.MetaAuthorization] = []string{"Bearer " + token}
	}
	for _, name := range [...]string{"Idempotency-Key", "If-Match", "Kyodo-Access-Code"} {
		v := h[name]
		if len(v) == 0 {
			continue
		}
		if len(v) > 1 || !printable(v[0]) {
			return nil, invalid(name, "半角の英数字と記号で1回だけ指定してください。", "Send it once, in printable ASCII.")
		}
		out[strings.ToLower(name)] = v
	}
	if v := h["Accept-Language"]; len(v) > 0 && printable(v[0]) {
		out[rpc.MetaLanguage] = v[:1]
	}
	if v := h["Kyodo-Reason"]; len(v) > 0 {
		reason, err := stated(v[0])
		if err != nil {
			return nil, err
		}
		out[rpc.MetaReason] = []string{reason}
	}
	out[rpc.MetaTraceParent] = []string{trace(h["Traceparent"])}
	return out, nil
}

func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// stated returns a reason as metadata carries it; raw UTF-8 is percent-encoded.
func stated(s string) (string, error) {
	if printable(s) {
		return s, nil
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7F }) {
		return "", fault.ErrForbiddenCharacter.OnPath("Kyodo-Reason")
	}
	return rpc.EncodeReason(s), nil
}

// trace returns the caller's trace context (W3C Trace Context) when it is well
// formed, else a new one.
func trace(given []string) string {
	if len(given) == 1 && wellFormedTrace(given[0]) {
		return given[0]
	}
	var raw [24]byte
	rand.Read(raw[:])
	b := make([]byte, 0, 55)
	b = append(b, "00-"...)
	b = hex.AppendEncode(b, raw[:16])
	b = append(b, '-')
	b = hex.AppendEncode(b, raw[16:])
	return string(append(b, "-00"...))
}

func wellFormedTrace(s string) bool {
	if len(s) != 55 || s[:3] != "00-" || s[35] != '-' || s[52] != '-' {
		return false
	}
	for i := range len(s) {
		if b := s[i]; b != '-' && (b < '0' || b > '9') && (b < 'a' || b > 'f') {
			return false
		}
	}
	return s[3:35] != strings.Repeat("0", 32) && s[36:52] != strings.Repeat("0", 16)
}
