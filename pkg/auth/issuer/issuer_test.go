package issuer_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth/issuer"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth/oidc"
)

// start is the time all tests begin at.
var start = time.Date(2026, time.April, 1, 9, 0, 0, 0, time.UTC)

// site is an installation: an issuer behind a loopback listener, and a verifier
// that knows it by discovery only.
type site struct {
	*httptest.Server
	issuer   *issuer.Issuer
	dir      string
	url      string
	back     string
	verifier *oidc.Verifier
	signIn   *oidc.SignIn

	mu  sync.Mutex
	now time.Time
}

func (s *site) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *site) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{dir: t.TempDir(), now: start}
	mux := http.NewServeMux()
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	s.url = s.URL + "/dev/oidc"
	s.back = s.URL + "/auth/callback"
	var err error
	s.issuer, err = issuer.New(issuer.Config{
		Dir: s.dir, Issuer: s.url, Now: s.Now,
		RedirectURIs: []string{s.back}, SignedOutURIs: []string{s.URL + "/"},
	})
	if err != nil {
		t.Fatal(err)
	}
	mux.Handle("/dev/oidc/", s.issuer.Handler())
	s.verifier, err = oidc.NewVerifier(oidc.Options{
		Issuers: []oidc.Config{{Name: "development", Issuer: s.url, ClientID: "kyodo", RedirectURL: s.back}},
		Now:     s.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.signIn, err = s.verifier.SignIn("development"); err != nil {
		t.Fatal(err)
	}
	return s
}

// browser follows no redirects and keeps no cookies.
var browser = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func fetch(t *testing.T, request *http.Request) (*http.Response, string) {
	t.Helper()
	response, err := browser.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if len(response.Cookies()) > 0 {
		t.Errorf("%s sets a cookie", request.URL.Path)
	}
	return response, string(body)
}

func get(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	return fetch(t, request)
}

func post(t *testing.T, address string, form url.Values, header http.Header) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	for name := range header {
		request.Header.Set(name, header.Get(name))
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return fetch(t, request)
}

func query(t *testing.T, address string) url.Values {
	t.Helper()
	parsed, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return parsed.Query()
}

// open starts a sign-in and returns the id of its page.
func (s *site) open(t *testing.T, verifier string) string {
	t.Helper()
	address, err := s.signIn.AuthCodeURL(t.Context(), "the-state", "the-nonce", verifier)
	if err != nil {
		t.Fatal(err)
	}
	response, body := get(t, address)
	login := response.Header.Get("Location")
	if response.StatusCode != http.StatusFound || !strings.HasPrefix(login, s.url+"/login?id=") {
		t.Fatalf("authorize answers %s %q %s", response.Status, login, body)
	}
	return query(t, login).Get("id")
}

// choose presses a person's button and returns the code.
func (s *site) choose(t *testing.T, id, person string) string {
	t.Helper()
	response, body := post(t, s.url+"/login", url.Values{"id": {id}, "person": {person}}, nil)
	location := response.Header.Get("Location")
	if response.StatusCode != http.StatusSeeOther || !strings.HasPrefix(location, s.back+"?") {
		t.Fatalf("login answers %s %q %s", response.Status, location, body)
	}
	if got := query(t, location).Get("state"); got != "the-state" {
		t.Errorf("state is %q", got)
	}
	return query(t, location).Get("code")
}

func (s *site) redeem(t *testing.T, code, verifier string) (*http.Response, string) {
	t.Helper()
	return post(t, s.url+"/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"kyodo"}, "redirect_uri": {s.back},
		"code": {code}, "code_verifier": {verifier},
	}, nil)
}

func TestSignInThroughThePage(t *testing.T) {
	s := newSite(t)
	verifier := oauth2.GenerateVerifier()
	id := s.open(t, verifier)

	response, body := get(t, s.url+"/login?id="+id)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("page answers %s", response.Status)
	}
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(body)
	if style == nil {
		t.Fatal("page has no style")
	}
	sum := sha256.Sum256([]byte(style[1]))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; form-action 'self' " + s.URL + "; frame-ancestors 'none'; base-uri 'none'"
	if got := response.Header.Get("Content-Security-Policy"); got != want {
		t.Errorf("policy\n%s, want\n%s", got, want)
	}
	if regexp.MustCompile(`(?i)<script|<img|<link|\bon[a-z]+=|url\(|@import`).MatchString(body) {
		t.Error("page loads something or runs something")
	}
	for _, person := range issuer.SamplePeople {
		if !strings.Contains(body, `<button name="person" value="`+person.Name+`"`) || !strings.Contains(body, person.DisplayName) || !strings.Contains(body, person.Note) {
			t.Errorf("page lacks %s", person.Name)
		}
	}

	code := s.choose(t, id, "representative2")
	identity, raw, err := s.signIn.Exchange(t.Context(), code, verifier, "the-nonce")
	if err != nil {
		t.Fatal(err)
	}
	wanted := oidc.Identity{
		IssuerName: "development", Subject: "representative2", Email: "representative@dantai2.example.com",
		EmailVerified: true, Name: "見本団体2 代表者", ExpiresAt: start.Add(time.Hour).Local(),
	}
	if identity != wanted {
		t.Errorf("identity\n%+v, want\n%+v", identity, wanted)
	}
	if _, _, err := s.signIn.Exchange(t.Context(), code, verifier, "the-nonce"); err == nil {
		t.Error("the code works twice")
	}
	if response, _ := get(t, s.url+"/login?id="+id); response.StatusCode != http.StatusBadRequest {
		t.Errorf("the page is still there: %s", response.Status)
	}

	out, err := s.signIn.SignOutURL(t.Context(), raw, s.URL+"/", "bye")
	if err != nil {
		t.Fatal(err)
	}
	if response, _ := get(t, out); response.Header.Get("Location") != s.URL+"/?state=bye" {
		t.Errorf("sign-out leads to %q", response.Header.Get("Location"))
	}
}

func TestAccessToken(t *testing.T) {
	s := newSite(t)
	verifier := oauth2.GenerateVerifier()
	response, body := s.redeem(t, s.choose(t, s.open(t, verifier), "desk"), verifier)
	if response.StatusCode != http.StatusOK || response.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("token answers %s %v %s", response.Status, response.Header, body)
	}
	var answer struct {
		AccessToken string `json:"access_token"`
		TokenType   string `json:"token_type"`
		ExpiresIn   int    `json:"expires_in"`
	}
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	if answer.TokenType != "Bearer" || answer.ExpiresIn != 3600 {
		t.Errorf("token answers %+v", answer)
	}
	identity, err := s.verifier.Verify(t.Context(), answer.AccessToken)
	if err != nil || identity.Subject != "desk" || identity.Email != "desk@ward.example.com" || !identity.EmailVerified {
		t.Errorf("identity %+v, error %v", identity, err)
	}

	userinfo := func(token string) (int, string) {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/userinfo", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Authorization", "Bearer "+token)
		response, body := fetch(t, request)
		return response.StatusCode, body
	}
	status, body := userinfo(answer.AccessToken)
	want := `{"sub":"desk","name":"見本 総合窓口","preferred_username":"desk","email":"desk@ward.example.com","email_verified":true}`
	if status != http.StatusOK || strings.TrimSpace(body) != want {
		t.Errorf("userinfo answers %d %s", status, body)
	}
	s.Advance(time.Hour)
	for _, token := range []string{answer.AccessToken, "", "x.y.z"} {
		if status, _ := userinfo(token); status != http.StatusUnauthorized {
			t.Errorf("userinfo of a bad token answers %d", status)
		}
	}
}

func TestOneAttemptPerCode(t *testing.T) {
	s := newSite(t)
	verifier := oauth2.GenerateVerifier()
	for name, change := range map[string]func(form url.Values){
		"wrong verifier":       func(f url.Values) { f.Set("code_verifier", oauth2.GenerateVerifier()) },
		"challenge instead":    func(f url.Values) { f.Set("code_verifier", oauth2.S256ChallengeFromVerifier(verifier)) },
		"no verifier":          func(f url.Values) { f.Del("code_verifier") },
		"other return address": func(f url.Values) { f.Set("redirect_uri", s.back+"/x") },
	} {
		t.Run(name, func(t *testing.T) {
			form := url.Values{
				"grant_type": {"authorization_code"}, "client_id": {"kyodo"}, "redirect_uri": {s.back},
				"code": {s.choose(t, s.open(t, verifier), "desk")}, "code_verifier": {verifier},
			}
			code := form.Get("code")
			change(form)
			if response, body := post(t, s.url+"/token", form, nil); response.StatusCode != http.StatusBadRequest {
				t.Errorf("first attempt answers %s %s", response.Status, body)
			}
			if response, body := s.redeem(t, code, verifier); response.StatusCode != http.StatusBadRequest || !strings.Contains(body, "invalid_grant") {
				t.Errorf("second attempt answers %s %s", response.Status, body)
			}
		})
	}
}

func TestRequestsExpire(t *testing.T) {
	s := newSite(t)
	verifier := oauth2.GenerateVerifier()
	code := s.choose(t, s.open(t, verifier), "desk")
	id := s.open(t, verifier)
	if response, _ := s.redeem(t, id, verifier); response.StatusCode != http.StatusBadRequest {
		t.Errorf("the id of a page passes for a code: %s", response.Status)
	}
	s.Advance(time.Minute)
	if response, _ := s.redeem(t, code, verifier); response.StatusCode != http.StatusBadRequest {
		t.Errorf("an old code answers %s", response.Status)
	}
	s.Advance(9 * time.Minute)
	response, body := post(t, s.url+"/login", url.Values{"id": {id}, "person": {"desk"}}, nil)
	if response.StatusCode != http.StatusBadRequest || !strings.Contains(body, "有効期限が切れました") {
		t.Errorf("an old page answers %s %s", response.Status, body)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	s := newSite(t)
	verifier := oauth2.GenerateVerifier()
	first := s.open(t, verifier)
	s.Advance(time.Second)
	var last string
	for range 1000 {
		last = s.open(t, verifier)
	}
	if response, _ := get(t, s.url+"/login?id="+first); response.StatusCode != http.StatusBadRequest {
		t.Errorf("the oldest request answers %s", response.Status)
	}
	s.choose(t, last, "desk")
}

func TestConcurrentSignIns(t *testing.T) {
	s := newSite(t)
	var group sync.WaitGroup
	for _, person := range issuer.SamplePeople {
		group.Go(func() {
			verifier := oauth2.GenerateVerifier()
			code := s.choose(t, s.open(t, verifier), person.Name)
			identity, _, err := s.signIn.Exchange(t.Context(), code, verifier, "the-nonce")
			if err != nil || identity.Subject != person.Name {
				t.Errorf("%s: %+v, %v", person.Name, identity, err)
			}
		})
	}
	group.Wait()
}
