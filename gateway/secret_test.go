package gateway

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
)

// journal is a log that a test reads.
type journal struct {
	mu sync.Mutex
	bytes.Buffer
}

// Write keeps the line.
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.Buffer.Write(p)
}

func (j *journal) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.String()
}

// secretRoutes are the routes whose path is the secret of a link.
func secretRoutes(t *testing.T) []*route {
	t.Helper()
	methods, err := auth.AllMethods()
	check(t, err)
	var out []*route
	for _, m := range methods {
		bound, err := bindings(m)
		check(t, err)
		for _, rt := range bound {
			if strings.Contains(rt.pattern, "{token}") {
				out = append(out, rt)
			}
		}
	}
	return out
}

// TestLogHoldsNoSecretOfALink: whatever fails behind the address of a secret link,
// the log names the route and never the address; nor do the metrics.
func TestLogHoldsNoSecretOfALink(t *testing.T) {
	const secret = "Qm9c-secret-of-a-link-that-nobody-may-read_"
	log := &journal{}
	away, err := grpc.NewClient("passthrough:///127.0.0.1:1", grpc.WithTransportCredentials(insecure.NewCredentials()))
	check(t, err)
	t.Cleanup(func() { _ = away.Close() })
	e := start(t, func(c *Config) {
		c.Backends["outreach"], c.Backends["facilities"] = away, away
		c.Log = slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	routes := secretRoutes(t)
	if len(routes) < 8 {
		t.Fatalf("%d routes with a secret in their path, want those of registrations, of the mail magazine and of calendars", len(routes))
	}
	for _, rt := range routes {
		a := ask{method: rt.method, path: strings.ReplaceAll(rt.pattern, "{token}", secret)}
		if rt.body != nil {
			a.body = "{}"
		}
		doc, _ := e.problem(a)
		if doc.Status != http.StatusServiceUnavailable || doc.Incident == "" {
			t.Errorf("%s %s answers %+v", rt.method, rt.pattern, doc)
		}
		if !strings.Contains(log.text(), `"route":"`+rt.pattern+`"`) {
			t.Errorf("no line of %s %s", rt.method, rt.pattern)
		}
	}
	if strings.Contains(log.text(), secret) {
		t.Errorf("the log holds the secret:\n%s", log.text())
	}
	if strings.Contains(text(t, e.do(ask{method: http.MethodGet, path: "/metrics"})), secret) {
		t.Error("the metrics hold the secret")
	}
}

// TestPanicBehindASecretLinkKeepsIt: neither does a panic tell the address, also
// when the answer has begun.
func TestPanicBehindASecretLinkKeepsIt(t *testing.T) {
	const secret = "Qm9c-secret-of-a-link-that-nobody-may-read_"
	log := &journal{}
	e := start(t, func(c *Config) { c.Log = slog.New(slog.NewJSONHandler(log, nil)) })
	for pattern, begun := range map[string]bool{"/v1/panics/{token}": false, "/v1/panics/{token}:late": true} {
		rt := &route{method: http.MethodGet, pattern: pattern, stream: &stream{public: true, serve: func(w http.ResponseWriter, _ *http.Request, _ []string, _ *call) error {
			if begun {
				w.WriteHeader(http.StatusOK)
			}
			panic("the edge")
		}}}
		check(t, e.tree.add(rt))
		resp, err := http.Get(e.url + strings.ReplaceAll(pattern, "{token}", secret))
		if err == nil {
			_ = resp.Body.Close()
		}
		if !strings.Contains(log.text(), `"route":"`+pattern+`"`) {
			t.Errorf("no line of %s:\n%s", pattern, log.text())
		}
	}
	if strings.Contains(log.text(), secret) {
		t.Errorf("the log holds the secret:\n%s", log.text())
	}
}
