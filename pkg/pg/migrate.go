package pg

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"hash/fnv"
	"io/fs"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	"github.com/pressly/goose/v3/lock"
)

// Migrate brings schema up to the newest file of fsys (goose SQL files, forward
// only), remembering the version in the table versions. It connects as the
// schema's owner; concurrent callers wait for each other behind an advisory
// lock.
func Migrate(ctx context.Context, ownerURL, schema, versions string, fsys fs.FS) error {
	cfg, err := pgx.ParseConfig(ownerURL)
	if err != nil {
		return fmt.Errorf("database url of %s: %w", schema, err)
	}
	cfg.RuntimeParams["search_path"] = schema
	cfg.RuntimeParams["application_name"] = "kyodo/" + schema + "/migrate"
	cfg.RuntimeParams["lock_timeout"] = "2000"
	db := stdlib.OpenDB(*cfg)
	defer db.Close()
	if err := migrate(ctx, db, schema, versions, fsys); err != nil {
		return fmt.Errorf("migrate %s (%s): %w", schema, versions, err)
	}
	return nil
}

// Embedded are the files of the folder migrations, which a store embeds.
func Embedded(files embed.FS) fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil { // The name is valid.
		panic(err)
	}
	return sub
}

// lockID names the advisory lock of one set of tables; those of two services
// migrate side by side. A caller that waits looks once a second.
func lockID(schema, versions string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("kyodo migrate " + schema + " " + versions)) // never fails
	return int64(h.Sum64())
}

func migrate(ctx context.Context, db *sql.DB, schema, versions string, fsys fs.FS) error {
	store, err := database.NewStore(goose.DialectPostgres, versions)
	if err != nil {
		return err
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(lockID(schema, versions)), lock.WithLockTimeout(1, 300))
	if err != nil {
		return err
	}
	p, err := goose.NewProvider("", db, fsys, goose.WithStore(store), goose.WithSessionLocker(locker))
	if err != nil {
		return err
	}
	_, err = p.Up(ctx)
	return err
}

// AsRole returns the URL of the same database for sessions that act as role, to
// which the URL's own user must be able to switch.
func AsRole(raw, role string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", fmt.Errorf("database url: %w", err)
	}
	q := u.Query()
	q.Set("role", role)
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20") // pgx and libpq keep a plus
	return u.String(), nil
}
