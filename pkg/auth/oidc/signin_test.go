package oidc

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/oauth2"
)

func TestSignIn(t *testing.T) {
	o := newOutside(t)
	v, _ := o.verifier(t, &clock{now: start})
	s, err := v.SignIn("ward")
	if err != nil {
		t.Fatal(err)
	}
	verifier := oauth2.GenerateVerifier()
	address, err := s.AuthCodeURL(t.Context(), "the-state", "the-nonce", verifier)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(address, o.URL+"/authorize?") {
		t.Errorf("sent to %s", address)
	}
	for name, want := range map[string]string{
		"response_type": "code", "client_id": "kyodo", "redirect_uri": "https://kyodo.example.jp/back",
		"scope": "openid profile email", "state": "the-state", "nonce": "the-nonce",
		"code_challenge": oauth2.S256ChallengeFromVerifier(verifier), "code_challenge_method": "S256",
	} {
		if got := query(t, address).Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}

	raw := o.sign(t, map[string]any{"aud": "kyodo", "nonce": "the-nonce"})
	o.token = func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		if id != "kyodo" || secret != "s+p" || r.PostFormValue("code") != "c" || r.PostFormValue("code_verifier") != verifier {
			t.Errorf("token request: %s %s %v", id, secret, r.PostForm)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": "opaque", "token_type": "Bearer", "id_token": raw})
	}
	identity, idToken, err := s.Exchange(t.Context(), "c", verifier, "the-nonce")
	if err != nil || identity.Subject != "f3a1-7" || idToken != raw {
		t.Errorf("identity %+v, token %q, error %v", identity, idToken, err)
	}

	out, err := s.SignOutURL(t.Context(), raw, "https://kyodo.example.jp/", "x")
	if err != nil || query(t, out).Get("id_token_hint") != raw || query(t, out).Get("theme") != "plain" {
		t.Errorf("sign-out %q, error %v", out, err)
	}
}

func TestExchangeRefuses(t *testing.T) {
	o := newOutside(t)
	v, _ := o.verifier(t, &clock{now: start})
	s, err := v.SignIn("ward")
	if err != nil {
		t.Fatal(err)
	}
	token := func(changes map[string]any) string {
		claims := map[string]any{"aud": "kyodo", "nonce": "n"}
		for name, value := range changes {
			claims[name] = value
		}
		return `{"access_token":"a","token_type":"Bearer","id_token":"` + o.sign(t, claims) + `"}`
	}
	for name, c := range map[string]struct {
		status int
		body   string
		want   error
	}{
		"good":                  {200, token(nil), nil},
		"good with azp":         {200, token(map[string]any{"aud": []string{"kyodo", "b"}, "azp": "kyodo"}), nil},
		"code refused":          {400, `{"error":"invalid_grant","error_description":"c-o-d-e"}`, ErrInvalid},
		"client refused":        {401, `{"error":"invalid_client"}`, ErrInvalid},
		"broken down":           {503, `<html>c-o-d-e</html>`, ErrUnavailable},
		"server error":          {400, `{"error":"server_error"}`, ErrUnavailable},
		"no identity token":     {200, `{"access_token":"a","token_type":"Bearer"}`, ErrInvalid},
		"other nonce":           {200, token(map[string]any{"nonce": "m"}), ErrInvalid},
		"no nonce":              {200, token(map[string]any{"nonce": nil}), ErrInvalid},
		"expired":               {200, token(map[string]any{"exp": start.Unix() - 60}), ErrExpired},
		"for another":           {200, token(map[string]any{"aud": "other"}), ErrInvalid},
		"made for another":      {200, token(map[string]any{"azp": "other"}), ErrInvalid},
		"for many, made for no": {200, token(map[string]any{"aud": []string{"kyodo", "b"}}), ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			o.token = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}
			_, _, err := s.Exchange(t.Context(), "c-o-d-e", "v", "n")
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "c-o-d-e") {
				t.Errorf("the error repeats the code: %v", err)
			}
		})
	}
	o.Close()
	if _, _, err := s.Exchange(t.Context(), "c-o-d-e", "v", "n"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("closed issuer: error %v, want %v", err, ErrUnavailable)
	}
}

func TestSignInNeedsSettings(t *testing.T) {
	v, err := NewVerifier(Options{
		Issuers: []Config{{Name: "api-only", Issuer: "https://id.example.jp", Audiences: []string{"kyodo"}}},
		Now:     (&clock{}).Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"api-only", "nobody"} {
		if _, err := v.SignIn(name); err == nil {
			t.Errorf("sign-in with %s", name)
		}
	}
}
