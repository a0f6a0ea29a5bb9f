// Package pgtest gives each test a Postgres database of its own, made in about 15 ms by cloning a migrated template
// (100 ms where the data is on a disk instead of in memory). The server is a private cluster that the first test of a
// process starts and that ends with the process; it works as root. KYODO_TEST_DATABASE_URL names a server to use instead
// (the URL of a superuser).
//
// The private server trades durability for speed: nothing here survives a crash, and nothing should.
package pgtest

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg/cluster"
)

// limit bounds each step at the server, migrations included.
const limit = 2 * time.Minute

// Migrate brings the empty database at url to the state that tests begin with.
type Migrate = func(ctx context.Context, url string) error

// Database is the URL of a fresh database, cloned from a template that migrate has filled once for this process and
// name. The role is the server's admin. The database is dropped when the test ends.
func Database(t testing.TB, name string, migrate Migrate) string {
	t.Helper()
	return clone(t, "database "+name, func(ctx context.Context, s *server, database string) error {
		return migrate(ctx, s.url(database))
	})
}

// URLs are the addresses of one database under the roles of a service. The roles' search path is the service's schema.
type URLs struct {
	Admin   string // may do everything
	Owner   string // runs migrations
	Runtime string // serves; has the rights it has in production, no more
}

// Service is like Database, with the schema and the roles that cluster.Grant gives the service; migrate gets the URL of
// the owner. Tests that use the runtime URL prove that the migrations leave the service the rights it needs.
func Service(t testing.TB, service string, migrate Migrate) URLs {
	t.Helper()
	admin := clone(t, "service "+service, func(ctx context.Context, s *server, database string) error {
		if err := cluster.Grant(ctx, s.url("postgres"), database, []string{service}); err != nil {
			return err
		}
		return migrate(ctx, as(s.url(database), cluster.Owner(service), service))
	})
	return URLs{
		Admin:   admin,
		Owner:   as(admin, cluster.Owner(service), service),
		Runtime: as(admin, cluster.Runtime(service), service),
	}
}

// as is the address under another role. Roles have no password, so the admin signs in and becomes the role.
func as(address, role, schema string) string {
	separator := "&"
	if !strings.Contains(address, "?") {
		separator = "?"
	}
	return address + separator + "role=" + role + "&search_path=" + schema
}

// server is the Postgres of this process.
type server struct {
	url    func(database string) string
	prefix string // of the names of this process's databases

	lifeline io.Closer // ends the private server when it closes

	lock      sync.Mutex // guards what follows; the connection serves one statement at a time
	admin     *pgx.Conn
	count     int
	templates map[string]*template
}

type template struct {
	once     sync.Once
	database string
	err      error
}

type fill = func(ctx context.Context, s *server, database string) error

var connect = sync.OnceValues(func() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return openServer(ctx)
})

// clone makes a database from the template of the key, which fn fills when it is asked for first.
func clone(t testing.TB, key string, fn fill) string {
	t.Helper()
	s, err := connect()
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	from := s.template(key)
	from.once.Do(func() { from.err = s.make(ctx, from, key, fn) })
	if from.err != nil {
		t.Fatalf("pgtest: template of %s: %v", key, from.err)
	}
	database := s.name(t.Name())
	if err := s.exec(ctx, "CREATE DATABASE "+quote(database)+" TEMPLATE "+quote(from.database)+" STRATEGY FILE_COPY"); err != nil {
		t.Fatalf("pgtest: clone the template of %s: %v", key, err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), limit)
		defer cancel()
		if err := s.exec(ctx, "DROP DATABASE "+quote(database)+" WITH (FORCE)"); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return s.url(database)
}

func (s *server) template(key string) *template {
	s.lock.Lock()
	defer s.lock.Unlock()
	found := s.templates[key]
	if found == nil {
		found = &template{}
		s.templates[key] = found
	}
	return found
}

func (s *server) make(ctx context.Context, t *template, key string, fn fill) error {
	t.database = s.name(key)
	err := s.exec(ctx, "CREATE DATABASE "+quote(t.database)+" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER libc LC_COLLATE 'C'")
	if err != nil {
		return err
	}
	if err := fn(ctx, s, t.database); err != nil {
		return err
	}
	// A connection left open, or made later by mistake, would make every clone fail.
	return s.exec(ctx, "ALTER DATABASE "+quote(t.database)+" WITH ALLOW_CONNECTIONS false")
}

var odd = regexp.MustCompile(`[^a-z0-9]+`)

// name is a database name that no other call gets, with a hint at its purpose.
func (s *server) name(hint string) string {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.count++
	name := fmt.Sprintf("%s%d_%s", s.prefix, s.count, odd.ReplaceAllString(strings.ToLower(hint), "_"))
	return name[:min(len(name), 63)]
}

func (s *server) exec(ctx context.Context, sql string) error {
	s.lock.Lock()
	defer s.lock.Unlock()
	if _, err := s.admin.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

func quote(name string) string {
	return pgx.Identifier{name}.Sanitize()
}

// withDatabase puts a database's name into a server's URL.
func withDatabase(server *url.URL, database string) string {
	address := *server
	address.Path = "/" + database
	return address.String()
}
