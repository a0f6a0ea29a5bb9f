// Command apart runs Kyodo as separate processes on this machine: Postgres,
// one NATS server or a cluster of three, each service and the gateway. It is
// for development and for the acceptance tests; it shows that the same services
// run apart, unchanged.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg/cluster"
)

// options are the command's flags.
type options struct {
	Data   string `help:"Folder for everything." default:".data-apart" type:"path"`
	Kyodo  string `help:"The kyodo program." default:"bin/kyodo" type:"path"`
	NATS   string `help:"The nats-server program." default:".tools/bin/nats-server" type:"path" name:"nats-server"`
	Nodes  int    `help:"NATS servers: 1, or 3 for a cluster." default:"1"`
	HTTP   string `help:"Address of REST." default:"127.0.0.1:8080" name:"http-addr"`
	GRPC   string `help:"Address of the public gRPC listener." default:"127.0.0.1:9090" name:"grpc-addr"`
	Base   int    `help:"First of the ports for NATS and the services." default:"9100"`
	Sample bool   `help:"Load the sample data." default:"true" negatable:""`
}

func main() {
	var o options
	kong.Parse(&o, kong.Name("apart"), kong.Description("Run Kyodo as separate processes on this machine."))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "apart:", err)
		os.Exit(1)
	}
}

// run starts all parts in order, waits for the end of ctx or of a part, and
// stops them in reverse.
func run(ctx context.Context, o options) (err error) {
	if err := os.MkdirAll(o.Data, 0o755); err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	pg, err := cluster.Start(ctx, cluster.Config{Dir: filepath.Join(o.Data, "postgres"), Log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pg.Stop(context.Background())) }()
	if err := cluster.Provision(ctx, pg.URL("postgres", "postgres"), services); err != nil {
		return err
	}
	// For tools beside it, as `kyodo all` leaves it.
	if err := os.WriteFile(filepath.Join(o.Data, "postgres.url"), []byte(pg.URL(cluster.Database, "postgres")+"\n"), 0o600); err != nil {
		return err
	}
	h := &herd{options: o, gone: make(chan error, 16)}
	defer h.stop()
	if err := h.startAll(ctx, pg); err != nil {
		return err
	}
	fmt.Printf("Kyodo runs apart: %d processes, REST on http://%s, gRPC on %s, data in %s\n", len(h.children)+1, o.HTTP, o.GRPC, o.Data)
	select {
	case <-ctx.Done():
		return nil
	case err := <-h.gone:
		return err
	}
}
