package issuer

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/zitadel/oidc/v3/pkg/op"
)

const (
	loginPath     = "/login"
	signedOutPath = "/signed-out"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

var (
	page = template.Must(template.New("page").Parse(pageText))
	// styleSource allows the one style element of the page by its hash.
	styleSource = func() string {
		sum := sha256.Sum256([]byte(pageStyle))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}()
)

// pageData fills page.html: with people the sign-in page, without a message.
type pageData struct {
	Style          template.CSS
	Title, TitleEn string
	Text, TextEn   string
	Action, ID     string
	People         []Person
}

func (i *Issuer) routes(path string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+loginPath, i.showLogin)
	mux.HandleFunc("POST "+loginPath, i.login)
	mux.HandleFunc("GET "+signedOutPath, func(w http.ResponseWriter, r *http.Request) {
		i.message(r.Context(), w, http.StatusOK, pageData{
			Title: "サインアウトしました", TitleEn: "Signed out",
			Text: "この画面は閉じてかまいません。", TextEn: "You may close this page.",
		})
	})
	mux.Handle("/", op.RegisterServer(server{issuer: i}, endpoints, op.WithServerCORSOptions(nil)))
	inner := http.NewCrossOriginProtection().Handler(http.StripPrefix(strings.TrimSuffix(path, "/"), mux))
	return loopbackOnly(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("X-Frame-Options", "DENY")
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		inner.ServeHTTP(w, r)
	}))
}

func (i *Issuer) showLogin(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	q, ok := i.pages.get(id)
	if !ok {
		i.tooLate(r.Context(), w)
		return
	}
	i.render(r.Context(), w, http.StatusOK, q.redirectURI, pageData{
		Title: "開発用サインイン", TitleEn: "Development sign-in",
		Text:   "開発とお試しのための画面です。本人の確認はしません。本物の個人情報は入力しないでください。見本の利用者を一人選んでください。",
		TextEn: "For development and trials only; nobody's identity is checked. Enter no real personal data. Choose a sample person.",
		Action: i.config.Issuer + loginPath, ID: id, People: i.config.People,
	})
}

// login takes the choice of a person, or of leaving, and sends the browser back
// to the client.
func (i *Issuer) login(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "form cannot be read", http.StatusBadRequest)
		return
	}
	name := r.PostForm.Get("person")
	person, err := find(i.config.People, name)
	if err != nil && !r.PostForm.Has("cancel") {
		i.message(r.Context(), w, http.StatusBadRequest, pageData{
			Title: "利用者が見つかりません", TitleEn: "No such person",
			Text:   "前の画面に戻り、一覧から利用者を選び直してください。",
			TextEn: "Go back and choose a person from the list.",
		})
		return
	}
	q, ok := i.pages.take(r.PostForm.Get("id"))
	if !ok {
		i.tooLate(r.Context(), w)
		return
	}
	answer := map[string]string{"state": q.state}
	if r.PostForm.Has("cancel") {
		answer["error"] = "access_denied"
	} else {
		q.person = person
		answer["code"] = i.codes.put(q, codeLifetime)
		i.config.Log.InfoContext(r.Context(), "development sign-in", slog.String("person", person.Name))
	}
	target, err := withQuery(q.redirectURI, answer)
	if err != nil {
		http.Error(w, "return address cannot be read", http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

func (i *Issuer) tooLate(ctx context.Context, w http.ResponseWriter) {
	i.message(ctx, w, http.StatusBadRequest, pageData{
		Title: "サインインの有効期限が切れました", TitleEn: "This sign-in has expired",
		Text:   "元のページに戻り、もう一度「サインイン」を押してください。",
		TextEn: "Go back to the page you came from and sign in again.",
	})
}

func (i *Issuer) message(ctx context.Context, w http.ResponseWriter, status int, data pageData) {
	i.render(ctx, w, status, "", data)
}

// render writes the page. The form may lead to the issuer and, because browsers
// check redirects after a form too, to the client's origin.
func (i *Issuer) render(ctx context.Context, w http.ResponseWriter, status int, returnTo string, data pageData) {
	form := "'none'"
	if returnTo != "" {
		form = "'self'"
		if back, err := url.Parse(returnTo); err == nil {
			form += " " + back.Scheme + "://" + back.Host
		}
	}
	data.Style = template.CSS(pageStyle) //nolint:gosec // a file of this package
	var body bytes.Buffer
	if err := page.Execute(&body, data); err != nil {
		i.config.Log.ErrorContext(ctx, "sign-in page", slog.Any("error", err))
		http.Error(w, "page cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src "+styleSource+
		"; form-action "+form+"; frame-ancestors 'none'; base-uri 'none'")
	w.WriteHeader(status)
	_, _ = body.WriteTo(w)
}

// withQuery adds parameters that are not empty to an address.
func withQuery(address string, parameters map[string]string) (string, error) {
	target, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	query := target.Query()
	for name, value := range parameters {
		if value != "" {
			query.Set(name, value)
		}
	}
	target.RawQuery = query.Encode()
	return target.String(), nil
}
