package issuer_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth/issuer"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth/oidc"
)

func contextWith(r *http.Request, listener net.Addr) context.Context {
	return context.WithValue(r.Context(), http.LocalAddrContextKey, listener)
}

func TestTokenFromDir(t *testing.T) {
	s := newSite(t)
	inProcess, err := oidc.NewVerifier(oidc.Options{
		Issuers: []oidc.Config{{Name: "development", Issuer: s.url, ClientID: "kyodo", Keys: s.issuer.Keys}},
		Now:     s.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, person := range issuer.SamplePeople {
		token, err := issuer.TokenFromDir(s.dir, s.url, person.Name, s.Now())
		if err != nil {
			t.Fatal(err)
		}
		for name, v := range map[string]*oidc.Verifier{"by discovery": s.verifier, "in process": inProcess} {
			identity, err := v.Verify(t.Context(), token)
			if err != nil || identity.Subject != person.Name || identity.Name != person.DisplayName {
				t.Errorf("%s %s: %+v, %v", person.Name, name, identity, err)
			}
		}
	}
}

func TestTokenFromDirRefuses(t *testing.T) {
	s := newSite(t)
	var unknown *issuer.UnknownPersonError
	if _, err := issuer.TokenFromDir(s.dir, s.url, "root", start); !errors.As(err, &unknown) || len(unknown.Known) != len(issuer.SamplePeople) {
		t.Errorf("unknown person: error %v", err)
	}
	if _, err := issuer.TokenFromDir(t.TempDir(), s.url, "desk", start); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no key: error %v", err)
	}
	if _, err := issuer.TokenFromDir(s.dir, "https://kyodo.example.jp", "desk", start); err == nil {
		t.Error("a token for a public issuer")
	}
}

func TestTokenOfAnotherFolder(t *testing.T) {
	s, other := newSite(t), newSite(t)
	token, err := issuer.TokenFromDir(other.dir, s.url, "desk", start)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.verifier.Verify(t.Context(), token); !errors.Is(err, oidc.ErrInvalid) {
		t.Errorf("error %v, want %v", err, oidc.ErrInvalid)
	}
}

func TestTokenLifetime(t *testing.T) {
	s := newSite(t)
	token, err := s.issuer.Token("desk", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	s.Advance(time.Minute + 30*time.Second)
	if _, err := s.verifier.Verify(t.Context(), token); err != nil {
		t.Errorf("within leeway: %v", err)
	}
	s.Advance(time.Second)
	if _, err := s.verifier.Verify(t.Context(), token); !errors.Is(err, oidc.ErrExpired) {
		t.Errorf("error %v, want %v", err, oidc.ErrExpired)
	}
	for _, lifetime := range []time.Duration{0, -time.Second, 24*time.Hour + 1} {
		if _, err := s.issuer.Token("desk", lifetime); err == nil {
			t.Errorf("lifetime %s passes", lifetime)
		}
	}
	if _, err := s.issuer.Token("nobody", time.Minute); err == nil {
		t.Error("a token for nobody")
	}
}

func TestKeyFile(t *testing.T) {
	s := newSite(t)
	path := filepath.Join(s.dir, issuer.KeyFile)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("key file %v, %v", info, err)
	}
	if left, _ := filepath.Glob(filepath.Join(s.dir, "*")); len(left) != 1 {
		t.Errorf("folder holds %v", left)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := issuer.TokenFromDir(s.dir, s.url, "desk", start); err == nil {
		t.Error("a key others can read passes")
	}
	if err := os.WriteFile(path, []byte("torn"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := issuer.New(issuer.Config{Dir: s.dir, Issuer: s.url, Now: s.Now}); err == nil {
		t.Error("a torn key is replaced or passes")
	}
}

func TestStartsAtOnceShareTheKey(t *testing.T) {
	s := newSite(t)
	dir := filepath.Join(t.TempDir(), "new", "data")
	ids := make([]string, 8)
	var group sync.WaitGroup
	for n := range ids {
		group.Go(func() {
			i, err := issuer.New(issuer.Config{Dir: dir, Issuer: s.url, Now: s.Now})
			if err != nil {
				t.Error(err)
				return
			}
			ids[n] = i.Keys().Keys[0].KeyID
		})
	}
	group.Wait()
	if slices.Sort(ids); len(slices.Compact(ids)) != 1 {
		t.Errorf("several keys: %q", ids)
	}
}

func TestSamplePeople(t *testing.T) {
	var names []string
	for _, person := range issuer.SamplePeople {
		names = append(names, person.Name)
		if !strings.HasPrefix(person.DisplayName, "見本") || !strings.HasSuffix(person.Email, ".example.com") && !strings.HasSuffix(person.Email, "@example.com") {
			t.Errorf("%s does not look like a sample: %s <%s>", person.Name, person.DisplayName, person.Email)
		}
	}
	want := []string{
		"resident", "member", "representative", "member2", "representative2", "coordinator", "staff", "staff2",
		"desk", "approver", "reviewer", "reviewer2", "clerk", "auditor", "admin",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
}
