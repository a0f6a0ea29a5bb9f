package cluster

import (
	"context"
	"embed"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Database is the name of the database that holds the schemas of all services.
const Database = "kyodo"

//go:embed roles/*.sql
var roles embed.FS

// identifier is a name that Postgres takes without quotes and in full.
var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

// Provision makes the database kyodo on the server of adminURL and grants it to the services, as Grant does. It may be
// run again at any time, and by several processes at once. The admin needs CREATEDB and CREATEROLE.
func Provision(ctx context.Context, adminURL string, services []string) error {
	if err := createDatabase(ctx, adminURL); err != nil {
		return err
	}
	return Grant(ctx, adminURL, Database, services)
}

// Owner is the role that runs the migrations of a service and owns its tables.
func Owner(service string) string { return "kyodo_" + service + "_owner" }

// Runtime is the role that a service serves with: it reads and writes rows of its own schema, nothing else.
func Runtime(service string) string { return "kyodo_" + service }

// Grant makes each service's schema (of the service's name) and its two roles in an existing database, with the schema
// as their search path. What the owner makes later, the runtime role may use: rows, sequences, functions. Nothing is
// granted on tables that exist already, so that rights a migration took away (UPDATE and DELETE on append-only tables)
// stay away.
func Grant(ctx context.Context, adminURL, database string, services []string) error {
	statements, err := grants(database, services)
	if err != nil {
		return err
	}
	return locked(ctx, adminURL, func(config *pgx.ConnConfig, _ *pgx.Conn) error {
		config = config.Copy()
		config.Database = database
		conn, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			return fmt.Errorf("cluster: connect to database %s: %w", database, err)
		}
		defer conn.Close(context.WithoutCancel(ctx))
		// Several statements in one message are one transaction.
		if _, err := conn.PgConn().Exec(ctx, statements).ReadAll(); err != nil {
			return fmt.Errorf("cluster: make roles and schemas: %w", err)
		}
		return nil
	})
}

func createDatabase(ctx context.Context, adminURL string) error {
	return locked(ctx, adminURL, func(_ *pgx.ConnConfig, conn *pgx.Conn) error {
		var exists bool
		err := conn.QueryRow(ctx, `
			SELECT EXISTS (
			    SELECT
			    FROM pg_database
			    WHERE datname = $1)`, Database).Scan(&exists)
		if err != nil {
			return fmt.Errorf("cluster: look for database %s: %w", Database, err)
		}
		if exists {
			return nil
		}
		if _, err := conn.Exec(ctx, render("database", Database, "")); err != nil {
			return fmt.Errorf("cluster: create database %s: %w", Database, err)
		}
		return nil
	})
}

// locked runs fn while no other process provisions through the same admin database: roles belong to the whole server,
// and Postgres refuses concurrent changes of one.
func locked(ctx context.Context, adminURL string, fn func(*pgx.ConnConfig, *pgx.Conn) error) error {
	config, err := pgx.ParseConfig(adminURL)
	if err != nil {
		return fmt.Errorf("cluster: read the admin URL: %w", err)
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("cluster: connect as admin: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) // frees the lock
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(hashtextextended('kyodo provision', 0))`); err != nil {
		return fmt.Errorf("cluster: wait for another process that provisions: %w", err)
	}
	return fn(config, conn)
}

// grants are the statements of one database, in the order in which they run.
func grants(database string, services []string) (string, error) {
	if !identifier.MatchString(database) {
		return "", fmt.Errorf("cluster: %q cannot name a database", database)
	}
	parts := []string{render("fence", database, "")}
	for _, service := range services {
		if !identifier.MatchString(service) || !identifier.MatchString(Owner(service)) {
			return "", fmt.Errorf("cluster: %q cannot name a service", service)
		}
		parts = append(parts, render("service", database, service))
	}
	return strings.Join(parts, "\n"), nil
}

// Script is what Provision does, as a psql script for operators of an outside server: the content of deploy/roles.sql.
func Script(services []string) (string, error) {
	statements, err := grants(Database, services)
	if err != nil {
		return "", err
	}
	create := strings.TrimSpace(render("database", Database, ""))
	return render("head", Database, "") + `
SELECT $$` + create + `$$
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = '` + Database + `')
\gexec
\connect ` + Database + `

` + statements, nil
}

func render(name, database, service string) string {
	content, err := roles.ReadFile("roles/" + name + ".sql")
	if err != nil {
		panic(err) // the file is part of the binary
	}
	return strings.NewReplacer("{{database}}", database, "{{service}}", service).Replace(string(content))
}
