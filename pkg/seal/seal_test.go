package seal_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
)

func load(t *testing.T, path string) seal.Key {
	t.Helper()
	k, err := seal.LoadKey(path)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestLoadKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "secret")
	first := load(t, path)
	if first == (seal.Key{}) || first == load(t, filepath.Join(t.TempDir(), "secret")) {
		t.Error("the key is not random")
	}
	if first != load(t, path) {
		t.Error("the key is another one the second time")
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %o", info.Mode().Perm())
	}
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 1 {
		t.Errorf("left behind: %v, %v", files, err)
	}
}

// TestLoadKeyAtOnce: processes that start together share the key.
func TestLoadKeyAtOnce(t *testing.T) {
	for range 20 {
		path := filepath.Join(t.TempDir(), "secret")
		keys := make([]seal.Key, 8)
		var done sync.WaitGroup
		for i := range keys {
			done.Go(func() {
				k, err := seal.LoadKey(path)
				if err != nil {
					t.Error(err)
				}
				keys[i] = k
			})
		}
		done.Wait()
		if len(slices.CompactFunc(keys, func(a, b seal.Key) bool { return a == b })) != 1 {
			t.Fatal("two keys")
		}
	}
}

func TestLoadKeyRefuses(t *testing.T) {
	dir := t.TempDir()
	short := filepath.Join(dir, "short")
	if err := os.WriteFile(short, make([]byte, seal.KeySize-1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{short, dir, filepath.Join(short, "below a file")} {
		if _, err := seal.LoadKey(path); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
}

func TestSeal(t *testing.T) {
	k := seal.Key{1}
	for _, plain := range []string{"", "x", strings.Repeat("千代田", 1000)} {
		sealed := k.Seal([]byte(plain), []byte("bound"))
		// A few letters may stand in random bytes by chance.
		if len(plain) > 8 && bytes.Contains(sealed, []byte(plain)) {
			t.Error("the plain text shows")
		}
		if bytes.Equal(sealed, k.Seal([]byte(plain), []byte("bound"))) {
			t.Error("the same twice")
		}
		got, err := k.Open(sealed, []byte("bound"))
		if err != nil || string(got) != plain {
			t.Errorf("opened %q, %v", got, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	k := seal.Key{1}
	sealed := k.Seal([]byte("plain"), []byte("bound"))
	for i := range sealed {
		changed := slices.Clone(sealed)
		changed[i] ^= 1
		if _, err := k.Open(changed, []byte("bound")); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("byte %d changed: %v", i, err)
		}
		if _, err := k.Open(sealed[:i], []byte("bound")); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("cut to %d bytes: %v", i, err)
		}
	}
	if _, err := k.Open(sealed, []byte("other")); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("bound to something else: %v", err)
	}
	if _, err := k.Derive("x").Open(sealed, []byte("bound")); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("another key: %v", err)
	}
}

func TestDerive(t *testing.T) {
	k := seal.Key{1}
	if again := (seal.Key{1}).Derive("a"); again != k.Derive("a") {
		t.Error("not the same twice")
	}
	seen := map[seal.Key]string{k: "the secret"}
	for _, derived := range []struct {
		name string
		key  seal.Key
	}{{"a", k.Derive("a")}, {"b", k.Derive("b")}, {"a of another", seal.Key{2}.Derive("a")}} {
		if other, ok := seen[derived.key]; ok {
			t.Errorf("%s is %s", derived.name, other)
		}
		seen[derived.key] = derived.name
	}
}

// TestKeyIsNotPrinted looks for the key as every printing of bytes writes it.
func TestKeyIsNotPrinted(t *testing.T) {
	k := seal.Key{}
	for i := range k {
		k[i] = 0xab
	}
	type config struct{ Secret seal.Key }
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		fmt.Fprintf(&out, verb+verb+verb, k, &k, config{k})
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("text", "key", k, "config", config{k})
	slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "key", k, "config", config{k})
	if err := json.NewEncoder(&out).Encode(config{k}); err != nil {
		t.Fatal(err)
	}
	for _, trace := range []string{"171", "abab", "ABAB", "0xab", `\xab`, "q6ur"} {
		if strings.Contains(out.String(), trace) {
			t.Errorf("%q shows in\n%s", trace, out.String())
		}
	}
}

func TestMAC(t *testing.T) {
	k := seal.Key{1}
	if !bytes.Equal(k.MAC([]byte("a")), k.MAC([]byte("a"))) {
		t.Error("equal data have two codes")
	}
	if bytes.Equal(k.MAC([]byte("a")), k.MAC([]byte("b"))) || bytes.Equal(k.MAC([]byte("a")), k.Derive("x").MAC([]byte("a"))) {
		t.Error("other data or another key have the same code")
	}
}
