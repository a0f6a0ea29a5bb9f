package issuer

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-jose/go-jose/v4"
)

// KeyFile is the name of the signing key in the data folder: a P-256 key as
// PKCS #8 in PEM, mode 0600.
const KeyFile = "development-issuer.pem"

// signingKey signs tokens with ES256.
type signingKey struct {
	private *ecdsa.PrivateKey
	id      string
}

// openKey reads the key of the folder and makes one where there is none. Two
// processes that start at once end up with the same key.
func openKey(dir string) (signingKey, error) {
	key, err := readKey(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := createKey(dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return signingKey{}, fmt.Errorf("make the key of the development issuer: %w", err)
	}
	return readKey(dir)
}

// createKey writes a new key under a temporary name and links it into place,
// so that the file is whole or absent, and never replaces another's.
func createKey(dir string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	file, err := os.CreateTemp(dir, KeyFile+".*") // CreateTemp opens with mode 0600.
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	err = pem.Encode(file, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	return os.Link(file.Name(), filepath.Join(dir, KeyFile))
}

func readKey(dir string) (signingKey, error) {
	path := filepath.Join(dir, KeyFile)
	info, err := os.Stat(path)
	if err != nil {
		return signingKey{}, fmt.Errorf("key of the development issuer: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return signingKey{}, fmt.Errorf("key of the development issuer: others can read %s; run chmod 600 on it", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return signingKey{}, fmt.Errorf("key of the development issuer: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return signingKey{}, fmt.Errorf("key of the development issuer: %s is not PEM; remove it to get a new one", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return signingKey{}, fmt.Errorf("key of the development issuer: %s: %w", path, err)
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || private.Curve != elliptic.P256() {
		return signingKey{}, fmt.Errorf("key of the development issuer: %s is not a P-256 key", path)
	}
	thumbprint, err := (&jose.JSONWebKey{Key: &private.PublicKey}).Thumbprint(crypto.SHA256)
	if err != nil {
		return signingKey{}, fmt.Errorf("key of the development issuer: %w", err)
	}
	return signingKey{private: private, id: base64.RawURLEncoding.EncodeToString(thumbprint)}, nil
}

func (k signingKey) public() jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{
		Key:       &k.private.PublicKey,
		KeyID:     k.id,
		Algorithm: string(jose.ES256),
		Use:       "sig",
	}}}
}
