package auth_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
)

func loadSigner(t *testing.T, dir, name string) *auth.Signer {
	t.Helper()
	s, err := auth.LoadSigner(dir, name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// accepts reports whether the folder's verifier takes the signer's tokens.
func accepts(t *testing.T, dir string, s *auth.Signer, p auth.Principal) bool {
	t.Helper()
	v, err := auth.LoadVerifier(dir)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := s.Sign(p, now)
	if err != nil {
		t.Fatal(err)
	}
	got, err := v.Verify(raw, now)
	return err == nil && cmp.Equal(p, got)
}

func TestKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	gateway := loadSigner(t, dir, auth.Gateway)
	proposals := loadSigner(t, dir, "proposals")
	if !accepts(t, dir, gateway, person) || !accepts(t, dir, proposals, auth.Service("proposals")) {
		t.Error("own tokens are refused")
	}
	if accepts(t, dir, proposals, person) {
		t.Error("a service speaks for a person")
	}
	if !accepts(t, dir, loadSigner(t, dir, auth.Gateway), person) {
		t.Error("the key is another one the second time")
	}
	for name, want := range map[string]os.FileMode{".": 0o700, "gateway.key": 0o600, "gateway.pub": 0o644, "proposals.key": 0o600} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 4 {
		t.Errorf("files %v, %v", files, err)
	}
}

// TestKeysAtOnce: processes that start together share the key.
func TestKeysAtOnce(t *testing.T) {
	for range 20 {
		dir := filepath.Join(t.TempDir(), "keys")
		var done sync.WaitGroup
		for range 8 {
			done.Go(func() {
				s, err := auth.LoadSigner(dir, auth.Gateway)
				if err != nil {
					t.Error(err)
					return
				}
				if !accepts(t, dir, s, person) {
					t.Error("two keys")
				}
			})
		}
		done.Wait()
	}
}

// TestLostPublicKey: a crash between the two files is made good.
func TestLostPublicKey(t *testing.T) {
	dir := t.TempDir()
	loadSigner(t, dir, auth.Gateway)
	if err := os.Remove(filepath.Join(dir, "gateway.pub")); err != nil {
		t.Fatal(err)
	}
	if !accepts(t, dir, loadSigner(t, dir, auth.Gateway), person) {
		t.Error("not made again")
	}
}

func TestKeysAreRefused(t *testing.T) {
	dir := t.TempDir()
	if _, err := auth.LoadVerifier(dir); err == nil {
		t.Error("a verifier that trusts nobody")
	}
	for _, name := range []string{"short.key", "short.pub"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("short"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := auth.LoadSigner(dir, "short"); err == nil {
		t.Error("a signer with a short key")
	}
	if _, err := auth.LoadVerifier(dir); err == nil {
		t.Error("a verifier with a short key")
	}
}
