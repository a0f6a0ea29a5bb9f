package auth

import (
	"crypto/ed25519"
	"fmt"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

const (
	// TokenLife is how long an internal token is good for.
	TokenLife = 60 * time.Second

	// Gateway is the signer that may speak for persons.
	Gateway = "gateway"

	issuer     = "kyodo"
	audience   = "kyodo"
	clockSkew  = 5 * time.Second
	cacheLimit = 4096
)

type claims struct {
	jwt.Claims
	Principal Principal `json:"principal"`
}

// Signer makes internal tokens: JWT signed with Ed25519 (RFC 8037), good for
// TokenLife.
type Signer struct {
	name   string
	signer jose.Signer
}

// NewSigner returns the signer called name: "gateway" or a service.
func NewSigner(name string, key ed25519.PrivateKey) (*Signer, error) {
	opts := (&jose.SignerOptions{}).WithType("JWT").WithHeader("kid", name)
	s, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.EdDSA, Key: key}, opts)
	if err != nil {
		return nil, fmt.Errorf("internal token signer %s: %w", name, err)
	}
	return &Signer{name: name, signer: s}, nil
}

// Sign returns a token for p that starts at now.
func (s *Signer) Sign(p Principal, now time.Time) (string, error) {
	c := claims{
		Claims: jwt.Claims{
			Issuer:   issuer,
			Audience: jwt.Audience{audience},
			Subject:  p.Actor(),
			IssuedAt: jwt.NewNumericDate(now),
			Expiry:   jwt.NewNumericDate(now.Add(TokenLife)),
		},
		Principal: p,
	}
	raw, err := jwt.Signed(s.signer).Claims(c).Serialize()
	if err != nil {
		return "", fmt.Errorf("sign internal token: %w", err)
	}
	return raw, nil
}

// Verifier checks internal tokens against the signers' public keys. The gateway
// may speak for anybody; a service only for itself.
type Verifier struct {
	keys map[string]ed25519.PublicKey

	mu    sync.Mutex
	cache map[string]verified
}

type verified struct {
	principal Principal
	expires   time.Time
}

// NewVerifier returns a verifier that trusts keys, by signer name.
func NewVerifier(keys map[string]ed25519.PublicKey) *Verifier {
	return &Verifier{keys: keys, cache: map[string]verified{}}
}

// Verify returns the principal of the token. Errors: TOKEN_INVALID,
// TOKEN_EXPIRED. A token that claims more than TokenLife is not valid. One
// verified before is answered from memory until it ends.
func (v *Verifier) Verify(raw string, now time.Time) (Principal, error) {
	if hit, ok := v.lookup(raw); ok {
		if now.After(hit.expires) {
			return Principal{}, fault.ErrTokenExpired
		}
		return hit.principal, nil
	}
	tok, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.EdDSA})
	if err != nil || len(tok.Headers) != 1 {
		return Principal{}, fault.ErrTokenInvalid
	}
	signer := tok.Headers[0].KeyID
	key, ok := v.keys[signer]
	if !ok {
		return Principal{}, fault.ErrTokenInvalid
	}
	var c claims
	if err := tok.Claims(key, &c); err != nil {
		return Principal{}, fault.ErrTokenInvalid
	}
	if signer != Gateway && !c.Principal.isService(signer) {
		return Principal{}, fault.ErrTokenInvalid
	}
	if c.Issuer != issuer || !c.Audience.Contains(audience) || c.Expiry == nil || c.IssuedAt == nil ||
		c.Expiry.Time().Sub(c.IssuedAt.Time()) > TokenLife || now.Before(c.IssuedAt.Time().Add(-clockSkew)) {
		return Principal{}, fault.ErrTokenInvalid
	}
	expires := c.Expiry.Time().Add(clockSkew)
	if now.After(expires) {
		return Principal{}, fault.ErrTokenExpired
	}
	v.remember(raw, verified{principal: c.Principal, expires: expires}, now)
	return c.Principal, nil
}

func (v *Verifier) lookup(raw string) (verified, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	hit, ok := v.cache[raw]
	return hit, ok
}

// remember keeps the result; a full cache first drops what has ended, then all.
func (v *Verifier) remember(raw string, r verified, now time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.cache) >= cacheLimit {
		for k, old := range v.cache {
			if now.After(old.expires) {
				delete(v.cache, k)
			}
		}
		if len(v.cache) >= cacheLimit {
			clear(v.cache)
		}
	}
	v.cache[raw] = r
}
