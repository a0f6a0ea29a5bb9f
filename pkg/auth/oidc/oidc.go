// Package oidc verifies tokens of OpenID Connect issuers outside Kyodo and helps
// a browser sign in with them (authorization code with PKCE).
//
// It says who somebody is, never what they may do: roles and memberships are
// data of the directory, so claims about roles and groups are not read.
//
// # Settings
//
// Any issuer with discovery works. Config.Issuer is its URL exactly as it stands
// in the iss claim, trailing slash or not.
//
// Keycloak: Issuer is https://HOST/realms/REALM. Access tokens name the audience
// "account" by default; give the client an audience mapper for "kyodo" and set
// Audiences to it, or set Audiences to "account" if the realm serves nothing
// else. The scopes profile and email put name and e-mail into the tokens.
//
// Google: Issuer is https://accounts.google.com. Its access tokens are opaque and
// cannot be verified here; API clients send the identity token as bearer token.
// Audiences is then every client ID that may call. ClientSecret is needed.
//
// Others: access tokens must be JWTs signed with RSA, ECDSA or Ed25519. Where an
// identity token must not pass as access token, let the audience of access tokens
// differ from the client ID and set Audiences to it alone.
//
// The development issuer (package issuer): Audiences and ClientID are "kyodo".
// Production lists no such issuer.
package oidc

import (
	"errors"
	"time"
)

// Errors of Verify and of SignIn. They are wrapped; compare with errors.Is. No
// error holds a token.
var (
	// ErrInvalid says that the token, the code or its proof is not acceptable:
	// damaged, badly signed, for somebody else, or of an unknown issuer.
	ErrInvalid = errors.New("token is not valid")
	// ErrExpired says that a token that was good is no longer.
	ErrExpired = errors.New("token has expired")
	// ErrUnavailable says that the issuer cannot be asked just now, so that
	// nothing is known about the token. Trying later helps.
	ErrUnavailable = errors.New("issuer of the token cannot be reached")
)

// Identity is a person as an issuer knows them. IssuerName and Subject together
// identify the person; the other claims may change and may be empty.
type Identity struct {
	// IssuerName is Config.Name of the issuer.
	IssuerName string
	// Subject is the sub claim: 1 to 255 printable ASCII characters.
	Subject string
	// Email is the address, at most 254 bytes; empty where the issuer gives none.
	Email string
	// EmailVerified says that the issuer checked the address.
	EmailVerified bool
	// Name is for display, at most 200 bytes: the name claim, or else
	// preferred_username. Empty where the issuer gives neither.
	Name string
	// ExpiresAt is the exp claim.
	ExpiresAt time.Time
}
