// Package issuer is the development issuer: an OpenID provider with sample
// people and without passwords, so that a fresh installation can be signed in to
// at once. It proves nothing about who somebody is. It therefore serves nothing
// but loopback, its addresses must be loopback addresses, and production does
// not accept its tokens.
//
// It offers discovery, keys, the authorization code flow with PKCE (S256, and
// nothing without it), userinfo and end_session. Requests under way live in
// memory and are lost by a restart; the person just starts again. It keeps no
// session and sets no cookie: every sign-in shows the page with the people. Only
// the signing key is on disk, a random one per data folder.
package issuer

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// DefaultClientID is the client, and the audience of every token, where
// Config.ClientID is empty.
const DefaultClientID = "kyodo"

// Lifetime is how long a token from the sign-in flow is valid.
const Lifetime = time.Hour

// maxLifetime bounds the tokens that Token makes.
const maxLifetime = 24 * time.Hour

// Config describes a development issuer.
type Config struct {
	// Dir is the data folder that holds the signing key. It is made, with the
	// key, where it is missing.
	Dir string
	// Issuer is the issuer's URL on a loopback host, without a slash at the end,
	// such as http://127.0.0.1:8080/dev/oidc.
	Issuer string
	// People can sign in. Empty means SamplePeople.
	People []Person
	// ClientID is the only client. Empty means DefaultClientID.
	ClientID string
	// RedirectURIs are the addresses the code may be sent to, compared exactly.
	// All are on loopback hosts.
	RedirectURIs []string
	// SignedOutURIs are the addresses end_session may return to, compared
	// exactly. All are on loopback hosts.
	SignedOutURIs []string
	// Now is the clock of the tokens. Required.
	Now func() time.Time
	// Log hears of sign-ins, never of tokens or codes. Nil means silence.
	Log *slog.Logger
}

// Issuer is a development issuer. Its methods may be used concurrently.
type Issuer struct {
	config  Config
	key     signingKey
	pages   requests // by the id in the sign-in page
	codes   requests // by the code the client redeems
	handler http.Handler
}

// New opens the issuer and makes its key on the first start. It fails when an
// address is not on loopback, when two people share a name, and when the key
// file is damaged or readable by others.
func New(config Config) (*Issuer, error) {
	if config.Now == nil {
		return nil, errors.New("development issuer: Now is missing")
	}
	if config.ClientID == "" {
		config.ClientID = DefaultClientID
	}
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if len(config.People) == 0 {
		config.People = SamplePeople
	}
	if err := checkPeople(config.People); err != nil {
		return nil, err
	}
	address, err := loopbackURL(config.Issuer)
	if err != nil {
		return nil, fmt.Errorf("development issuer: %w", err)
	}
	for _, uri := range append(append([]string{}, config.RedirectURIs...), config.SignedOutURIs...) {
		if _, err := loopbackURL(uri); err != nil {
			return nil, fmt.Errorf("development issuer: return address: %w", err)
		}
	}
	key, err := openKey(config.Dir)
	if err != nil {
		return nil, err
	}
	i := &Issuer{config: config, key: key, pages: requests{now: config.Now}, codes: requests{now: config.Now}}
	i.handler = i.routes(address.Path)
	return i, nil
}

// Handler serves the issuer. It expects whole paths: mount it under the path of
// Config.Issuer without cutting that path off, and let nothing rewrite its
// Content-Security-Policy. Everything but loopback gets 403.
func (i *Issuer) Handler() http.Handler {
	return i.handler
}

// Token makes an access token for a person. The lifetime lies above zero and
// does not exceed 24 hours. An unknown name is an UnknownPersonError.
func (i *Issuer) Token(name string, ttl time.Duration) (string, error) {
	person, err := find(i.config.People, name)
	if err != nil {
		return "", err
	}
	return i.key.access(i.grant(person, ttl))
}

// Keys returns the public keys, for a verifier in the same process.
func (i *Issuer) Keys() jose.JSONWebKeySet {
	return i.key.public()
}

func (i *Issuer) grant(person Person, ttl time.Duration) grant {
	return grant{
		Issuer:   i.config.Issuer,
		ClientID: i.config.ClientID,
		Person:   person,
		Now:      i.config.Now(),
		Lifetime: ttl,
	}
}

// TokenFromDir makes an access token for a sample person from another process,
// with nothing but the key file in the data folder: one hour from now on, for
// DefaultClientID. The issuer is the URL the running installation uses. It fails
// with fs.ErrNotExist when the folder has no key, because the installation never
// ran, and with UnknownPersonError for a name that is not in SamplePeople.
func TokenFromDir(dir, issuer, name string, now time.Time) (string, error) {
	person, err := find(SamplePeople, name)
	if err != nil {
		return "", err
	}
	if _, err := loopbackURL(issuer); err != nil {
		return "", fmt.Errorf("development issuer: %w", err)
	}
	key, err := readKey(dir)
	if err != nil {
		return "", err
	}
	return key.access(grant{
		Issuer:   issuer,
		ClientID: DefaultClientID,
		Person:   person,
		Now:      now,
		Lifetime: Lifetime,
	})
}

func loopbackURL(raw string) (*url.URL, error) {
	address, err := url.Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("address: %w", err)
	}
	if address.Scheme != "http" && address.Scheme != "https" {
		return nil, fmt.Errorf("address %q is neither http nor https", raw)
	}
	if !loopbackHost(address.Host) {
		return nil, fmt.Errorf("address %q is not on loopback", raw)
	}
	return address, nil
}
