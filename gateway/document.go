package gateway

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	typev1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/type/v1"
)

// documentPolicy lets a page of a service style itself and do nothing else.
const documentPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"

// documentField returns the field of a response that REST answers as it is, or
// nil for JSON.
func documentField(m protoreflect.MethodDescriptor, responseBody string) protoreflect.FieldDescriptor {
	fd := m.Output().Fields().ByName(protoreflect.Name(responseBody))
	if fd == nil || fd.Message() == nil || fd.IsList() || fd.Message().FullName() != (&typev1.Document{}).ProtoReflect().Descriptor().FullName() {
		return nil
	}
	return fd
}

// serveDocument answers the content of a document, in one piece or as the
// service streams it.
func (g *Gateway) serveDocument(w http.ResponseWriter, r *http.Request, values []string, c *call) error {
	rt := c.route
	req, err := rt.request(r.URL.Query(), values)
	if err != nil {
		return err
	}
	conn := g.Backends[rt.service]
	if conn == nil {
		return fault.ErrDependencyUnavailable.With("dependency", rt.service)
	}
	ctx, cancel := outgoingContext(r.Context(), c)
	defer cancel()
	next, err := openDocument(ctx, conn, rt, req)
	if err != nil {
		return err
	}
	first, err := next()
	if err != nil {
		return err
	}
	describeDocument(w.Header(), first)
	if unchanged(r.Header, w.Header()) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	if !rt.rpc.Descriptor.IsStreamingServer() {
		w.Header().Set("Content-Length", strconv.Itoa(len(first.GetContent())))
	}
	if r.Method == http.MethodHead {
		return nil
	}
	if err := http.NewResponseController(w).SetWriteDeadline(g.Now().Add(transferTime)); err != nil {
		return fault.ErrCancelled.Because(err)
	}
	for part := first; ; {
		if _, err := w.Write(part.GetContent()); err != nil {
			panic(http.ErrAbortHandler) // half a document must not look like a whole one
		}
		if part, err = next(); errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
	}
}

// request fills the RPC's request from path and query, which have been checked.
func (r *route) request(query url.Values, values []string) (proto.Message, error) {
	mt, err := protoregistry.GlobalTypes.FindMessageByName(r.rpc.Descriptor.Input().FullName())
	if err != nil {
		return nil, err
	}
	req := mt.New().Interface()
	if err := runtime.PopulateQueryParameters(req, query, utilities.NewDoubleArray(nil)); err != nil {
		return nil, fault.ErrInvalidField.Because(err)
	}
	for i, v := range r.variables {
		if err := runtime.PopulateFieldFromPath(req, v.name, values[i]); err != nil {
			return nil, fault.ErrInvalidField.Because(err)
		}
	}
	return req, nil
}

// openDocument makes the call; next answers io.EOF after the last piece.
func openDocument(ctx context.Context, conn *grpc.ClientConn, rt *route, req proto.Message) (next func() (*typev1.Document, error), err error) {
	mt, err := protoregistry.GlobalTypes.FindMessageByName(rt.rpc.Descriptor.Output().FullName())
	if err != nil {
		return nil, err
	}
	document := func(resp proto.Message) *typev1.Document {
		d, _ := resp.ProtoReflect().Get(rt.document).Message().Interface().(*typev1.Document)
		return d
	}
	if !rt.rpc.Descriptor.IsStreamingServer() {
		resp := mt.New().Interface()
		if err := conn.Invoke(ctx, rt.rpc.FullName, req, resp); err != nil {
			return nil, err
		}
		done := false
		return func() (*typev1.Document, error) {
			if done {
				return nil, io.EOF
			}
			done = true
			return document(resp), nil
		}, nil
	}
	stream, err := conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, rt.rpc.FullName)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(stream.SendMsg(req), stream.CloseSend()); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return func() (*typev1.Document, error) {
		resp := mt.New().Interface()
		if err := stream.RecvMsg(resp); err != nil {
			return nil, err
		}
		return document(resp), nil
	}, nil
}

// describeDocument sets the headers. What is to be saved is never run; what is
// shown may style itself.
func describeDocument(h http.Header, d *typev1.Document) {
	h.Set("Content-Type", d.GetMediaType())
	if strings.HasPrefix(d.GetMediaType(), "text/html") {
		h.Set("Content-Security-Policy", documentPolicy)
	}
	if name := d.GetFileName(); name != "" {
		h.Set("Content-Disposition", attachmentNamed(name))
	}
	if d.GetEtag() != "" {
		h.Set("ETag", strconv.Quote(d.GetEtag()))
	}
	if d.GetModifyTime() != nil {
		h.Set("Last-Modified", d.GetModifyTime().AsTime().UTC().Format(http.TimeFormat))
	}
	h.Set("Cache-Control", "private, no-cache")
	if age := d.GetMaxAge(); age > 0 {
		h.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(age)))
	}
}

// attachmentNamed is the Content-Disposition of a file to be saved.
func attachmentNamed(name string) string {
	if v := mime.FormatMediaType("attachment", map[string]string{"filename": name}); v != "" {
		return v
	}
	return "attachment; filename*=utf-8''" + url.PathEscape(name)
}

// unchanged reports whether the caller has the document already (RFC 9110
// §13.2.2): by its validator, or by its date where no validator was sent.
func unchanged(request, answer http.Header) bool {
	if given := request.Get("If-None-Match"); given != "" {
		etag := answer.Get("ETag")
		for one := range strings.SplitSeq(given, ",") {
			one = strings.TrimSpace(one)
			if etag != "" && (one == "*" || strings.TrimPrefix(one, "W/") == etag) {
				return true
			}
		}
		return false
	}
	since, err := http.ParseTime(request.Get("If-Modified-Since"))
	if err != nil {
		return false
	}
	modified, err := http.ParseTime(answer.Get("Last-Modified"))
	return err == nil && !modified.Truncate(time.Second).After(since)
}
