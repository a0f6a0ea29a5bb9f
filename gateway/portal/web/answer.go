package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/text"
)

// policy lets a page use the style sheet and scripts of this installation, and
// nothing from anywhere else. Signing out leads to the issuer.
var policy = []string{"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self' https:; base-uri 'none'; frame-ancestors 'none'"}

// Render answers a page.
func (q *Request) Render(page templ.Component) error { return q.RenderAs(http.StatusOK, page) }

// RenderAs answers a page with another status.
func (q *Request) RenderAs(status int, page templ.Component) error {
	var body bytes.Buffer
	if err := page.Render(q.Context(), &body); err != nil {
		return err
	}
	html := body.Bytes()
	if q.View.Lang == text.English {
		html = inJapanese(html)
	}
	h := q.Writer.Header()
	h["Content-Security-Policy"] = policy
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", q.View.Lang.Tag())
	q.Writer.WriteHeader(status)
	_, _ = q.Writer.Write(html) // the caller is gone when this fails
	return nil
}

// Redirect leads the browser to another page of ours, after a form has taken
// effect. done names what was done: the text done.<name> is said there.
func (q *Request) Redirect(path, done string) error {
	if done != "" {
		divider := "?"
		if strings.Contains(path, "?") {
			divider = "&"
		}
		path += divider + "done=" + url.QueryEscape(done)
	}
	http.Redirect(q.Writer, q.Request, path, http.StatusSeeOther)
	return nil
}

// Remember keeps a choice in this browser for a year. It is no secret.
func (q *Request) Remember(name, value string) {
	http.SetCookie(q.Writer, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 60 * 60, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: true,
	})
}

// Back is where a form leads back to: its field back when that is a page of
// ours, else the home page.
func (q *Request) Back() string {
	back := q.PostFormValue("back")
	u, err := url.Parse(back)
	if err != nil || u.Host != "" || u.Scheme != "" || u.Opaque != "" || !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\r\n\t") {
		return "/"
	}
	if !q.Site.Reads(u.Path) {
		return "/"
	}
	return u.RequestURI()
}
