package gateway

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/gateway/watch"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// stream is how a route is served that grpc-gateway cannot: files, events, and
// what the edge knows itself.
type stream struct {
	public bool              // Whether anybody may come; an RPC's own permission counts too.
	accept string            // Media type of the answer, or "" for any.
	media  string            // Media type of the body, or "" for no body.
	limit  int64             // Of the body, in bytes.
	file   int64             // Of the file in the body, in bytes.
	time   time.Duration     // For an upload, from its first byte to the answer.
	answer protoreflect.Name // Field of the response that is the answer to an upload, or "" for all of it.
	serve  func(w http.ResponseWriter, r *http.Request, values []string, c *call) error
}

// The RPCs that take and hand out files, which REST has as multipart and as the
// bare content.
var (
	uploads = []struct {
		pattern, rpc string
		file         int64
		time         time.Duration
		answer       protoreflect.Name
	}{
		{"/v1/organizations:import", "/kyodo.directory.v1.OrganizationImportService/ImportOrganizations", maxList, listTime, ""},
		{"/v1/organizations/{organization_id}/attachments", "/kyodo.directory.v1.RegistrationDocumentService/UploadRegistrationDocument", maxFile, transferTime, attachmentField},
		{"/v1/projects/{project_id}/attachments", "/kyodo.evaluation.v1.ProjectAttachmentService/UploadProjectAttachment", maxFile, transferTime, attachmentField},
		{"/v1/proposals/{proposal_id}/attachments", "/kyodo.proposals.v1.AttachmentService/UploadAttachment", maxFile, transferTime, attachmentField},
	}
	downloads = []struct{ pattern, rpc string }{
		{"/v1/organizations/{organization_id}/attachments/{attachment_id}/content", "/kyodo.directory.v1.RegistrationDocumentService/DownloadRegistrationDocument"},
		{"/v1/projects/{project_id}/attachments/{attachment_id}/content", "/kyodo.evaluation.v1.ProjectAttachmentService/DownloadProjectAttachment"},
		{"/v1/proposals/{proposal_id}/attachments/{attachment_id}/content", "/kyodo.proposals.v1.AttachmentService/DownloadAttachment"},
	}
)

func (r *route) public() bool {
	return r.stream != nil && r.stream.public || r.rpc.Public()
}

// streamRoutes returns the routes that have no handler of grpc-gateway.
func (g *Gateway) streamRoutes(methods map[string]auth.Method) ([]*route, error) {
	g.watch = watch.New(watch.Config{Connect: g.connect, Secret: g.Secret.Derive("watch"), Now: g.Now})
	routes := []*route{
		{method: http.MethodGet, pattern: "/v1/domainEvents:watch", stream: &stream{public: true, accept: watch.MediaType, serve: g.watchEvents}},
		{method: http.MethodGet, pattern: "/v1/me", stream: &stream{accept: "application/json", serve: g.me}},
	}
	for _, u := range uploads {
		routes = append(routes, &route{
			method: http.MethodPost, pattern: u.pattern, rpc: methods[u.rpc], bodyField: headerField, stream: &stream{
				accept: "application/json", media: "multipart/form-data", limit: u.file + wrapping, file: u.file, time: u.time, answer: u.answer, serve: g.upload,
			},
		})
	}
	for _, d := range downloads {
		routes = append(routes, &route{method: http.MethodGet, pattern: d.pattern, rpc: methods[d.rpc], stream: &stream{serve: g.download}})
	}
	for _, r := range routes[2:] {
		if r.rpc.Descriptor == nil {
			return nil, fmt.Errorf("%s is not in the contract", r.pattern)
		}
		r.service = backendOf(r.rpc.Descriptor.ParentFile().Package())
		if err := r.setAnswer(""); err != nil {
			return nil, err
		}
	}
	return routes, nil
}

// serveStream admits a request as serveRoute does and hands it on.
func (g *Gateway) serveStream(w http.ResponseWriter, r *http.Request, rt *route, values []string) error {
	s := rt.stream
	if r.ContentLength > s.limit {
		return tooLarge(s.limit)
	}
	if err := checkEncoding(r.Header); err != nil {
		return err
	}
	if s.media != "" && !strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), s.media+";") {
		return problem.ErrUnsupportedMediaType.With("accepted", s.media)
	}
	if s.accept != "" && !accepts(r.Header["Accept"], s.accept) {
		return problem.ErrNotAcceptable
	}
	c, err := g.admit(w, r, rt)
	if err != nil {
		return err
	}
	for i, name := range variableNames(rt.pattern) {
		if err := checkWord(name, values[i]); err != nil {
			return err
		}
	}
	if r.URL.RawQuery != "" && s.accept != watch.MediaType {
		return problem.ErrUnknownParameter
	}
	if rt.service != "" && g.Backends[rt.service] == nil {
		return fault.ErrDependencyUnavailable.With("dependency", rt.service)
	}
	return s.serve(w, r, values, c)
}

// tooLarge refuses a body over limit; a route without a body has none.
func tooLarge(limit int64) *fault.Error {
	if limit == 0 {
		return problem.ErrTrailingData
	}
	return fault.ErrPayloadTooLarge.With("limit", fmt.Sprint(limit))
}

// watchEvents streams domain events.
func (g *Gateway) watchEvents(w http.ResponseWriter, r *http.Request, _ []string, _ *call) error {
	filter, err := watch.ParseFilter(r.URL.Query())
	if err != nil {
		return err
	}
	cursor := r.Header.Get("Last-Event-ID")
	if cursor == "" {
		cursor = r.URL.Query().Get("lastEventId")
	}
	return g.watch.Serve(w, r, watch.Request{
		Filter: filter, Cursor: cursor,
		Address: network(address(r.RemoteAddr, r.Header["X-Forwarded-For"], g.TrustedProxies)),
		Who: func(ctx context.Context) (auth.Principal, error) {
			caller, err := g.identify(discard{}, r.WithContext(ctx), true)
			if err == nil && !caller.Until.IsZero() && g.Now().After(caller.Until) {
				err = fault.ErrTokenExpired
			}
			return caller.Principal, err
		},
	})
}

// outgoingContext is the context of an RPC that a stream makes.
func outgoingContext(ctx context.Context, c *call) (context.Context, context.CancelFunc) {
	limit := transferTime
	if s := c.route.stream; s != nil && s.time > 0 {
		limit = s.time
	}
	return context.WithTimeout(metadata.NewOutgoingContext(ctx, c.out), limit)
}

// discard is the answer of nobody.
type discard struct{}

// Header returns a header that goes nowhere.
func (discard) Header() http.Header { return http.Header{} }

// Write drops b.
func (discard) Write(b []byte) (int, error) { return len(b), nil }

// WriteHeader drops the status.
func (discard) WriteHeader(int) {}
