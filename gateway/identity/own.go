package identity

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
)

// own makes calls in the gateway's own name.
type own struct {
	grpc.ClientConnInterface
	id *rpc.Identity
}

// InOwnName returns a connection whose unary calls carry the gateway's own
// token, service:gateway.
func InOwnName(conn grpc.ClientConnInterface, signer *auth.Signer, now func() time.Time) grpc.ClientConnInterface {
	return own{conn, &rpc.Identity{Signer: signer, Name: auth.Gateway, Now: now}}
}

// Invoke attaches the token.
func (o own) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	return o.id.Unary(ctx, method, args, reply, nil, func(ctx context.Context, method string, req, reply any, _ *grpc.ClientConn, opts ...grpc.CallOption) error {
		return o.ClientConnInterface.Invoke(ctx, method, req, reply, opts...)
	}, opts...)
}
