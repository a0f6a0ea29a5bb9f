// Package rpc is the gRPC server and client of every service: it recovers,
// logs, authenticates, authorizes, validates, replays idempotent calls and
// turns faults into statuses. Statuses are made nowhere else.
package rpc

import (
	"context"
	"errors"
	"hash"
	"io"
	"log/slog"
	"math"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/idempotency"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
)

// Limits of what a server takes. Uploads come in chunks, so that no message
// needs more.
const (
	maxMessage    = 4 << 20
	maxHeaderList = 16 << 10
)

// streamWorkers keep their stacks from call to call; a call more than there are
// grows one of its own.
const streamWorkers = 16

// ServerConfig is what a server needs.
type ServerConfig struct {
	Verifier  *auth.Verifier
	Answers   seal.Key // Encrypts stored answers of idempotent calls.
	Translate func(error) error
	Now       func() time.Time
	Log       *slog.Logger
	Options   []grpc.ServerOption // Such as transport credentials and stats handlers.
}

// guard holds what the interceptors share.
type guard struct {
	ServerConfig
	validator    protovalidate.Validator
	methods      map[string]auth.Method
	fingerprints seal.Key // Without it a stored fingerprint would tell of a guessable request.
}

// Server is a gRPC server whose RPCs are guarded. Register services on it, then
// call Protect, then serve.
type Server struct {
	*grpc.Server
	guard *guard
}

// NewServer makes a server with all interceptors.
func NewServer(cfg ServerConfig) (*Server, error) {
	v, err := protovalidate.New()
	if err != nil {
		return nil, err
	}
	g := &guard{ServerConfig: cfg, validator: v, fingerprints: cfg.Answers.Derive("fingerprints")}
	opts := append([]grpc.ServerOption{
		grpc.ForceServerCodecV2(newCodec()),
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.MaxSendMsgSize(math.MaxInt32),
		grpc.MaxConcurrentStreams(1024),
		grpc.NumStreamWorkers(streamWorkers),
		grpc.MaxHeaderListSize(maxHeaderList),
		grpc.ConnectionTimeout(10 * time.Second),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionAge: 30 * time.Minute, MaxConnectionAgeGrace: 30 * time.Second}),
		grpc.ChainUnaryInterceptor(g.answer, g.admit, g.once),
		grpc.ChainStreamInterceptor(g.answerStream, g.admitStream),
	}, cfg.Options...)
	return &Server{Server: grpc.NewServer(opts...), guard: g}, nil
}

// Protect reads the permissions of everything registered. Without it every RPC
// is refused; an RPC without a permission is an error.
func (s *Server) Protect() error {
	methods, err := auth.Methods(s.GetServiceInfo())
	if err != nil {
		return err
	}
	s.guard.methods = methods
	return nil
}

// admit identifies the caller, checks the declared permission and the form.
func (s *guard) admit(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	ctx, err := s.identify(ctx, info.FullMethod)
	if err != nil {
		return nil, err
	}
	if m, ok := asMessage(req); ok {
		fillETag(ctx, m)
		if err := s.validate(m); err != nil {
			return nil, err
		}
	}
	return next(ctx, req)
}

func (s *guard) admitStream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	ctx, err := s.identify(ss.Context(), info.FullMethod)
	if err != nil {
		return err
	}
	in := &checkedStream{ServerStream: ss, ctx: ctx, guard: s}
	if !info.IsClientStream {
		return next(srv, in)
	}
	return s.onceStream(srv, in, info, next)
}

// checkedStream validates every message that comes in.
type checkedStream struct {
	grpc.ServerStream
	ctx   context.Context //nolint:containedctx // grpc.ServerStream hands its context out this way
	guard *guard

	claim *idempotency.Claim // nil without an idempotency key.
	sent  hash.Hash          // Of all that came in, for the claim.
}

// Context is that of the admitted caller, with the claim of its idempotency key.
func (c *checkedStream) Context() context.Context { return c.ctx }

// RecvMsg validates the next message. At the end of an upload with an idempotency key
// the claim has its fingerprint: not before.
func (c *checkedStream) RecvMsg(v any) error {
	err := c.ServerStream.RecvMsg(v)
	if errors.Is(err, io.EOF) && c.claim != nil {
		c.claim.Fingerprint = c.guard.fingerprints.MAC(c.sent.Sum(nil))
	}
	if err != nil {
		return err
	}
	m, ok := asMessage(v)
	if !ok {
		return nil
	}
	if err := c.guard.validate(m); err != nil || c.claim == nil {
		return err
	}
	return c.note(m)
}
