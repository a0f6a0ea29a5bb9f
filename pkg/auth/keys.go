package auth

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
)

// LoadSigner reads the private key NAME.key in dir, making it and NAME.pub when
// they are missing. Only the process that signs as name needs to read it; two
// that start at once get the same one.
func LoadSigner(dir, name string) (*Signer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("signing key of %s: %w", name, err)
	}
	seed, err := seal.LoadKey(filepath.Join(dir, name+".key"))
	if err != nil {
		return nil, fmt.Errorf("signing key of %s: %w", name, err)
	}
	key := ed25519.NewKeyFromSeed(seed[:])
	if err := publish(filepath.Join(dir, name+".pub"), key[ed25519.SeedSize:]); err != nil {
		return nil, fmt.Errorf("verifying key of %s: %w", name, err)
	}
	return NewSigner(name, key)
}

// publish writes the verifying key that is missing at path, whole or not at all.
func publish(path string, pub []byte) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".pub-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(pub)
	if err := errors.Join(err, f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// LoadVerifier trusts every NAME.pub in dir.
func LoadVerifier(dir string) (*Verifier, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.pub"))
	if err != nil {
		return nil, err
	}
	keys := map[string]ed25519.PublicKey{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			return nil, fmt.Errorf("verifying key: %w", err)
		}
		if len(raw) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("verifying key %s: %d bytes instead of %d", f, len(raw), ed25519.PublicKeySize)
		}
		keys[strings.TrimSuffix(filepath.Base(f), ".pub")] = raw
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("no verifying keys (*.pub) in %s: make them with `kyodo keys %s`", dir, dir)
	}
	return NewVerifier(keys), nil
}
