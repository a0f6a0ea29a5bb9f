package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"github.com/chiyoda-kyodo/kyodo/pkg/auth"
	"github.com/chiyoda-kyodo/kyodo/pkg/blob"
	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail"
	"github.com/chiyoda-kyodo/kyodo/pkg/mail/sink"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg/cluster"
	"github.com/chiyoda-kyodo/kyodo/pkg/rpc"
	"github.com/chiyoda-kyodo/kyodo/pkg/seal"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/cmd/internal/installed"
)

// allCommand is an installation in one process.
type allCommand struct {
	dataConfig `embed:""`
	edgeConfig `embed:""`
	oidcConfig `embed:""`
	mailConfig `embed:""`

	Sample      bool   `help:"Load the Japanese sample data into an empty installation." default:"true" negatable:"" env:"KYODO_SAMPLE"`
	NATSListen  string `help:"Address on which outside subscribers may read public events, such as 127.0.0.1:4222; empty for none." env:"KYODO_NATS_LISTEN" name:"nats-listen"`
	DatabaseURL string `help:"Use this Postgres (an admin's URL) instead of a private one." env:"KYODO_DATABASE_URL" name:"database-url"`
}

// installation is what an all-in-one process runs, in the order of its start.
type installation struct {
	postgres *cluster.Cluster
	broker   *broker.Broker
	mails    *sink.Sink // nil when a mail server is configured.
	services *service.Running
	edge     *edge
	urls     urls
	log      *slog.Logger
}

// urls returns database URLs by role.
type urls struct{ owner, runtime func(service string) string }

// Run starts everything and stops it in reverse when ctx ends.
func (c *allCommand) Run(ctx context.Context) error {
	began := time.Now()
	log, err := newLogger(c.LogLevel)
	if err != nil {
		return err
	}
	if err := c.edgeConfig.check(); err != nil {
		return err
	}
	in := &installation{log: log}
	err = in.start(ctx, c)
	if err == nil {
		err = rememberOrigin(c.Data, c.origin())
	}
	if err == nil {
		in.edge.announce(time.Since(began))
		err = in.edge.wait(ctx)
	}
	return errors.Join(err, in.stop(context.WithoutCancel(ctx)))
}

func (in *installation) start(ctx context.Context, c *allCommand) error {
	var g errgroup.Group
	g.Go(func() error { return in.startPostgres(ctx, c) })
	g.Go(func() (err error) {
		in.broker, err = broker.Start(ctx, broker.Config{Dir: c.events(), Listen: c.NATSListen, Services: installed.Participants(), Log: in.log})
		return err
	})
	if err := g.Wait(); err != nil {
		return err
	}
	signer, err := auth.LoadSigner(c.keys(), auth.Gateway)
	if err != nil {
		return err
	}
	secret, err := seal.LoadKey(c.secret())
	if err != nil {
		return err
	}
	blobs, err := blob.NewFolder(c.attachments())
	if err != nil {
		return err
	}
	mailer, err := in.startMail(c)
	if err != nil {
		return err
	}
	inside := rpc.NewInProcess()
	in.services, err = service.Start(ctx, service.Host{
		Owner:    in.urls.owner,
		Runtime:  in.urls.runtime,
		Broker:   in.broker.Connect,
		Steward:  func() (*nats.Conn, error) { return in.broker.Connect(broker.Steward) },
		Metrics:  event.NewMetrics(prometheus.DefaultRegisterer),
		Listener: inside,
		Dial:     func(_ string, opts ...grpc.DialOption) (*grpc.ClientConn, error) { return inside.Dial(opts...) },
		Keys:     c.keys(),
		Secret:   secret,
		Origin:   c.origin(),
		Mail:     mailer,
		Blobs:    blobs,
		Sample:   c.Sample,
		Log:      in.log,
	}, installed.Modules...)
	if err != nil {
		return err
	}
	conn, err := inside.Dial()
	if err != nil {
		return err
	}
	in.edge, err = startEdge(ctx, edgeParts{
		edgeConfig: c.edgeConfig, oidcConfig: c.oidcConfig, issuerDir: c.issuer(),
		signer: signer,
		secret: secret,
		dial:   func(string) (*grpc.ClientConn, error) { return conn, nil },
		broker: func() (*nats.Conn, error) { return in.broker.Connect(broker.Gateway) },
		mails:  in.mails,
		log:    in.log,
	})
	return err
}

// startMail returns the way out for mails: the configured server, or on a
// developer's machine a sink that keeps them in the data folder and shows them.
// Everywhere else they wait.
func (in *installation) startMail(c *allCommand) (*mail.Sender, error) {
	config := c.mailConfig
	if config.MailServer == "" && c.Profile != "production" && loopback(c.HTTP) {
		var err error
		if in.mails, err = sink.Start(c.mails()); err != nil {
			return nil, err
		}
		config.MailServer = in.mails.Address
	}
	if config.MailSpool == "" {
		config.MailSpool = c.spool()
	}
	return config.sender()
}

// startPostgres starts the private cluster, or uses the server it is given, and
// makes sure of roles and schemas.
func (in *installation) startPostgres(ctx context.Context, c *allCommand) error {
	if c.DatabaseURL != "" {
		return in.useServer(ctx, c.DatabaseURL)
	}
	pg, err := cluster.Start(ctx, cluster.Config{Dir: c.postgres(), Locate: c.PGBin, Log: in.log})
	if err != nil {
		return fmt.Errorf("private Postgres: %w", err)
	}
	in.postgres = pg
	go func() {
		if err := pg.Supervise(context.WithoutCancel(ctx)); err != nil {
			in.log.Error("private Postgres is gone", "error", err)
		}
	}()
	in.urls = urls{
		owner:   func(s string) string { return pg.URL(cluster.Database, cluster.Owner(s)) },
		runtime: func(s string) string { return pg.URL(cluster.Database, cluster.Runtime(s)) },
	}
	if err := cluster.Provision(ctx, pg.URL("postgres", "postgres"), installed.Names()); err != nil {
		return err
	}
	// For tools that run beside this process; the socket's folder is the fence.
	return os.WriteFile(filepath.Join(c.Data, "postgres.url"), []byte(pg.URL(cluster.Database, "postgres")+"\n"), 0o600)
}

// useServer prepares the server that an admin's URL leads to.
func (in *installation) useServer(ctx context.Context, admin string) (err error) {
	if in.urls, err = adminURLs(admin); err != nil {
		return err
	}
	database, err := databaseOf(admin)
	if err != nil {
		return err
	}
	return cluster.Grant(ctx, admin, database, installed.Names())
}

func (in *installation) stop(ctx context.Context) error {
	var errs []error
	if in.edge != nil {
		errs = append(errs, in.edge.stop(ctx))
	}
	if in.services != nil {
		errs = append(errs, in.services.Stop(ctx))
	}
	if in.mails != nil {
		errs = append(errs, in.mails.Close())
	}
	if in.broker != nil {
		in.broker.Shutdown()
	}
	if in.postgres != nil {
		errs = append(errs, in.postgres.Stop(ctx))
	}
	return errors.Join(errs...)
}
