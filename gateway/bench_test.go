package gateway

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// BenchmarkList is a page of 50 proposals through the edge and gRPC, without
// sockets and without a database.
func BenchmarkList(b *testing.B) { benchmarkList(b, 50, "") }

// BenchmarkListSignedIn is the same with a token.
func BenchmarkListSignedIn(b *testing.B) { benchmarkList(b, 50, "member") }

// BenchmarkListEmpty is the toll of the edge and of gRPC alone.
func BenchmarkListEmpty(b *testing.B) { benchmarkList(b, 0, "") }

func benchmarkList(b *testing.B, size int, person string) {
	e := start(b)
	e.proposals.rows = size
	r := httptest.NewRequest(http.MethodGet, "/v1/proposals?pageSize=50", nil)
	if person != "" {
		r.Header.Set("Authorization", "Bearer "+e.token(person, optionsv1.Role_ROLE_EDITOR))
	}
	b.ReportAllocs()
	for b.Loop() {
		w := httptest.NewRecorder()
		e.Handler().ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			b.Fatal(w.Body)
		}
	}
}

// BenchmarkPlain writes the same page with encoding/json alone.
func BenchmarkPlain(b *testing.B) {
	page := struct {
		Proposals     any    `json:"proposals"`
		NextPageToken string `json:"nextPageToken"`
	}{rows(50), "next"}
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(page); err != nil {
			b.Fatal(err)
		}
	})
	r := httptest.NewRequest(http.MethodGet, "/v1/proposals?pageSize=50", nil)
	b.ReportAllocs()
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}
