package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/blob"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/cmd/internal/installed"
)

// serviceConfig runs one service over TCP with outside Postgres and NATS.
type serviceConfig struct {
	clusterConfig `embed:""`
	mailConfig    `embed:""`

	Origin      string `help:"Public origin, for links in mails, feeds and documents." default:"http://127.0.0.1:8080" env:"KYODO_ORIGIN"`
	DatabaseURL string `help:"Postgres URL of the service's runtime role." required:"" env:"KYODO_DATABASE_URL" name:"database-url"`
	Listen      string `help:"Address to listen on; the service's own address when empty." env:"KYODO_LISTEN_ADDR" name:"listen-addr"`
	Sample      bool   `help:"Load the sample data into an empty schema." env:"KYODO_SAMPLE"`
	Metrics     string `help:"Address of /metrics (Prometheus); empty for none." env:"KYODO_METRICS_ADDR" name:"metrics-addr"`
	Attachments string `help:"Folder of attachments, shared by replicas; a bucket instead when --s3-endpoint is given." default:".data/attachments" env:"KYODO_ATTACHMENTS" type:"path"`
	S3Endpoint  string `help:"Host and port of an S3-compatible store." env:"KYODO_S3_ENDPOINT" name:"s3-endpoint"`
	S3Bucket    string `help:"Bucket for attachments." env:"KYODO_S3_BUCKET" name:"s3-bucket"`
	S3Region    string `help:"Region of the bucket." env:"KYODO_S3_REGION" name:"s3-region"`
	S3Access    string `help:"Access key." env:"KYODO_S3_ACCESS_KEY" name:"s3-access-key"`
	S3Secret    string `help:"File with the secret key." env:"KYODO_S3_SECRET_KEY_FILE" type:"path" name:"s3-secret-key-file"`
	S3Insecure  bool   `help:"Reach the store without TLS, on a private network." env:"KYODO_S3_INSECURE" name:"s3-insecure"`
}

type (
	proposalsCommand struct {
		serviceConfig `embed:""`
	}
	directoryCommand struct {
		serviceConfig `embed:""`
	}
	evaluationCommand struct {
		serviceConfig `embed:""`
	}
	outreachCommand struct {
		serviceConfig `embed:""`
	}
	facilitiesCommand struct {
		serviceConfig `embed:""`
	}
)

// Run serves until ctx ends.
func (c *proposalsCommand) Run(ctx context.Context) error { return c.serve(ctx, "proposals") }

// Run serves until ctx ends.
func (c *directoryCommand) Run(ctx context.Context) error { return c.serve(ctx, "directory") }

// Run serves until ctx ends.
func (c *evaluationCommand) Run(ctx context.Context) error { return c.serve(ctx, "evaluation") }

// Run serves until ctx ends.
func (c *outreachCommand) Run(ctx context.Context) error { return c.serve(ctx, "outreach") }

// Run serves until ctx ends.
func (c *facilitiesCommand) Run(ctx context.Context) error { return c.serve(ctx, "facilities") }

func (c *serviceConfig) serve(ctx context.Context, name string) error {
	log, err := newLogger(c.LogLevel)
	if err != nil {
		return err
	}
	secret, err := seal.LoadKey(c.SecretFile)
	if err != nil {
		return err
	}
	blobs, err := c.blobs()
	if err != nil {
		return err
	}
	mailer, err := c.sender()
	if err != nil {
		return err
	}
	addr := c.Listen
	if addr == "" {
		addr = c.address(name)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen for %s: %w", name, err)
	}
	if err := serveMetrics(c.Metrics, log); err != nil {
		return err
	}
	log.Info("serving", "service", name, "address", l.Addr().String())
	return service.Run(ctx, service.Host{
		Runtime:  func(string) string { return c.DatabaseURL },
		Broker:   c.connect,
		Metrics:  event.NewMetrics(prometheus.DefaultRegisterer),
		Listener: l,
		Dial: func(peer string, opts ...grpc.DialOption) (*grpc.ClientConn, error) {
			return rpc.Dial(c.address(peer), nil, opts...)
		},
		Keys:   c.Keys,
		Secret: secret,
		Origin: c.Origin,
		Mail:   mailer,
		Blobs:  blobs,
		Sample: c.Sample,
		Grace:  readyWait,
		Log:    log,
	}, installed.Module(name))
}

// serveMetrics shows the process's figures until it ends.
func serveMetrics(addr string, log *slog.Logger) error {
	if addr == "" {
		return nil
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen for metrics: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.Handler())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { log.Error("metrics are not served any more", "error", server.Serve(l)) }()
	return nil
}

// connect reaches NATS as user; it comes back by itself when NATS does.
func (c *clusterConfig) connect(user string) (*nats.Conn, error) {
	password, err := readSecret(c.NATSPass)
	if err != nil {
		return nil, err
	}
	opts := append(broker.ClientOptions(user, password, slog.Default()), nats.RetryOnFailedConnect(true))
	return nats.Connect(c.NATS, opts...)
}

func (c *serviceConfig) blobs() (*blob.Store, error) {
	if c.S3Endpoint == "" {
		return blob.NewFolder(c.Attachments)
	}
	secret, err := readSecret(c.S3Secret)
	if err != nil {
		return nil, err
	}
	return blob.NewS3(blob.S3Config{
		Endpoint: c.S3Endpoint, Bucket: c.S3Bucket, Region: c.S3Region, AccessKey: c.S3Access,
		SecretKey: secret, Insecure: c.S3Insecure,
	})
}
