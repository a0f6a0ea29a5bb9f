package issuer

import (
	"context"
	"net/http"
	"slices"

	"github.com/go-jose/go-jose/v4"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"
	"golang.org/x/text/language"
)

// endpoints are the paths below the issuer; what is not named here is not served.
var endpoints = op.Endpoints{
	Authorization: op.NewEndpoint("authorize"),
	Token:         op.NewEndpoint("token"),
	Userinfo:      op.NewEndpoint("userinfo"),
	EndSession:    op.NewEndpoint("end_session"),
	JwksURI:       op.NewEndpoint("keys"),
}

// server answers the protocol. Package op parses and routes; requests, codes and
// tokens are made here, by Config.Now, which op's own storage seam cannot use.
type server struct {
	op.UnimplementedServer
	issuer *Issuer
}

// Discovery describes the issuer, and nothing it cannot do.
func (s server) Discovery(context.Context, *op.Request[struct{}]) (*op.Response, error) {
	url := s.issuer.config.Issuer
	return op.NewResponse(&oidc.DiscoveryConfiguration{
		Issuer:                            url,
		AuthorizationEndpoint:             endpoints.Authorization.Absolute(url),
		TokenEndpoint:                     endpoints.Token.Absolute(url),
		UserinfoEndpoint:                  endpoints.Userinfo.Absolute(url),
		EndSessionEndpoint:                endpoints.EndSession.Absolute(url),
		JwksURI:                           endpoints.JwksURI.Absolute(url),
		ScopesSupported:                   []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail},
		ResponseTypesSupported:            []string{string(oidc.ResponseTypeCode)},
		ResponseModesSupported:            []string{string(oidc.ResponseModeQuery)},
		GrantTypesSupported:               []oidc.GrantType{oidc.GrantTypeCode},
		SubjectTypesSupported:             []string{"public"},
		IDTokenSigningAlgValuesSupported:  []string{string(jose.ES256)},
		TokenEndpointAuthMethodsSupported: []oidc.AuthMethod{oidc.AuthMethodNone},
		CodeChallengeMethodsSupported:     []oidc.CodeChallengeMethod{oidc.CodeChallengeMethodS256},
		ClaimsSupported:                   []string{"sub", "name", "preferred_username", "email", "email_verified"},
		UILocalesSupported:                oidc.Locales{language.Japanese, language.English},
	}), nil
}

// Keys returns the public key.
func (s server) Keys(context.Context, *op.Request[struct{}]) (*op.Response, error) {
	keys := s.issuer.Keys()
	return op.NewResponse(&keys), nil
}

// VerifyAuthRequest finds the client of an authorization request.
func (s server) VerifyAuthRequest(_ context.Context, r *op.Request[oidc.AuthRequest]) (*op.ClientRequest[oidc.AuthRequest], error) {
	if r.Data.ClientID != s.issuer.config.ClientID {
		return nil, oidc.ErrInvalidRequestRedirectURI().WithDescription("unknown client_id")
	}
	return &op.ClientRequest[oidc.AuthRequest]{Request: r, Client: client{s.issuer}}, nil
}

// Authorize keeps the request and sends the browser to the sign-in page. Op has
// checked client, return address and response type.
func (s server) Authorize(_ context.Context, r *op.ClientRequest[oidc.AuthRequest]) (*op.Redirect, error) {
	q := r.Data
	switch {
	case q.RequestParam != "":
		return nil, oidc.ErrRequestNotSupported()
	case q.ResponseMode != "" && q.ResponseMode != oidc.ResponseModeQuery:
		return nil, oidc.ErrInvalidRequest().WithDescription("response_mode must be query")
	case !slices.Contains(q.Scopes, oidc.ScopeOpenID):
		return nil, oidc.ErrInvalidScope().WithDescription("scope must contain openid")
	case q.CodeChallenge == "" || q.CodeChallengeMethod != oidc.CodeChallengeMethodS256:
		return nil, oidc.ErrInvalidRequest().WithDescription("PKCE with S256 is required")
	case slices.Contains(q.Prompt, oidc.PromptNone):
		return nil, oidc.ErrLoginRequired()
	}
	id := s.issuer.pages.put(request{
		redirectURI: q.RedirectURI,
		state:       q.State,
		nonce:       q.Nonce,
		challenge:   oidc.CodeChallenge{Challenge: q.CodeChallenge, Method: q.CodeChallengeMethod},
		scopes:      q.Scopes,
	}, requestLifetime)
	return op.NewRedirect(r.Client.LoginURL(id)), nil
}

// VerifyClient finds the client of a token request. It has no secret; PKCE
// proves that it is the one that asked.
func (s server) VerifyClient(_ context.Context, r *op.Request[op.ClientCredentials]) (op.Client, error) {
	if r.Data.ClientID != s.issuer.config.ClientID {
		return nil, op.NewStatusError(oidc.ErrInvalidClient().WithDescription("unknown client_id"), http.StatusUnauthorized)
	}
	return client{s.issuer}, nil
}

// CodeExchange redeems a code. The request is gone whatever the outcome: a code
// with a wrong verifier or return address cannot be tried again.
func (s server) CodeExchange(_ context.Context, r *op.ClientRequest[oidc.AccessTokenRequest]) (*op.Response, error) {
	q, ok := s.issuer.codes.take(r.Data.Code)
	if !ok {
		return nil, oidc.ErrInvalidGrant().WithDescription("invalid code")
	}
	if r.Data.RedirectURI != q.redirectURI {
		return nil, oidc.ErrInvalidGrant().WithDescription("redirect_uri does not correspond")
	}
	if err := op.AuthorizeCodeChallenge(r.Data.CodeVerifier, &q.challenge); err != nil {
		return nil, err
	}
	g := s.issuer.grant(q.person, Lifetime)
	access, err := s.issuer.key.access(g)
	if err != nil {
		return nil, err
	}
	identity, err := s.issuer.key.identity(g, q.nonce, access)
	if err != nil {
		return nil, err
	}
	return op.NewResponse(&oidc.AccessTokenResponse{
		AccessToken: access,
		TokenType:   oidc.BearerToken,
		ExpiresIn:   uint64(Lifetime.Seconds()),
		IDToken:     identity,
		Scope:       q.scopes,
	}), nil
}

// UserInfo answers with the person of an access token.
func (s server) UserInfo(_ context.Context, r *op.Request[oidc.UserInfoRequest]) (*op.Response, error) {
	c, err := s.issuer.read(r.Data.AccessToken)
	if err != nil {
		return nil, op.NewStatusError(oidc.ErrAccessDenied().WithDescription("access token invalid"), http.StatusUnauthorized)
	}
	info := &oidc.UserInfo{Subject: c.Subject}
	info.Name = c.Name
	info.PreferredUsername = c.PreferredUsername
	info.Email = c.Email
	info.EmailVerified = oidc.Bool(c.EmailVerified)
	return op.NewResponse(info), nil
}

// EndSession returns to the client. There is no session to end: the client ends
// its own, and the next sign-in asks for a person again.
func (s server) EndSession(_ context.Context, r *op.Request[oidc.EndSessionRequest]) (*op.Redirect, error) {
	back := r.Data.PostLogoutRedirectURI
	if back == "" {
		return op.NewRedirect(s.issuer.config.Issuer + signedOutPath), nil
	}
	if err := op.ValidateEndSessionPostLogoutRedirectURI(back, client{s.issuer}); err != nil {
		return nil, err
	}
	if r.Data.State == "" {
		return op.NewRedirect(back), nil
	}
	target, err := withQuery(back, map[string]string{"state": r.Data.State})
	if err != nil {
		return nil, err
	}
	return op.NewRedirect(target), nil
}
