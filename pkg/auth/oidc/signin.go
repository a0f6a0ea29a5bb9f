package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/url"
	"slices"

	gooidc "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// SignIn takes a browser through the authorization code flow of one issuer. Its
// methods may be used concurrently.
//
// The caller makes three random values for each attempt (oauth2.GenerateVerifier
// is a good source), keeps them where only the same browser can bring them back,
// and compares the state itself before Exchange.
type SignIn struct {
	source *source
}

// SignIn returns the sign-in of the issuer with that name. It fails where the
// name is unknown, and where the settings lack client ID or redirect URL.
func (v *Verifier) SignIn(name string) (*SignIn, error) {
	for _, source := range v.sources {
		if source.config.Name != name {
			continue
		}
		if source.config.ClientID == "" || source.config.RedirectURL == "" {
			return nil, fmt.Errorf("oidc: issuer %s has no client ID or no redirect URL", name)
		}
		return &SignIn{source: source}, nil
	}
	return nil, fmt.Errorf("oidc: no issuer %q", name)
}

// AuthCodeURL returns where to send the browser. Errors are ErrUnavailable.
func (s *SignIn) AuthCodeURL(ctx context.Context, state, nonce, verifier string) (string, error) {
	config, err := s.config(ctx)
	if err != nil {
		return "", err
	}
	return config.AuthCodeURL(state, gooidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), nil
}

// Exchange redeems a code for the person's identity and the raw identity token,
// which SignOutURL wants. Nonce and verifier are those of AuthCodeURL. Errors are
// ErrInvalid, ErrExpired and ErrUnavailable; a code can be redeemed once only.
func (s *SignIn) Exchange(ctx context.Context, code, verifier, nonce string) (Identity, string, error) {
	config, err := s.config(ctx)
	if err != nil {
		return Identity{}, "", err
	}
	answer, err := config.Exchange(gooidc.ClientContext(ctx, s.source.config.Client), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return Identity{}, "", s.refusal(err)
	}
	raw, _ := answer.Extra("id_token").(string)
	if raw == "" {
		return Identity{}, "", fmt.Errorf("%w: %s sent no identity token", ErrInvalid, s.source.config.Name)
	}
	client := s.source.config.ClientID
	token, err := s.source.verify(ctx, raw, []string{client})
	if err != nil {
		return Identity{}, "", err
	}
	if nonce == "" || subtle.ConstantTimeCompare([]byte(token.nonce), []byte(nonce)) != 1 {
		return Identity{}, "", fmt.Errorf("%w: nonce differs", ErrInvalid)
	}
	if token.party != "" && token.party != client || token.party == "" && len(token.audience) > 1 {
		return Identity{}, "", fmt.Errorf("%w: identity token was made for %q", ErrInvalid, token.party)
	}
	return token.identity, raw, nil
}

// SignOutURL returns where to send the browser to end the session at the issuer;
// it comes back to returnTo, which the issuer must know. Where the issuer has no
// such address the result is empty. Errors are ErrUnavailable.
func (s *SignIn) SignOutURL(ctx context.Context, idToken, returnTo, state string) (string, error) {
	m, err := s.source.metadata(ctx, nil)
	if err != nil {
		return "", err
	}
	address, err := url.Parse(m.document.EndSessionEndpoint)
	if err != nil || !secure(address) {
		return "", nil //nolint:nilerr // an address that cannot be used is none
	}
	query := address.Query()
	query.Set("client_id", s.source.config.ClientID)
	for name, value := range map[string]string{
		"id_token_hint":            idToken,
		"post_logout_redirect_uri": returnTo,
		"state":                    state,
	} {
		if value != "" {
			query.Set(name, value)
		}
	}
	address.RawQuery = query.Encode()
	return address.String(), nil
}

func (s *SignIn) config(ctx context.Context) (oauth2.Config, error) {
	m, err := s.source.metadata(ctx, nil)
	if err != nil {
		return oauth2.Config{}, err
	}
	// Chosen here, because trying both ways could use up the code.
	style := oauth2.AuthStyleInHeader
	methods := m.document.TokenAuthMethods
	if s.source.config.ClientSecret == "" || len(methods) > 0 && !slices.Contains(methods, "client_secret_basic") {
		style = oauth2.AuthStyleInParams
	}
	return oauth2.Config{
		ClientID:     s.source.config.ClientID,
		ClientSecret: s.source.config.ClientSecret,
		RedirectURL:  s.source.config.RedirectURL,
		Scopes:       s.source.config.Scopes,
		Endpoint: oauth2.Endpoint{
			AuthURL:   m.document.AuthorizationEndpoint,
			TokenURL:  m.document.TokenEndpoint,
			AuthStyle: style,
		},
	}, nil
}

// refusal tells a code that was refused from an issuer that does not answer. The
// issuer's text is left out: it could repeat the code.
func (s *SignIn) refusal(err error) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return fmt.Errorf("%w: %s: %w", ErrUnavailable, s.source.config.Name, err)
	}
	if refused.Response.StatusCode >= 500 || refused.ErrorCode == "server_error" || refused.ErrorCode == "temporarily_unavailable" {
		return fmt.Errorf("%w: %s answers %s", ErrUnavailable, s.source.config.Name, refused.Response.Status)
	}
	return fmt.Errorf("%w: %s refuses the code: %q", ErrInvalid, s.source.config.Name, refused.ErrorCode)
}
