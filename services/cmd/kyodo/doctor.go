package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/chiyoda-kyodo/kyodo/pkg/pg/cluster"
)

// doctorCommand checks what an installation needs and says what to do.
type doctorCommand struct {
	databaseConfig `embed:""`
	Origin         string `help:"Origin of the installation; the one it last ran with when empty." env:"KYODO_ORIGIN"`
}

// finding is one line of the doctor.
type finding struct {
	name string
	err  error
	note string
}

// Run prints every finding and fails when one of them is bad.
func (c *doctorCommand) Run(ctx context.Context) error {
	findings := []finding{
		{name: "program", note: runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH},
		c.folder(),
		c.database(ctx),
		c.ready(ctx),
	}
	bad := 0
	for _, f := range findings {
		if f.err != nil {
			bad++
			fmt.Printf("✗ %-10s %v\n", f.name, f.err)
			continue
		}
		fmt.Printf("✓ %-10s %s\n", f.name, f.note)
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d checks failed", bad, len(findings))
	}
	return nil
}

// folder checks that the data folder can be written.
func (c *doctorCommand) folder() finding {
	f := finding{name: "data", note: c.Data}
	if c.DatabaseURL != "" {
		f.note = "outside database"
		return f
	}
	if err := os.MkdirAll(c.Data, 0o755); err != nil {
		f.err = fmt.Errorf("%w: choose another folder with --data", err)
		return f
	}
	probe, err := os.CreateTemp(c.Data, ".doctor-*")
	if err != nil {
		f.err = fmt.Errorf("%w: choose another folder with --data", err)
		return f
	}
	f.err = errors.Join(probe.Close(), os.Remove(probe.Name()))
	return f
}

// database checks that Postgres keeps what it has confirmed and that its clock
// agrees with ours.
func (c *doctorCommand) database(ctx context.Context) finding {
	f := finding{name: "postgres"}
	f.err = c.withAdmin(ctx, func(admin string) error {
		conn, err := pgx.Connect(ctx, admin)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		if err := cluster.CheckDurability(ctx, conn); err != nil {
			return err
		}
		var now time.Time
		if err := conn.QueryRow(ctx, `SELECT clock_timestamp()`).Scan(&now); err != nil {
			return err
		}
		drift := time.Since(now).Abs().Round(time.Millisecond)
		if drift > 2*time.Second {
			return fmt.Errorf("its clock differs by %s: synchronize the clocks (NTP)", drift)
		}
		f.note = fmt.Sprintf("durable, clock within %s", drift)
		return nil
	})
	return f
}

// ready asks a running installation for its parts.
func (c *doctorCommand) ready(ctx context.Context) finding {
	f := finding{name: "edge"}
	origin := originOf(c.Data, c.Origin)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, origin+"/readyz", nil)
	if err != nil {
		f.err = err
		return f
	}
	resp, err := (&http.Client{Timeout: 5 * time.Second}).Do(req)
	if err != nil {
		f.err = fmt.Errorf("%s does not answer: start it with `kyodo all` (make run)", origin)
		return f
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		f.err = err
		return f
	}
	if resp.StatusCode != http.StatusOK || !json.Valid(body) {
		f.err = fmt.Errorf("%s is not ready: %s", origin, body)
		return f
	}
	f.note = origin + " is ready"
	return f
}
