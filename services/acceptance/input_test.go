package acceptance

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth/issuer"
)

// badRequest is a request that the edge refuses.
type badRequest struct {
	reason  string
	status  int
	as      string
	method  string
	path    string
	body    string
	headers []string // name, value, name, value …
}

const jsonType = "application/json"

// badRequests provoke each reason of the edge over HTTP.
func badRequests(p *course) []badRequest {
	create, one := "/v1/proposals", "/v1/proposals/"+p.id
	typed := []string{"Content-Type", jsonType}
	post := func(reason string, status int, body string) badRequest {
		return badRequest{reason, status, p.rep, http.MethodPost, create, body, typed}
	}
	get := func(reason string, status int, path string, headers ...string) badRequest {
		return badRequest{reason, status, "", http.MethodGet, path, "", headers}
	}
	deep := strings.Repeat(`{"a":`, 70) + "1" + strings.Repeat("}", 70)
	return []badRequest{
		post("BODY_REQUIRED", 400, ""),
		post("MALFORMED_JSON", 400, `{"callId":`),
		post("MALFORMED_JSON", 400, `{"callId": 'x'}`),
		post("TRAILING_DATA", 400, `{} {}`),
		post("DUPLICATE_FIELD", 400, `{"callId":"a","callId":"b"}`),
		post("UNKNOWN_FIELD", 400, `{"nonsense":1}`),
		post("UNKNOWN_FIELD", 400, `{"content":{"number":"R8-提-0001"}}`),
		post("INVALID_ENUM", 400, `{"channel":"PIGEON"}`),
		post("INVALID_FIELD", 400, `{"callId":"x","organizationId":"`+p.organization+`"}`),
		post("INVALID_FIELD", 400, `{"callId":7}`),
		post("FORBIDDEN_CHARACTER", 400, `{"content":{"title":"a\u0000b"}}`),
		post("FORBIDDEN_CHARACTER", 400, `{"content":{"title":"a\u202eb"}}`),
		post("INVALID_UTF8", 400, "{\"paperNote\":\"\xff\xfe\"}"),
		post("JSON_TOO_DEEP", 400, deep),
		post("PAYLOAD_TOO_LARGE", 413, `{"paperNote":"`+strings.Repeat("x", 1<<20)+`"}`),
		{"UNSUPPORTED_MEDIA_TYPE", 415, p.rep, http.MethodPost, create, `{}`, []string{"Content-Type", "text/plain"}},
		{"UNSUPPORTED_MEDIA_TYPE", 415, p.rep, http.MethodPost, create, `{}`, nil},
		{"UNSUPPORTED_CONTENT_ENCODING", 415, p.rep, http.MethodPost, create, `{}`, []string{"Content-Type", jsonType, "Content-Encoding", "gzip"}},
		get("NOT_ACCEPTABLE", 406, create, "Accept", "text/csv"),
		{"METHOD_NOT_ALLOWED", 405, "", http.MethodPut, create, `{}`, typed},
		get("ROUTE_NOT_FOUND", 404, "/v1/nonsense"),
		get("ROUTE_NOT_FOUND", 404, one+":nonsense"),
		get("URI_TOO_LONG", 414, create+"?q="+strings.Repeat("x", 9<<10)),
		get("UNKNOWN_PARAMETER", 400, create+"?nonsense=1"),
		get("DUPLICATE_PARAMETER", 400, create+"?pageSize=1&pageSize=2"),
		get("INVALID_ENUM", 400, create+"?state=NONSENSE"),
		get("INVALID_FIELD", 400, create+"?pageSize=x"),
		get("INVALID_FIELD", 400, "/v1/proposals/nonsense"),
		get("INVALID_PAGE_SIZE", 400, create+"?pageSize=-1"),
		get("INVALID_PAGE_TOKEN", 400, create+"?pageToken=x"),
		get("TOKEN_INVALID", 401, create, "Authorization", "Bearer x"),
		get("TOKEN_INVALID", 401, create, "Authorization", "Basic eDp5"),
		{"UNAUTHENTICATED", 401, "", http.MethodPost, create, `{}`, typed},
		{"PERMISSION_DENIED", 403, "auditor", http.MethodPost, create, `{}`, typed},
		get("RESOURCE_NOT_FOUND", 404, "/v1/proposals/"+invented),
		{"INVALID_FIELD_MASK", 400, p.rep, http.MethodPatch, one + "?updateMask=state", `{}`, []string{"Content-Type", jsonType, "If-Match", `"1"`}},
		{"INVALID_FIELD_MASK", 400, p.rep, http.MethodPatch, one + "?updateMask=*", `{}`, []string{"Content-Type", jsonType, "If-Match", `"1"`}},
		{"PRECONDITION_REQUIRED", 428, p.rep, http.MethodPatch, one + "?updateMask=content.title", `{"content":{"title":"x"}}`, typed},
		{"ETAG_MISMATCH", 412, p.rep, http.MethodPatch, one + "?updateMask=content.title", `{"content":{"title":"x"}}`, []string{"Content-Type", jsonType, "If-Match", `"99"`}},
		{"ETAG_MISMATCH", 412, p.rep, http.MethodPost, one + ":submit", `{}`, []string{"Content-Type", jsonType, "If-Match", `"99"`}},
		{"INVALID_STATE_TRANSITION", 409, p.rep, http.MethodPost, one + ":resubmit", `{}`, typed},
		{"REASON_REQUIRED", 400, "desk", http.MethodGet, "/v1/organizations/" + p.organization + "/members", "", nil},
		{"CROSS_ORIGIN_FORBIDDEN", 403, p.rep, http.MethodPost, create, `{}`, []string{"Content-Type", jsonType, "Sec-Fetch-Site", "cross-site"}},
	}
}

func TestEdgeReasons(t *testing.T) {
	t.Parallel()
	for _, w := range start(t) {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			c := w.over(t, restTransport{w})
			p := c.draft(c.publishedCall(nil), "縁で断られる提案")
			for _, bad := range badRequests(p) {
				resp, raw := c.send(bad.as, bad.method, bad.path, []byte(bad.body), bad.headers...)
				what := fmt.Sprintf("%s %.80s %.60s", bad.method, bad.path, bad.body)
				checkProblem(t, what, resp, raw, bad.status, bad.reason)
				if bad.status == http.StatusMethodNotAllowed && resp.Header.Get("Allow") == "" {
					t.Errorf("%s: no Allow", what)
				}
				if bad.status == http.StatusUnauthorized && resp.Header.Get("WWW-Authenticate") == "" {
					t.Errorf("%s: no WWW-Authenticate", what)
				}
			}
			expired(t, c)
			spoken(t, c)
		})
	}
}

// checkProblem checks that an answer is a whole problem document.
func checkProblem(t testing.TB, what string, resp *http.Response, raw []byte, status int, reason string) {
	t.Helper()
	if resp.StatusCode != status {
		t.Errorf("%s: status %d, want %d: %s", what, resp.StatusCode, status, raw)
		return
	}
	if err := wholeProblem(resp, raw); err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	var p problem
	if err := json.Unmarshal(raw, &p); err != nil || p.Reason != reason {
		t.Errorf("%s: reason %q, want %q: %s", what, p.Reason, reason, raw)
	}
}

// wholeProblem says what a problem document lacks.
func wholeProblem(resp *http.Response, raw []byte) error {
	if got := resp.Header.Get("Content-Type"); got != "application/problem+json" {
		return fmt.Errorf("media type %q: %s", got, raw)
	}
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(raw, &doc); err != nil {
		return fmt.Errorf("%w: %s", err, raw)
	}
	for _, name := range []string{"type", "title", "status", "detail", "instance", "reason", "domain", "code", "metadata", "errors"} {
		if v := string(doc[name]); v == "" || v == `""` || v == "null" {
			return fmt.Errorf("no %s in %s", name, raw)
		}
	}
	if string(doc["status"]) != fmt.Sprint(resp.StatusCode) || string(doc["domain"]) != `"kyodo"` {
		return fmt.Errorf("status or domain in %s", raw)
	}
	if resp.StatusCode >= 500 && len(doc["incident"]) == 0 {
		return fmt.Errorf("no incident in %s", raw)
	}
	return nil
}

// expired sends a token whose time is over.
func expired(t *testing.T, c *client) {
	t.Helper()
	old, err := c.world.signAt(somebody("late"), time.Now().Add(-2*issuer.Lifetime))
	if err != nil {
		t.Fatal(err)
	}
	resp, raw := c.send("", http.MethodGet, "/v1/invitations", nil, "Authorization", "Bearer "+old)
	checkProblem(t, "an expired token", resp, raw, http.StatusUnauthorized, "TOKEN_EXPIRED")
}

// spoken answers in the language that is asked for.
func spoken(t *testing.T, c *client) {
	t.Helper()
	for language, want := range map[string]string{"": "見つかりません", "en": "not found", "ja,en;q=0.5": "見つかりません", "fr": "見つかりません"} {
		_, raw := c.send("", http.MethodGet, "/v1/proposals/"+invented, nil, "Accept-Language", language)
		if !strings.Contains(string(raw), want) {
			t.Errorf("in %q: %s", language, raw)
		}
	}
}

// TestRawRequests sends what no HTTP client would.
func TestRawRequests(t *testing.T) {
	t.Parallel()
	w := start(t)[0]
	token := w.token(t, "representative")
	for _, raw := range []struct {
		name, request, reason string
		status                int
	}{
		{"not UTF-8", "GET /v1/proposals/%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n", "MALFORMED_PATH", 400},
		{"NUL", "GET /v1/proposals/%00 HTTP/1.1\r\nHost: x\r\n\r\n", "MALFORMED_PATH", 400},
		{"large headers", "GET /v1/proposals HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 40<<10) + "\r\n\r\n", "HEADERS_TOO_LARGE", 431},
		{"half a body", "POST /v1/proposals HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token + "\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", "REQUEST_TIMEOUT", 504},
	} {
		t.Run(raw.name, func(t *testing.T) {
			t.Parallel()
			resp, body := exchange(t, w, raw.request)
			checkProblem(t, raw.name, resp, body, raw.status, raw.reason)
		})
	}
}

func exchange(t *testing.T, w *world, request string) (*http.Response, []byte) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", strings.TrimPrefix(w.origin, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Logf("write: %v", err) // the edge may have answered already
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var body bytes.Buffer
	if _, err := body.ReadFrom(resp.Body); err != nil {
		t.Fatal(err)
	}
	return resp, body.Bytes()
}
