package main

import (
	"context"
	"fmt"

	"github.com/chiyoda-kyodo/kyodo/pkg/audit"
	"github.com/chiyoda-kyodo/kyodo/pkg/pg"
	"github.com/chiyoda-kyodo/kyodo/services/cmd/internal/installed"
)

// verifyCommand recomputes what anybody may check.
type verifyCommand struct {
	Audit verifyAudit `cmd:"" help:"Prove the hash chain of the audit logs."`
	Draw  verifyDraw  `cmd:"" help:"Recompute the draw of a lottery, or of an event's places, from what everybody may read."`
}

type verifyAudit struct {
	databaseConfig `embed:""`
}

// Run prints one line a service and fails when a chain is broken.
func (c *verifyAudit) Run(ctx context.Context) error {
	broken := 0
	for _, name := range installed.Names() {
		err := c.withDB(ctx, name, func(db *pg.DB) error {
			chain, err := audit.Verify(ctx, db, name)
			if err != nil {
				return err
			}
			if chain.BrokenAt > 0 {
				broken++
				fmt.Printf("%s: BROKEN at seal %d (%d before it hold)\n", name, chain.BrokenAt, chain.Entries)
				return nil
			}
			fmt.Printf("%s: intact, %d entries, head %s\n", name, chain.Entries, chain.Head)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if broken > 0 {
		return fmt.Errorf("%d audit chains do not hold", broken)
	}
	return nil
}
