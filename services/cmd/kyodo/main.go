// Command kyodo is every part of Kyodo: one process with everything in it, or
// one service, or the REST edge, or a tool for the people who run them.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/chiyoda-kyodo/kyodo/services/cmd/internal/installed"
)

// commands are the subcommands; --help shows them in this order.
type commands struct {
	Config kong.ConfigFlag `help:"YAML file with values of flags by their names. Flags and KYODO_… variables are stronger." placeholder:"FILE" env:"KYODO_CONFIG"`

	All         allCommand         `cmd:"" help:"Run everything in one process: private Postgres, embedded NATS, the services, REST, the development issuer."`
	Gateway     gatewayCommand     `cmd:"" help:"Run the REST edge and the public gRPC listener."`
	Proposals   proposalsCommand   `cmd:"" help:"Run the proposals service (政策提案)."`
	Directory   directoryCommand   `cmd:"" help:"Run the directory service (団体・部署)."`
	Evaluation  evaluationCommand  `cmd:"" help:"Run the evaluation service (協働のルール・協定・評価)."`
	Outreach    outreachCommand    `cmd:"" help:"Run the outreach service (広報・催し)."`
	Facilities  facilitiesCommand  `cmd:"" help:"Run the facilities service (施設予約)."`
	Token       tokenCommand       `cmd:"" help:"Print a token of a sample person (development issuer only)."`
	Watch       watchCommand       `cmd:"" help:"Follow domain events: the example subscriber."`
	Verify      verifyCommand      `cmd:"" help:"Prove what can be recomputed."`
	Migrate     migrateCommand     `cmd:"" help:"Bring schemas, roles and streams up to date, then exit."`
	DeadLetters deadLettersCommand `cmd:"" help:"Look at or redrive events that a consumer gave up."`
	Rebuild     rebuildCommand     `cmd:"" name:"rebuild-stream" help:"Publish a service's event log again into its stream."`
	Keys        keysCommand        `cmd:"" help:"Make the signing keys of internal tokens in a folder."`
	Doctor      doctorCommand      `cmd:"" help:"Check this machine and a running installation, and say what to do."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	go func() {
		<-ctx.Done()
		stop() // A second signal ends the process at once.
	}()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "kyodo:", err)
		os.Exit(1)
	}
}

// run parses the arguments and runs one command.
func run(ctx context.Context, args []string) error {
	var c commands
	parser, err := kong.New(&c,
		kong.Name("kyodo"),
		kong.Description("協働 — the system behind a ward's programme for collaboration with NPOs and volunteers."),
		kong.UsageOnError(),
		kong.Configuration(loadConfig),
		kong.Vars{"services": strings.Join(installed.Names(), ",")},
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err != nil {
		return err
	}
	k, err := parser.Parse(args)
	if err != nil {
		return err
	}
	if err := checkEnvironment(parser.Model, os.Environ()); err != nil {
		return err
	}
	err = k.Run()
	if errors.Is(err, context.Canceled) && ctx.Err() != nil {
		return nil
	}
	return err
}

// newLogger writes JSON lines to standard error.
func newLogger(level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		return nil, fmt.Errorf("log level %q: use debug, info, warn or error", level)
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: l}))
	slog.SetDefault(log)
	return log, nil
}
