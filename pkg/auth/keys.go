package auth

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// LoadSigner reads the private key NAME.key in dir, making it and NAME.pub when
// there is none. Only the process that signs as name needs to read it.
func LoadSigner(dir, name string) (*Signer, error) {
	seed, err := os.ReadFile(filepath.Join(dir, name+".key"))
	if errors.Is(err, fs.ErrNotExist) {
		seed, err = createSeed(dir, name)
	}
	if err != nil {
		return nil, fmt.Errorf("signing key of %s: %w", name, err)
	}
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("signing key of %s: %d bytes instead of %d", name, len(seed), ed25519.SeedSize)
	}
	return NewSigner(name, ed25519.NewKeyFromSeed(seed))
}

func createSeed(dir, name string) ([]byte, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, name+".key"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(key.Seed()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	return key.Seed(), os.WriteFile(filepath.Join(dir, name+".pub"), pub, 0o644)
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
