package gateway

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	optionsv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/options/v1"
)

// form writes a multipart body; a part "file" is a file of that many bytes.
func form(t *testing.T, parts ...any) (body, mediaType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		name := parts[i].(string)
		if size, ok := parts[i+1].(int); ok {
			f, err := w.CreateFormFile(name, "会則 第2版.pdf")
			check(t, err)
			_, err = f.Write(make([]byte, size))
			check(t, err)
			continue
		}
		check(t, w.WriteField(name, parts[i+1].(string)))
	}
	check(t, w.Close())
	return b.String(), w.FormDataContentType()
}

const attachments = "/v1/proposals/" + someID + "/attachments"

func TestUpload(t *testing.T) {
	e := start(t)
	editor := e.token("member", optionsv1.Role_ROLE_EDITOR)
	for name, parts := range map[string][]any{
		"kind first": {"kind", "BYLAWS", "file", 200_000},
		"file first": {"file", 200_000, "kind", "BYLAWS"},
		"large":      {"kind", "BYLAWS", "file", 20 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			body, media := form(t, parts...)
			resp := e.do(ask{method: "POST", path: attachments, body: body, token: editor, header: []string{"Content-Type: ", "Content-Type: " + media}})
			raw := text(t, resp)
			if resp.StatusCode != http.StatusCreated || resp.Header.Get("Location") != attachments+"/"+otherID {
				t.Fatalf("%s %v %s", resp.Status, resp.Header, raw)
			}
			var got struct{ ID, Kind, FileName, Size string }
			check(t, json.Unmarshal([]byte(raw), &got))
			if got.FileName != "会則 第2版.pdf" || got.Kind != "BYLAWS" || len(got.Size) < 6 {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestUploadRefusals(t *testing.T) {
	e := start(t)
	editor := e.token("member", optionsv1.Role_ROLE_EDITOR)
	for _, c := range []struct {
		name, reason, field string
		parts               []any
		token               string
	}{
		{"no token", "UNAUTHENTICATED", "", []any{"kind", "BYLAWS", "file", 1}, ""},
		{"not allowed", "PERMISSION_DENIED", "", []any{"kind", "BYLAWS", "file", 1}, e.token("resident")},
		{"no file", "INVALID_FIELD", "file", []any{"kind", "BYLAWS"}, editor},
		{"no kind", "INVALID_FIELD", "kind", []any{"file", 1}, editor},
		{"a kind that is not there", "INVALID_FIELD", "kind", []any{"kind", "SECRET", "file", 1}, editor},
		{"something else", "UNKNOWN_FIELD", "owner", []any{"kind", "BYLAWS", "file", 1, "owner", "x"}, editor},
		{"two files", "DUPLICATE_FIELD", "file", []any{"kind", "BYLAWS", "file", 1, "file", 1}, editor},
		{"too large", "PAYLOAD_TOO_LARGE", "", []any{"kind", "BYLAWS", "file", 20<<20 + 1}, editor},
		{"much too large", "PAYLOAD_TOO_LARGE", "", []any{"kind", "BYLAWS", "file", 21 << 20}, editor},
		{"a kind with control characters", "FORBIDDEN_CHARACTER", "kind", []any{"kind", "A\x00", "file", 1}, editor},
	} {
		t.Run(c.name, func(t *testing.T) {
			body, media := form(t, c.parts...)
			doc, _ := e.problem(ask{method: "POST", path: attachments, body: body, token: c.token, header: []string{"Content-Type: ", "Content-Type: " + media}})
			field := ""
			if len(doc.Errors) > 0 {
				field = doc.Errors[0].Field
			}
			if doc.Reason != c.reason || field != c.field {
				t.Errorf("%d %s at %q", doc.Status, doc.Reason, field)
			}
		})
	}
	for body, header := range map[string]string{"{}": "application/json", "x": "multipart/form-data", "y": "multipart/form-data; boundary=z"} {
		doc, _ := e.problem(ask{method: "POST", path: attachments, body: body, token: editor, header: []string{"Content-Type: ", "Content-Type: " + header}})
		if doc.Status >= 500 {
			t.Errorf("%s as %s: %+v", body, header, doc)
		}
	}
}

// A form has the fields of the header of its collection and no others.
func TestUploadFields(t *testing.T) {
	e := start(t)
	editor := e.token("member", optionsv1.Role_ROLE_EDITOR)
	for _, c := range []struct {
		name, reason, field string
		parts               []any
	}{
		{"a visibility that is not there", "INVALID_ENUM", "visibility", []any{"kind", "PLAN", "visibility", "SECRET", "file", 1}},
		{"another project", "UNKNOWN_FIELD", "projectId", []any{"kind", "PLAN", "projectId", otherID, "file", 1}},
		{"another name", "UNKNOWN_FIELD", "fileName", []any{"kind", "PLAN", "fileName", "x", "file", 1}},
		{"two visibilities", "DUPLICATE_FIELD", "visibility", []any{"kind", "PLAN", "visibility", "PUBLIC", "visibility", "PUBLIC", "file", 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			body, media := form(t, c.parts...)
			doc, _ := e.problem(ask{method: "POST", path: "/v1/projects/" + someID + "/attachments", body: body, token: editor, header: []string{"Content-Type: ", "Content-Type: " + media}})
			field := ""
			if len(doc.Errors) > 0 {
				field = doc.Errors[0].Field
			}
			if doc.Reason != c.reason || field != c.field {
				t.Errorf("%d %s at %q", doc.Status, doc.Reason, field)
			}
		})
	}
}

func TestDownload(t *testing.T) {
	e := start(t)
	a := ask{method: "GET", path: attachments + "/" + otherID + "/content", token: e.token("desk", optionsv1.Role_ROLE_DESK)}
	resp := e.do(a)
	if body := text(t, resp); resp.StatusCode != http.StatusOK || body != "%PDF%PDF" {
		t.Fatalf("%s %q", resp.Status, body)
	}
	for name, want := range map[string]string{
		"Content-Type": "application/pdf", "X-Content-Type-Options": "nosniff", "ETag": `"abc"`, "Content-Length": "8",
		"Content-Disposition":     "attachment; filename*=utf-8''%E4%BC%9A%E5%89%87%202002.pdf",
		"Content-Security-Policy": "sandbox; default-src 'none'",
	} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	a.header = []string{`If-None-Match: "abc"`}
	if resp := e.do(a); resp.StatusCode != http.StatusNotModified {
		t.Errorf("again: %s", resp.Status)
	}
	a.header, a.token = nil, ""
	if doc, _ := e.problem(a); doc.Reason != "UNAUTHENTICATED" {
		t.Errorf("%+v", doc)
	}
	a.path = strings.Replace(a.path, otherID, "x", 1)
	a.token = e.token("desk")
	if doc, _ := e.problem(a); doc.Reason != "INVALID_FIELD" {
		t.Errorf("%+v", doc)
	}
}
