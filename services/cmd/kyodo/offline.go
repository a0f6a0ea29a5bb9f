package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg/cluster"
)

// databaseConfig leads a tool to the database, of a running installation or of
// one that is stopped.
type databaseConfig struct {
	Data        string `help:"Folder of an all-in-one installation, running or not." default:".data" env:"KYODO_DATA" type:"path"`
	PGBin       string `help:"Folder of the Postgres programs; found by itself when empty." env:"KYODO_PG_BIN" type:"path" name:"pg-bin"`
	DatabaseURL string `help:"Admin's URL of an outside database instead." env:"KYODO_DATABASE_URL" name:"database-url"`
}

// withAdmin calls f with an admin's URL of the database.
func (c databaseConfig) withAdmin(ctx context.Context, f func(admin string) error) (err error) {
	if c.DatabaseURL != "" {
		return f(c.DatabaseURL)
	}
	if _, err := os.Stat(filepath.Join(c.Data, "postgres")); err != nil {
		return fmt.Errorf("%s holds no installation: give --data or --database-url", c.Data)
	}
	pg, err := cluster.Start(ctx, cluster.Config{Dir: filepath.Join(c.Data, "postgres"), Locate: c.PGBin})
	if errors.Is(err, cluster.ErrInUse) {
		admin, err := os.ReadFile(filepath.Join(c.Data, "postgres.url"))
		if err != nil {
			return fmt.Errorf("the installation is starting; try again shortly: %w", err)
		}
		return f(strings.TrimSpace(string(admin)))
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, pg.Stop(context.WithoutCancel(ctx))) }()
	return f(pg.URL(cluster.Database, "postgres"))
}

// withDB calls f with a pool on one service's schema, as its runtime role.
func (c databaseConfig) withDB(ctx context.Context, service string, f func(*pg.DB) error) error {
	return c.withAdmin(ctx, func(admin string) error {
		roles, err := adminURLs(admin)
		if err != nil {
			return err
		}
		db, err := pg.Open(ctx, pg.Config{URL: roles.runtime(service), Schema: service, MaxConns: 2})
		if err != nil {
			return err
		}
		defer db.Close()
		return f(db)
	})
}
