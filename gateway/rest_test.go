package gateway

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
	proposalsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/proposals/v1"
)

var incidents = regexp.MustCompile(`"incident":"[0-9a-f]{16}"`)

func TestCreate(t *testing.T) {
	e := start(t)
	resp := e.do(ask{
		method: "POST", path: "/v1/proposals", token: e.token("member", optionsv1.Role_ROLE_EDITOR),
		body: `{"callId":"` + someID + `","organizationId":"` + someID + `","content":{"title":"協働","beneficiaryCount":3}}`,
	})
	body := text(t, resp)
	if resp.StatusCode != http.StatusCreated || resp.Header.Get("Location") != "/v1/proposals/"+someID || resp.Header.Get("ETag") != `"3"` {
		t.Fatalf("%s %v %s", resp.Status, resp.Header, body)
	}
	var got struct {
		ID      string
		State   string
		Content struct{ Title string }
	}
	check(t, json.Unmarshal([]byte(body), &got))
	if got.ID != someID || got.State != "DRAFT" || got.Content.Title != "協働" {
		t.Errorf("%+v", got)
	}
	if caller := e.proposals.caller; caller.Kind != auth.KindPerson || caller.ID != personID("member") || !caller.Has(optionsv1.Role_ROLE_EDITOR) {
		t.Errorf("the service sees %+v", caller)
	}
}

func TestUpdate(t *testing.T) {
	e := start(t)
	editor := e.token("member", optionsv1.Role_ROLE_EDITOR)
	for name, c := range map[string]struct {
		query, body string
		header      []string
		want        *proposalsv1.UpdateProposalRequest
	}{
		"the mask is what the body has": {
			body: `{"content":{"title":"新"},"etag":"\"3\""}`,
			want: &proposalsv1.UpdateProposalRequest{
				Id: someID, Etag: `"3"`, Proposal: &proposalsv1.ProposalInput{Content: &proposalsv1.ProposalContent{Title: "新"}, Etag: `"3"`},
				UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"content.title", "etag"}},
			},
		},
		"the mask of the query": {
			query: "?updateMask=content.title,content.beneficiaryCount", body: `{"content":{"title":"新"}}`, header: []string{`If-Match: "3"`},
			want: &proposalsv1.UpdateProposalRequest{
				Id: someID, Etag: `"3"`, Proposal: &proposalsv1.ProposalInput{Content: &proposalsv1.ProposalContent{Title: "新"}},
				UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"content.title", "content.beneficiaryCount"}},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			resp := e.do(ask{method: "PATCH", path: "/v1/proposals/" + someID + c.query, body: c.body, token: editor, header: c.header})
			if resp.StatusCode != http.StatusOK {
				t.Fatalf("%s %s", resp.Status, text(t, resp))
			}
			got, _ := e.proposals.last.(*proposalsv1.UpdateProposalRequest)
			sorted := protocmp.SortRepeatedFields(&fieldmaskpb.FieldMask{}, "paths")
			if diff := cmp.Diff(c.want, got, protocmp.Transform(), sorted); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestHeaders holds that services see the few headers that they read, and
// nothing else of what a client sends.
func TestHeaders(t *testing.T) {
	e := start(t)
	e.do(ask{method: "GET", path: "/v1/proposals", token: e.token("desk", optionsv1.Role_ROLE_DESK), header: []string{
		"Idempotency-Key: k1", `If-Match: "7"`, "Accept-Language: en", "Kyodo-Reason: 照会 対応",
		"Traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"Cookie: a=b", "X-User-Id: 1", "Grpc-Metadata-Authorization: Bearer x", "Grpc-Metadata-Kyodo-Reason: y", "Grpcgateway-Authorization: z",
		"X-Forwarded-For: 1.2.3.4", "X-Forwarded-Host: evil.example", "Grpc-Timeout: 1n", "Forwarded: for=1.2.3.4", "Tracestate: a=b",
	}})
	seen := map[string][]string{}
	for name, v := range e.proposals.seen {
		switch name {
		case ":authority", "content-type", "user-agent", "grpc-accept-encoding":
		case rpc.MetaAuthorization:
			if len(v) != 1 || strings.Contains(v[0], "Bearer x") {
				t.Errorf("token %q", v)
			}
		default:
			seen[name] = v
		}
	}
	want := map[string][]string{
		"idempotency-key": {"k1"}, "if-match": {`"7"`}, "accept-language": {"en"}, "kyodo-reason": {rpc.EncodeReason("照会 対応")},
		"traceparent": {"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
	e.do(ask{method: "GET", path: "/v1/proposals", header: []string{"Traceparent: rubbish"}})
	if got := e.proposals.seen.Get("traceparent"); len(got) != 1 || !wellFormedTrace(got[0]) {
		t.Errorf("a new trace is %q", got)
	}
}

func TestHeadAndOptions(t *testing.T) {
	e := start(t)
	resp := e.do(ask{method: "HEAD", path: "/v1/proposals"})
	if body := text(t, resp); resp.StatusCode != http.StatusOK || body != "" || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("HEAD: %s %v %q", resp.Status, resp.Header, body)
	}
	for path, want := range map[string]string{
		"/v1/proposals": "GET, HEAD, OPTIONS, POST", "/v1/proposals/" + someID: "GET, HEAD, OPTIONS, PATCH",
		"/v1/proposals/x:submit": "OPTIONS, POST", "/docs": "GET, HEAD, OPTIONS", "/auth/logout": "OPTIONS, POST",
	} {
		if resp := e.do(ask{method: "OPTIONS", path: path}); resp.StatusCode != http.StatusNoContent || resp.Header.Get("Allow") != want {
			t.Errorf("OPTIONS %s: %s %q", path, resp.Status, resp.Header.Get("Allow"))
		}
	}
}

func TestSecurityHeaders(t *testing.T) {
	e := start(t)
	for _, path := range []string{"/v1/proposals", "/v1/nothing", "/", "/docs", "/healthz", "/assets/page.css"} {
		h := e.do(ask{method: "GET", path: path}).Header
		policy := h.Get("Content-Security-Policy")
		if h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") || strings.Contains(policy, "script-src 'unsafe") {
			t.Errorf("%s: %v", path, h)
		}
	}
}

// TestCrossOrigin holds that a browser on another site can change nothing.
func TestCrossOrigin(t *testing.T) {
	e := start(t, func(c *Config) { c.AllowedOrigins = []string{"https://friend.example"} })
	body := `{"callId":"` + someID + `","organizationId":"` + someID + `"}`
	editor := e.token("member", optionsv1.Role_ROLE_EDITOR)
	for origin, want := range map[string]int{"https://evil.example": 403, "https://friend.example": 201, "": 201, e.url: 201} {
		a := ask{method: "POST", path: "/v1/proposals", body: body, token: editor}
		if origin != "" {
			a.header = []string{"Origin: " + origin}
		}
		resp := e.do(a)
		if resp.StatusCode != want {
			t.Errorf("%q: %s", origin, resp.Status)
		}
		if shared := resp.Header.Get("Access-Control-Allow-Origin"); (shared != "") != (origin == "https://friend.example") {
			t.Errorf("%q is told %q", origin, shared)
		}
	}
	if doc, _ := e.problem(ask{method: "POST", path: "/auth/logout", header: []string{"Sec-Fetch-Site: cross-site"}}); doc.Status != 403 {
		t.Errorf("logout from elsewhere: %+v", doc)
	}
}

func TestCompression(t *testing.T) {
	e := start(t)
	for _, encoding := range []string{"gzip", "zstd"} {
		resp := e.do(ask{method: "GET", path: "/openapi.json", header: []string{"Accept-Encoding: " + encoding}})
		if resp.Header.Get("Content-Encoding") != encoding || resp.Header.Get("Vary") == "" {
			t.Errorf("%s: %v", encoding, resp.Header)
		}
	}
}

func TestMissingBackend(t *testing.T) {
	e := start(t, func(c *Config) { delete(c.Backends, "proposals") })
	doc, resp := e.problem(ask{method: "GET", path: "/v1/proposals"})
	if doc.Reason != "DEPENDENCY_UNAVAILABLE" || doc.Status != 503 || doc.Metadata["dependency"] != "proposals" || resp.Header.Get("Retry-After") == "" {
		t.Errorf("%+v", doc)
	}
	if resp := e.do(ask{method: "GET", path: "/v1/me", token: e.token("desk")}); resp.StatusCode != http.StatusOK {
		t.Errorf("others stop too: %s", resp.Status)
	}
}
