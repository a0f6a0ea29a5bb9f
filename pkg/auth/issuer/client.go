package issuer

import (
	"net/url"
	"slices"
	"time"

	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
)

// client is the one client of the issuer, as package op wants to see it: public,
// authorization code only. A client secret is neither needed nor looked at.
type client struct {
	issuer *Issuer
}

var _ op.Client = client{}

// GetID returns the client's id.
func (c client) GetID() string { return c.issuer.config.ClientID }

// RedirectURIs returns where codes may go.
func (c client) RedirectURIs() []string { return c.issuer.config.RedirectURIs }

// PostLogoutRedirectURIs returns where end_session may return to.
func (c client) PostLogoutRedirectURIs() []string { return c.issuer.config.SignedOutURIs }

// ApplicationType says that the client is a web application.
func (c client) ApplicationType() op.ApplicationType { return op.ApplicationTypeWeb }

// AuthMethod says that PKCE alone proves the client.
func (c client) AuthMethod() oidc.AuthMethod { return oidc.AuthMethodNone }

// ResponseTypes allows the code only.
func (c client) ResponseTypes() []oidc.ResponseType {
	return []oidc.ResponseType{oidc.ResponseTypeCode}
}

// GrantTypes allows the code only.
func (c client) GrantTypes() []oidc.GrantType { return []oidc.GrantType{oidc.GrantTypeCode} }

// LoginURL returns the sign-in page of a request.
func (c client) LoginURL(id string) string {
	return c.issuer.config.Issuer + loginPath + "?id=" + url.QueryEscape(id)
}

// AccessTokenType says that access tokens are JWTs.
func (c client) AccessTokenType() op.AccessTokenType { return op.AccessTokenTypeJWT }

// IDTokenLifetime returns the lifetime of identity tokens.
func (c client) IDTokenLifetime() time.Duration { return Lifetime }

// DevMode allows return addresses without TLS; they are all on loopback.
func (c client) DevMode() bool { return true }

// RestrictAdditionalIdTokenScopes drops no scopes.
func (c client) RestrictAdditionalIdTokenScopes() func(scopes []string) []string {
	return slices.Clone[[]string]
}

// RestrictAdditionalAccessTokenScopes drops no scopes.
func (c client) RestrictAdditionalAccessTokenScopes() func(scopes []string) []string {
	return slices.Clone[[]string]
}

// IsScopeAllowed allows no scope beyond those of OpenID Connect.
func (c client) IsScopeAllowed(string) bool { return false }

// IDTokenUserinfoClaimsAssertion says that identity tokens carry name and e-mail.
func (c client) IDTokenUserinfoClaimsAssertion() bool { return true }

// ClockSkew is zero: verifiers bring their own leeway.
func (c client) ClockSkew() time.Duration { return 0 }
