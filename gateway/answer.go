package gateway

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
)

// describe sets the headers of a success: the resource's etag, and for a create
// 201 with the address of what was created.
func describe(ctx context.Context, w http.ResponseWriter, m proto.Message) error {
	c := callOf(ctx)
	if m == nil || c == nil {
		return nil
	}
	return c.route.describe(w, m.ProtoReflect())
}

func (r *route) describe(w http.ResponseWriter, m protoreflect.Message) error {
	if etag := textAt(m, r.etag); etag != "" {
		w.Header().Set("ETag", etag)
	}
	if r.location == nil {
		return nil
	}
	var address strings.Builder
	for _, part := range r.location {
		address.WriteString(part.text)
		if part.path != nil {
			address.WriteString(url.PathEscape(textAt(m, part.path)))
		}
	}
	w.Header().Set("Location", address.String())
	w.WriteHeader(http.StatusCreated)
	return nil
}

// textAt reads the text at the end of a way, or "".
func textAt(m protoreflect.Message, way []protoreflect.FieldDescriptor) string {
	for i, fd := range way {
		if i == len(way)-1 {
			return m.Get(fd).String()
		}
		m = m.Get(fd).Message()
	}
	return ""
}

// handleError answers what a service or the decoding of a request refused.
func (g *Gateway) handleError(ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) { //nolint:revive // argument-limit: the signature is grpc-gateway's
	if answerProbe(ctx) {
		return
	}
	if c := callOf(ctx); c != nil {
		err = c.route.inBody(err)
	}
	g.problems.Write(w, r, err)
}

// inBody names the wrong fields as the body has them: services see the body as
// one field of their request.
func (r *route) inBody(err error) error {
	f := problem.Fault(err)
	if r.bodyField == "" || len(f.Fields) == 0 {
		return f
	}
	out := *f
	out.Fields = slices.Clone(f.Fields)
	for i := range out.Fields {
		out.Fields[i].Path = strings.TrimPrefix(out.Fields[i].Path, r.bodyField+".")
	}
	return &out
}
