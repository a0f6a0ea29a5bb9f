package oidc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// start is the time all tests begin at.
var start = time.Date(2026, time.April, 1, 9, 0, 0, 0, time.UTC)

// clock is a clock that moves when told to.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// outside is an issuer of somebody else's.
type outside struct {
	*httptest.Server
	mu      sync.Mutex
	keys    map[string]*ecdsa.PrivateKey
	fetches int  // of the key set
	down    bool // answers 503
	name    string
	token   func(w http.ResponseWriter, r *http.Request)
}

func newOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{keys: map[string]*ecdsa.PrivateKey{"k1": newKey(t)}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", o.discovery)
	mux.HandleFunc("GET /keys", o.keySet)
	mux.HandleFunc("POST /token", func(w http.ResponseWriter, r *http.Request) { o.token(w, r) })
	o.Server = httptest.NewServer(mux)
	t.Cleanup(o.Close)
	o.name = o.URL
	return o
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (o *outside) discovery(w http.ResponseWriter, _ *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.down {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"issuer":                                o.name,
		"authorization_endpoint":                o.URL + "/authorize",
		"token_endpoint":                        o.URL + "/token",
		"end_session_endpoint":                  o.URL + "/logout?theme=plain",
		"jwks_uri":                              o.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"HS256", "none"},
	})
}

func (o *outside) keySet(w http.ResponseWriter, _ *http.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.fetches++
	set := []any{
		map[string]string{"kty": "OKP", "crv": "Ed448", "kid": "new", "x": "AA"},
		map[string]string{"kty": "oct", "kid": "secret", "k": "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA"},
	}
	for id, key := range o.keys {
		set = append(set, jose.JSONWebKey{Key: &key.PublicKey, KeyID: id, Use: "sig"})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": set})
}

func (o *outside) set(change func(o *outside)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change(o)
}

func (o *outside) fetched() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.fetches
}

// good returns the claims of a token that passes.
func (o *outside) good() map[string]any {
	return map[string]any{
		"iss": o.URL, "aud": []string{"account", "kyodo"}, "sub": "f3a1-7",
		"iat": start.Unix(), "exp": start.Add(time.Hour).Unix(),
		"email": "tanaka@example.jp", "email_verified": true, "name": "田中 花子",
	}
}

// with returns good claims with some changed; nil removes a claim.
func (o *outside) with(changes map[string]any) map[string]any {
	claims := o.good()
	maps.Copy(claims, changes)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == nil })
	return claims
}

func sign(t *testing.T, algorithm jose.SignatureAlgorithm, key any, id string, claims map[string]any) string {
	t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: key, KeyID: id}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, err := jwt.Signed(signer).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (o *outside) sign(t *testing.T, changes map[string]any) string {
	t.Helper()
	return sign(t, jose.ES256, o.keys["k1"], "k1", o.with(changes))
}

// verifier returns a verifier for this issuer alone, and its source.
func (o *outside) verifier(t *testing.T, now *clock) (*Verifier, *source) {
	t.Helper()
	v, err := NewVerifier(Options{
		Issuers: []Config{{
			Name: "ward", Issuer: o.URL, ClientID: "kyodo", ClientSecret: "s p", RedirectURL: "https://kyodo.example.jp/back",
		}},
		Now: now.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return v, v.sources[o.URL]
}

// settle waits for a fetch in the background.
func (s *source) settle() {
	s.mu.Lock()
	running := s.flight
	s.mu.Unlock()
	if running != nil {
		<-running.done
	}
}

func query(t *testing.T, address string) url.Values {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Query()
}
