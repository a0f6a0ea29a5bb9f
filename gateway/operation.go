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
	service, err := d.of(req.GetService())
	if err != nil {
		return nil, err
	}
	return service.ListDeadLetters(ctx, req, opts...)
}

// RedriveDeadLetters has one service take its dead letters again. Errors: as
// ListDeadLetters.
func (d deadLetters) RedriveDeadLetters(ctx context.Context, req *operationv1.RedriveDeadLettersRequest, opts ...grpc.CallOption) (*operationv1.RedriveDeadLettersResponse, error) {
	service, err := d.of(req.GetService())
	if err != nil {
		return nil, err
	}
	return service.RedriveDeadLetters(ctx, req, opts...)
}

// of returns the service of a name, or for one that is not connected any other,
// which says first whether the caller may know.
func (d deadLetters) of(name string) (operationv1.DeadLetterServiceClient, error) {
	conn := d[name]
	if conn == nil {
		for _, any := range d {
			conn = any
			break
		}
	}
	if conn == nil {
		return nil, fault.ErrNotFound
	}
	return operationv1.NewDeadLetterServiceClient(conn), nil
}
