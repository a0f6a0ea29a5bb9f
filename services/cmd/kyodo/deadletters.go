package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/cmd/internal/installed"
)

// deadLettersCommand looks after events that a consumer gave up.
type deadLettersCommand struct {
	List    listDeadLetters    `cmd:"" help:"List them as JSON lines, without their content."`
	Redrive redriveDeadLetters `cmd:"" help:"Take them again, oldest first."`
}

type listDeadLetters struct {
	databaseConfig `embed:""`
	Service        string `arg:"" enum:"${services}" help:"The service that consumes: ${enum}."`
}

// Run prints every dead letter of the service.
func (c *listDeadLetters) Run(ctx context.Context) error {
	return c.withDB(ctx, c.Service, func(db *pg.DB) error {
		out := json.NewEncoder(os.Stdout)
		var after int64
		for {
			letters, err := event.ListDeadLetters(ctx, db, after, pg.MaxPageSize)
			if err != nil || len(letters) == 0 {
				return err
			}
			for _, l := range letters {
				l.Data = nil // who redrives need not read it
				if err := out.Encode(l); err != nil {
					return err
				}
				after = l.Number
			}
		}
	})
}

type redriveDeadLetters struct {
	databaseConfig `embed:""`
	Service        string `arg:"" enum:"${services}" help:"The service that consumes: ${enum}."`
}

// Run takes the dead letters of each of the service's consumers again.
func (c *redriveDeadLetters) Run(ctx context.Context) error {
	return c.withDB(ctx, c.Service, func(db *pg.DB) error {
		log, err := newLogger("warn")
		if err != nil {
			return err
		}
		deps := service.ToolDeps(db, log)
		for _, consumer := range service.ConsumersOf(installed.Module(c.Service), deps) {
			done, err := event.Redrive(ctx, event.ConsumerConfig{Consumer: consumer, DB: db, Log: log})
			fmt.Printf("%s: %d taken\n", consumer.Stream, done.Done)
			if err := errors.Join(done.Err(), err, ctx.Err()); err != nil {
				return err
			}
		}
		return nil
	})
}

// rebuildCommand fills a new or lost stream from the service's event log.
type rebuildCommand struct {
	databaseConfig `embed:""`
	clusterNATS    `embed:""`
	Service        string `arg:"" enum:"${services}" help:"The service whose events are published again: ${enum}."`
}

// clusterNATS says where the broker is.
type clusterNATS struct {
	NATS     string `help:"URL of NATS." required:"" env:"KYODO_NATS_URL" name:"nats-url"`
	NATSPass string `help:"File with the steward's password." required:"" env:"KYODO_NATS_PASSWORD_FILE" type:"path" name:"nats-password-file"`
}

// Run publishes the whole log; subscribers drop what they know by its id.
func (c *rebuildCommand) Run(ctx context.Context) error {
	nc, err := (&clusterConfig{NATS: c.NATS, NATSPass: c.NATSPass}).connect(broker.Steward)
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	return c.withDB(ctx, c.Service, func(db *pg.DB) error { return event.RebuildStream(ctx, db, js, c.Service) })
}
