// Package service is the seam between one process and many: a Module is one of
// Kyodo's services, and Start runs any number of them on one gRPC server, be it
// all of them in one process or one of them on a cluster.
package service

import (
	"context"
	"io/fs"
	"log/slog"
	"net"
	"time"

	"github.com/nats-io/nats.go"
	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/blob"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/job"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	"github.com/chiyoda-kyodo/kyodo/pkg/task"
)

// Module is one service: its name is its schema, its stream and its subcommand.
type Module struct {
	Name string
	// Migrations are goose SQL files of the service's own tables.
	Migrations fs.FS
	// Register puts the gRPC services on the server.
	Register func(Deps, grpc.ServiceRegistrar)
	// Consumes names the services whose events it reads.
	Consumes []string
	// Consumers are what it does on them, one a stream; may be nil. Their names
	// are set to the service's.
	Consumers func(Deps) []event.Consumer
	// Duties are what waits for a person in it; may be nil.
	Duties func(Deps) task.Source
	// Tasks are its recurring jobs; may be nil.
	Tasks func(Deps) []job.Task
	// Sample loads the sample data into an empty schema and does nothing in any
	// other; may be nil.
	Sample func(context.Context, Deps) error
}

// Deps is everything that a service takes from outside.
type Deps struct {
	DB *pg.DB
	// Now is the clock outside transactions; inside, tx.Now decides.
	Now func() time.Time
	// NewID makes identifiers: UUIDv7 in lower case.
	NewID func() string
	// Peer connects to another service, in this service's own name; see
	// rpc.OnBehalf for calls in the caller's name.
	Peer func(service string) grpc.ClientConnInterface
	// Blobs holds attachments.
	Blobs *blob.Store
	// Pages signs page tokens.
	Pages *pg.Pages
	// Key derives a key of the service's own from the installation's secret, for
	// what is stored sealed; the same for a purpose on every start.
	Key func(purpose string) seal.Key
	// Origin is the public origin for links in mails, feeds and documents, such as
	// "https://kyodo.example"; never with a slash at its end.
	Origin string
	// Mail sends mails.
	Mail *mail.Sender
	Log  *slog.Logger
}

// Host is where modules run.
type Host struct {
	// Owner returns the database URL of the role that owns a service's schema,
	// for migrations; nil when somebody else migrates.
	Owner func(service string) string
	// Runtime returns the database URL of a service's runtime role.
	Runtime func(service string) string
	// MaxConns bounds the pool of each service; zero for 10.
	MaxConns int32
	// Broker connects to NATS as a service's user.
	Broker func(service string) (*nats.Conn, error)
	// Steward connects as the user that makes streams and durables; nil when
	// somebody else makes them.
	Steward func() (*nats.Conn, error)
	// Metrics are the event metrics; nil for none.
	Metrics *event.Metrics
	// Listener takes the gRPC calls.
	Listener net.Listener
	// ServerOptions are added to the gRPC server's, such as TLS.
	ServerOptions []grpc.ServerOption
	// Dial connects to a service.
	Dial func(service string, opts ...grpc.DialOption) (*grpc.ClientConn, error)
	// Keys is the folder of the signing keys of internal tokens.
	Keys string
	// Secret is the installation's secret.
	Secret seal.Key
	// Origin is the public origin for links; see Deps.
	Origin string
	// Mail sends mails; its zero value refuses to.
	Mail *mail.Sender
	// Blobs holds attachments.
	Blobs *blob.Store
	// Streams sizes the services' event streams.
	Streams event.StreamConfig
	// Sample loads sample data into empty schemas.
	Sample bool
	// Grace is how long a stopping server stays reachable after it has said that
	// it is not ready any more.
	Grace time.Duration
	Log   *slog.Logger
}
