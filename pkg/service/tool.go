package service

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
)

// errNoPeer says that a tool calls no service.
var errNoPeer = errors.New("a tool reaches no other service")

// ToolDeps are what a module's consumers get in a tool beside the services: the
// database (nil where it is only asked what it consumes), the clock and ids.
// Calls to other services fail.
func ToolDeps(db *pg.DB, log *slog.Logger) Deps {
	return Deps{DB: db, Now: time.Now, NewID: newID, Peer: func(string) grpc.ClientConnInterface { return noPeer{} }, Log: log}
}

type noPeer struct{}

// Invoke fails.
func (noPeer) Invoke(context.Context, string, any, any, ...grpc.CallOption) error { return errNoPeer }

// NewStream fails.
func (noPeer) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errNoPeer
}
