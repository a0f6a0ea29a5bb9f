package acceptance

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
)

// everywhere are the reasons that the comment of an RPC need not list: those of
// the edge, of identity, of idempotency and of parts that are away.
var everywhere = strings.Fields(`
	BODY_REQUIRED MALFORMED_JSON TRAILING_DATA DUPLICATE_FIELD UNKNOWN_FIELD INVALID_ENUM FORBIDDEN_CHARACTER INVALID_UTF8 JSON_TOO_DEEP
	PAYLOAD_TOO_LARGE REQUEST_TIMEOUT UNSUPPORTED_MEDIA_TYPE UNSUPPORTED_CONTENT_ENCODING NOT_ACCEPTABLE METHOD_NOT_ALLOWED ROUTE_NOT_FOUND
	MALFORMED_PATH URI_TOO_LONG HEADERS_TOO_LARGE UNKNOWN_PARAMETER DUPLICATE_PARAMETER CROSS_ORIGIN_FORBIDDEN RATE_LIMITED
	TOKEN_INVALID TOKEN_EXPIRED IDEMPOTENCY_KEY_REUSED IDEMPOTENCY_IN_PROGRESS CONCURRENT_UPDATE OVERLOADED DEPENDENCY_UNAVAILABLE INTERNAL`)

var (
	rpcComment = regexp.MustCompile(`(?m)((?:^  //.*\n)+)  rpc (\w+)\(`)
	errorList  = regexp.MustCompile(`(?s)Errors: (.*?)\.`)
)

// listedReasons are the reasons in the comments of the RPCs, read from the
// contract once.
var listedReasons = sync.OnceValues(func() (map[string][]string, error) {
	files, err := filepath.Glob(filepath.Join("..", "..", "proto", "kyodo", "*", "v1", "*.proto"))
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		for _, m := range rpcComment.FindAllStringSubmatch(string(text), -1) {
			comment := strings.ReplaceAll(m[1], "//", " ")
			if list := errorList.FindStringSubmatch(comment); list != nil {
				out[m[2]] = strings.FieldsFunc(list[1], func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
			}
		}
	}
	return out, nil
})

// listed checks that a refusal's reason stands in the comment of its RPC.
func listed(t testing.TB, rpc, reason string) {
	t.Helper()
	all, err := listedReasons()
	if err != nil || len(all) == 0 {
		t.Fatalf("the contract cannot be read: %v", err)
	}
	if reason == "" || slices.Contains(everywhere, reason) || slices.Contains(all[rpc], reason) {
		return
	}
	t.Errorf("%s is refused with %s, which its comment does not list", rpc, reason)
}
