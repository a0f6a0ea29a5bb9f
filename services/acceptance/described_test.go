package acceptance

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/protobuf/proto"
)

// anyVariable is a variable of a path, however it is written.
var anyVariable = regexp.MustCompile(`\{[^}]*\}`)

// described checks that the API's description has every route of the contract.
func described(t *testing.T, c *client) {
	t.Helper()
	_, raw := c.send("", http.MethodGet, "/openapi.json", nil)
	var doc struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("OpenAPI %q", doc.OpenAPI)
	}
	known := map[string]bool{}
	for path, operations := range doc.Paths {
		for method := range operations {
			known[strings.ToUpper(method)+" "+anyVariable.ReplaceAllString(path, "{}")] = true
		}
	}
	for _, r := range rights(t) {
		rule, _ := proto.GetExtension(methods[r.rpc].Descriptor.Options(), annotations.E_Http).(*annotations.HttpRule)
		if rule == nil {
			continue
		}
		method, path := verbAndPath(rule)
		if want := method + " " + anyVariable.ReplaceAllString(path, "{}"); !known[want] {
			t.Errorf("/openapi.json has no %s", want)
		}
	}
	for _, want := range []string{
		"POST /v1/proposals/{}/attachments", "GET /v1/proposals/{}/attachments/{}/content",
		"POST /v1/projects/{}/attachments", "GET /v1/projects/{}/attachments/{}/content",
		"POST /v1/organizations/{}/attachments", "GET /v1/organizations/{}/attachments/{}/content", "POST /v1/organizations:import",
		"GET /opendata/131016_npo.csv", "GET /v1/domainEvents:watch",
	} {
		if !known[want] {
			t.Errorf("/openapi.json has no %s", want)
		}
	}
}

// TestHealth asks the public gRPC listener how it is.
func TestHealth(t *testing.T) {
	t.Parallel()
	for _, w := range start(t) {
		t.Run(w.name, func(t *testing.T) {
			resp, err := grpc_health_v1.NewHealthClient(w.grpc).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
			if err != nil || resp.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
				t.Errorf("health: %v, %v", resp, err)
			}
		})
	}
}
