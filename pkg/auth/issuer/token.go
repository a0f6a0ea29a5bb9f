package issuer

import (
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
	"github.com/zitadel/oidc/v3/pkg/oidc"
)

// grant is what a token says: who may do what until when.
type grant struct {
	Issuer   string
	ClientID string
	Person   Person
	Now      time.Time
	Lifetime time.Duration
}

// claims are the claims of both kinds of tokens; those with omitempty are in
// identity tokens only. Times are seconds since 1970.
type claims struct {
	Issuer            string `json:"iss"`
	Subject           string `json:"sub"`
	Audience          string `json:"aud"`
	ExpiresAt         int64  `json:"exp"`
	IssuedAt          int64  `json:"iat"`
	NotBefore         int64  `json:"nbf"`
	ID                string `json:"jti"`
	ClientID          string `json:"client_id"`
	AuthorizedParty   string `json:"azp"`
	Name              string `json:"name"`
	PreferredUsername string `json:"preferred_username"`
	Email             string `json:"email"`
	EmailVerified     bool   `json:"email_verified"`
	AuthTime          int64  `json:"auth_time,omitempty"`
	Nonce             string `json:"nonce,omitempty"`
	AccessTokenHash   string `json:"at_hash,omitempty"`
}

func (g grant) claims() (claims, error) {
	if g.Lifetime <= 0 || g.Lifetime > maxLifetime {
		return claims{}, fmt.Errorf("development issuer: lifetime %s is not between 0 and %s", g.Lifetime, maxLifetime)
	}
	return claims{
		Issuer:            g.Issuer,
		Subject:           g.Person.Name,
		Audience:          g.ClientID,
		ExpiresAt:         g.Now.Add(g.Lifetime).Unix(),
		IssuedAt:          g.Now.Unix(),
		NotBefore:         g.Now.Unix(),
		ID:                rand.Text(),
		ClientID:          g.ClientID,
		AuthorizedParty:   g.ClientID,
		Name:              g.Person.DisplayName,
		PreferredUsername: g.Person.Name,
		Email:             g.Person.Email,
		EmailVerified:     true,
	}, nil
}

// access makes an access token (RFC 9068).
func (k signingKey) access(g grant) (string, error) {
	c, err := g.claims()
	if err != nil {
		return "", err
	}
	return k.sign("at+jwt", c)
}

// identity makes the identity token that goes with an access token.
func (k signingKey) identity(g grant, nonce, accessToken string) (string, error) {
	c, err := g.claims()
	if err != nil {
		return "", err
	}
	c.AuthTime = g.Now.Unix()
	c.Nonce = nonce
	if c.AccessTokenHash, err = oidc.ClaimHash(accessToken, jose.ES256); err != nil {
		return "", fmt.Errorf("hash the access token: %w", err)
	}
	return k.sign("JWT", c)
}

func (k signingKey) sign(kind jose.ContentType, c claims) (string, error) {
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: k.private, KeyID: k.id}},
		(&jose.SignerOptions{}).WithType(kind),
	)
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	token, err := jwt.Signed(signer).Claims(c).Serialize()
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return token, nil
}

// read returns the claims of an access token of this issuer's own.
func (i *Issuer) read(raw string) (claims, error) {
	token, err := jwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return claims{}, err
	}
	var c claims
	if err := token.Claims(&i.key.private.PublicKey, &c); err != nil {
		return claims{}, err
	}
	if c.Issuer != i.config.Issuer || c.ExpiresAt <= i.config.Now().Unix() {
		return claims{}, errors.New("token of another issuer, or expired")
	}
	return c, nil
}
