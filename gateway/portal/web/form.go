package web

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/chiyoda-kyodo/kyodo/gateway/portal/ui"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// tokenLife is how long a form may stay open before it is sent.
const tokenLife = 24 * time.Hour

// token proves that a form was made by us for the person; for nobody in
// particular when the id is empty.
func (s *Site) token(personID string) string {
	until := strconv.FormatInt(s.Now().Add(tokenLife).Unix(), 10)
	return until + "." + s.mac(personID, until)
}

func (s *Site) mac(personID, until string) string {
	return base64.RawURLEncoding.EncodeToString(s.Secret.MAC([]byte("form\x00" + personID + "\x00" + until)))
}

var (
	// errForeignForm refuses a form that is not one of ours.
	errForeignForm = fault.New(fault.Denied, "FORM_NOT_OURS", "この画面からの送信を確かめられませんでした。ページを開き直してから、もう一度送ってください。", "The form could not be verified; open the page again and send it once more.")
	// errStaleForm refuses a form that is too old, or another person's.
	errStaleForm = fault.New(fault.Denied, "FORM_TOO_OLD", "画面を開いてから時間がたったか、別の人がログインしています。内容を確かめて、もう一度送ってください。", "The page was open for long, or another person is signed in; check what you wrote and send it once more.")
)

// checkToken checks that a form is ours, fresh and of the caller. Errors:
// FORM_NOT_OURS, FORM_TOO_OLD.
func (q *Request) checkToken() error {
	until, mac, ok := cut(q.PostFormValue("_token"))
	if !ok {
		return errForeignForm
	}
	end, err := strconv.ParseInt(until, 10, 64)
	if err != nil {
		return errForeignForm
	}
	same := subtle.ConstantTimeCompare([]byte(mac), []byte(q.Site.mac(q.Caller.ID, until))) == 1
	if !same || q.Site.Now().Unix() > end {
		return errStaleForm
	}
	return nil
}

func cut(token string) (until, mac string, ok bool) {
	for i := range len(token) {
		if token[i] == '.' {
			return token[:i], token[i+1:], true
		}
	}
	return "", "", false
}

// readForm reads the body of a form. A file in it is left to the handler.
// Errors: PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE.
func (q *Request) readForm() error {
	media, _, err := mime.ParseMediaType(q.Header.Get("Content-Type"))
	if err != nil {
		return problem.ErrUnsupportedMediaType.Because(err)
	}
	whole := q.Body
	switch media {
	case "application/x-www-form-urlencoded":
		q.Body = http.MaxBytesReader(q.Writer, q.Body, maxForm)
		err = q.ParseForm()
	case "multipart/form-data":
		q.Body = http.MaxBytesReader(q.Writer, q.Body, maxUpload)
		err = q.ParseMultipartForm(maxForm)
	default:
		return problem.ErrUnsupportedMediaType
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		// A browser reads no answer before it has sent everything.
		_, _ = io.CopyN(io.Discard, whole, maxDrained)
		return fault.ErrPayloadTooLarge.Because(err)
	case err != nil:
		return fault.ErrInvalidField.Because(err)
	}
	for name, values := range q.PostForm {
		for _, v := range values {
			if !validText(v) || !validText(name) {
				return fault.ErrForbiddenCharacter.OnPath(name)
			}
		}
	}
	return nil
}

// maxUpload bounds a form with a file: an attachment of 20 MiB and its fields.
const maxUpload = 21 << 20

// maxDrained bounds how much of a form that is too large is read and dropped.
const maxDrained = 64 << 20

// Posted returns what was sent as a form, to show it again or to read it.
func (q *Request) Posted() *ui.Form {
	return &ui.Form{Values: q.PostForm, Key: q.PostFormValue("_key")}
}

// Refused reports whether an RPC refused what was typed, and returns the form
// that says why. What nothing typed can mend (no session, not there, an error of
// ours) is left to the error page.
func (q *Request) Refused(err error) (form *ui.Form, refused bool) {
	if err == nil {
		return nil, false
	}
	f := problem.Fault(err)
	switch f.Kind {
	case fault.Unauthenticated, fault.NotFound, fault.Internal, fault.Cancelled:
		return nil, false
	}
	form = q.Posted()
	form.Refusal, form.Status = f, problem.Status(f)
	return form, true
}

// NotFound reports whether an RPC answered that there is no such thing.
func NotFound(err error) bool { return err != nil && problem.Fault(err).Kind == fault.NotFound }
