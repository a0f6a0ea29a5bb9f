package oidc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func TestUnknownKeyAsksTheIssuerOnce(t *testing.T) {
	o := newOutside(t)
	now := &clock{now: start}
	v, _ := o.verifier(t, now)
	verify := func(id string, want error, fetches int) {
		t.Helper()
		token := sign(t, jose.ES256, o.keys[id], id, o.good())
		if _, err := v.Verify(t.Context(), token); !errors.Is(err, want) {
			t.Errorf("key %s: error %v, want %v", id, err, want)
		}
		if n := o.fetched(); n != fetches {
			t.Errorf("key %s: %d fetches so far, want %d", id, n, fetches)
		}
	}
	verify("k1", nil, 1)
	stranger := newKey(t)
	for range 3 { // the key is known, so a bad signature is no reason to ask
		if _, err := v.Verify(t.Context(), sign(t, jose.ES256, stranger, "k1", o.good())); !errors.Is(err, ErrInvalid) {
			t.Errorf("stranger's key: %v", err)
		}
	}
	now.Advance(askAgainAfter)
	o.set(func(o *outside) { o.keys["k2"] = newKey(t) })
	verify("k2", nil, 2) // rotation is seen at once
	for range 3 {        // and unknown keys do not make a flood
		if _, err := v.Verify(t.Context(), sign(t, jose.ES256, stranger, "k3", o.good())); !errors.Is(err, ErrInvalid) {
			t.Errorf("unknown key: %v", err)
		}
	}
	verify("k1", nil, 2)
	now.Advance(askAgainAfter)
	if _, err := v.Verify(t.Context(), sign(t, jose.ES256, stranger, "k3", o.good())); !errors.Is(err, ErrInvalid) {
		t.Errorf("unknown key: %v", err)
	}
	verify("k1", nil, 3)
}

func TestIssuerDown(t *testing.T) {
	o := newOutside(t)
	now := &clock{now: start}
	v, source := o.verifier(t, now)
	o.set(func(o *outside) { o.down = true })
	token := o.sign(t, nil)
	for i, pause := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second} {
		for range 3 { // the second and third attempt fail without asking
			if _, err := v.Verify(t.Context(), token); !errors.Is(err, ErrUnavailable) {
				t.Errorf("error %v, want %v", err, ErrUnavailable)
			}
		}
		if source.failures != i+1 {
			t.Errorf("%d failures, want %d", source.failures, i+1)
		}
		now.Advance(pause)
	}
	o.set(func(o *outside) { o.down = false })
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Errorf("the issuer is back: %v", err)
	}

	o.set(func(o *outside) { o.down = true })
	now.Advance(20 * time.Minute) // known keys serve on
	if _, err := v.Verify(t.Context(), token); err != nil {
		t.Errorf("the issuer is down again: %v", err)
	}
	source.settle()
	if _, err := v.Verify(t.Context(), sign(t, jose.ES256, newKey(t), "k9", o.good())); !errors.Is(err, ErrUnavailable) {
		t.Errorf("unknown key while the issuer is down: error %v, want %v", err, ErrUnavailable)
	}
	now.Advance(giveUpAfter) // but not for ever
	fresh := o.sign(t, map[string]any{"exp": start.Add(48 * time.Hour).Unix()})
	if _, err := v.Verify(t.Context(), fresh); !errors.Is(err, ErrUnavailable) {
		t.Errorf("keys of yesterday: error %v, want %v", err, ErrUnavailable)
	}
}

func TestCallerGivesUp(t *testing.T) {
	o := newOutside(t)
	v, source := o.verifier(t, &clock{now: start})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o.mu.Lock() // the issuer hangs
	_, err := v.Verify(ctx, sign(t, jose.ES256, o.keys["k1"], "k1", o.good()))
	o.mu.Unlock()
	if !errors.Is(err, ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v because of %v", err, ErrUnavailable, context.Canceled)
	}
	source.settle()
	if _, err := v.Verify(t.Context(), o.sign(t, nil)); err != nil {
		t.Errorf("the fetch goes on for the others: %v", err)
	}
}

func TestIssuerOfAnotherName(t *testing.T) {
	o := newOutside(t)
	v, _ := o.verifier(t, &clock{now: start})
	o.set(func(o *outside) { o.name += "/" })
	if _, err := v.Verify(t.Context(), o.sign(t, nil)); !errors.Is(err, ErrUnavailable) {
		t.Errorf("error %v, want %v", err, ErrUnavailable)
	}
}

func TestNewVerifierRefuses(t *testing.T) {
	good := Config{Name: "ward", Issuer: "https://id.example.jp/realms/ku", ClientID: "kyodo"}
	for name, c := range map[string]struct {
		change func(c *Config)
		ok     bool
	}{
		"nothing":          {func(*Config) {}, true},
		"loopback":         {func(c *Config) { c.Issuer = "http://[::1]:8080/dev/oidc" }, true},
		"http":             {func(c *Config) { c.Issuer = "http://id.example.jp" }, false},
		"no host":          {func(c *Config) { c.Issuer = "https:///realms" }, false},
		"query":            {func(c *Config) { c.Issuer += "?a=b" }, false},
		"empty name":       {func(c *Config) { c.Name = "" }, false},
		"capitals":         {func(c *Config) { c.Name = "Ward" }, false},
		"no audience":      {func(c *Config) { c.ClientID = "" }, false},
		"audience instead": {func(c *Config) { c.ClientID = ""; c.Audiences = []string{"kyodo"} }, true},
	} {
		t.Run(name, func(t *testing.T) {
			config := good
			c.change(&config)
			_, err := NewVerifier(Options{Issuers: []Config{config}, Now: (&clock{}).Now})
			if (err == nil) != c.ok {
				t.Errorf("error %v", err)
			}
		})
	}
	other := good
	other.Issuer += "2"
	if _, err := NewVerifier(Options{Issuers: []Config{good, other}, Now: (&clock{}).Now}); err == nil {
		t.Error("two issuers of one name pass")
	}
	if _, err := NewVerifier(Options{Issuers: []Config{good}}); err == nil {
		t.Error("a verifier without clock passes")
	}
}

func TestParseKeysRefusesWeakOnes(t *testing.T) {
	for name, text := range map[string]string{
		"none":         `{"keys":[]}`,
		"not JSON":     `<html>`,
		"secret":       `{"keys":[{"kty":"oct","k":"AAAA"}]}`,
		"short RSA":    `{"keys":[{"kty":"RSA","e":"AQAB","n":"` + strings.Repeat("_", 171) + `"}]}`,
		"to encrypt":   `{"keys":[{"kty":"OKP","crv":"Ed25519","use":"enc","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`,
		"private half": `{"keys":[{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`,
	} {
		if keys, err := parseKeys([]byte(text)); err == nil {
			t.Errorf("%s: %d keys pass", name, len(keys))
		}
	}
}

func TestDiscoveryIsNotFollowedAnywhere(t *testing.T) {
	other := newOutside(t)
	for name, answer := range map[string]http.HandlerFunc{
		"redirect to another host": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+r.URL.Path, http.StatusFound)
		},
		"redirect without end": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		},
		"keys without TLS": func(w http.ResponseWriter, r *http.Request) {
			_, _ = fmt.Fprintf(w, `{"issuer":"http://%[1]s","authorization_endpoint":"http://%[1]s/a","token_endpoint":"http://%[1]s/t",
				"jwks_uri":"http://192.0.2.1/keys"}`, r.Host)
		},
		"no keys": func(w http.ResponseWriter, r *http.Request) {
			_, _ = fmt.Fprintf(w, `{"issuer":"http://%[1]s","authorization_endpoint":"http://%[1]s/a","token_endpoint":"http://%[1]s/t"}`, r.Host)
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(answer)
			defer server.Close()
			client := newClient()
			client.Transport = onlyTo{t: t, host: server.Listener.Addr().String(), next: client.Transport}
			v, err := NewVerifier(Options{
				Issuers: []Config{{Name: "ward", Issuer: server.URL, ClientID: "kyodo", Client: client}},
				Now:     (&clock{now: start}).Now,
			})
			if err != nil {
				t.Fatal(err)
			}
			other.set(func(o *outside) { o.name = server.URL })
			_, err = v.Verify(t.Context(), sign(t, jose.ES256, other.keys["k1"], "k1", other.with(map[string]any{"iss": server.URL})))
			if !errors.Is(err, ErrUnavailable) {
				t.Errorf("error %v, want %v", err, ErrUnavailable)
			}
		})
	}
}

// onlyTo fails the test when a request goes to another host.
type onlyTo struct {
	t    *testing.T
	host string
	next http.RoundTripper
}

func (o onlyTo) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Host != o.host {
		o.t.Errorf("request to %s", r.URL)
	}
	return o.next.RoundTrip(r)
}
