// Package proxy is the public gRPC listener: it exchanges the caller's token,
// counts the call and passes it on to the service, without reading messages.
package proxy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/reflection"
	reflectionv1 "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/chiyoda-kyodo/kyodo/gateway/identity"
	"github.com/chiyoda-kyodo/kyodo/gateway/problem"
	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	auditv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/audit/v1"
	operationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/operation/v1"
	taskv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/task/v1"
)

const (
	callTime   = 10 * time.Second // Of a caller without a deadline.
	longest    = 30 * time.Second // Of a unary call, whatever the caller says.
	streamTime = 120 * time.Second
)

// Call is what is counted of a call.
type Call struct {
	Caller identity.Caller
	Remote string // The peer's address.
	Read   bool   // Whether REST reaches the method by GET.
	Code   bool   // Whether it comes with an access code.
}

// Config is what the listener needs.
type Config struct {
	// Backends are the connections by service name.
	Backends map[string]*grpc.ClientConn
	// Audit joins the audit logs of all backends; nil without backends.
	Audit auditv1.AuditServiceClient
	// Tasks joins the tasks of all backends.
	Tasks taskv1.TaskServiceClient
	// DeadLetters asks the service that a request names.
	DeadLetters operationv1.DeadLetterServiceClient
	// Bearer exchanges an authorization header.
	Bearer func(ctx context.Context, header string) (identity.Caller, error)
	// Forget drops what is remembered of a person's roles.
	Forget func(personID string)
	// Count counts a call.
	Count func(c Call) error
	// Options are added to the server's own, such as TLS.
	Options []grpc.ServerOption
	Log     *slog.Logger
}

// Server is the listener's server with its health service.
type Server struct {
	*grpc.Server
	Health *health.Server
}

type server struct {
	Config
	methods map[string]auth.Method
}

// New returns the server. It offers what people may call; RPCs for services
// alone are refused before they are passed on.
func New(cfg Config) (*Server, error) {
	methods, err := auth.AllMethods()
	if err != nil {
		return nil, err
	}
	s := &server{Config: cfg, methods: methods}
	g := &Server{Health: health.NewServer()}
	g.Server = grpc.NewServer(append([]grpc.ServerOption{
		grpc.ForceServerCodecV2(codec{}),
		grpc.UnknownServiceHandler(s.forward),
		grpc.UnaryInterceptor(s.own),
		grpc.MaxRecvMsgSize(4 << 20),
		grpc.MaxConcurrentStreams(128),
		grpc.MaxHeaderListSize(16 << 10),
		grpc.ConnectionTimeout(10 * time.Second),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 30 * time.Second}),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionAge: 30 * time.Minute, MaxConnectionAgeGrace: 30 * time.Second}),
	}, cfg.Options...)...)
	healthv1.RegisterHealthServer(g, g.Health)
	taskv1.RegisterTaskServiceServer(g, tasks{client: cfg.Tasks})
	operationv1.RegisterDeadLetterServiceServer(g, deadLetters{client: cfg.DeadLetters})
	if cfg.Audit != nil {
		auditv1.RegisterAuditServiceServer(g, audit{client: cfg.Audit})
	}
	reflectionv1.RegisterServerReflectionServer(g, reflection.NewServerV1(reflection.ServerOptions{Services: offered{s.methods}}))
	return g, nil
}

// offered lists the services for reflection.
type offered struct{ methods map[string]auth.Method }

// GetServiceInfo returns the services that have an RPC for people.
func (o offered) GetServiceInfo() map[string]grpc.ServiceInfo {
	out := map[string]grpc.ServiceInfo{healthv1.Health_ServiceDesc.ServiceName: {}}
	for _, m := range o.methods {
		if len(m.Permission.GetRoles()) > 0 {
			out[string(m.Descriptor.Parent().FullName())] = grpc.ServiceInfo{}
		}
	}
	return out
}

// admit checks whether the caller may call the method at all and returns the
// metadata for the service.
func (s *server) admit(ctx context.Context, fullMethod string) (context.Context, error) {
	m, ok := s.methods[fullMethod]
	if !ok {
		return ctx, problem.ErrRouteNotFound
	}
	in, _ := metadata.FromIncomingContext(ctx)
	remote := ""
	if p, ok := peer.FromContext(ctx); ok {
		remote = p.Addr.String()
	}
	var caller identity.Caller
	var err error
	switch header := in.Get(rpc.MetaAuthorization); {
	case len(header) > 1:
		err = fault.ErrTokenInvalid
	case len(header) == 1:
		caller, err = s.Bearer(ctx, header[0])
	}
	if limited := s.Count(Call{Caller: caller, Remote: remote, Read: reads(m), Code: len(in.Get(rpc.MetaAccessCode)) > 0}); limited != nil {
		return ctx, limited
	}
	if err != nil {
		return ctx, err
	}
	if caller.Kind == auth.KindAnonymous && !m.Public() {
		return ctx, fault.ErrUnauthenticated
	}
	if len(m.Permission.GetRoles()) == 0 {
		return ctx, fault.ErrPermissionDenied.With("action", m.Permission.GetAction())
	}
	if strings.HasPrefix(fullMethod, "/kyodo.directory.") && !reads(m) {
		s.Forget(caller.ID) // what it changes may be the caller's own roles
	}
	return metadata.NewOutgoingContext(ctx, outgoing(in, caller.Token)), nil
}

// passed are the headers that services read; nothing else of a call passes.
var passed = []string{rpc.MetaAccessCode, rpc.MetaIdempotencyKey, rpc.MetaIfMatch, rpc.MetaLanguage, rpc.MetaReason, rpc.MetaTraceParent}

func outgoing(in metadata.MD, token string) metadata.MD {
	out := metadata.MD{}
	for _, name := range passed {
		if v := in.Get(name); len(v) > 0 {
			out[name] = v[:1]
		}
	}
	if token != "" {
		out[rpc.MetaAuthorization] = []string{"Bearer " + token}
	}
	return out
}

// reads reports whether REST reaches the method by GET.
func reads(m auth.Method) bool {
	rule, _ := proto.GetExtension(m.Descriptor.Options(), annotations.E_Http).(*annotations.HttpRule)
	return rule.GetGet() != ""
}

// forward passes one call on, in both directions, until either side ends it.
func (s *server) forward(_ any, in grpc.ServerStream) (err error) {
	fullMethod, _ := grpc.MethodFromServerStream(in)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
		err = s.answer(in.Context(), fullMethod, err)
	}()
	ctx, err := s.admit(in.Context(), fullMethod)
	if err != nil {
		return err
	}
	md := s.methods[fullMethod].Descriptor
	conn := s.Backends[string(md.ParentFile().Package().Parent().Name())]
	if conn == nil {
		return fault.ErrDependencyUnavailable.With("dependency", string(md.ParentFile().Package().Parent().Name()))
	}
	ctx, cancel := bounded(ctx, md.IsStreamingClient() || md.IsStreamingServer())
	defer cancel()
	out, err := conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}, fullMethod, grpc.ForceCodecV2(codec{}))
	if err != nil {
		return err
	}
	go send(in, out, cancel)
	return receive(in, out)
}

// bounded gives a call its deadline: the caller's, but never too long.
func bounded(ctx context.Context, streaming bool) (context.Context, context.CancelFunc) {
	limit := longest
	if streaming {
		limit = streamTime
	} else if _, given := ctx.Deadline(); !given {
		limit = callTime
	}
	return context.WithTimeout(ctx, limit)
}

// send passes the caller's messages on; a caller that breaks off ends the call.
func send(in grpc.ServerStream, out grpc.ClientStream, cancel context.CancelFunc) {
	for {
		f := &frame{}
		err := in.RecvMsg(f)
		if errors.Is(err, io.EOF) {
			if out.CloseSend() != nil {
				cancel()
			}
			return
		}
		if err != nil {
			f.free()
			cancel()
			return
		}
		if err := out.SendMsg(f); err != nil {
			if !errors.Is(err, io.EOF) { // EOF: the service has answered already
				cancel()
			}
			return
		}
	}
}

// receive passes the service's messages back.
func receive(in grpc.ServerStream, out grpc.ClientStream) error {
	for {
		f := &frame{}
		err := out.RecvMsg(f)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := in.SendMsg(f); err != nil {
			return err
		}
	}
}

// own guards the services that the edge answers itself.
func (s *server) own(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (resp any, err error) {
	if !strings.HasPrefix(info.FullMethod, "/kyodo.") {
		return next(ctx, req)
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
		err = s.answer(ctx, info.FullMethod, err)
	}()
	outCtx, err := s.admit(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	bound, cancel := bounded(outCtx, false)
	defer cancel()
	return next(bound, req)
}

// answer makes the status of an error: that of the service as it is, everything
// else through the one place where statuses are made.
func (s *server) answer(ctx context.Context, method string, err error) error {
	if err == nil {
		return nil
	}
	if st, ok := status.FromError(err); ok {
		if _, ours := rpc.FromStatus(st); ours {
			return err
		}
	}
	f := problem.Fault(err)
	if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		s.Log.LogAttrs(ctx, slog.LevelWarn, "call was not passed on", slog.String("method", method), slog.Any("error", f))
	}
	in, _ := metadata.FromIncomingContext(ctx)
	language := ""
	if v := in.Get(rpc.MetaLanguage); len(v) > 0 {
		language = v[0]
	}
	return rpc.Status(f, language).Err()
}

// audit answers the joined audit log.
type audit struct {
	auditv1.UnimplementedAuditServiceServer
	client auditv1.AuditServiceClient
}

// ListAuditEntries lists the entries of all services.
func (a audit) ListAuditEntries(ctx context.Context, req *auditv1.ListAuditEntriesRequest) (*auditv1.ListAuditEntriesResponse, error) {
	return a.client.ListAuditEntries(ctx, req)
}

// VerifyAuditChain proves the chains of all services.
func (a audit) VerifyAuditChain(ctx context.Context, req *auditv1.VerifyAuditChainRequest) (*auditv1.VerifyAuditChainResponse, error) {
	return a.client.VerifyAuditChain(ctx, req)
}

// deadLetters answers for the service that a request names.
type deadLetters struct {
	operationv1.UnimplementedDeadLetterServiceServer
	client operationv1.DeadLetterServiceClient
}

// ListDeadLetters lists those of one service.
func (d deadLetters) ListDeadLetters(ctx context.Context, req *operationv1.ListDeadLettersRequest) (*operationv1.ListDeadLettersResponse, error) {
	return d.client.ListDeadLetters(ctx, req)
}

// RedriveDeadLetters has one service take its dead letters again.
func (d deadLetters) RedriveDeadLetters(ctx context.Context, req *operationv1.RedriveDeadLettersRequest) (*operationv1.RedriveDeadLettersResponse, error) {
	return d.client.RedriveDeadLetters(ctx, req)
}

// tasks answers the joined tasks.
type tasks struct {
	taskv1.UnimplementedTaskServiceServer
	client taskv1.TaskServiceClient
}

// ListTasks lists the caller's tasks in all services.
func (t tasks) ListTasks(ctx context.Context, req *taskv1.ListTasksRequest) (*taskv1.ListTasksResponse, error) {
	return t.client.ListTasks(ctx, req)
}
