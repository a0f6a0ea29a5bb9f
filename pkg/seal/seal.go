// Package seal encrypts small values with keys derived from the installation's
// one secret, such as stored answers of idempotent calls.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// KeySize is the length of every key in bytes.
const KeySize = 32

// ErrOpen says that a sealed value was changed, cut or sealed with another key.
var ErrOpen = errors.New("sealed value does not open with this key")

// Key is an AES-256 key or the secret that keys are derived from.
type Key [KeySize]byte

// String hides the key from logs.
func (Key) String() string { return "[secret]" }

// Format hides the key from every verb of fmt.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// MarshalText hides the key from JSON and from structured logs.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// LoadKey reads the secret in path, or makes a random one readable by the owner
// alone when there is none. Two processes that start at once get the same one.
func LoadKey(path string) (Key, error) {
	var k Key
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		raw, err = createKey(path)
	}
	if err != nil {
		return k, fmt.Errorf("secret: %w", err)
	}
	if len(raw) != KeySize {
		return k, fmt.Errorf("secret %s: %d bytes instead of %d", path, len(raw), KeySize)
	}
	return Key(raw), nil
}

// createKey writes a new secret beside path and links it into place, so that
// nobody ever reads half of one and the first writer wins.
func createKey(path string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".secret-*")
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	raw := make([]byte, KeySize)
	rand.Read(raw)
	if _, err := f.Write(raw); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// Derive returns the key for one purpose (HKDF-SHA-256, RFC 5869). Keys of two
// purposes tell nothing of each other.
func (k Key) Derive(purpose string) Key {
	out, err := hkdf.Key(sha256.New, k[:], nil, "kyodo/"+purpose, KeySize)
	if err != nil { // only for lengths over 255 hashes
		panic(err)
	}
	return Key(out)
}

// Seal encrypts plain with AES-256-GCM and a random nonce, which stands before
// the result. bound is not stored: Open needs the same.
func (k Key) Seal(plain, bound []byte) []byte {
	gcm := k.gcm()
	nonce := make([]byte, gcm.NonceSize(), gcm.NonceSize()+len(plain)+gcm.Overhead())
	rand.Read(nonce)
	return gcm.Seal(nonce, nonce, plain, bound)
}

// Open returns what Seal encrypted, or ErrOpen.
func (k Key) Open(sealed, bound []byte) ([]byte, error) {
	gcm := k.gcm()
	if len(sealed) < gcm.NonceSize() {
		return nil, ErrOpen
	}
	plain, err := gcm.Open(nil, sealed[:gcm.NonceSize()], sealed[gcm.NonceSize():], bound)
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

// MAC returns the HMAC-SHA-256 of data: equal data can be found again, and
// nobody without the key can tell what they are by trying.
func (k Key) MAC(data []byte) []byte {
	h := hmac.New(sha256.New, k[:])
	h.Write(data)
	return h.Sum(nil)
}

func (k Key) gcm() cipher.AEAD {
	block, err := aes.NewCipher(k[:])
	if err != nil { // only for other key lengths
		panic(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil { // only for other block sizes
		panic(err)
	}
	return gcm
}
