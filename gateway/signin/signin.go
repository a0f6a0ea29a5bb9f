// Package signin takes browsers through the sign-in of an OpenID Connect issuer
// (authorization code with PKCE) and keeps their session in a cookie. The session
// itself is data of directory.
package signin

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/chiyoda-kyodo/kyodo/gateway/identity"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth/oidc"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
)

const (
	// sessionCookie holds the secret of the session. Its prefix makes browsers
	// refuse it from other hosts, from paths and over plain HTTP.
	sessionCookie = "__Host-kyodo"
	// attemptCookie holds the state of one sign-in that is under way.
	attemptCookie = "__Host-kyodo-signin"

	attemptLife = 10 * time.Minute
)

// Config is what a Server needs.
type Config struct {
	SignIn   *oidc.SignIn // nil when browsers cannot sign in here.
	Exchange *identity.Exchange
	Secret   seal.Key // Seals the attempt's cookie.
	Origin   string
	Now      func() time.Time
	Problems *problem.Writer
	// Known reports whether a path is one of ours, to return to.
	Known func(path string) bool
}

// Server serves /auth/login, /auth/callback and /auth/logout.
type Server struct{ Config }

// New returns a server.
func New(cfg Config) *Server { return &Server{cfg} }

// attempt is a sign-in under way, as the browser brings it back.
type attempt struct {
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"`
	ReturnTo string `json:"r"`
	Until    int64  `json:"u"` // Unix seconds.
}

var bound = []byte("sign-in attempt")

// Cookie returns the secret of the browser's session, or "".
func Cookie(r *http.Request) string {
	c, err := r.Cookie(sessionCookie)
	if err != nil {
		return ""
	}
	return c.Value
}

// Clear takes the session's cookie away.
func Clear(w http.ResponseWriter) { setCookie(w, sessionCookie, "", -1) }

// setCookie sets a cookie for seconds; a negative number deletes it.
func setCookie(w http.ResponseWriter, name, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: seconds, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// Login sends the browser to the issuer. returnTo is the path to come back to;
// anything that is not a page of ours is refused.
func (s *Server) Login(w http.ResponseWriter, r *http.Request) {
	if s.SignIn == nil {
		s.Problems.Write(w, r, fault.ErrDependencyUnavailable.With("dependency", "issuer"))
		return
	}
	if home, err := url.Parse(s.Origin); err == nil && home.Host != "" && home.Host != r.Host {
		// The issuer comes back to Origin, and the cookies must be there.
		http.Redirect(w, r, s.Origin+r.URL.RequestURI(), http.StatusSeeOther)
		return
	}
	back := r.URL.Query().Get("returnTo")
	if back == "" {
		back = "/"
	}
	if !s.ours(back) {
		s.Problems.Write(w, r, fault.ErrInvalidField.OnPath("returnTo"))
		return
	}
	a := attempt{
		State: oauth2.GenerateVerifier(), Nonce: oauth2.GenerateVerifier(), Verifier: oauth2.GenerateVerifier(),
		ReturnTo: back, Until: s.Now().Add(attemptLife).Unix(),
	}
	to, err := s.SignIn.AuthCodeURL(r.Context(), a.State, a.Nonce, a.Verifier)
	if err != nil {
		s.Problems.Write(w, r, identity.Refusal(err))
		return
	}
	raw, err := json.Marshal(a)
	if err != nil { // a struct of texts always encodes
		panic(err)
	}
	setCookie(w, attemptCookie, base64.RawURLEncoding.EncodeToString(s.Secret.Seal(raw, bound)), int(attemptLife.Seconds()))
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// ours reports whether an address leads back into this installation.
func (s *Server) ours(address string) bool {
	if !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") || strings.ContainsAny(address, "\\\r\n\t") || len(address) > 2000 {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && u.Host == "" && u.Scheme == "" && u.Opaque == "" && s.Known(u.Path)
}

// Callback redeems the issuer's code and begins a session. A session that the
// browser had before ends.
func (s *Server) Callback(w http.ResponseWriter, r *http.Request) {
	setAside := Cookie(r)
	a, err := s.attempt(r)
	setCookie(w, attemptCookie, "", -1)
	if err != nil {
		s.Problems.Write(w, r, err)
		return
	}
	id, _, err := s.SignIn.Exchange(r.Context(), r.URL.Query().Get("code"), a.Verifier, a.Nonce)
	if err != nil {
		s.Problems.Write(w, r, identity.Refusal(err))
		return
	}
	secret, until, err := s.Exchange.Begin(r.Context(), id)
	if err != nil {
		s.Problems.Write(w, r, err)
		return
	}
	if setAside != "" {
		if err := s.Exchange.End(r.Context(), setAside); err != nil {
			s.Problems.Log.Warn("the session before the sign-in did not end", "error", err)
		}
	}
	setCookie(w, sessionCookie, secret, int(until.Sub(s.Now()).Seconds()))
	http.Redirect(w, r, a.ReturnTo, http.StatusSeeOther)
}

var errAttempt = fault.New(fault.Invalid, "SIGN_IN_EXPIRED", "ログインの手続きが途切れました。もう一度ログインしてください。", "The sign-in was interrupted; sign in again.")

// attempt reads the cookie of the sign-in that the issuer answers. Errors:
// SIGN_IN_EXPIRED.
func (s *Server) attempt(r *http.Request) (attempt, error) {
	var a attempt
	c, err := r.Cookie(attemptCookie)
	if err != nil || s.SignIn == nil {
		return a, errAttempt
	}
	raw, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return a, errAttempt.Because(err)
	}
	if raw, err = s.Secret.Open(raw, bound); err != nil {
		return a, errAttempt.Because(err)
	}
	if err := json.Unmarshal(raw, &a); err != nil {
		return a, errAttempt.Because(err)
	}
	q := r.URL.Query()
	same := subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(a.State)) == 1
	if !same || a.State == "" || s.Now().Unix() > a.Until || q.Get("code") == "" {
		return a, errAttempt
	}
	return a, nil
}

// Logout ends the session, here and at the issuer.
func (s *Server) Logout(w http.ResponseWriter, r *http.Request) {
	if secret := Cookie(r); secret != "" {
		if err := s.Exchange.End(r.Context(), secret); err != nil && problem.Fault(err).Kind != fault.Invalid {
			s.Problems.Write(w, r, err)
			return
		}
	}
	Clear(w)
	to := "/"
	if s.SignIn != nil {
		// Without the issuer the session here is over all the same.
		if there, err := s.SignIn.SignOutURL(r.Context(), "", s.Origin+"/", ""); err == nil && there != "" {
			to = there
		}
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}
