package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestUnify(t *testing.T) {
	parameter := func(name string) object { return object{"in": "path", "name": name} }
	list := []operation{
		{path: "/v1/calls/{id}", body: object{"parameters": []any{parameter("id")}}},
		{path: "/v1/calls/{call.id}", body: object{"parameters": []any{parameter("call.id")}}},
		{path: "/v1/calls/{call_id}/progress/{progress_id}", body: object{}},
		{path: "/v1/calls/{call_id}:close", body: object{"parameters": []any{parameter("call_id")}}},
	}
	unify(list)
	var got []string
	for _, op := range list {
		got = append(got, op.path)
		for _, parameter := range parameters(op.body) {
			got = append(got, parameter["name"].(string))
		}
	}
	want := []string{
		"/v1/calls/{callId}", "callId", "/v1/calls/{callId}", "callId",
		"/v1/calls/{callId}/progress/{progressId}", "/v1/calls/{callId}:close", "callId",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("paths and parameters (-want +got):\n%s", diff)
	}
}

func TestPortable(t *testing.T) {
	tests := []struct {
		pattern, want string
		ok            bool
	}{
		{`^[0-9]{4}$`, `^[0-9]{4}$`, true},
		{`\A\p{Hiragana}+\z`, `^\p{Script=Hiragana}+$`, true},
		{`^[\x{3041}-\x{3096}]$`, `^[\u{3041}-\u{3096}]$`, true},
		{`^\p{L}+$`, `^\p{L}+$`, true},
		{`\\A`, `\\A`, true},
		{`(?i)^r[0-9]$`, ``, false},
		{`^[[:alpha:]]$`, ``, false},
	}
	for _, test := range tests {
		got, ok := portable(test.pattern)
		if got != test.want || ok != test.ok {
			t.Errorf("portable(%q) = %q, %t; want %q, %t", test.pattern, got, ok, test.want, test.ok)
		}
	}
}
