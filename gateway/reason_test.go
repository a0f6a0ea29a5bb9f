package gateway

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/gateway/limit"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// edgeReasons are all reasons that the design lists for the edge.
var edgeReasons = strings.Fields(`
	BODY_REQUIRED MALFORMED_JSON TRAILING_DATA DUPLICATE_FIELD UNKNOWN_FIELD INVALID_ENUM INVALID_FIELD
	FORBIDDEN_CHARACTER INVALID_UTF8 JSON_TOO_DEEP PAYLOAD_TOO_LARGE REQUEST_TIMEOUT UNSUPPORTED_MEDIA_TYPE
	UNSUPPORTED_CONTENT_ENCODING NOT_ACCEPTABLE METHOD_NOT_ALLOWED ROUTE_NOT_FOUND MALFORMED_PATH URI_TOO_LONG
	HEADERS_TOO_LARGE UNKNOWN_PARAMETER DUPLICATE_PARAMETER INVALID_PAGE_SIZE INVALID_PAGE_TOKEN
	PAGE_TOKEN_MISMATCH UNAUTHENTICATED TOKEN_INVALID TOKEN_EXPIRED PERMISSION_DENIED SELF_APPROVAL_FORBIDDEN
	RESOURCE_NOT_FOUND INVALID_FIELD_MASK PRECONDITION_REQUIRED ETAG_MISMATCH INVALID_STATE_TRANSITION
	RATE_LIMITED DEPENDENCY_UNAVAILABLE STORAGE_FULL OVERLOADED INTERNAL`)

// edgeCase provokes one reason over HTTP.
type edgeCase struct {
	reason string
	status int
	ask    ask
	field  string       // The first wrong field, when there is one.
	says   *fault.Error // What the service answers, where the reason is its own.
}

func edgeCases(e *edge) []edgeCase {
	editor := e.token("member", optionsv1.Role_ROLE_EDITOR)
	create := func(body string, header ...string) ask {
		return ask{method: "POST", path: "/v1/proposals", body: body, token: editor, header: header}
	}
	list := func(query string) ask { return ask{method: "GET", path: "/v1/proposals" + query} }
	update := ask{method: "PATCH", path: "/v1/proposals/" + someID, body: `{"content":{"title":"x"}}`, token: editor}
	full := `{"callId":"` + someID + `","organizationId":"` + someID + `"`
	said := func(f *fault.Error, status int) edgeCase {
		return edgeCase{f.Reason, status, list(""), "", f}
	}
	return []edgeCase{
		{"BODY_REQUIRED", 400, create(""), "", nil},
		{"BODY_REQUIRED", 400, ask{method: "POST", path: "/v1/proposals/" + someID + ":submit", token: editor}, "", nil},
		{"BODY_REQUIRED", 400, create("  "), "", nil},
		{"MALFORMED_JSON", 400, create(`{"callId":`), "", nil},
		{"TRAILING_DATA", 400, create(`{}{}`), "", nil},
		{"TRAILING_DATA", 400, ask{method: "GET", path: "/v1/proposals", body: "{}"}, "", nil},
		{"DUPLICATE_FIELD", 400, create(full + `,"callId":"x"}`), "callId", nil},
		{"UNKNOWN_FIELD", 400, create(`{"content":{"owner":1}}`), "content.owner", nil},
		{"UNKNOWN_FIELD", 400, create(`{"call_id":"x"}`), "call_id", nil},
		{"UNKNOWN_FIELD", 400, ask{method: "POST", path: "/v1/proposals/" + someID + ":submit", body: `{"id":"x"}`, token: editor}, "id", nil},
		{"INVALID_ENUM", 400, create(`{"channel":"PIGEON"}`), "channel", nil},
		{"INVALID_ENUM", 400, create(`{"channel":1}`), "channel", nil},
		{"INVALID_ENUM", 400, list("?state=DONE"), "state", nil},
		{"INVALID_ENUM", 400, list("?state=1"), "state", nil},
		{"INVALID_FIELD", 400, create(`{"callId":5}`), "callId", nil},
		{"INVALID_FIELD", 400, create(`{"callId":"x","organizationId":"` + someID + `"}`), "callId", nil},
		{"INVALID_FIELD", 400, list("?pageSize=ten"), "pageSize", nil},
		{"INVALID_FIELD", 400, list("?fiscalYear=99999999999"), "fiscalYear", nil},
		{"INVALID_FIELD", 400, ask{method: "GET", path: "/v1/proposals/x"}, "id", nil},
		{"INVALID_FIELD", 400, create(full+"}", "Idempotency-Key: 鍵"), "Idempotency-Key", nil},
		{"FORBIDDEN_CHARACTER", 400, create(`{"paperNote":"a\u0000"}`), "paperNote", nil},
		{"FORBIDDEN_CHARACTER", 400, list("?q=a%00b"), "q", nil},
		{"INVALID_UTF8", 400, create("{\"paperNote\":\"\xff\"}"), "", nil},
		{"INVALID_UTF8", 400, list("?q=%ff"), "q", nil},
		{"JSON_TOO_DEEP", 400, create(strings.Repeat(`{"content":`, 100) + "1" + strings.Repeat("}", 100)), "", nil},
		{"PAYLOAD_TOO_LARGE", 413, create(`{"paperNote":"` + strings.Repeat("a", 1<<20) + `"}`), "", nil},
		{"UNSUPPORTED_MEDIA_TYPE", 415, create("{}", "Content-Type: ", "Content-Type: text/plain"), "", nil},
		{"UNSUPPORTED_MEDIA_TYPE", 415, create("{}", "Content-Type: ", "Content-Type: application/json; charset=shift_jis"), "", nil},
		{"UNSUPPORTED_MEDIA_TYPE", 415, create("{}", "Content-Type: "), "", nil},
		{"UNSUPPORTED_MEDIA_TYPE", 415, create("a=b", "Content-Type: ", "Content-Type: application/x-www-form-urlencoded", "X-HTTP-Method-Override: GET"), "", nil},
		{"UNSUPPORTED_CONTENT_ENCODING", 415, create("{}", "Content-Encoding: gzip"), "", nil},
		{"NOT_ACCEPTABLE", 406, ask{method: "GET", path: "/v1/proposals", header: []string{"Accept: application/xml"}}, "", nil},
		{"METHOD_NOT_ALLOWED", 405, ask{method: "PUT", path: "/v1/proposals", body: "{}"}, "", nil},
		{"ROUTE_NOT_FOUND", 404, ask{method: "GET", path: "/v1/nothing"}, "", nil},
		{"ROUTE_NOT_FOUND", 404, ask{method: "GET", path: "/v1/proposals/"}, "", nil},
		{"ROUTE_NOT_FOUND", 404, ask{method: "POST", path: "/v1/proposals/" + someID + ":explode", body: "{}"}, "", nil},
		{"ROUTE_NOT_FOUND", 404, ask{method: "GET", path: "/v1//proposals"}, "", nil},
		{"ROUTE_NOT_FOUND", 404, ask{method: "GET", path: "/v1/../healthz"}, "", nil},
		{"ROUTE_NOT_FOUND", 404, ask{method: "GET", path: "/nothing"}, "", nil},
		{"MALFORMED_PATH", 400, ask{method: "GET", path: "/v1/proposals/a%00b"}, "", nil},
		{"MALFORMED_PATH", 400, ask{method: "GET", path: "/v1/proposals/%ff"}, "", nil},
		{"MALFORMED_PATH", 400, list("?q=%zz"), "", nil},
		{"URI_TOO_LONG", 414, list("?q=" + strings.Repeat("a", 9000)), "", nil},
		{"HEADERS_TOO_LARGE", 431, ask{method: "GET", path: "/v1/proposals", header: []string{"X-Filler: " + strings.Repeat("a", 33<<10)}}, "", nil},
		{"UNKNOWN_PARAMETER", 400, list("?page_size=5"), "page_size", nil},
		{"UNKNOWN_PARAMETER", 400, ask{method: "POST", path: "/v1/proposals/" + someID + ":submit?id=x", body: "{}", token: editor}, "id", nil},
		{"DUPLICATE_PARAMETER", 400, list("?q=a&q=b"), "q", nil},
		{"UNAUTHENTICATED", 401, ask{method: "POST", path: "/v1/proposals", body: "{}"}, "", nil},
		{"TOKEN_INVALID", 401, ask{method: "GET", path: "/v1/proposals", token: "rubbish"}, "", nil},
		{"TOKEN_INVALID", 401, ask{method: "GET", path: "/v1/proposals", header: []string{"Authorization: Basic YTpi"}}, "", nil},
		{"PERMISSION_DENIED", 403, ask{method: "POST", path: "/v1/proposals", body: full + "}", token: e.token("resident")}, "", nil},
		{"INVALID_PAGE_SIZE", 400, list("?pageSize=-1"), "", fault.ErrInvalidPageSize},
		said(fault.ErrInvalidPageToken, 400),
		said(fault.ErrPageTokenMismatch, 400),
		said(fault.ErrSelfApprovalForbidden, 403),
		said(fault.ErrNotFound, 404),
		{"INVALID_FIELD_MASK", 400, update, "", fault.ErrInvalidFieldMask},
		{"PRECONDITION_REQUIRED", 428, update, "", fault.ErrPreconditionRequired},
		{"ETAG_MISMATCH", 412, update, "", fault.ErrETagMismatch.With("current", `"4"`)},
		{"IDEMPOTENCY_KEY_REUSED", 422, create(full + "}"), "", fault.ErrIdempotencyKeyReused},
		{"IDEMPOTENCY_IN_PROGRESS", 409, create(full + "}"), "", fault.ErrIdempotencyInProgress.After(time.Second)},
		said(fault.Transition("DRAFT", "ACCEPTED", "SUBMITTED"), 409),
		said(fault.ErrDependencyUnavailable.After(2*time.Second), 503),
		said(fault.ErrStorageFull, 503),
		said(fault.ErrOverloaded, 503),
		said(fault.ErrDeadline, 504),
		said(fault.ErrCancelled, 499),
	}
}

func TestEdgeReasons(t *testing.T) {
	e := start(t)
	var seen []string
	for _, c := range edgeCases(e) {
		seen = append(seen, c.reason)
		e.proposals.say(nil)
		if c.says != nil {
			e.proposals.say(c.says)
		}
		doc, resp := e.problem(c.ask)
		field := ""
		if len(doc.Errors) > 0 {
			field = doc.Errors[0].Field
		}
		if doc.Reason != c.reason || resp.StatusCode != c.status || doc.Status != c.status || field != c.field {
			t.Errorf("%s %.80s %.60s: %d %s at %q, want %d %s at %q", c.ask.method, c.ask.path, c.ask.body, resp.StatusCode, doc.Reason, field, c.status, c.reason, c.field)
		}
		if doc.Title == "" || doc.Detail == "" || doc.Domain != "kyodo" || doc.Code == "" || doc.Type != "/problems/"+c.reason {
			t.Errorf("%s: incomplete document %+v", c.reason, doc)
		}
		if (c.status >= 500) != (doc.Incident != "") {
			t.Errorf("%s: incident %q", c.reason, doc.Incident)
		}
		if wait := resp.Header.Get("Retry-After"); (c.status == 503 || c.status == 429) && wait == "" {
			t.Errorf("%s: no Retry-After", c.reason)
		}
		if (c.status == 401) != (resp.Header.Get("WWW-Authenticate") != "") {
			t.Errorf("%s: challenge %q", c.reason, resp.Header.Get("WWW-Authenticate"))
		}
	}
	elsewhere := []string{"TOKEN_EXPIRED", "RATE_LIMITED", "INTERNAL", "REQUEST_TIMEOUT"} // tests of their own below
	for _, r := range edgeReasons {
		if !slices.Contains(seen, r) && !slices.Contains(elsewhere, r) {
			t.Errorf("nothing provokes %s", r)
		}
	}
}

func TestEveryEdgeReasonHasAPage(t *testing.T) {
	e := start(t)
	for _, r := range edgeReasons {
		if resp := e.do(ask{method: "GET", path: "/problems/" + r}); resp.StatusCode != http.StatusOK || !strings.Contains(text(t, resp), r) {
			t.Errorf("%s: %s", r, resp.Status)
		}
		if !slices.ContainsFunc(problem.Edge, func(f *fault.Error) bool { return f.Reason == r }) {
			t.Errorf("%s is not explained", r)
		}
	}
	if resp := e.do(ask{method: "GET", path: "/problems/%3Cscript%3E"}); resp.StatusCode != http.StatusNotFound {
		t.Errorf("an invented reason: %s", resp.Status)
	}
}

func TestTokenExpired(t *testing.T) {
	e := start(t)
	token := e.token("member")
	e.clock.forward(2 * time.Hour)
	if doc, _ := e.problem(ask{method: "GET", path: "/v1/proposals", token: token}); doc.Reason != "TOKEN_EXPIRED" || doc.Status != 401 {
		t.Errorf("%d %s", doc.Status, doc.Reason)
	}
}

func TestRateLimited(t *testing.T) {
	e := start(t, func(c *Config) {
		c.Limits = Limits{AnonymousReads: limit.Rate{PerMinute: 60, Burst: 2}, Writes: limit.Rate{PerMinute: 60, Burst: 1}}
	})
	for range 2 {
		if resp := e.do(ask{method: "GET", path: "/v1/proposals"}); resp.StatusCode != http.StatusOK || resp.Header.Get("RateLimit-Policy") != `"anonymous-reads";q=60;w=60` {
			t.Fatalf("%s %v", resp.Status, resp.Header)
		}
	}
	doc, resp := e.problem(ask{method: "GET", path: "/v1/proposals"})
	if doc.Reason != "RATE_LIMITED" || doc.Status != 429 || resp.Header.Get("Retry-After") != "1" {
		t.Errorf("%d %s after %s", doc.Status, doc.Reason, resp.Header.Get("Retry-After"))
	}
	if doc, _ := e.problem(ask{method: "GET", path: "/v1/proposals", token: "rubbish"}); doc.Status != 429 {
		t.Errorf("bad tokens are not counted: %d", doc.Status)
	}
	one, two := e.token("member", optionsv1.Role_ROLE_EDITOR), e.token("member2", optionsv1.Role_ROLE_EDITOR)
	body := `{"callId":"` + someID + `","organizationId":"` + someID + `"}`
	for i, want := range []int{201, 429} {
		if resp := e.do(ask{method: "POST", path: "/v1/proposals", body: body, token: one}); resp.StatusCode != want {
			t.Errorf("write %d: %s", i, resp.Status)
		}
	}
	if resp := e.do(ask{method: "POST", path: "/v1/proposals", body: body, token: two}); resp.StatusCode != http.StatusCreated {
		t.Errorf("somebody else: %s", resp.Status)
	}
}

func TestInternal(t *testing.T) {
	e := start(t)
	e.proposals.say(fmt.Errorf("secret detail of the database"))
	doc, _ := e.problem(ask{method: "GET", path: "/v1/proposals"})
	if doc.Reason != "INTERNAL" || doc.Status != 500 || doc.Incident == "" || strings.Contains(fmt.Sprint(doc), "secret") || doc.Metadata["incident"] != "" {
		t.Errorf("%+v", doc)
	}
	e.proposals.mu.Lock()
	e.proposals.panics = true
	e.proposals.mu.Unlock()
	if doc, _ := e.problem(ask{method: "GET", path: "/v1/proposals"}); doc.Reason != "INTERNAL" {
		t.Errorf("a panic in a service: %+v", doc)
	}
	at := &route{method: "GET", pattern: "/v1/panics", stream: &stream{public: true, serve: func(http.ResponseWriter, *http.Request, []string, *call) error { panic("the edge") }}}
	check(t, e.tree.add(at))
	if doc, _ := e.problem(ask{method: "GET", path: "/v1/panics"}); doc.Reason != "INTERNAL" || doc.Incident == "" {
		t.Errorf("a panic at the edge: %+v", doc)
	}
}

// TestSlowBody provokes REQUEST_TIMEOUT: the body never comes.
func TestSlowBody(t *testing.T) {
	e := start(t)
	rt := e.tree.literals["v1"].literals["proposals"].verbs[""]["POST"]
	slow := *rt
	slow.stream = &stream{serve: func(w http.ResponseWriter, r *http.Request, _ []string, _ *call) error {
		check(t, http.NewResponseController(w).SetReadDeadline(time.Now().Add(20*time.Millisecond)))
		_, err := readBody(w, r, rt)
		return err
	}, limit: maxBody}
	slow.pattern = "/v1/slow"
	check(t, e.tree.add(&slow))
	conn, err := net.Dial("tcp", strings.TrimPrefix(e.url, "http://"))
	check(t, err)
	defer func() { _ = conn.Close() }()
	fmt.Fprintf(conn, "POST /v1/slow HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: 10\r\n\r\n{", e.token("member", optionsv1.Role_ROLE_EDITOR))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	check(t, err)
	if body := text(t, resp); resp.StatusCode != http.StatusGatewayTimeout || !strings.Contains(body, "REQUEST_TIMEOUT") {
		t.Errorf("%s %s", resp.Status, body)
	}
}

// TestOrderOfChecks starts with everything wrong and mends one thing after the
// other.
func TestOrderOfChecks(t *testing.T) {
	e := start(t)
	path, token := "/v1/proposals/x:submitt", "rubbish"
	body := strings.Repeat("x", 2<<20)
	media := "text/plain"
	var got []string
	for range 9 {
		doc, _ := e.problem(ask{method: "POST", path: path, body: body, token: token, header: []string{"Content-Type: ", "Content-Type: " + media}})
		got = append(got, doc.Reason)
		switch doc.Reason {
		case "ROUTE_NOT_FOUND":
			path = "/v1/proposals/x:submit?wrong=1"
		case "PAYLOAD_TOO_LARGE":
			body = "x"
		case "UNSUPPORTED_MEDIA_TYPE":
			media = "application/json"
		case "TOKEN_INVALID":
			token = ""
		case "UNAUTHENTICATED":
			token = e.token("resident")
		case "UNKNOWN_PARAMETER":
			path = "/v1/proposals/x:submit"
		case "MALFORMED_JSON":
			body = "{}"
		case "PERMISSION_DENIED":
			token = e.token("representative", optionsv1.Role_ROLE_REPRESENTATIVE)
		}
	}
	want := []string{
		"ROUTE_NOT_FOUND", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE", "TOKEN_INVALID", "UNAUTHENTICATED",
		"UNKNOWN_PARAMETER", "MALFORMED_JSON", "PERMISSION_DENIED", "INVALID_FIELD",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
