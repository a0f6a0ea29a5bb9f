package oidc

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
)

const (
	// leeway forgives clocks that differ, on exp and on nbf.
	leeway = 30 * time.Second
	// rememberFor bounds how long a verified token is trusted without a look at
	// the keys.
	rememberFor = 5 * time.Minute
	// maxToken bounds the length of a token in bytes.
	maxToken = 16 << 10

	google           = "https://accounts.google.com"
	googleWithoutTLS = "accounts.google.com"
)

// Verifier verifies tokens. Its methods may be used concurrently.
type Verifier struct {
	sources map[string]*source // by issuer URL
	now     func() time.Time
	cache   *cache
}

// NewVerifier checks the settings. It does not talk to the issuers: they are
// asked when the first token needs it, and again, with growing pauses of up to a
// minute, as long as they do not answer.
func NewVerifier(options Options) (*Verifier, error) {
	if options.Now == nil {
		return nil, errors.New("oidc: Now is missing")
	}
	if options.Log == nil {
		options.Log = slog.New(slog.DiscardHandler)
	}
	if options.Tokens <= 0 {
		options.Tokens = 10_000
	}
	v := &Verifier{sources: make(map[string]*source), now: options.Now, cache: newCache(options.Tokens)}
	names := make(map[string]bool)
	for _, config := range options.Issuers {
		config, err := config.complete()
		if err != nil {
			return nil, fmt.Errorf("oidc: %w", err)
		}
		if v.sources[config.Issuer] != nil || names[config.Name] {
			return nil, fmt.Errorf("oidc: issuer %s is listed twice", config.Name)
		}
		names[config.Name] = true
		v.sources[config.Issuer] = &source{config: config, now: options.Now, log: options.Log}
	}
	return v, nil
}

// Verify checks a bearer token: signature, issuer, audience, exp and nbf, these
// with 30 seconds of leeway. A token found good is remembered for up to five
// minutes, never past its end. Errors are ErrInvalid, ErrExpired (of a token
// that is good otherwise) and ErrUnavailable.
func (v *Verifier) Verify(ctx context.Context, raw string) (Identity, error) {
	if len(raw) > maxToken {
		return Identity{}, fmt.Errorf("%w: longer than %d bytes", ErrInvalid, maxToken)
	}
	now := v.now()
	token := digestOf(raw)
	if identity, ok := v.cache.get(token, now); ok {
		return identity, nil
	}
	source, ok := v.sources[issuerOf(raw)]
	if !ok {
		return Identity{}, fmt.Errorf("%w: not a JWT of a known issuer", ErrInvalid)
	}
	verified, err := source.verify(ctx, raw, source.config.Audiences)
	if err != nil {
		return Identity{}, err
	}
	until := verified.identity.ExpiresAt.Add(leeway)
	if limit := now.Add(rememberFor); limit.Before(until) {
		until = limit
	}
	v.cache.put(token, verified.identity, until)
	return verified.identity, nil
}

// issuerOf reads the issuer of a token that nobody has verified: it only selects
// the keys the token is then held against.
func issuerOf(raw string) string {
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return ""
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return ""
	}
	var claims struct {
		Issuer string `json:"iss"`
	}
	if err := json.Unmarshal(payload, &claims); err != nil {
		return ""
	}
	if claims.Issuer == googleWithoutTLS {
		return google
	}
	return claims.Issuer
}

// verification is a token that was verified.
type verification struct {
	identity Identity
	nonce    string
	party    string // azp
	audience []string
}

// claims are the claims read beyond those of go-oidc. Whatever is of the wrong
// type is as good as absent, because issuers differ.
type claims struct {
	NotBefore         json.Number `json:"nbf"`
	Name              any         `json:"name"`
	PreferredUsername any         `json:"preferred_username"`
	Email             any         `json:"email"`
	EmailVerified     any         `json:"email_verified"`
	AuthorizedParty   any         `json:"azp"`
}

// attempt is the key set of one verification. It keeps the error of the source,
// which go-oidc turns into text.
type attempt struct {
	source *source
	err    error
}

// VerifySignature implements the key set of go-oidc.
func (a *attempt) VerifySignature(ctx context.Context, raw string) ([]byte, error) {
	payload, err := a.source.payload(ctx, raw)
	a.err = err
	return payload, err
}

func (s *source) verify(ctx context.Context, raw string, audiences []string) (verification, error) {
	keys := &attempt{source: s}
	token, err := gooidc.NewVerifier(s.config.Issuer, keys, &gooidc.Config{
		SupportedSigningAlgs: algorithmNames(),
		SkipClientIDCheck:    true, // done below, with several audiences
		SkipExpiryCheck:      true, // done below, with another leeway
		Now:                  s.now,
	}).Verify(ctx, raw)
	if errors.Is(keys.err, ErrUnavailable) {
		return verification{}, keys.err
	}
	if err != nil {
		return verification{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if !slices.ContainsFunc(token.Audience, func(a string) bool { return slices.Contains(audiences, a) }) {
		return verification{}, fmt.Errorf("%w: audience is %q", ErrInvalid, token.Audience)
	}
	var c claims
	if err := token.Claims(&c); err != nil {
		return verification{}, fmt.Errorf("%w: claims: %w", ErrInvalid, err)
	}
	if err := s.timely(token.Expiry, c.NotBefore); err != nil {
		return verification{}, err
	}
	if !subject(token.Subject) {
		return verification{}, fmt.Errorf("%w: sub is not 1 to 255 printable ASCII characters", ErrInvalid)
	}
	name := display(c.Name, 200)
	if name == "" {
		name = display(c.PreferredUsername, 200)
	}
	email := display(c.Email, 254)
	return verification{
		identity: Identity{
			IssuerName:    s.config.Name,
			Subject:       token.Subject,
			Email:         email,
			EmailVerified: email != "" && (c.EmailVerified == true || c.EmailVerified == "true"),
			Name:          name,
			ExpiresAt:     token.Expiry,
		},
		nonce:    token.Nonce,
		party:    display(c.AuthorizedParty, 200),
		audience: token.Audience,
	}, nil
}

// timely checks exp, which must be there, and nbf, which need not.
func (s *source) timely(expiry time.Time, notBefore json.Number) error {
	now := s.now()
	if expiry.Unix() <= 0 {
		return fmt.Errorf("%w: no exp", ErrInvalid)
	}
	if now.After(expiry.Add(leeway)) {
		return ErrExpired
	}
	if notBefore == "" {
		return nil
	}
	seconds, err := notBefore.Float64()
	if err != nil || seconds > float64(now.Add(leeway).Unix()) {
		return fmt.Errorf("%w: not valid before nbf", ErrInvalid)
	}
	return nil
}

func subject(text string) bool {
	if text == "" || len(text) > 255 {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

// display returns a text of an issuer if it can be shown and logged, and else
// nothing: too long, not UTF-8, or with control characters.
func display(value any, limit int) string {
	text, _ := value.(string)
	unseen := func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }
	if len(text) > limit || !utf8.ValidString(text) || strings.ContainsFunc(text, unseen) {
		return ""
	}
	return strings.TrimSpace(text)
}
