package gateway

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/metadata"

	"github.com/chiyoda-kyodo/kyodo/gateway/identity"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/gateway/wire"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

const (
	maxURI     = 8 << 10
	maxHeaders = 32 << 10
	maxBody    = 1 << 20

	callTime     = 10 * time.Second  // For an RPC behind a route.
	transferTime = 120 * time.Second // For uploads, downloads and exports.
	answerTime   = 5 * time.Second   // For saying that a body took too long.
)

// call is what is known of a request once it has a route.
type call struct {
	route  *route
	caller identity.Caller
	out    metadata.MD // Everything that the service gets to see of the headers.
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	c, _ := ctx.Value(callKey{}).(*call)
	return c
}

// serveAPI checks a request in the order that the contract gives, route, size,
// media type, identity, syntax, and hands it to its route.
func (g *Gateway) serveAPI(w http.ResponseWriter, r *http.Request) {
	methods, values := g.tree.find(r.URL.EscapedPath())
	if methods == nil {
		g.problems.Write(w, r, problem.ErrRouteNotFound)
		return
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	rt := methods[method]
	if rt == nil {
		w.Header().Set("Allow", allow(methods))
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		g.problems.Write(w, r, problem.ErrMethodNotAllowed.With("allow", allow(methods)))
		return
	}
	observed(w, rt)
	r.Pattern = rt.pattern // What the log says of the address: the path itself may be a secret.
	if err := g.serveRoute(w, r, rt, values); err != nil {
		g.problems.Write(w, r, rt.inBody(err))
	}
}

func (g *Gateway) serveRoute(w http.ResponseWriter, r *http.Request, rt *route, values []string) error {
	if rt.stream != nil {
		return g.serveStream(w, r, rt, values)
	}
	if err := checkForm(r, rt); err != nil {
		return err
	}
	c, err := g.admit(w, r, rt)
	if err != nil {
		return err
	}
	if err := rt.checkPath(values); err != nil {
		return err
	}
	if err := rt.checkQuery(r.URL.RawQuery); err != nil {
		return err
	}
	body, err := readBody(w, r, rt)
	if errors.Is(err, problem.ErrSlowBody) {
		// The time for the answer went by with the body's.
		err = errors.Join(err, http.NewResponseController(w).SetWriteDeadline(g.Now().Add(answerTime)))
	}
	if err != nil {
		return err
	}
	if rt.document != nil {
		return g.serveDocument(w, r, values, c)
	}
	if rt.handle == nil {
		return fault.ErrDependencyUnavailable.With("dependency", rt.service)
	}
	if rt.service == "directory" && r.Method != http.MethodGet {
		g.exchange.Forget(c.caller.ID) // what it changes may be the caller's own roles
	}
	ctx, cancel := context.WithTimeout(r.Context(), callTime)
	defer cancel()
	inner := r.WithContext(context.WithValue(ctx, callKey{}, c))
	inner.Header, inner.Host, inner.RemoteAddr = bareHeader(r), "", ""
	inner.Body = io.NopCloser(bytes.NewReader(body))
	params := make(map[string]string, len(values))
	for i, v := range rt.variables {
		params[v.name] = values[i]
	}
	rt.handle(w, inner, params)
	return nil
}

// bareHeader is all that grpc-gateway sees of the headers: it would pass on
// cookies, addresses and whatever begins with Grpc-.
func bareHeader(r *http.Request) http.Header {
	h := http.Header{}
	if v := r.Header["Accept-Language"]; v != nil {
		h["Accept-Language"] = v
	}
	return h
}

// admit identifies the caller, counts the call and collects the metadata of the
// RPC.
func (g *Gateway) admit(w http.ResponseWriter, r *http.Request, rt *route) (*call, error) {
	caller, err := g.identify(w, r, rt.public())
	if err != nil {
		if limited := g.count(w, r, identity.Caller{}); limited != nil {
			return nil, limited
		}
		return nil, err
	}
	if err := g.count(w, r, caller); err != nil {
		return nil, err
	}
	if caller.Kind == auth.KindAnonymous && !rt.public() {
		return nil, fault.ErrUnauthenticated
	}
	out, err := outgoing(r.Header, caller.Token)
	return &call{route: rt, caller: caller, out: out}, err
}

// checkForm checks size, media types and encoding by the headers alone. Errors:
// NOT_ACCEPTABLE, PAYLOAD_TOO_LARGE, TRAILING_DATA, UNSUPPORTED_CONTENT_ENCODING,
// UNSUPPORTED_MEDIA_TYPE.
func checkForm(r *http.Request, rt *route) error {
	if r.ContentLength > maxBody {
		return fault.ErrPayloadTooLarge.With("limit", "1048576")
	}
	if err := checkEncoding(r.Header); err != nil {
		return err
	}
	if rt.body != nil && !isJSON(r.Header["Content-Type"]) && (r.ContentLength != 0 || len(r.Header["Content-Type"]) > 0) {
		return problem.ErrUnsupportedMediaType
	}
	if rt.document == nil && !accepts(r.Header["Accept"], "application/json") {
		return problem.ErrNotAcceptable
	}
	return nil
}

func checkEncoding(h http.Header) error {
	for _, v := range h["Content-Encoding"] {
		if !strings.EqualFold(v, "identity") {
			return problem.ErrUnsupportedContentEncoding
		}
	}
	return nil
}

// isJSON takes application/json with no parameter but charset=utf-8.
func isJSON(types []string) bool {
	if len(types) != 1 {
		return false
	}
	if types[0] == "application/json" {
		return true
	}
	media, params, err := mime.ParseMediaType(types[0])
	if err != nil || media != "application/json" {
		return false
	}
	for name, v := range params {
		if name != "charset" || !strings.EqualFold(v, "utf-8") {
			return false
		}
	}
	return true
}

// accepts reports whether an Accept header takes the media type.
func accepts(header []string, media string) bool {
	if len(header) == 0 {
		return true
	}
	main, _, _ := strings.Cut(media, "/")
	for _, line := range header {
		for item := range strings.SplitSeq(line, ",") {
			kind, params, _ := strings.Cut(strings.TrimSpace(item), ";")
			kind = strings.ToLower(strings.TrimSpace(kind))
			if kind != media && kind != "*/*" && kind != main+"/*" {
				continue
			}
			if !refusedByQuality(params) {
				return true
			}
		}
	}
	return false
}

// refusedByQuality reports whether the parameters of a media range say q=0.
func refusedByQuality(params string) bool {
	for p := range strings.SplitSeq(params, ";") {
		if q, ok := strings.CutPrefix(strings.TrimSpace(p), "q="); ok {
			n, err := strconv.ParseFloat(q, 64)
			return err == nil && n == 0
		}
	}
	return false
}

// readBody reads and checks the JSON body. Errors: PAYLOAD_TOO_LARGE,
// REQUEST_TIMEOUT, TRAILING_DATA and those of wire.Check.
func readBody(w http.ResponseWriter, r *http.Request, rt *route) ([]byte, error) {
	if r.ContentLength == 0 && rt.body != nil {
		return nil, problem.ErrBodyRequired
	}
	if r.ContentLength == 0 || r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	if rt.body == nil {
		return nil, problem.ErrTrailingData
	}
	body := bytes.NewBuffer(make([]byte, 0, max(r.ContentLength, 0)+bytes.MinRead))
	_, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, bodyError(err)
	}
	return body.Bytes(), wire.Check(body.Bytes(), rt.body, rt.inPath...)
}

// bodyError says why a body could not be read.
func bodyError(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return fault.ErrPayloadTooLarge.Because(err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return problem.ErrSlowBody.Because(err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return problem.ErrMalformedJSON.Because(err)
	default:
		return fault.ErrCancelled.Because(err)
	}
}

// newMux returns the mux whose handlers attach takes out.
func (g *Gateway) newMux(capture runtime.Middleware) *runtime.ServeMux {
	return runtime.NewServeMux(
		runtime.WithMiddlewares(capture),
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &wire.Marshaler{}),
		runtime.WithIncomingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithOutgoingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithOutgoingTrailerMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithMetadata(func(ctx context.Context, _ *http.Request) metadata.MD {
			if answerProbe(ctx) {
				return nil
			}
			return callOf(ctx).out
		}),
		runtime.WithErrorHandler(g.handleError),
		runtime.WithForwardResponseOption(describe),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithUnescapingMode(runtime.UnescapingModeAllExceptReserved),
		runtime.WithWriteContentLength(),
	)
}
