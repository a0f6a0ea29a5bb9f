package gateway

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

const readyWithin = 2 * time.Second

// alive answers as long as the process does.
func alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, `{"status":"alive"}`+"\n") // the caller is gone when this fails
}

// readiness is the answer of /readyz. Status is "ready", "degraded" when a
// service or a broker is missing (its routes answer 503, events wait), or
// "unavailable" without directory, which says who a caller is.
type readiness struct {
	Status       string            `json:"status"`
	Dependencies map[string]string `json:"dependencies"` // "serving", "not serving" or "unreachable".
}

// ready asks every backend for itself and what it depends on.
func (g *Gateway) ready(ctx context.Context) readiness {
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	out := readiness{Status: "ready", Dependencies: map[string]string{}}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for name, conn := range g.Backends {
		client := healthv1.NewHealthClient(conn)
		// The names are those of package service, which the gateway cannot import.
		for _, part := range []string{name, name + "/postgres", name + "/broker"} {
			wg.Go(func() {
				state := "unreachable"
				if resp, err := client.Check(ctx, &healthv1.HealthCheckRequest{Service: part}); err == nil {
					state = "not serving"
					if resp.GetStatus() == healthv1.HealthCheckResponse_SERVING {
						state = "serving"
					}
				}
				mu.Lock()
				defer mu.Unlock()
				out.Dependencies[part] = state
			})
		}
	}
	wg.Wait()
	if g.Broker != nil {
		out.Dependencies["gateway/broker"] = "unreachable"
		if nc, err := g.connect(); err == nil && nc.IsConnected() {
			out.Dependencies["gateway/broker"] = "serving"
		}
	}
	for _, part := range slices.Sorted(maps.Keys(out.Dependencies)) {
		switch {
		case out.Dependencies[part] == "serving":
		case part == "directory" || part == "directory/postgres":
			out.Status = "unavailable"
		case out.Status == "ready":
			out.Status = "degraded"
		}
	}
	if len(g.Backends) == 0 || g.draining.Load() {
		out.Status = "unavailable"
	}
	return out
}

func (g *Gateway) serveReady(w http.ResponseWriter, r *http.Request) {
	state := g.ready(r.Context())
	status := http.StatusOK
	if state.Status == "unavailable" {
		status = http.StatusServiceUnavailable
	}
	if err := writeJSON(w, status, state); err != nil {
		g.problems.Write(w, r, err)
	}
}

// writePacked writes a gzip file as it is to who takes it, else unpacked.
func writePacked(w http.ResponseWriter, r *http.Request, packed []byte) {
	if accepts([]string{strings.Join(r.Header["Accept-Encoding"], ",")}, "gzip") && r.Header["Accept-Encoding"] != nil {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed) // the caller is gone when this fails
		return
	}
	plain, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil { // the file is part of the program
		panic(err)
	}
	_, _ = io.Copy(w, plain) //nolint:gosec // G110: the file is part of the program
}
