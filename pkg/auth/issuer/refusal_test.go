package issuer_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth/issuer"
)

func TestAuthorizeRefuses(t *testing.T) {
	s := newSite(t)
	for name, c := range map[string]struct {
		parameter, value string
		returned         string // error at the return address; empty: not sent there
	}{
		"no PKCE":              {"code_challenge", "", "invalid_request"},
		"plain PKCE":           {"code_challenge_method", "plain", "invalid_request"},
		"PKCE without method":  {"code_challenge_method", "", "invalid_request"},
		"implicit flow":        {"response_type", "id_token token", "unauthorized_client"},
		"fragment":             {"response_mode", "fragment", "invalid_request"},
		"no openid":            {"scope", "email", "invalid_scope"},
		"without asking":       {"prompt", "none", "login_required"},
		"request object":       {"request", "x.y.z", "request_not_supported"},
		"other client":         {"client_id", "other", ""},
		"other return address": {"redirect_uri", "http://127.0.0.1:9/auth/callback", ""},
		"no return address":    {"redirect_uri", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			address, err := s.signIn.AuthCodeURL(t.Context(), "the-state", "n", oauth2.GenerateVerifier())
			if err != nil {
				t.Fatal(err)
			}
			parameters := query(t, address)
			parameters.Set(c.parameter, c.value)
			response, body := get(t, s.url+"/authorize?"+parameters.Encode())
			location := response.Header.Get("Location")
			if c.returned == "" {
				if response.StatusCode != http.StatusBadRequest || location != "" {
					t.Errorf("answers %s %q %s", response.Status, location, body)
				}
				return
			}
			location = strings.Replace(location, "#", "?", 1)
			if !strings.HasPrefix(location, s.back+"?") || query(t, location).Get("error") != c.returned || query(t, location).Get("state") != "the-state" {
				t.Errorf("answers %s %q %s", response.Status, location, body)
			}
		})
	}
}

func TestLoginPageRefuses(t *testing.T) {
	s := newSite(t)
	verifier := oauth2.GenerateVerifier()
	id := s.open(t, verifier)
	for name, header := range map[string]http.Header{
		"another site's form":          {"Sec-Fetch-Site": {"cross-site"}},
		"another site's form, old way": {"Origin": {"https://example.com"}},
	} {
		response, _ := post(t, s.url+"/login", url.Values{"id": {id}, "person": {"admin"}}, header)
		if response.StatusCode != http.StatusForbidden {
			t.Errorf("%s answers %s", name, response.Status)
		}
	}
	response, body := post(t, s.url+"/login", url.Values{"id": {id}, "person": {"<b>"}}, nil)
	if response.StatusCode != http.StatusBadRequest || !strings.Contains(body, "利用者が見つかりません") {
		t.Errorf("unknown person answers %s %s", response.Status, body)
	}
	if response, _ := get(t, s.url+"/login?id="); response.StatusCode != http.StatusBadRequest {
		t.Errorf("page without request answers %s", response.Status)
	}
	response, _ = post(t, s.url+"/login", url.Values{"id": {id}, "cancel": {"1"}}, nil)
	back := query(t, response.Header.Get("Location"))
	if back.Get("error") != "access_denied" || back.Get("state") != "the-state" || back.Has("code") {
		t.Errorf("leaving answers %s %v", response.Status, back)
	}
}

func TestTokenRefusesOtherGrants(t *testing.T) {
	s := newSite(t)
	for _, grant := range []string{
		"", "password", "refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer",
		"urn:ietf:params:oauth:grant-type:token-exchange", "urn:ietf:params:oauth:grant-type:device_code",
	} {
		response, body := post(t, s.url+"/token", url.Values{
			"grant_type": {grant}, "client_id": {"kyodo"}, "username": {"desk"}, "refresh_token": {"x"},
			"assertion": {"x"}, "subject_token": {"x"}, "device_code": {"x"},
		}, nil)
		if response.StatusCode < 400 || response.StatusCode >= 500 {
			t.Errorf("grant %q answers %s %s", grant, response.Status, body)
		}
	}
	for _, path := range []string{"/revoke", "/oauth/introspect", "/device_authorization", "/nothing"} {
		if response, _ := get(t, s.url+path); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s answers %s", path, response.Status)
		}
	}
}

func TestEndSessionReturnsOnlyHome(t *testing.T) {
	s := newSite(t)
	response, _ := get(t, s.url+"/end_session?post_logout_redirect_uri=https://example.com/")
	if response.StatusCode != http.StatusBadRequest || response.Header.Get("Location") != "" {
		t.Errorf("answers %s to %q", response.Status, response.Header.Get("Location"))
	}
	response, _ = get(t, s.url+"/end_session")
	response, body := get(t, response.Header.Get("Location"))
	if response.StatusCode != http.StatusOK || !strings.Contains(body, "サインアウトしました") {
		t.Errorf("answers %s %s", response.Status, body)
	}
}

func TestServesLoopbackOnly(t *testing.T) {
	s := newSite(t)
	for name, c := range map[string]struct {
		peer, host string
		header     string
		listener   string
		want       int
	}{
		"loopback":              {"127.0.0.1:4000", "127.0.0.1:8080", "", "127.0.0.1:8080", 200},
		"localhost":             {"127.0.0.1:4000", "LocalHost", "", "", 200},
		"IPv6":                  {"[::1]:4000", "[::1]:8080", "", "[::1]:8080", 200},
		"IPv6 without port":     {"[::1]:4000", "[::1]", "", "", 200},
		"IPv4 in IPv6":          {"[::ffff:127.0.0.1]:4000", "127.8.8.8", "", "", 200},
		"peer outside":          {"192.0.2.1:4000", "127.0.0.1:8080", "", "", 403},
		"peer in the network":   {"10.0.0.5:4000", "localhost", "", "", 403},
		"peer unknown":          {"@", "localhost", "", "", 403},
		"rebinding name":        {"127.0.0.1:4000", "kyodo.example.com", "", "", 403},
		"rebinding with number": {"127.0.0.1:4000", "127.0.0.1.example.com:8080", "", "", 403},
		"name below localhost":  {"127.0.0.1:4000", "a.localhost", "", "", 403},
		"host empty":            {"127.0.0.1:4000", "", "", "", 403},
		"host unspecified":      {"127.0.0.1:4000", "0.0.0.0:8080", "", "", 403},
		"listener outside":      {"127.0.0.1:4000", "127.0.0.1", "", "192.0.2.1:8080", 403},
		"proxy":                 {"127.0.0.1:4000", "127.0.0.1", "X-Forwarded-For", "", 403},
		"proxy of RFC 7239":     {"127.0.0.1:4000", "127.0.0.1", "Forwarded", "", 403},
	} {
		t.Run(name, func(t *testing.T) {
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/dev/oidc/.well-known/openid-configuration", nil)
			request.RemoteAddr, request.Host = c.peer, c.host
			if c.header != "" {
				request.Header.Set(c.header, "192.0.2.1")
			}
			if c.listener != "" {
				address, err := net.ResolveTCPAddr("tcp", c.listener)
				if err != nil {
					t.Fatal(err)
				}
				request = request.WithContext(contextWith(request, address))
			}
			answer := httptest.NewRecorder()
			s.issuer.Handler().ServeHTTP(answer, request)
			if answer.Code != c.want {
				t.Errorf("answers %d, want %d", answer.Code, c.want)
			}
			if c.want == http.StatusForbidden && !strings.Contains(answer.Body.String(), `"status":403`) {
				t.Errorf("says %s", answer.Body)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	s := newSite(t)
	good := issuer.Config{Dir: t.TempDir(), Issuer: "http://127.0.0.1:8080/dev/oidc", RedirectURIs: []string{s.back}, Now: s.Now}
	for name, c := range map[string]struct {
		change func(c *issuer.Config)
		ok     bool
	}{
		"nothing":                 {func(*issuer.Config) {}, true},
		"localhost":               {func(c *issuer.Config) { c.Issuer = "https://localhost:8443/dev/oidc" }, true},
		"public issuer":           {func(c *issuer.Config) { c.Issuer = "https://kyodo.example.jp/dev/oidc" }, false},
		"unspecified address":     {func(c *issuer.Config) { c.Issuer = "http://0.0.0.0:8080/dev/oidc" }, false},
		"no issuer":               {func(c *issuer.Config) { c.Issuer = "" }, false},
		"public return address":   {func(c *issuer.Config) { c.RedirectURIs = []string{"https://kyodo.example.jp/"} }, false},
		"public sign-out address": {func(c *issuer.Config) { c.SignedOutURIs = []string{"https://kyodo.example.jp/"} }, false},
		"no clock":                {func(c *issuer.Config) { c.Now = nil }, false},
		"a person twice":          {func(c *issuer.Config) { c.People = []issuer.Person{{Name: "a"}, {Name: "a"}} }, false},
	} {
		t.Run(name, func(t *testing.T) {
			config := good
			c.change(&config)
			if _, err := issuer.New(config); (err == nil) != c.ok {
				t.Errorf("error %v", err)
			}
		})
	}
}
