package gateway

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestProblemDocuments holds documents byte for byte, in both languages.
func TestProblemDocuments(t *testing.T) {
	e := start(t)
	editor := e.token("member", optionsv1.Role_ROLE_EDITOR)
	create := ask{method: "POST", path: "/v1/proposals", token: editor, body: `{"callId":"x","organizationId":""}`}
	change := ask{method: "PATCH", path: "/v1/proposals/" + someID, token: editor, body: `{"content":{"title":"` + strings.Repeat("長", 41) + `"},"etag":"\"1\""}`}
	get := ask{method: "GET", path: "/v1/proposals/" + someID}
	busy := fault.New(fault.Exists, "ALREADY_REPROPOSED", "再提案は1回だけです。", "It was proposed again already.").With("proposalId", otherID)
	cases := []struct {
		name string
		ask  ask
		says error
	}{
		{"a route that is not there", ask{method: "GET", path: "/v1/%E5%8D%94%E5%83%8D"}, nil},
		{"no token", ask{method: "POST", path: "/v1/proposals", body: "{}"}, nil},
		{"a bad token", ask{method: "GET", path: "/v1/proposals", token: "x"}, nil},
		{"two wrong fields", create, nil},
		{"a wrong field of an update", change, nil},
		{"an unknown field", ask{method: "POST", path: "/v1/proposals", token: editor, body: `{"content":{"<b>":1}}`}, nil},
		{"not JSON", ask{method: "POST", path: "/v1/proposals", token: editor, body: `{"callId"`}, nil},
		{"a method that is not taken", ask{method: "DELETE", path: "/v1/proposals/" + someID}, nil},
		{"not found", get, fault.ErrNotFound},
		{"a step the graph does not have", get, fault.Transition("DRAFT", "ACCEPTED", "SUBMITTED", "WITHDRAWN")},
		{"a service's own refusal", get, busy},
		{"an old version", get, fault.ErrETagMismatch.With("current", `"4"`)},
		{"unavailable", get, fault.ErrDependencyUnavailable.After(2 * time.Second)},
		{"internal", get, errors.New("not for the caller")},
	}
	var out strings.Builder
	for _, c := range cases {
		for _, lang := range []string{"ja", "en-GB,en;q=0.9"} {
			e.proposals.say(c.says)
			a := c.ask
			a.header = append([]string{"Accept-Language: " + lang}, a.header...)
			resp := e.do(a)
			fmt.Fprintf(&out, "# %s (%s)\n%d %s\n", c.name, resp.Header.Get("Content-Language"), resp.StatusCode, resp.Header.Get("Content-Type"))
			for _, name := range []string{"Allow", "Retry-After", "Www-Authenticate"} {
				if v := resp.Header.Get(name); v != "" {
					fmt.Fprintf(&out, "%s: %s\n", name, v)
				}
			}
			out.WriteString(incidents.ReplaceAllString(text(t, resp), `"incident":"…"`) + "\n")
		}
	}
	const file = "testdata/problems.golden"
	if *update {
		check(t, os.WriteFile(file, []byte(out.String()), 0o644))
	}
	want, err := os.ReadFile(file)
	check(t, err)
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Error(diff)
	}
}
