package acceptance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// restTransport makes the HTTP request that the RPC's google.api.http option
// describes.
type restTransport struct{ world *world }

// String names the transport.
func (restTransport) String() string { return "REST" }

// problem is a problem document (RFC 9457) as contract.md has it.
type problem struct {
	Type, Title, Detail, Instance, Reason, Domain, Code, Incident string

	Status   int
	Metadata map[string]string
	Errors   []struct{ Field, Reason, Message string }
}

var pathVariable = regexp.MustCompile(`\{([a-z_.]+)(=[^}]*)?\}`)

func (r restTransport) call(ctx context.Context, m auth.Method, token string, headers map[string]string, req, resp proto.Message) error {
	rule, _ := proto.GetExtension(m.Descriptor.Options(), annotations.E_Http).(*annotations.HttpRule)
	httpReq, err := r.request(ctx, rule, proto.Clone(req))
	if err != nil {
		return err
	}
	for name, value := range headers {
		httpReq.Header.Set(name, value)
	}
	if token != "" {
		httpReq.Header.Set("Authorization", "Bearer "+token)
	}
	httpResp, err := http.DefaultClient.Do(httpReq)
	if err != nil {
		return err
	}
	defer httpResp.Body.Close()
	raw, err := io.ReadAll(httpResp.Body)
	if err != nil {
		return err
	}
	if httpResp.StatusCode >= http.StatusBadRequest {
		return refusalOf(httpResp, raw)
	}
	want := http.StatusOK
	if m.Location != "" {
		want = http.StatusCreated
		if httpResp.Header.Get("Location") == "" {
			return fmt.Errorf("%s: 201 without Location", m.FullName)
		}
	}
	if httpResp.StatusCode != want {
		return fmt.Errorf("%s: status %d, want %d", m.FullName, httpResp.StatusCode, want)
	}
	if d, ok := documentOf(resp, rule.GetResponseBody()); ok {
		d.MediaType, d.Content = httpResp.Header.Get("Content-Type"), raw
		d.Etag = strings.Trim(httpResp.Header.Get("ETag"), `"`)
		return nil
	}
	if rule.GetResponseBody() != "" {
		raw = fmt.Appendf(nil, `{%q:%s}`, rule.GetResponseBody(), raw)
	}
	return protojson.Unmarshal(raw, resp)
}

// documentOf returns the document that a response carries, if it does.
func documentOf(resp proto.Message, field string) (*typev1.Document, bool) {
	fd := resp.ProtoReflect().Descriptor().Fields().ByName(protoreflect.Name(field))
	if fd == nil || fd.Message() == nil || fd.IsList() {
		return nil, false
	}
	d, ok := resp.ProtoReflect().NewField(fd).Message().Interface().(*typev1.Document)
	if ok {
		resp.ProtoReflect().Set(fd, protoreflect.ValueOfMessage(d.ProtoReflect()))
	}
	return d, ok
}

// request builds the request; msg is used up.
func (r restTransport) request(ctx context.Context, rule *annotations.HttpRule, msg proto.Message) (*http.Request, error) {
	method, path := verbAndPath(rule)
	fields := msg.ProtoReflect().Descriptor().Fields()
	path = pathVariable.ReplaceAllStringFunc(path, func(v string) string {
		fd := fields.ByName(protoreflect.Name(pathVariable.FindStringSubmatch(v)[1]))
		value := msg.ProtoReflect().Get(fd).String()
		msg.ProtoReflect().Clear(fd)
		return url.PathEscape(value)
	})
	var etag string
	if fd := fields.ByName("etag"); fd != nil && method == http.MethodPatch {
		etag = msg.ProtoReflect().Get(fd).String()
		msg.ProtoReflect().Clear(fd)
	}
	var body []byte
	switch name := rule.GetBody(); name {
	case "":
	case "*":
		raw, err := protojson.Marshal(msg)
		if err != nil {
			return nil, err
		}
		body = raw
		proto.Reset(msg)
	default:
		fd := fields.ByName(protoreflect.Name(name))
		raw, err := protojson.Marshal(msg.ProtoReflect().Get(fd).Message().Interface())
		if err != nil {
			return nil, err
		}
		body = raw
		msg.ProtoReflect().Clear(fd)
	}
	query, err := queryOf(msg)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, r.world.origin+path+query, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if rule.GetBody() != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if etag != "" {
		req.Header.Set("If-Match", etag)
	}
	return req, nil
}

func verbAndPath(rule *annotations.HttpRule) (method, path string) {
	switch p := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return http.MethodGet, p.Get
	case *annotations.HttpRule_Post:
		return http.MethodPost, p.Post
	case *annotations.HttpRule_Patch:
		return http.MethodPatch, p.Patch
	case *annotations.HttpRule_Put:
		return http.MethodPut, p.Put
	case *annotations.HttpRule_Delete:
		return http.MethodDelete, p.Delete
	}
	return "", ""
}

// queryOf writes what is left of the request as query parameters.
func queryOf(msg proto.Message) (string, error) {
	raw, err := protojson.Marshal(msg)
	if err != nil {
		return "", err
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var values obj
	if err := decoder.Decode(&values); err != nil {
		return "", err
	}
	if len(values) == 0 {
		return "", nil
	}
	q := url.Values{}
	for name, value := range values {
		if list, ok := value.([]any); ok {
			for _, v := range list {
				q.Add(name, fmt.Sprint(v))
			}
			continue
		}
		q.Set(name, fmt.Sprint(value))
	}
	return "?" + q.Encode(), nil
}

// refusalOf reads the problem document; anything else as an answer is an error
// that no story expects.
func refusalOf(resp *http.Response, raw []byte) error {
	if !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/problem+json") {
		return fmt.Errorf("status %d with %s: %s", resp.StatusCode, resp.Header.Get("Content-Type"), raw)
	}
	var p problem
	if err := json.Unmarshal(raw, &p); err != nil {
		return fmt.Errorf("problem document %s: %w", raw, err)
	}
	if p.Status != resp.StatusCode || p.Reason == "" || p.Title == "" || p.Detail == "" {
		return fmt.Errorf("problem document is not complete: %s", raw)
	}
	f := &fault.Error{Reason: p.Reason, Ja: p.Detail, En: p.Detail, Metadata: p.Metadata}
	for _, e := range p.Errors {
		f.Fields = append(f.Fields, fault.Field{Path: e.Field, Reason: e.Reason, Ja: e.Message})
	}
	return f
}
