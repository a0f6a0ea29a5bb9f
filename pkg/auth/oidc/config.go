package oidc

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// Config describes one issuer.
type Config struct {
	// Name is the issuer's short id in Kyodo, such as "development": a lower-case
	// letter, then up to 31 lower-case letters, digits and hyphens. It is stored
	// with every account and must not change.
	Name string
	// Issuer is the issuer's URL, exactly as in the iss claim: https, or http on
	// a loopback host.
	Issuer string
	// Audiences are the audiences of tokens sent to Kyodo; one of them must be
	// in the token. Empty means ClientID.
	Audiences []string
	// ClientID is Kyodo's client at the issuer, for browser sign-in.
	ClientID string
	// ClientSecret is the client's secret; empty for a public client.
	ClientSecret string
	// RedirectURL is the address of Kyodo the code comes to.
	RedirectURL string
	// Scopes are asked for at sign-in. Empty means openid, profile and email.
	Scopes []string
	// Keys returns the issuer's keys where it runs in the same process; tokens
	// are then verified without HTTP. Nil means discovery.
	Keys func() jose.JSONWebKeySet
	// Client makes the requests to the issuer. Nil means a client without proxy,
	// 15 seconds a request, that follows no redirect to another host.
	Client *http.Client
}

// Options make a Verifier.
type Options struct {
	// Issuers are the issuers whose tokens are accepted, each URL and each name
	// once. None at all is allowed: then no token is valid.
	Issuers []Config
	// Now is the clock tokens are judged by. Required.
	Now func() time.Time
	// Log hears when an issuer cannot be reached. Nil means silence.
	Log *slog.Logger
	// Tokens is how many verified tokens are remembered. Zero means 10,000.
	Tokens int
}

const requestTimeout = 15 * time.Second

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)

// complete checks a config and fills what was left empty.
func (c Config) complete() (Config, error) {
	if !namePattern.MatchString(c.Name) {
		return c, fmt.Errorf("name %q of an issuer does not match %s", c.Name, namePattern)
	}
	address, err := url.Parse(c.Issuer)
	if err != nil {
		return c, fmt.Errorf("issuer %s: URL: %w", c.Name, err)
	}
	if address.RawQuery != "" || address.Fragment != "" || !secure(address) {
		return c, fmt.Errorf("issuer %s: %q is not an https URL (http only on loopback) without query and fragment", c.Name, c.Issuer)
	}
	if len(c.Audiences) == 0 && c.ClientID != "" {
		c.Audiences = []string{c.ClientID}
	}
	if len(c.Audiences) == 0 {
		return c, fmt.Errorf("issuer %s: neither audiences nor client ID", c.Name)
	}
	if len(c.Scopes) == 0 {
		c.Scopes = []string{"openid", "profile", "email"}
	}
	if c.Client == nil {
		c.Client = newClient()
	}
	return c, nil
}

// secure reports whether an address is https, or http that stays on this machine.
func secure(address *url.URL) bool {
	if address.Host == "" {
		return false
	}
	if address.Scheme == "https" {
		return true
	}
	ip, err := netip.ParseAddr(address.Hostname())
	return address.Scheme == "http" && (address.Hostname() == "localhost" || err == nil && ip.IsLoopback())
}

func newClient() *http.Client {
	return &http.Client{
		Timeout: requestTimeout,
		Transport: &http.Transport{
			DialContext:           (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			TLSHandshakeTimeout:   5 * time.Second,
			ResponseHeaderTimeout: 10 * time.Second,
			IdleConnTimeout:       90 * time.Second,
			MaxIdleConnsPerHost:   2,
			ForceAttemptHTTP2:     true,
		},
		CheckRedirect: func(next *http.Request, via []*http.Request) error {
			if len(via) > 3 || next.URL.Host != via[0].URL.Host || next.URL.Scheme != via[0].URL.Scheme {
				return errors.New("redirect to another host, or too many")
			}
			return nil
		},
	}
}
