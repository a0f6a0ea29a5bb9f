package cluster

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
)

var update = flag.Bool("update", false, "write deploy/roles.sql")

var services = []string{"directory", "evaluation", "facilities", "outreach", "proposals"}

const (
	denied = "42501" // insufficient_privilege
	absent = "42P01" // undefined_table
)

// code is the SQLSTATE that the statement ends with; "" when it succeeds.
func code(t *testing.T, url, sql string) string {
	t.Helper()
	err := execute(t, url, sql)
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return ""
}

func TestProvision(t *testing.T) {
	c := start(t, Config{})
	admin := c.URL("postgres", Superuser)
	began := time.Now()
	if err := Provision(t.Context(), admin, services); err != nil {
		t.Fatal(err)
	}
	t.Logf("provisioned in %v", time.Since(began).Round(time.Millisecond))
	checkFence(t, c)

	// Again, by several at once, after migrations.
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if err := Provision(t.Context(), admin, services); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if got := code(t, c.URL(Database, Runtime("proposals")), `UPDATE event_log SET id = 2`); got != denied {
		t.Errorf("provisioning again gave UPDATE on an append-only table back: %q", got)
	}
	if err := Provision(t.Context(), admin, []string{`x"; DROP TABLE y`}); err == nil {
		t.Error("a bad service name passed")
	}
}

// checkFence makes tables as two owners and proves what each role may do.
func checkFence(t *testing.T, c *Cluster) {
	t.Helper()
	owner := c.URL(Database, Owner("proposals"))
	must(t, owner, `CREATE TABLE proposal (id bigserial PRIMARY KEY, title text)`)
	must(t, owner, `CREATE TABLE event_log (id bigint)`)
	must(t, owner, `REVOKE UPDATE, DELETE ON event_log FROM kyodo_proposals`)
	must(t, owner, `CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1'`)
	must(t, c.URL(Database, Owner("directory")), `CREATE TABLE organization (id int)`)

	proposals, directory := Runtime("proposals"), Runtime("directory")
	for _, test := range []struct{ name, role, sql, want string }{
		{"insert with a sequence", proposals, `INSERT INTO proposal (title) VALUES ('a')`, ""},
		{"select by the search path", proposals, `SELECT title FROM proposal`, ""},
		{"update", proposals, `UPDATE proposals.proposal SET title = 'b'`, ""},
		{"delete", proposals, `DELETE FROM proposal`, ""},
		{"function", proposals, `SELECT one()`, ""},
		{"listen", proposals, `LISTEN jobs`, ""},
		{"append", proposals, `INSERT INTO event_log VALUES (1)`, ""},
		{"change what is append-only", proposals, `UPDATE event_log SET id = 2`, denied},
		{"delete what is append-only", proposals, `DELETE FROM event_log`, denied},
		{"truncate", proposals, `TRUNCATE proposal`, denied},
		{"create table", proposals, `CREATE TABLE mine (id int)`, denied},
		{"create table in public", proposals, `CREATE TABLE public.mine (id int)`, denied},
		{"create temporary table", proposals, `CREATE TEMPORARY TABLE mine (id int)`, denied},
		{"create schema", proposals, `CREATE SCHEMA mine`, denied},
		{"alter table", proposals, `ALTER TABLE proposal ADD COLUMN more int`, denied},
		{"drop table", proposals, `DROP TABLE proposal`, denied},
		{"become the owner", proposals, `SET ROLE kyodo_proposals_owner`, denied},
		{"read the other service", proposals, `SELECT FROM directory.organization`, denied},
		{"the other one's name does not resolve", proposals, `SELECT FROM organization`, absent},
		{"write the other service", directory, `INSERT INTO proposals.proposal (title) VALUES ('c')`, denied},
		{"call the other one's function", directory, `SELECT proposals.one()`, denied},
		{"the owner reads the other service", Owner("directory"), `SELECT FROM proposals.proposal`, denied},
		{"the owner makes a schema", Owner("directory"), `CREATE SCHEMA mine`, denied},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := code(t, c.URL(Database, test.role), test.sql); got != test.want {
				t.Errorf("%s as %s: SQLSTATE %q, want %q", test.sql, test.role, got, test.want)
			}
		})
	}

	must(t, c.URL("postgres", Superuser), `CREATE ROLE stranger LOGIN`)
	if got := code(t, c.URL(Database, "stranger"), `SELECT 1`); got != denied {
		t.Errorf("a stranger connects: SQLSTATE %q", got)
	}
}

// TestProvisionWithoutSuperuser uses the rights that a hosted server gives its admin.
func TestProvisionWithoutSuperuser(t *testing.T) {
	c := start(t, Config{})
	must(t, c.URL("postgres", Superuser), `CREATE ROLE admin LOGIN CREATEDB CREATEROLE`)
	for range 2 {
		if err := Provision(t.Context(), c.URL("postgres", "admin"), services); err != nil {
			t.Fatal(err)
		}
	}
	checkFence(t, c)
}

func TestDeployedRoles(t *testing.T) {
	file := filepath.Join("..", "..", "..", "deploy", "roles.sql")
	want, err := Script(services)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Fatalf("deploy/roles.sql differs from pkg/pg/cluster/roles (run the test with -update):\n%s", diff)
	}

	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("no psql to run it with")
	}
	c := start(t, Config{})
	for range 2 {
		output, err := exec.Command(psql, "--no-psqlrc", "--file="+file, c.URL("postgres", Superuser)).CombinedOutput()
		if err != nil {
			t.Fatalf("psql: %v\n%s", err, output)
		}
	}
	checkFence(t, c)
}
