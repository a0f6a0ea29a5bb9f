package gateway

import (
	"context"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/fault"
	operationv1 "github.com/chiyoda-kyodo/kyodo/proto/gen/go/kyodo/operation/v1"
)

// deadLetters asks the service that a request names.
type deadLetters map[string]*grpc.ClientConn

// ListDeadLetters lists those of one service. Errors: RESOURCE_NOT_FOUND for a
// service that is not connected, and those of the service.
func (d deadLetters) ListDeadLetters(ctx context.Context, req *operationv1.ListDeadLettersRequest, opts ...grpc.CallOption) (*operationv1.ListDeadLettersResponse, error) {
	conn := d[req.GetService()]
	if conn == nil {
		for _, any := range d { // which says first whether the caller may know
			conn = any
			break
		}
	}
	if conn == nil {
		return nil, fault.ErrNotFound
	}
	return operationv1.NewDeadLetterServiceClient(conn).ListDeadLetters(ctx, req, opts...)
}
