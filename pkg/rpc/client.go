package rpc

import (
	"context"
	"net"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
)

// InProcess is a listener for calls that stay inside the process; they pass all
// interceptors as calls over TCP do.
type InProcess struct{ *bufconn.Listener }

// NewInProcess returns a listener with a buffer of 1 MiB a connection.
func NewInProcess() *InProcess { return &InProcess{bufconn.Listen(1 << 20)} }

// Dial connects to the listener.
func (l *InProcess) Dial(opts ...grpc.DialOption) (*grpc.ClientConn, error) {
	opts = append(opts, grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }))
	return Dial("passthrough:///in-process", nil, opts...)
}

// roundRobin spreads calls over all addresses that a service's name has.
const roundRobin = `{"loadBalancingConfig": [{"round_robin": {}}]}`

// Dial connects to a service when it is first called. creds may be nil on a
// network that is trusted to be private.
func Dial(target string, creds credentials.TransportCredentials, opts ...grpc.DialOption) (*grpc.ClientConn, error) {
	if creds == nil {
		creds = insecure.NewCredentials()
	}
	return grpc.NewClient(target, append([]grpc.DialOption{
		grpc.WithTransportCredentials(creds),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64 << 20)),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
		grpc.WithDisableServiceConfig(),
		grpc.WithDefaultServiceConfig(roundRobin),
	}, opts...)...)
}

type forwardKey struct{}

// OnBehalf marks the calls made with the returned context as made for the
// caller: they carry the caller's own token, not the service's.
func OnBehalf(ctx context.Context) context.Context {
	return context.WithValue(ctx, forwardKey{}, true)
}

// Identity attaches tokens to the calls of one service.
type Identity struct {
	Signer *auth.Signer
	Name   string
	Now    func() time.Time

	current cachedToken
}

// Unary is the client interceptor that attaches the token.
func (i *Identity) Unary(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	ctx, err := i.attach(ctx)
	if err != nil {
		return err
	}
	return invoke(ctx, method, req, reply, cc, opts...)
}

func (i *Identity) attach(ctx context.Context) (context.Context, error) {
	raw := auth.TokenFrom(ctx)
	if forward, _ := ctx.Value(forwardKey{}).(bool); !forward {
		var err error
		if raw, err = i.current.get(i.Now(), func(now time.Time) (string, error) {
			return i.Signer.Sign(auth.Service(i.Name), now)
		}); err != nil {
			return ctx, err
		}
	}
	out := []string{MetaLanguage, incoming(ctx, MetaLanguage), MetaTraceParent, incoming(ctx, MetaTraceParent)}
	if raw != "" {
		out = append(out, MetaAuthorization, "Bearer "+raw)
	}
	return metadata.AppendToOutgoingContext(ctx, out...), nil
}
