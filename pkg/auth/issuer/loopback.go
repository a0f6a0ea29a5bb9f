package issuer

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// loopbackOnly lets a request pass when it came over loopback, from a peer on
// this machine, for a loopback host, and not through a proxy that says so. The
// host closes the door to names that are pointed at 127.0.0.1 (DNS rebinding),
// the proxy headers to a reverse proxy beside the process.
func loopbackOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !local(r) {
			w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"type":"about:blank","title":"開発用のサインインは使えません","status":403,` +
				`"detail":"開発用のサインインは、このコンピューターの中（http://127.0.0.1 など）からだけ使えます。` +
				`外から使うには、運用者が本番用の認証サーバーを設定してください。` +
				` / The development issuer serves loopback only; configure a real OIDC issuer."}` + "\n"))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func local(r *http.Request) bool {
	for _, header := range []string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip"} {
		if len(r.Header.Values(header)) > 0 {
			return false
		}
	}
	if own, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && !loopbackAddress(own.String()) {
		return false
	}
	return loopbackAddress(r.RemoteAddr) && loopbackHost(r.Host)
}

// loopbackAddress reports whether a peer or listener address is on loopback.
func loopbackAddress(address string) bool {
	parsed, err := netip.ParseAddrPort(address)
	return err == nil && parsed.Addr().Unmap().IsLoopback()
}

// loopbackHost reports whether a host, with or without a port, is localhost or a
// loopback address. Names below localhost are not, because not every resolver
// keeps them on this machine.
func loopbackHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && address.Unmap().IsLoopback()
}
