package rpc

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
)

// answer is the outermost interceptor: it turns panics and errors into
// statuses and writes the one log line of the call.
func (s *guard) answer(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	start := s.Now()
	caller := new(auth.Principal)
	ctx = context.WithValue(ctx, callerKey{}, caller)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
		err = s.finish(ctx, info.FullMethod, start, err)
	}()
	return next(ctx, req)
}

func (s *guard) answerStream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
	start := s.Now()
	ctx := context.WithValue(ss.Context(), callerKey{}, new(auth.Principal))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
		err = s.finish(ctx, info.FullMethod, start, err)
	}()
	return next(srv, &contextStream{ServerStream: ss, ctx: ctx})
}

type contextStream struct {
	grpc.ServerStream
	ctx context.Context //nolint:containedctx // grpc.ServerStream hands its context out this way
}

func (c *contextStream) Context() context.Context { return c.ctx }

// callerKey leads to the place where identify tells the log line who called.
type callerKey struct{}

// ours begins the names of all our RPCs; health and reflection have others.
const ours = "/kyodo."

// finish logs the call and returns its status.
func (s *guard) finish(ctx context.Context, method string, start time.Time, err error) error {
	st, f := s.status(ctx, method, err)
	elapsed := s.Now().Sub(start)
	took.WithLabelValues(method, st.Code().String()).Observe(elapsed.Seconds())
	level := slog.LevelInfo
	if !strings.HasPrefix(method, ours) {
		level = slog.LevelDebug // health checks come every second
	}
	attrs := []slog.Attr{
		slog.String("method", method),
		slog.String("code", st.Code().String()),
		slog.Duration("took", elapsed),
	}
	if caller, ok := ctx.Value(callerKey{}).(*auth.Principal); ok {
		attrs = append(attrs, slog.String("actor", caller.Actor()))
	}
	if t := TraceID(ctx); t != "" {
		attrs = append(attrs, slog.String("trace", t))
	}
	if f != nil {
		attrs = append(attrs, slog.String("reason", f.Reason))
		if f.Kind == fault.Internal {
			level = slog.LevelError
			attrs = append(attrs, slog.String("incident", f.Metadata["incident"]), slog.Any("error", err))
		} else if f.Kind == fault.Unavailable {
			level = slog.LevelWarn
			attrs = append(attrs, slog.Any("error", err))
		}
	}
	s.Log.LogAttrs(ctx, level, "rpc", attrs...)
	return st.Err()
}

// status makes the status of err. An error that is neither a fault nor the
// status of another service of ours is internal and gets an incident number.
// Health and reflection answer for themselves.
func (s *guard) status(ctx context.Context, method string, err error) (*status.Status, *fault.Error) {
	if err == nil {
		return status.New(codes.OK, ""), nil
	}
	if st, ok := status.FromError(err); ok && !isOurs(method) {
		return st, nil
	}
	f, ok := fault.As(s.Translate(err))
	if !ok {
		f, ok = passedOn(err)
	}
	if !ok {
		raw := make([]byte, 8)
		rand.Read(raw)
		f = fault.ErrInternal.With("incident", hex.EncodeToString(raw)).Because(err)
	}
	return Status(f, incoming(ctx, MetaLanguage)), f
}

// passedOn reads the answer of a service that this one asked: its refusal goes
// on to the caller, its absence is DEPENDENCY_UNAVAILABLE.
func passedOn(err error) (*fault.Error, bool) {
	// Not status.FromError: it would put the wrapping text into the message.
	var answer interface{ GRPCStatus() *status.Status }
	if !errors.As(err, &answer) {
		return nil, false
	}
	st := answer.GRPCStatus()
	if f, ok := FromStatus(st); ok {
		return f, f.Kind != fault.Internal
	}
	switch st.Code() {
	case codes.Unavailable:
		return fault.ErrDependencyUnavailable.After(2 * time.Second).Because(err), true
	case codes.DeadlineExceeded:
		return fault.ErrDeadline.Because(err), true
	case codes.Canceled:
		return fault.ErrCancelled.Because(err), true
	case codes.Unimplemented:
		return fault.ErrDependencyUnavailable.Because(err), true
	default:
		return nil, false
	}
}

// identify verifies the internal token and checks the RPC's permission. A call
// without a token is anonymous; identity from anywhere else is ignored.
func (s *guard) identify(ctx context.Context, fullMethod string) (context.Context, error) {
	m, known := s.methods[fullMethod]
	if !known {
		if isOurs(fullMethod) {
			return ctx, fault.ErrPermissionDenied
		}
		return ctx, nil // health and reflection
	}
	p := auth.Anonymous
	if header := incoming(ctx, MetaAuthorization); header != "" {
		raw, ok := strings.CutPrefix(header, "Bearer ")
		if !ok {
			return ctx, fault.ErrTokenInvalid
		}
		var err error
		if p, err = s.Verifier.Verify(raw, s.Now()); err != nil {
			return ctx, err
		}
		ctx = auth.WithToken(ctx, raw)
	}
	if caller, ok := ctx.Value(callerKey{}).(*auth.Principal); ok {
		*caller = p
	}
	return auth.With(ctx, p), m.Allow(p)
}

// isOurs reports whether the contract has the method; health and reflection are
// of others.
func isOurs(fullMethod string) bool { return strings.HasPrefix(fullMethod, ours) }

func asMessage(v any) (proto.Message, bool) {
	m, ok := v.(proto.Message)
	return m, ok
}

// fillETag copies the etag of If-Match, or the one in the body of an update,
// into the request's own etag field where that is empty.
func fillETag(ctx context.Context, m proto.Message) {
	r := m.ProtoReflect()
	fd := r.Descriptor().Fields().ByName("etag")
	if fd == nil || fd.Kind() != protoreflect.StringKind || r.Get(fd).String() != "" {
		return
	}
	etag := incoming(ctx, MetaIfMatch)
	if etag == "" {
		etag = bodyETag(r)
	}
	if etag != "" {
		r.Set(fd, protoreflect.ValueOfString(etag))
	}
}

func bodyETag(r protoreflect.Message) (etag string) {
	r.Range(func(fd protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if fd.Kind() != protoreflect.MessageKind || fd.IsList() || fd.IsMap() {
			return true
		}
		inner := v.Message()
		if e := inner.Descriptor().Fields().ByName("etag"); e != nil && e.Kind() == protoreflect.StringKind {
			etag = inner.Get(e).String()
		}
		return etag == ""
	})
	return etag
}
