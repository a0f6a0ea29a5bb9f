package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

func reasonOfFault(err error) string {
	if f, ok := fault.As(err); ok {
		return f.Reason
	}
	return fmt.Sprint(err)
}

func TestReady(t *testing.T) {
	e := start(t)
	var parts []string
	for service := range e.Backends {
		parts = append(parts, service, service+"/postgres", service+"/broker")
	}
	set := func(part string, s healthv1.HealthCheckResponse_ServingStatus) { e.health.SetServingStatus(part, s) }
	for _, p := range parts {
		set(p, healthv1.HealthCheckResponse_SERVING)
	}
	for _, c := range []struct {
		down, status string
		code         int
	}{{"", "ready", 200}, {"proposals/broker", "degraded", 200}, {"proposals", "degraded", 200}, {"directory/postgres", "unavailable", 503}} {
		if c.down != "" {
			set(c.down, healthv1.HealthCheckResponse_NOT_SERVING)
		}
		resp := e.do(ask{method: "GET", path: "/readyz"})
		var got readiness
		check(t, json.Unmarshal([]byte(text(t, resp)), &got))
		if resp.StatusCode != c.code || got.Status != c.status || len(got.Dependencies) != len(parts) || c.down != "" && got.Dependencies[c.down] != "not serving" {
			t.Errorf("%q down: %s %+v", c.down, resp.Status, got)
		}
	}
}

func TestDrain(t *testing.T) {
	e := start(t)
	for _, p := range []string{"directory", "directory/postgres"} {
		e.health.SetServingStatus(p, healthv1.HealthCheckResponse_SERVING)
	}
	if resp := e.do(ask{method: "GET", path: "/readyz"}); resp.StatusCode != http.StatusOK {
		t.Errorf("before: %s", resp.Status)
	}
	e.Drain()
	if resp := e.do(ask{method: "GET", path: "/readyz"}); resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("after: %s", resp.Status)
	}
	if resp := e.do(ask{method: "GET", path: "/v1/proposals"}); resp.StatusCode != http.StatusOK {
		t.Errorf("calls while draining: %s", resp.Status)
	}
}

func TestPages(t *testing.T) {
	e := start(t)
	for path, want := range map[string]string{
		"/": "協働のまちづくり", "/docs": "swagger-ui-bundle.js", "/docs/start.js": "SwaggerUIBundle", "/docs/swagger-ui.css": ".swagger-ui", "/docs/swagger-ui-bundle.js": "SwaggerUIBundle",
		"/openapi.json": `"openapi"`, "/metrics": "kyodo_http_requests_total", "/healthz": "alive", "/problems": "BODY_REQUIRED", "/assets/page.css": "body",
		"/lotteries/01980000-0000-7000-8000-000000000001/verify": "抽選の検証", "/assets/draw.js": "HMAC",
		"/dev/oidc/.well-known/openid-configuration": `"issuer"`,
	} {
		if resp := e.do(ask{method: "GET", path: path}); resp.StatusCode != http.StatusOK || !strings.Contains(text(t, resp), want) {
			t.Errorf("%s: %s", path, resp.Status)
		}
	}
	for _, path := range []string{"/", "/docs", "/problems", "/lotteries/01980000-0000-7000-8000-000000000001/verify", "/assets/draw.js"} {
		if body := text(t, e.do(ask{method: "GET", path: path})); strings.Contains(body, "http://") || strings.Contains(body, "https://") {
			t.Errorf("%s names addresses outside: %s", path, body)
		}
	}
	body := text(t, e.do(ask{method: "GET", path: "/metrics"}))
	if !strings.Contains(body, `route="/v1/proposals/{id}:submit"`) {
		t.Error("the metrics do not know the routes")
	}
}

// TestEveryRouteAnswers holds that no route of the contract lacks its handler.
func TestEveryRouteAnswers(t *testing.T) {
	e := start(t)
	var walk func(*tree)
	n := 0
	walk = func(at *tree) {
		for _, methods := range at.verbs {
			for _, r := range methods {
				n++
				if r.handle == nil && r.stream == nil {
					t.Errorf("%s %s has no handler", r.method, r.pattern)
				}
				path := r.pattern
				for _, name := range variableNames(path) {
					path = strings.Replace(path, "{"+name+"}", "1", 1)
				}
				if strings.HasSuffix(path, ":watch") {
					continue
				}
				a := ask{method: r.method, path: path, token: e.token("resident")}
				if r.body != nil {
					a.body = "{}"
				}
				if resp := e.do(a); resp.StatusCode == http.StatusNotFound || resp.StatusCode == http.StatusMethodNotAllowed || resp.StatusCode == http.StatusInternalServerError {
					t.Errorf("%s %s: %s %s", r.method, path, resp.Status, text(t, resp))
				}
			}
		}
		for _, next := range at.literals {
			walk(next)
		}
		if at.variable != nil {
			walk(at.variable)
		}
	}
	walk(e.tree)
	if n < 60 {
		t.Errorf("only %d routes", n)
	}
}

func TestAddress(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct{ remote, forwarded, want string }{
		{"203.0.113.9:1234", "", "203.0.113.9"},
		{"203.0.113.9:1234", "198.51.100.1", "203.0.113.9"},
		{"10.0.0.1:1234", "198.51.100.1", "198.51.100.1"},
		{"10.0.0.1:1234", "1.1.1.1, 198.51.100.1, 10.0.0.7", "198.51.100.1"},
		{"10.0.0.1:1234", "198.51.100.1, rubbish", "10.0.0.1"},
		{"[2001:db8::1:2]:1234", "", "2001:db8::/64"},
		{"[::ffff:203.0.113.9]:1", "", "203.0.113.9"},
	} {
		var forwarded []string
		if c.forwarded != "" {
			forwarded = []string{c.forwarded}
		}
		if diff := cmp.Diff(c.want, network(address(c.remote, forwarded, trusted))); diff != "" {
			t.Errorf("%s for %s: %s", c.remote, c.forwarded, diff)
		}
	}
}

// TestNothingIs500 sends what a hostile client would.
func TestNothingIs500(t *testing.T) {
	e := start(t)
	token := e.token("member")
	odd := []string{
		"", "null", "[]", "{}", `{"content":null}`, `{"content":{"schedule":[null]}}`, `{"content":{"schedule":[{}]}}`, `{"callId":"\u0000"}`, `{"channel":""}`,
		`{"content":{"beneficiaryCount":1e400}}`, `{"content":{"beneficiaryCount":-0}}`, "\xff\xfe", strings.Repeat("[", 1000), `"` + strings.Repeat("a", 1000), `{"":1}`, `{"a.b":1}`, `{"[x]":1}`, `{"@type":"x"}`,
	}
	for _, body := range odd {
		for _, a := range []ask{
			{method: "POST", path: "/v1/proposals", body: body, token: token},
			{method: "PATCH", path: "/v1/proposals/" + someID, body: body, token: token},
			{method: "PATCH", path: "/v1/proposals/" + someID + "?updateMask=a..b,%2C,%E3%81%82", body: body, token: token},
			{method: "POST", path: "/v1/proposals/%F0%9F%98%80:submit", body: body, token: token},
			{method: "DELETE", path: "/v1/proposals/x/attachments/y", body: body, token: token},
		} {
			if resp := e.do(a); resp.StatusCode >= http.StatusInternalServerError && resp.StatusCode != http.StatusNotImplemented {
				t.Errorf("%s %s %q: %s %s", a.method, a.path, body, resp.Status, text(t, resp))
			}
		}
	}
	for _, query := range []string{
		"?%", "?;", "?a;b", "?=", "?&&&", "?pageSize=", "?pageSize=1e3", "?pageSize=+1", "?state=", "?pageToken=%00", "?q=%E3", "?fiscalYear=0x10", "?callId=%FF", "?orderBy=%27;DROP", "?pageSize=9223372036854775807",
		"?q=" + strings.Repeat("%F0%9F%98%80", 300), "?access_token=x", "?updateMask=x", "?state=ADOPTED&state=REJECTED",
	} {
		if resp := e.do(ask{method: "GET", path: "/v1/proposals" + query}); resp.StatusCode >= http.StatusInternalServerError {
			t.Errorf("%s: %s %s", query, resp.Status, text(t, resp))
		}
	}
	for _, header := range []string{
		"Authorization: Bearer", "Authorization: bearer  x", "Authorization: Bearer " + strings.Repeat("a", 20000), "Cookie: __Host-kyodo=%00", "Cookie: __Host-kyodo=" + strings.Repeat("x", 500), "Cookie: ;;;=",
		"Accept: ;;;", "Accept: */*;q=x", "Accept-Language: \xff", "If-Match: \xe3\x81\x82", "Kyodo-Reason: \xff", "Kyodo-Reason: 理由", "Traceparent: 00-", "Range: bytes=0-", "Expect: 100-continue", "TE: trailers", "X-HTTP-Method-Override: DELETE",
		"Accept-Encoding: gzip;q=2, zstd;q=x", "Grpc-Timeout: 1S", "Content-Encoding: identity",
	} {
		if resp := e.do(ask{method: "GET", path: "/v1/proposals", header: []string{header}}); resp.StatusCode >= http.StatusInternalServerError {
			t.Errorf("%.60s: %s %s", header, resp.Status, text(t, resp))
		}
	}
}
