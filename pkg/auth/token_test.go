package auth_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

var now = time.Date(2026, time.April, 1, 9, 0, 0, 0, time.UTC)

// key returns the same key for the same name.
func key(name string) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	copy(seed, name)
	return ed25519.NewKeyFromSeed(seed)
}

func verifier() *auth.Verifier {
	keys := map[string]ed25519.PublicKey{}
	for _, name := range []string{auth.Gateway, "directory", "proposals"} {
		keys[name] = key(name).Public().(ed25519.PublicKey)
	}
	return auth.NewVerifier(keys)
}

func sign(t *testing.T, signer string, p auth.Principal) string {
	t.Helper()
	s, err := auth.NewSigner(signer, key(signer))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := s.Sign(p, now)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// forge signs claims that Signer would not make.
func forge(t *testing.T, name string, k any, alg jose.SignatureAlgorithm, change func(claims map[string]any)) string {
	t.Helper()
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: k}, (&jose.SignerOptions{}).WithHeader("kid", name))
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{
		"iss": "kyodo", "aud": "kyodo", "sub": "x", "iat": now.Unix(), "exp": now.Add(auth.TokenLife).Unix(),
		"principal": map[string]any{"kind": "service", "id": name},
	}
	change(claims)
	raw, err := jwt.Signed(s).Claims(claims).Serialize()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

var person = auth.Principal{
	Kind:         auth.KindPerson,
	ID:           "0190aaaa-0000-7000-8000-000000000001",
	Roles:        []auth.Role{optionsv1.Role_ROLE_RESIDENT, optionsv1.Role_ROLE_EDITOR},
	Memberships:  []auth.Membership{{OrganizationID: "o1", Role: optionsv1.Role_ROLE_EDITOR}},
	Delegations:  []auth.Delegation{{OrganizationID: "o2", IntermediaryID: "i", Until: now.Add(time.Hour)}},
	DepartmentID: "d1",
	Email:        "a@example.jp",
}

func TestToken(t *testing.T) {
	v := verifier()
	for signer, p := range map[string]auth.Principal{auth.Gateway: person, "proposals": auth.Service("proposals")} {
		for range 2 { // the second answer is from memory
			got, err := v.Verify(sign(t, signer, p), now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(p, got); diff != "" {
				t.Errorf("principal (-want +got):\n%s", diff)
			}
		}
	}
}

func TestTokenTime(t *testing.T) {
	raw := sign(t, auth.Gateway, person)
	for after, want := range map[time.Duration]*fault.Error{
		-6 * time.Second: fault.ErrTokenInvalid, // not yet
		-5 * time.Second: nil,
		60 * time.Second: nil,
		65 * time.Second: nil, // two clocks differ by 5 s at most
		66 * time.Second: fault.ErrTokenExpired,
		time.Hour:        fault.ErrTokenExpired,
	} {
		if _, err := verifier().Verify(raw, now.Add(after)); want == nil && err != nil || want != nil && !errors.Is(err, want) {
			t.Errorf("after %s: %v", after, err)
		}
	}
	v := verifier()
	if _, err := v.Verify(raw, now); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Verify(raw, now.Add(66*time.Second)); !errors.Is(err, fault.ErrTokenExpired) {
		t.Errorf("remembered beyond its end: %v", err)
	}
}

func TestTokenIsRefused(t *testing.T) {
	same := func(map[string]any) {}
	set := func(name string, value any) func(map[string]any) {
		return func(c map[string]any) { c[name] = value }
	}
	genuine := sign(t, auth.Gateway, person)
	parts := strings.Split(genuine, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","kid":"gateway"}`)) + "." + parts[1] + "."
	service := key("proposals")
	pub := []byte(key(auth.Gateway).Public().(ed25519.PublicKey))
	for name, raw := range map[string]string{
		"empty":                     "",
		"garbage":                   "garbage",
		"binary":                    "\xff\x00.\n.",
		"long":                      strings.Repeat("a.", 1<<15),
		"without signature":         parts[0] + "." + parts[1] + ".",
		"alg none":                  none,
		"cut":                       genuine[:len(genuine)-4],
		"other content":             parts[0] + "." + base64.RawURLEncoding.EncodeToString([]byte(`{"principal":{"kind":"person"}}`)) + "." + parts[2],
		"HMAC with the public key":  forge(t, auth.Gateway, pub, jose.HS256, same),
		"unknown signer":            forge(t, "nobody", key("nobody"), jose.EdDSA, same),
		"another's name":            forge(t, auth.Gateway, service, jose.EdDSA, same),
		"another issuer":            forge(t, "proposals", service, jose.EdDSA, set("iss", "other")),
		"another audience":          forge(t, "proposals", service, jose.EdDSA, set("aud", "other")),
		"no end":                    forge(t, "proposals", service, jose.EdDSA, set("exp", nil)),
		"no start":                  forge(t, "proposals", service, jose.EdDSA, set("iat", nil)),
		"longer than a minute":      forge(t, "proposals", service, jose.EdDSA, set("exp", now.Add(time.Hour).Unix())),
		"service as another":        sign(t, "proposals", auth.Service("directory")),
		"service as the edge":       sign(t, "proposals", auth.Service(auth.Gateway)),
		"service as a person":       sign(t, "proposals", person),
		"service as nobody":         sign(t, "proposals", auth.Anonymous),
		"person called the service": sign(t, "proposals", auth.Principal{Kind: auth.KindPerson, ID: "service:proposals"}),
		"service with a role": sign(t, "proposals", auth.Principal{
			Kind: auth.KindService, ID: "proposals", Roles: []auth.Role{optionsv1.Role_ROLE_ADMINISTRATOR},
		}),
		"service with a membership": sign(t, "proposals", auth.Principal{Kind: auth.KindService, ID: "proposals", Memberships: person.Memberships}),
		"service with a delegation": sign(t, "proposals", auth.Principal{Kind: auth.KindService, ID: "proposals", Delegations: person.Delegations}),
		"service with a department": sign(t, "proposals", auth.Principal{Kind: auth.KindService, ID: "proposals", DepartmentID: "d"}),
	} {
		v := verifier()
		for range 2 {
			got, err := v.Verify(raw, now)
			if !errors.Is(err, fault.ErrTokenInvalid) || got.Kind != auth.KindAnonymous {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
	}
	if _, err := verifier().Verify(forge(t, "proposals", service, jose.EdDSA, same), now); err != nil {
		t.Errorf("the forgeries test nothing: the unchanged one is refused: %v", err)
	}
}

// TestVerifierForgets: many tokens at once neither race nor grow for ever.
func TestVerifierForgets(t *testing.T) {
	v := verifier()
	s, err := auth.NewSigner(auth.Gateway, key(auth.Gateway))
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	for i := range 8 {
		done.Go(func() {
			for j := range 600 {
				p := auth.Principal{Kind: auth.KindPerson, ID: strings.Repeat("x", i*600+j)[:min(i*600+j, 40)]}
				at := now.Add(time.Duration(i*600+j) * time.Second)
				raw, err := s.Sign(p, at)
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := v.Verify(raw, at); err != nil || got.ID != p.ID {
					t.Errorf("%+v, %v", got, err)
				}
			}
		})
	}
	done.Wait()
}
