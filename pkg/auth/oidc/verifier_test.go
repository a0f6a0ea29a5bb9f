package oidc

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"
)

func TestVerify(t *testing.T) {
	o := newOutside(t)
	v, _ := o.verifier(t, &clock{now: start})
	token := o.sign(t, nil)
	want := Identity{
		IssuerName: "ward", Subject: "f3a1-7", Email: "tanaka@example.jp", EmailVerified: true,
		Name: "田中 花子", ExpiresAt: start.Add(time.Hour),
	}
	for range 2 { // from the issuer's keys, then from memory
		got, err := v.Verify(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		got.ExpiresAt = got.ExpiresAt.UTC()
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

func TestVerifyRefuses(t *testing.T) {
	o := newOutside(t)
	stranger := newKey(t)
	public, err := x509.MarshalPKIXPublicKey(&o.keys["k1"].PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	publicText := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})
	good := o.sign(t, nil)
	parts := strings.Split(good, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"k1"}`))
	at := func(d time.Duration) int64 { return start.Add(d).Unix() }
	for name, c := range map[string]struct {
		token string
		want  error
	}{
		"expired":                  {o.sign(t, map[string]any{"exp": at(-31 * time.Second)}), ErrExpired},
		"expired within leeway":    {o.sign(t, map[string]any{"exp": at(-30 * time.Second)}), nil},
		"without exp":              {o.sign(t, map[string]any{"exp": nil}), ErrInvalid},
		"not yet":                  {o.sign(t, map[string]any{"nbf": at(31 * time.Second)}), ErrInvalid},
		"not yet within leeway":    {o.sign(t, map[string]any{"nbf": at(30 * time.Second)}), nil},
		"nbf of a wrong type":      {o.sign(t, map[string]any{"nbf": []int{1}}), ErrInvalid},
		"other audience":           {o.sign(t, map[string]any{"aud": "account"}), ErrInvalid},
		"without audience":         {o.sign(t, map[string]any{"aud": nil}), ErrInvalid},
		"other issuer":             {o.sign(t, map[string]any{"iss": "https://id.example.com"}), ErrInvalid},
		"without subject":          {o.sign(t, map[string]any{"sub": nil}), ErrInvalid},
		"subject with a line feed": {o.sign(t, map[string]any{"sub": "a\nb"}), ErrInvalid},
		"subject too long":         {o.sign(t, map[string]any{"sub": strings.Repeat("a", 256)}), ErrInvalid},
		"expired and stranger's":   {sign(t, jose.ES256, stranger, "k1", o.with(map[string]any{"exp": at(-time.Hour)})), ErrInvalid},
		"stranger's key":           {sign(t, jose.ES256, stranger, "k1", o.good()), ErrInvalid},
		"alg none":                 {none + "." + parts[1] + ".", ErrInvalid},
		"alg none with signature":  {none + "." + parts[1] + "." + parts[2], ErrInvalid},
		"HS256 with public key":    {sign(t, jose.HS256, publicText, "k1", o.good()), ErrInvalid},
		"HS256 with listed secret": {sign(t, jose.HS256, []byte("secret-secret-secret-secret-secret"), "secret", o.good()), ErrInvalid},
		"payload of another":       {parts[0] + "." + strings.Split(o.sign(t, map[string]any{"sub": "x"}), ".")[1] + "." + parts[2], ErrInvalid},
		"empty":                    {"", ErrInvalid},
		"opaque":                   {"ya29.a0Af", ErrInvalid},
		"too long":                 {good + strings.Repeat("A", maxToken), ErrInvalid},
		"JSON serialization":       {`{"payload":"` + parts[1] + `","protected":"` + parts[0] + `","signature":"` + parts[2] + `"}`, ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			v, _ := o.verifier(t, &clock{now: start})
			_, err := v.Verify(t.Context(), c.token)
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if err != nil && c.token != "" && strings.Contains(err.Error(), c.token) {
				t.Error("the error holds the token")
			}
		})
	}
}

func TestVerifyAcceptsOtherClaims(t *testing.T) {
	o := newOutside(t)
	v, _ := o.verifier(t, &clock{now: start})
	for name, c := range map[string]struct {
		claims map[string]any
		want   Identity
	}{
		"no profile":             {map[string]any{"name": nil, "email": nil}, Identity{}},
		"preferred_username":     {map[string]any{"name": nil, "preferred_username": "tanaka", "email": nil}, Identity{Name: "tanaka"}},
		"email_verified as text": {map[string]any{"name": nil, "email": "a@example.jp", "email_verified": "true"}, Identity{Email: "a@example.jp", EmailVerified: true}},
		"email not verified":     {map[string]any{"name": nil, "email": "a@example.jp", "email_verified": nil}, Identity{Email: "a@example.jp"}},
		"claims of wrong types":  {map[string]any{"name": 7, "email": []string{"a@example.jp"}}, Identity{}},
		"name that would forge":  {map[string]any{"name": "田中\u202eadmin", "email": "a@example.jp\r\nBcc: b@example.jp"}, Identity{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := v.Verify(t.Context(), o.sign(t, c.claims))
			if err != nil {
				t.Fatal(err)
			}
			c.want.IssuerName, c.want.Subject, c.want.ExpiresAt = "ward", "f3a1-7", got.ExpiresAt
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestVerifyWithKeysInProcess(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	const issuer = "http://127.0.0.1:1/dev/oidc" // nobody listens there
	v, err := NewVerifier(Options{
		Issuers: []Config{{Name: "development", Issuer: issuer, ClientID: "kyodo", Keys: func() jose.JSONWebKeySet {
			return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "r", Algorithm: "RS256"}}}
		}}},
		Now: (&clock{now: start}).Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{"iss": issuer, "aud": "kyodo", "sub": "desk", "exp": start.Add(time.Minute).Unix()}
	if _, err := v.Verify(t.Context(), sign(t, jose.RS256, key, "r", claims)); err != nil {
		t.Error(err)
	}
	for name, token := range map[string]string{
		"algorithm the key is not for": sign(t, jose.RS512, key, "r", claims),
		"unknown key":                  sign(t, jose.RS256, key, "s", claims),
	} {
		if _, err := v.Verify(t.Context(), token); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: error %v, want %v", name, err, ErrInvalid)
		}
	}
}

func TestVerifyRemembersNoLongerThanAllowed(t *testing.T) {
	o := newOutside(t)
	now := &clock{now: start}
	v, source := o.verifier(t, now)
	short := o.sign(t, map[string]any{"exp": start.Add(time.Minute).Unix()})
	long := o.sign(t, nil)
	for _, token := range []string{short, long} {
		if _, err := v.Verify(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	now.Advance(time.Minute + leeway + time.Second)
	if _, err := v.Verify(t.Context(), short); !errors.Is(err, ErrExpired) {
		t.Errorf("expired token: error %v", err)
	}
	// The key is withdrawn: the token lives on until keys and memory are renewed.
	o.set(func(o *outside) { clear(o.keys); o.keys["k2"] = newKey(t) })
	now.Advance(refreshAfter)
	if _, err := v.Verify(t.Context(), long); err != nil {
		t.Errorf("keys are fetched in the background: %v", err)
	}
	source.settle()
	now.Advance(rememberFor)
	if _, err := v.Verify(t.Context(), long); !errors.Is(err, ErrInvalid) {
		t.Errorf("token of a withdrawn key: error %v", err)
	}
}

func TestVerifyConcurrently(t *testing.T) {
	o := newOutside(t)
	now := &clock{now: start}
	v, _ := o.verifier(t, now)
	v.cache.capacity = 8
	tokens := make([]string, 16)
	for i := range tokens {
		tokens[i] = o.sign(t, map[string]any{"sub": fmt.Sprint(i)})
	}
	var group sync.WaitGroup
	for i := range 64 {
		group.Go(func() {
			for j := range 32 {
				n := (i + j) % len(tokens)
				got, err := v.Verify(context.Background(), tokens[n])
				if err != nil || got.Subject != fmt.Sprint(n) {
					t.Errorf("token %d: %+v, %v", n, got, err)
				}
			}
		})
	}
	group.Wait()
	if n := o.fetched(); n != 1 {
		t.Errorf("%d fetches of the keys, want 1", n)
	}
	if n := v.cache.order.Len(); n > 8 || n != len(v.cache.entries) {
		t.Errorf("%d tokens in the cache, want at most 8", n)
	}
}

func TestCacheDropsTheLeastUsed(t *testing.T) {
	c := newCache(2)
	later := start.Add(time.Hour)
	c.put(digest{1}, Identity{Subject: "1"}, later)
	c.put(digest{2}, Identity{Subject: "2"}, later)
	c.get(digest{1}, start)
	c.put(digest{3}, Identity{Subject: "3"}, later)
	for token, want := range map[digest]bool{{1}: true, {2}: false, {3}: true} {
		if _, ok := c.get(token, start); ok != want {
			t.Errorf("token %d is there: %t, want %t", token[0], ok, want)
		}
	}
}

func BenchmarkVerifyRemembered(b *testing.B) {
	c := newCache(10)
	v := &Verifier{now: func() time.Time { return start }, cache: c}
	raw := strings.Repeat("a", 900)
	c.put(digestOf(raw), Identity{Subject: "desk"}, start.Add(time.Hour))
	for b.Loop() {
		if _, err := v.Verify(b.Context(), raw); err != nil {
			b.Fatal(err)
		}
	}
}
