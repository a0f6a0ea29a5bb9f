package main

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/chiyoda-kyodo/kyodo/pkg/event"
	"github.com/chiyoda-kyodo/kyodo/pkg/event/broker"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg/cluster"
	"github.com/chiyoda-kyodo/kyodo/pkg/service"
	"github.com/chiyoda-kyodo/kyodo/services/cmd/internal/installed"
)

// migrateCommand prepares the outside Postgres and NATS of an installation.
type migrateCommand struct {
	DatabaseURL string `help:"Admin's URL of the database that holds all schemas." required:"" env:"KYODO_DATABASE_URL" name:"database-url"`
	NATS        string `help:"URL of NATS; streams are not made when empty." env:"KYODO_NATS_URL" name:"nats-url"`
	NATSPass    string `help:"File with the steward's password." env:"KYODO_NATS_PASSWORD_FILE" type:"path" name:"nats-password-file"`
	MirrorPass  string `help:"File with the password of the user that keeps the mirrors for outside subscribers; none are made when empty." env:"KYODO_NATS_MIRROR_PASSWORD_FILE" type:"path" name:"nats-mirror-password-file"`
	Replicas    int    `help:"Copies of each stream: 3 on a NATS cluster." default:"1" env:"KYODO_STREAM_REPLICAS" name:"stream-replicas"`
}

// Run may be repeated at any time; it changes only what is behind.
func (c *migrateCommand) Run(ctx context.Context) error {
	database, err := databaseOf(c.DatabaseURL)
	if err != nil {
		return err
	}
	if err := cluster.Grant(ctx, c.DatabaseURL, database, installed.Names()); err != nil {
		return err
	}
	roles, err := adminURLs(c.DatabaseURL)
	if err != nil {
		return err
	}
	for _, m := range installed.Modules {
		if err := service.Migrate(ctx, roles.owner(m.Name), m); err != nil {
			return err
		}
		fmt.Println("schema", m.Name, "is up to date")
	}
	if c.NATS == "" {
		return nil
	}
	nc, err := (&clusterConfig{NATS: c.NATS, NATSPass: c.NATSPass}).connect(broker.Steward)
	if err != nil {
		return err
	}
	defer nc.Close()
	if err := c.streams(ctx, nc); err != nil || c.MirrorPass == "" {
		return err
	}
	mirrors, err := (&clusterConfig{NATS: c.NATS, NATSPass: c.MirrorPass}).connect(broker.Mirrors)
	if err != nil {
		return err
	}
	defer mirrors.Close()
	return broker.Mirror(ctx, nc, mirrors)
}

func (c *migrateCommand) streams(ctx context.Context, nc *nats.Conn) error {
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	if err := event.EnsureStreams(ctx, js, event.StreamConfig{Replicas: c.Replicas}, installed.Names()...); err != nil {
		return err
	}
	for _, m := range installed.Modules {
		if err := event.EnsureConsumers(ctx, js, service.ConsumersOf(m, service.ToolDeps(nil, nil))...); err != nil {
			return err
		}
		fmt.Println("stream", event.StreamName(m.Name), "is up to date")
	}
	return nil
}
